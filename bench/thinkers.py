"""A Researcher whose runs think at a steady rhythm, so that only Slack's limits decide what a reader sees."""

from __future__ import annotations

import math
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from bench import prose
from bot.domain.findings import Findings
from bot.domain.interaction import Ended, Phase, Snapshot, Usage
from bot.domain.research import Thought

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from random import Random

    from bench.virtual import VirtualClock
    from bot.domain.interaction import Signal
    from bot.ports import Order

EVERY = 8.0
"""Seconds between two thoughts of one research."""
TOPICS = 8


class Thinkers:
    """Implements `ports.Researcher`. Runs think from `begin` on, each at a moment of its own within `EVERY` seconds,
    and end when `ends` says.
    """

    def __init__(self, clock: VirtualClock, chance: Random) -> None:
        self._clock = clock
        self._chance = chance
        self._begun = anyio.Event()
        self.sent: dict[str, list[float]] = {}
        """When each research (by its question) sent each of its thoughts."""
        self.ends: dict[str, float] = {}

    def begin(self) -> None:
        """All runs think from now on."""
        self._begun.set()

    @asynccontextmanager
    async def start(self, order: Order) -> AsyncIterator[tuple[str, AsyncIterator[Signal]]]:
        """The interaction's id is the question."""
        yield order.question, self._signals(order.question)

    @asynccontextmanager
    async def listen(self, interaction_id: str, after: str | None) -> AsyncIterator[AsyncIterator[Signal]]:
        """These streams are never cut."""
        yield self._signals(interaction_id)

    async def fetch(self, interaction_id: str) -> Snapshot:
        """Alive until its end has come."""
        if self._clock.epoch() < self.ends.get(interaction_id, math.inf):
            return Snapshot(interaction_id, "in_progress", Phase.ALIVE)
        findings = Findings(prose.report(TOPICS))
        return Snapshot(
            interaction_id, "completed", Phase.COMPLETED, findings=findings, usage=Usage(total_tokens=1)
        )

    async def cancel(self, interaction_id: str) -> None:
        """Nobody asks."""

    async def resolve(self, addresses: Sequence[str]) -> Mapping[str, str]:
        return {}

    async def delete(self, interaction_id: str) -> None:
        """Nobody asks."""

    async def _signals(self, name: str) -> AsyncIterator[Signal]:
        await self._begun.wait()
        await anyio.sleep(self._chance.uniform(0, EVERY))
        sent = self.sent.setdefault(name, [])
        while (left := self.ends.get(name, math.inf) - self._clock.epoch()) > 0:
            number = len(sent)
            sent.append(self._clock.epoch())
            yield Thought(str(number), f"**Aspect {name}.{number}.**\n\nIt has two sides.", f"event{number}")
            await anyio.sleep(min(EVERY, left))
        yield Ended("completed", Phase.COMPLETED)
