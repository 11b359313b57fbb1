"""The naive way, against the same limiter: each thought is a message, and a 429 is slept off and tried again."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from bench.ages import ages
from bench.thinkers import EVERY
from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.pacing import Pacing

if TYPE_CHECKING:
    from random import Random

METHOD, TIER = "chat.postMessage", 4


@dataclass(slots=True)
class Naive:
    """What came of it. `delays` of reports that were not out at the end are those up to the end."""

    refused: int
    calls: int
    ages: list[float]
    delays: list[float]
    unfinished: int


@dataclass(slots=True)
class _Research:
    name: str
    channel: str
    phase: float
    end: float
    messages: int
    posted: int = 0
    sightings: list[tuple[float, int, float]] = field(default_factory=list)
    done_at: float | None = None

    def thoughts_by(self, now: float) -> int:
        """How many thoughts it has had."""
        return int((min(now, self.end) - self.phase) // EVERY) + 1

    @property
    def total(self) -> int:
        """Messages in all."""
        return self.thoughts_by(self.end) + self.messages

    def ready_at(self) -> float:
        """When its next message can be written."""
        if self.posted < self.thoughts_by(self.end):
            return self.phase + self.posted * EVERY
        return self.end


def run(researches: int, channels: int, messages: int, window: float, ends: float, chance: Random) -> Naive:
    """`window` seconds of thinking, then `ends` seconds in which one after the other ends, then as long again."""
    now = [0.0]
    pacing = Pacing(SandboxClock(lambda: now[0]))
    all_of_them = [
        _Research(
            f"r{n}", f"C{n % channels}", chance.uniform(0, EVERY), window + chance.uniform(0, ends), messages
        )
        for n in range(researches)
    ]
    heap = [(one.ready_at(), n) for n, one in enumerate(all_of_them)]
    heap.sort()
    horizon, calls = window + 2 * ends, 0
    while heap and heap[0][0] < horizon:
        now[0], n = heappop(heap)
        one = all_of_them[n]
        calls += 1
        wait = pacing.admit(METHOD, TIER, one.channel)
        if wait:
            heappush(heap, (now[0] + wait, n))
            continue
        if one.posted < one.thoughts_by(one.end):
            one.sightings.append((now[0], one.posted, horizon))
        one.posted += 1
        if one.posted == one.total:
            one.done_at = now[0]
        else:
            heappush(heap, (max(now[0], one.ready_at()), n))
    sent = {one.name: [one.phase + k * EVERY for k in range(one.thoughts_by(one.end))] for one in all_of_them}
    seen = {one.name: one.sightings for one in all_of_them}
    return Naive(
        refused=len(pacing.ledger),
        calls=calls,
        ages=ages(sent, seen, window / 2, window),
        delays=[(one.done_at if one.done_at is not None else horizon) - one.end for one in all_of_them],
        unfinished=sum(one.done_at is None for one in all_of_them),
    )
