"""The ways into the process: HTTP instead of sockets, Gemini's webhook, the health paths, two sockets."""

from __future__ import annotations

import logging
from io import BytesIO
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio

from bot.sandbox.slack.http_delivery import signature
from tests.world import World, visible

if TYPE_CHECKING:
    import pytest

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def over_http(world: World) -> dict[str, str]:
    """The settings of HTTP mode."""
    del world.environ["SLACK_APP_TOKEN"]
    return {"SLACK_SIGNING_SECRET": world.slack.signing_secret}


async def test_over_http_a_question_becomes_a_report_and_a_click_a_stop(world: World):
    async with world.bot(**over_http(world)) as running:
        http = world.slack.deliver_to(f"http://127.0.0.1:{running.port}/slack/events")
        await http.verify()
        ack = await world.ask("Does HTTP do as well? demo:quick")
        root = await world.root()
        outcome = await world.outcome(root)
        await world.ask("And a click? demo:slow")
        second = await world.root(1)
        await world.slack.until(lambda: world.part(second, "card") is not None)
        await world.slack.people.click("ada", "research", world.part(second, "card").ts, "research_cancel")
        stopped = await world.outcome(second)

    assert ack.acked
    assert "your report is ready" in visible(outcome)
    assert "stopped" in visible(stopped)


async def test_over_http_what_is_not_slacks_is_sent_away_and_leaves_no_word_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    async with world.bot(**over_http(world)) as running, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{running.port}/slack/events"
        form = {"command": "/research", "text": "Secretquestion", "team_id": "T0SANDBOX", "user_id": "U0ADA"}
        unsigned = await status_of(http, url, data=form)
        wrong = {"X-Slack-Signature": "v0=00", "X-Slack-Request-Timestamp": "1"}
        forged = await status_of(http, url, data=form, headers=wrong)
        malformed = await status_of(
            http, url, data=form, headers=wrong | {"X-Slack-Request-Timestamp": "Secretquestion"}
        )
        oversized = await status_of(http, url, data=BytesIO(b"text=Secretquestion" + b"x" * 3_000_000))
        no_post = await status_of(http, url, method="GET")
        garbled = await raw_answer(running.port, b"POST /slack/events HTTP/9.9\r\nSecretquestion\r\n\r\n")
        checked = await world.slack.deliver_to(url).ssl_check()
        page = await running.bench.office.page(_all(), running.bench.clock.now())

    assert (unsigned, forged, malformed, oversized, no_post) == (401, 401, 400, 413, 405)
    assert garbled.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert checked
    assert page.total == 0
    assert "Secretquestion" not in caplog.text


async def test_over_http_a_request_that_is_played_back_is_sent_away(world: World):
    async with world.bot(**over_http(world)) as running, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{running.port}/slack/events"
        raw = b"command=%2Fresearch&text=help&team_id=T0SANDBOX&user_id=U0ADA&channel_id=C0RESEARCH&trigger_id=1.2"
        moment = str(int(running.bench.clock.now().timestamp()))
        headers = {
            "X-Slack-Request-Timestamp": moment,
            "X-Slack-Signature": signature(world.slack.signing_secret, moment, raw),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        first = await status_of(http, url, data=raw, headers=headers)
        second = await status_of(http, url, data=raw, headers=headers)

    assert (first, second) == (200, 401)


async def status_of(http: aiohttp.ClientSession, url: str, method: str = "POST", **request: Any) -> int:
    async with http.request(method, url, **request) as answer:
        return answer.status


async def raw_answer(port: int, sent: bytes) -> bytes:
    async with await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(sent)
        return await stream.receive()


async def test_the_health_paths_say_alive_and_ready(world: World):
    async with world.bot() as running, aiohttp.ClientSession() as http:
        base = f"http://127.0.0.1:{running.port}"
        async with http.get(f"{base}/healthz") as alive, http.get(f"{base}/readyz") as ready:
            checks = (await ready.json())["checks"]
        connections = world.slack.socket.connections

    assert alive.status == 200
    assert checks.pop("slack").startswith("ok: 2 sockets to Slack, the oldest for ")
    assert checks == {"database": "ok", "gemini": "ok", "backlog": "ok"}
    assert connections == 2


async def test_a_webhook_of_gemini_only_wakes_the_poller(world: World):
    """Polling alone would look again after half an hour."""
    slow = {
        "RESEARCH_STREAM": "false",
        "RESEARCH_POLL_INITIAL_SECONDS": "1800",
        "RESEARCH_POLL_MAX_SECONDS": "1800",
    }
    async with world.bot(**slow, GEMINI_WEBHOOK_SECRET=SECRET) as running:
        world.gemini.webhook_to(f"http://127.0.0.1:{running.port}/gemini/webhook", secret=SECRET)
        await world.ask("Who rings? demo:quick")
        outcome = await world.outcome(await world.root())

    assert "your report is ready" in visible(outcome)


async def test_a_webhook_that_is_not_signed_is_refused(world: World):
    async with world.bot(GEMINI_WEBHOOK_SECRET=SECRET) as running, aiohttp.ClientSession() as http:
        url = f"http://127.0.0.1:{running.port}/gemini/webhook"
        async with http.post(url, json={"type": "interaction.completed", "data": {"id": "v1_x"}}) as answer:
            pass

    assert answer.status == 401


async def test_a_question_survives_both_sockets_being_refreshed(world: World):
    async with world.bot():
        await world.slack.socket.refresh()
        await world.slack.until(lambda: world.slack.socket.connections >= 1)
        ack = await world.ask("Still there? demo:quick")
        outcome = await world.outcome(await world.root())

    assert ack.acked
    assert "your report is ready" in visible(outcome)


def _all():
    from bot.domain.status import StatusQuery

    return StatusQuery("T0SANDBOX")
