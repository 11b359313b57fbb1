"""Many researches followed at once by the real Supervisor, Runner and Follower over HTTP; nobody empties the outbox."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import aiohttp
import anyio
import structlog
from anyio.streams.buffered import BufferedByteReceiveStream

from bench.processes import ROOT
from bot.domain.errands import Question
from bot.domain.permits import Kind, Person, Place
from bot.domain.policy import Depth, Policy
from bot.gemini.client import GeminiClient
from bot.ops.clock import SystemClock
from bot.ops.memory import settle
from bot.slack.courier import SlackCourier
from bot.slack.web import SlackWeb, constant
from bot.store.database import Database
from bot.store.ledger import SqlLedger
from bot.store.office import SqlOffice
from bot.store.outbox import SqlOutbox
from bot.store.schema import migrate
from bot.work.bench import Bench
from bot.work.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import Process

    from bot.ports import Clock


TEAM, CHANNEL = "T0BENCH", "C0BENCH"
LINE = 10_000
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Followed:
    """Bytes and seconds (of the processor where it says so) for each research, poll and event."""

    researches: int
    started: float
    memory: float
    quiet_share: float
    poll: float
    event: float
    lag: float
    resumed: float
    resumed_cpu: float


class NullDirectory:
    """Everybody may, everywhere."""

    async def person(self, team_id: str, user_id: str) -> Person:
        return Person(team_id, user_id, name="Ada")

    async def place(self, team_id: str, channel_id: str) -> Place:
        return Place(team_id, channel_id, kind=Kind.PUBLIC, is_member=True)

    async def is_member(self, team_id: str, channel_id: str, user_id: str) -> bool:
        return True

    async def people_of(self, team_id: str, group_id: str) -> frozenset[str]:
        return frozenset()

    async def direct_channel(self, team_id: str, user_id: str) -> str:
        return CHANNEL


class Counts:
    """A Journal that counts."""

    def __init__(self) -> None:
        self.events: dict[str, int] = {}

    def note(self, event: str, **facts: object) -> None:
        self.events[event] = self.events.get(event, 0) + 1

    def about(self, research_id: str) -> AbstractContextManager[None]:
        return nullcontext()

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        raise error


class FarGemini:
    """The simulated Gemini in its own process."""

    def __init__(self, process: Process) -> None:
        assert process.stdout is not None
        self._process = process
        self._lines = BufferedByteReceiveStream(process.stdout)

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[FarGemini]:
        command = [sys.executable, "-m", "bench.far_gemini"]
        async with await anyio.open_process(
            command, stdin=PIPE, stdout=PIPE, stderr=None, cwd=ROOT
        ) as process:
            try:
                yield cls(process)
            finally:
                process.terminate()

    async def told(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(await self._lines.receive_until(b"\n", LINE))
        return found

    async def ask(self, words: str) -> dict[str, int]:
        assert self._process.stdin is not None
        await self._process.stdin.send(f"{words}\n".encode())
        found: dict[str, int] = json.loads(await self._lines.receive_until(b"\n", LINE))
        return found


def measure(researches: int, quiet: float = 15.0, every: float = 20.0) -> Followed:
    """Starts, follows and resumes so many; `quiet` seconds without thoughts, then as many with one each `every`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    return anyio.run(_measured, researches, quiet, every)


async def _measured(researches: int, quiet: float, every: float) -> Followed:
    async with FarGemini.open() as far, aiohttp.ClientSession() as session:
        address = await far.told()
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            async with (
                Database.open(f"sqlite:///{folder}/bench.db") as database,
                GeminiClient(address["url"], "v1beta", address["key"]) as client,
            ):
                await migrate(database)
                courier = SlackCourier(SlackWeb(session, constant("")), SystemClock())
                bench = put_together(SystemClock(), database, client, courier, policy())
                return await _carried_out(bench, far, researches, quiet, every)


def policy() -> Policy:
    """What the settings say where nobody sets anything, without a limit for one person."""
    return Policy(agents=dict.fromkeys(Depth, "deep-research-preview-04-2026"), max_active_per_user=0)


def put_together(
    clock: Clock, database: Database, client: GeminiClient, courier: SlackCourier, rules: Policy
) -> Bench:
    """The work without Slack: nobody is looked up, and nothing is told."""
    return Bench(
        me="bench",
        clock=clock,
        ledger=SqlLedger(database),
        outbox=SqlOutbox(database),
        office=SqlOffice(database),
        researcher=client,
        directory=NullDirectory(),
        courier=courier,
        policy=rules,
        journal=Counts(),
    )


async def _carried_out(bench: Bench, far: FarGemini, researches: int, quiet: float, every: float) -> Followed:
    for number in range(researches):
        name = f"r{number}"
        now = bench.clock.now()
        await bench.ledger.ask(Question(name, TEAM, CHANNEL, "U0ADA", name, name, Depth.STANDARD, now))
    settle()
    memory = _memory()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Supervisor(bench).run, name="supervisor")
        await far.ask(f"think {every}")  # who hears nothing for 30 s takes a stream for dead
        started = await _until(far, "started", researches)
        await far.ask("think inf")
        await anyio.sleep(quiet / 3)
        memory = (_memory() - memory) / researches
        share, poll = await _quiet(far, quiet)
        event, lag = await _thinking(bench, far, quiet, every, share)
        tasks.cancel_scope.cancel()
    await _until(far, "open", 0)
    await far.ask("forget")
    cpu = process_time()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Supervisor(bench).run, name="supervisor")
        resumed = await _until(far, "heard", researches)
        cpu = process_time() - cpu
        tasks.cancel_scope.cancel()
    return Followed(researches, started, memory, share, poll, event, lag, resumed, cpu)


async def _quiet(far: FarGemini, seconds: float) -> tuple[float, float]:
    """The share of a core that following alone takes, and what of it each poll takes."""
    polls, cpu, began = (await far.ask("count"))["polls"], process_time(), perf_counter()
    await anyio.sleep(seconds)
    used, polled = process_time() - cpu, (await far.ask("count"))["polls"] - polls
    return used / (perf_counter() - began), used / max(1, polled)


async def _thinking(
    bench: Bench, far: FarGemini, seconds: float, every: float, share: float
) -> tuple[float, float]:
    """What each thought takes of the processor besides, and how far behind the last one was recorded."""
    assert isinstance(bench.journal, Counts)
    known = (await far.ask(f"think {every}"))["thoughts"]
    before, cpu, began = bench.journal.events.get("research.progressed", 0), process_time(), perf_counter()
    await anyio.sleep(seconds)
    thoughts = (await far.ask("think inf"))["thoughts"] - known
    stopped = perf_counter()
    while bench.journal.events.get("research.progressed", 0) - before < thoughts:  # noqa: ASYNC110  # another process is waited for
        await anyio.sleep(0.01)
    lag = perf_counter() - stopped
    used = process_time() - cpu - share * (perf_counter() - began)
    return used / max(1, thoughts), lag


async def _until(far: FarGemini, what: str, number: int) -> float:
    """Seconds until Gemini counts so many: runs started, runs listened to since it forgot, streams open now."""
    began = perf_counter()
    while (await far.ask("count"))[what] != number:  # noqa: ASYNC110  # likewise
        await anyio.sleep(0.05)
    return perf_counter() - began


def _memory() -> float:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE
