"""The short form of `scripts/torture`, and deaths that chance finds seldom."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import aiohttp
import anyio
import pytest
from sqlalchemy.exc import DBAPIError

from bot.store.database import Database
from tests.conftest import POSTGRES
from tests.torture import rows
from tests.torture.driver import stage, torture
from tests.torture.herd import once
from tests.torture.plan import Plan
from tests.torture.seen import shown
from tests.torture.table import table
from tests.torture.watch import Made, Watch, WatchedApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.torture.driver import Torture
    from tests.torture.herd import Bot

SEED = 2026
SHORT = Plan(SEED, kills=10, at_once=4, most=8, longest=14, calm=60, gap=(0.2, 1.5), pace=0.05)
CALM = Plan(SEED, slack_faults=0, gemini_faults=0, kills_at_calls=0, pace=0.05)
ASLEEP_AT = ["chat.postMessage"]
"""A call of each kind takes as long; the long form stops processes at all of them."""
pytestmark = pytest.mark.timeout(150)


@pytest.fixture(autouse=True)
def _nothing_blocks() -> None:
    """What runs here beside the bots are the tests themselves; the bots are processes of their own."""


async def test_nothing_is_lost_or_shown_twice_whatever_dies_and_whenever(database_url: str, tmp_path: Path):
    processes = 1 if database_url.startswith("sqlite") else 2

    result = await torture(replace(SHORT, database_url=database_url, processes=processes), tmp_path)

    assert result.good, table(result)
    assert result.findings.reports, table(result)
    assert result.tally.kills.total() >= SHORT.kills / 2, table(result)


async def test_a_disk_that_is_full_is_told_and_what_was_accepted_goes_on_once_there_is_room(tmp_path: Path):
    """A process whose files cannot grow: its log and `/readyz` say so, and people are told that nothing was taken."""
    plan = replace(CALM, database_url=f"sqlite+aiosqlite:///{tmp_path}/research.db")
    async with (
        stage(plan, tmp_path) as torture,
        anyio.create_task_group() as tasks,
        aiohttp.ClientSession() as http,
    ):
        (bot,) = torture.herd.bots
        tasks.start_soon(torture.herd.keep, bot)
        await once(lambda: bot.is_up)
        url = f"http://127.0.0.1:{_port(bot)}/readyz"
        await _ask(torture, 1)
        with rows.no_room(bot.pid, bot.log.stat().st_size + 20_000):  # less than the database has
            ready = await _until(http, url, 503)
            refused = await _ask(torture, 2)
        await _until(http, url, 200)
        accepted = await _ask(torture, 3)
        await torture.settle()
        found = await torture.outsider.rows()
        tasks.cancel_scope.cancel()

    assert "The disk of the database takes no more" in ready
    assert "could not be written down" in refused
    assert "Your research begins" in accepted
    assert "DiskFull" in bot.log.read_text()
    assert sorted((row.question[:13], row.state) for row in found.researches) == [
        ("Question 0001", "completed"),
        ("Question 0003", "completed"),
    ]


def _port(bot: Bot) -> int:
    ready = next(line for line in bot.log.read_text().splitlines() if '"app.ready"' in line)
    return int(json.loads(ready)["port"])


async def _ask(torture: Torture, number: int) -> str:
    ack = await torture.slack.people.command(
        "ada", "research", "/research", f"Question {number:04d}: why? demo:quick"
    )
    return str((ack.payload or {}).get("text", ""))


async def _until(http: aiohttp.ClientSession, url: str, status: int) -> str:
    """What it says once it answers so."""
    with anyio.fail_after(30):
        while True:
            async with http.get(url) as answer:
                if answer.status == status:
                    return await answer.text()
            await anyio.sleep(0.05)


if POSTGRES:

    @pytest.fixture
    async def two(database_url: str, tmp_path: Path) -> AsyncIterator[Torture]:
        """Two bots on one database that nobody torments but the test."""
        plan = replace(CALM, processes=2, database_url=database_url)
        async with stage(plan, tmp_path) as all_of_it, anyio.create_task_group() as keepers:
            for bot in all_of_it.herd.bots:
                keepers.start_soon(all_of_it.herd.keep, bot)
            await once(lambda: all(bot.is_up for bot in all_of_it.herd.bots))
            yield all_of_it
            keepers.cancel_scope.cancel()

    @pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
    @pytest.mark.parametrize("at", ASLEEP_AT)
    async def test_a_process_asleep_for_longer_than_its_lease_writes_nothing_when_it_wakes(
        two: Torture, at: str
    ):
        """It sleeps at a call of its own; by the time it wakes, the other one has done everything there was to do."""
        for number in range(4):
            ack = await two.slack.people.command("ada", "research", "/research", f"Question {number:04d}")
            assert ack.acked
        asleep: list[int] = []

        def stop_at(made: Made) -> None:
            if made.method == at and not asleep:
                asleep.append(made.pid)
                next(bot for bot in two.herd.bots if bot.pid == made.pid).send(signal.SIGSTOP)

        watch = Watch(on_call=stop_at)
        two.slack.api = WatchedApi(two.slack, watch)
        await once(lambda: asleep)
        sleeper = next(bot for bot in two.herd.bots if bot.pid == asleep[0])
        await two.settle()
        before, messages = await two.outsider.rows(), len(shown(two.slack))
        assert all(not row.is_open for row in before.researches)
        made = len(watch.writes_of(sleeper.pid))

        sleeper.send(signal.SIGCONT)
        await anyio.sleep(two.plan.hurry.lease)  # nothing is waited for: nothing must happen

        assert watch.writes_of(sleeper.pid)[made:] == []
        assert await two.outsider.rows() == before
        assert len(shown(two.slack)) == messages
        assert sleeper.is_alive

    @pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
    async def test_a_process_asleep_within_a_transaction_does_not_keep_the_others_waiting(
        database_url: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("bot.store.connecting.ASLEEP_MILLISECONDS", 300)
        lock = "SELECT pg_advisory_xact_lock(7)"
        async with (
            Database.open(database_url) as sleeper,
            Database.open(database_url) as awake,
            sleeper._engine.connect() as connection,
        ):
            await connection.exec_driver_sql(lock)
            with anyio.fail_after(10):
                await awake.write(lambda theirs: theirs.exec_driver_sql(lock).all())
            with pytest.raises(DBAPIError):
                await connection.exec_driver_sql("SELECT 1")
