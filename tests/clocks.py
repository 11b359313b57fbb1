"""Time for tests: faster than real for whole systems, by hand for single decisions."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import anyio

from bot.sandbox.slack.clock import SandboxClock


class HurriedClock:
    """A Clock that runs `speed` times as fast as real time."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.ahead = 0.0
        """Seconds to which a test jumped; who sleeps meanwhile does not notice."""
        self._began = time.time()  # noqa: TID251  # this is where tests get their time

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.epoch(), UTC)

    def epoch(self) -> float:
        """Epoch seconds; give it to the simulated Slack, so that both live in the same time."""
        return self._began + self.ahead + (time.time() - self._began) * self.speed  # noqa: TID251  # likewise

    def monotonic(self) -> float:
        return self.epoch()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds / self.speed)

    def for_slack(self) -> SandboxClock:
        return SandboxClock(self.epoch)


class HandClock:
    """A Clock that stands still until a test moves it; sleepers wake when their moment has come."""

    def __init__(self, start: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)) -> None:
        self._now = start
        self._start = start
        self._changed = anyio.Event()

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds()

    def move(self, seconds: float) -> None:
        """Lets time pass."""
        self._now += timedelta(seconds=seconds)
        self._changed.set()
        self._changed = anyio.Event()

    async def sleep(self, seconds: float) -> None:
        until = self._now + timedelta(seconds=seconds)
        while self._now < until:
            await self._changed.wait()
