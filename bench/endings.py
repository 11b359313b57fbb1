"""How soon the end of a run is known, and on how many requests, when streams break as they do; in virtual time."""

from __future__ import annotations

import logging
import tempfile
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import unquote

import aiohttp
import anyio
import structlog
from sqlalchemy import select

from bench import virtual
from bench.followed import policy, put_together
from bot.domain.errands import Question
from bot.domain.policy import Depth
from bot.gemini.client import GeminiClient
from bot.gemini.limits import Limits
from bot.sandbox.gemini import SimulatedGemini
from bot.slack.courier import SlackCourier
from bot.slack.web import SlackWeb, constant
from bot.store.rows import INTERACTION, RESEARCH
from bot.store.schema import migrate
from bot.work.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.virtual import VirtualClock
    from bot.domain.interaction import Signal
    from bot.gemini.requests import Request
    from bot.ports import Order

EVERY = 8.0
"""Seconds between two thoughts, on average."""
CUTS_AN_HOUR = 6.0
SILENT = 0.2
"""Share of the cuts after which the connection stays open and says nothing (figures of the published reports)."""


@dataclass(frozen=True, slots=True)
class Endings:
    """Seconds from each end until it was recorded, and requests of each run by kind."""

    delays: list[float]
    requests: list[int]
    kinds: Counter[str]


class Unreliable(GeminiClient):
    """Its streams break at a steady rate, besides the cut after ten minutes that the simulated Gemini makes itself."""

    chance: Random

    @asynccontextmanager
    async def start(self, order: Order | Request) -> AsyncIterator[tuple[str, AsyncIterator[Signal]]]:
        async with super().start(order) as (interaction_id, signals):
            yield interaction_id, self._breaking(signals)

    @asynccontextmanager
    async def listen(self, interaction_id: str, after: str | None) -> AsyncIterator[AsyncIterator[Signal]]:
        async with super().listen(interaction_id, after) as signals:
            yield self._breaking(signals)

    async def _breaking(self, signals: AsyncIterator[Signal]) -> AsyncIterator[Signal]:
        until = anyio.current_time() + self.chance.expovariate(CUTS_AN_HOUR / 3600.0)
        while True:
            with anyio.move_on_after(until - anyio.current_time()) as scope:
                signal = await anext(signals, None)
            if scope.cancelled_caught:
                if self.chance.random() < SILENT:
                    await anyio.sleep(Limits().idle)
                return
            if signal is None:
                return
            yield signal


def measure(runs: int, seconds: float, seed: int) -> Endings:
    """So many runs of about so many seconds, side by side."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))

    async def work(clock: VirtualClock) -> Endings:
        return await _measured(clock, runs, seconds, Random(seed))

    return virtual.run(work)


async def _measured(clock: VirtualClock, runs: int, seconds: float, chance: Random) -> Endings:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with (
            aiohttp.ClientSession() as session,
            SimulatedGemini.serve(rng=Random(chance.random()), now=clock.epoch) as gemini,
            virtual.WatchedDatabase.open(f"sqlite:///{folder}/bench.db") as database,
            Unreliable(gemini.url, "v1beta", gemini.api_key) as client,
        ):
            assert isinstance(database, virtual.WatchedDatabase)
            virtual.watch(clock, database)
            await migrate(database)
            client.chance = Random(chance.random())
            gemini.hold()
            courier = SlackCourier(SlackWeb(session, constant("")), clock)
            bench = put_together(clock, database, client, courier, policy())
            async with anyio.create_task_group() as tasks:
                for number in range(runs):
                    name = f"r{number}"
                    question = Question(name, "T", "C", "U0ADA", name, name, Depth.STANDARD, clock.now())
                    await bench.ledger.ask(question)
                tasks.start_soon(Supervisor(bench).run, name="supervisor")
                await gemini.until(lambda: len(gemini.creates) == runs, timeout=60)
                for run in gemini.creates:
                    ends = seconds + chance.uniform(-60, 60)
                    own = Random(chance.random())
                    tasks.start_soon(_think, gemini, run.id, ends, own, name=f"run {run.id}")
                await anyio.sleep(seconds + 300)
                tasks.cancel_scope.cancel()
            query = select(INTERACTION.c.interaction_id, RESEARCH.c.ended_at).join(
                RESEARCH, RESEARCH.c.id == INTERACTION.c.research_id
            )
            recorded = await database.read(lambda connection: connection.execute(query).all())
            return _judged(gemini, {row.interaction_id: row.ended_at.timestamp() for row in recorded})


def _judged(gemini: SimulatedGemini, recorded: dict[str, float]) -> Endings:
    requests: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for call in gemini.calls:
        name = unquote(call.path).split("/interactions/")[-1].split("/")[0]
        requests[name if name in recorded else ""] += 1
        kinds["stream" if call.query.get("stream") == "true" else call.method] += 1
    delays = []
    for run in gemini.creates:
        assert run.ended_at is not None
        delays.append(recorded[run.id] - run.ended_at)
    return Endings(delays, [1 + requests[run.id] for run in gemini.creates], kinds)


async def _think(gemini: SimulatedGemini, interaction_id: str, ends: float, chance: Random) -> None:
    began = anyio.current_time()
    number = 0
    while (left := began + ends - anyio.current_time()) > 0:
        await anyio.sleep(min(left, chance.uniform(0, 2 * EVERY)))
        number += 1
        gemini.think(interaction_id, f"**Examining aspect {number}**\n\nIt has two sides.")
    gemini.finish(interaction_id, "# Found\n\nIt is so.")
