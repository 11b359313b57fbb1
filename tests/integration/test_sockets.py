"""Two sockets to Slack: one is always open, a dead one is noticed, and what was under way is answered."""

from __future__ import annotations

from typing import Any

import aiohttp
import anyio
import pytest

from bot.slack import sockets
from tests.world import World, visible


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are looked after fifty times as often."""
    monkeypatch.setattr(sockets, "PING_SECONDS", 0.1)


async def until_status(http: aiohttp.ClientSession, port: int, status: int) -> dict[str, str]:
    """What the checks say, once `/readyz` answers with this status."""
    with anyio.fail_after(20):
        while True:
            async with http.get(f"http://127.0.0.1:{port}/readyz") as answer:
                body: dict[str, Any] = await answer.json()
            if answer.status == status:
                return dict(body["checks"])
            await anyio.sleep(0.02)


@pytest.mark.usefixtures("pings")
async def test_half_open_sockets_are_noticed_shown_as_not_ready_and_replaced(world: World):
    async with world.bot() as running, aiohttp.ClientSession() as http:
        world.slack.socket.link_disabled = True  # nothing replaces them as long as this lasts
        world.slack.socket.freeze()
        checks = await until_status(http, running.port, 503)
        world.slack.socket.link_disabled = False
        await world.slack.until(lambda: world.slack.socket.connections == 2, timeout=20)
        await until_status(http, running.port, 200)
        ack = await world.ask("Is anybody there? demo:quick")

    assert checks["slack"].endswith("no socket to Slack is open")
    assert ack.acked


def test_a_half_open_socket_is_noticed_within_thirty_seconds():
    """aiohttp waits half an interval for the answer to a ping, the SDK gives up after four, and both look each one."""
    assert sockets.PING_SECONDS * (4 + 1) <= 30


async def test_where_one_of_two_sockets_is_open_it_is_ready_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sockets, "CONNECTIONS", 1)
    async with world.bot() as running, aiohttp.ClientSession() as http:
        monkeypatch.setattr(sockets, "CONNECTIONS", 2)
        checks = await until_status(http, running.port, 200)

    assert checks["slack"].startswith("ok: 1 of 2 sockets to Slack, the oldest for ")


async def test_when_both_are_to_be_renewed_one_is_always_open_and_what_is_under_way_is_acked(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    slack = world.slack
    async with world.bot() as running, anyio.create_task_group() as tasks:
        under_way, ask = anyio.Event(), running.bench.ledger.ask

        async def slowly(question: Any) -> Any:
            under_way.set()
            await anyio.sleep(0.3)
            return await ask(question)

        async def ask_slowly() -> None:
            acks.append(await world.ask("In the middle of it? demo:quick"))

        monkeypatch.setattr(running.bench.ledger, "ask", slowly)
        before, acks = slack.socket.connected_ever, []
        slack.socket.fewest = 2
        tasks.start_soon(ask_slowly, name="ask")
        await under_way.wait()
        await slack.socket.warn()
        await slack.until(lambda: slack.socket.connected_ever == before + 2 and slack.socket.connections == 2)
        fewest = slack.socket.fewest
        outcome = await world.outcome(await world.root())

    assert [ack.acked for ack in acks] == [True]
    assert fewest == 1
    assert "your report is ready" in visible(outcome)


async def test_an_envelope_that_nobody_here_wants_is_acked_all_the_same(world: World):
    async with world.bot():
        ack = await world.slack.people.command("ada", "research", "/something-else", "x")

    assert ack.acked
