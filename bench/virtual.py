"""Time that passes only while nobody has anything to do: an hour of waiting takes as long as its work.

The event loop's clock jumps to the next timer once no socket is readable and no thread is at work. What the machine
needs for its work takes no virtual time, so figures are those of the waiting alone, the same on any machine.
"""

from __future__ import annotations

import asyncio
import selectors
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
from sqlalchemy.pool import QueuePool

from bot.store.database import Database

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

T = TypeVar("T")

BEGIN = 1_800_000_000.0
"""Epoch seconds at which virtual time begins."""
GLANCE = 0.0002
"""Real seconds that a socket on this machine may need to become readable."""
PATIENCE = 0.05
"""Real seconds between looks while a thread works."""


class VirtualClock:
    """A Clock, and what the loop asks whether time may pass."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.is_busy: Callable[[], bool] = lambda: False

    def now(self) -> datetime:
        """The present moment of the loop."""
        return datetime.fromtimestamp(self.epoch(), UTC)

    def epoch(self) -> float:
        """The same as epoch seconds."""
        return BEGIN + self.seconds

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Waits, in virtual time like everything in the loop."""
        await anyio.sleep(seconds)


class WatchedDatabase(Database):
    """Tells whether its threads have something to do."""

    @property
    def is_busy(self) -> bool:
        """Whether a unit of work is under way."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)
        return pool.checkedout() > 0


class _Selector(selectors.DefaultSelector):
    """Lets virtual time pass instead of waiting."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if timeout is None or self._clock.is_busy():
            return super().select(PATIENCE)
        events = super().select(GLANCE)
        if not events:
            self._clock.seconds += timeout
        return events


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(_Selector(clock))
        self._virtual = clock

    def time(self) -> float:
        return self._virtual.seconds


def run(work: Callable[[VirtualClock], Awaitable[T]]) -> T:
    """Runs `work` in an event loop of virtual time and gives its result."""
    clock = VirtualClock()
    options: Mapping[str, object] = {"loop_factory": lambda: _Loop(clock)}
    return anyio.run(work, clock, backend_options=dict(options))


def watch(clock: VirtualClock, database: WatchedDatabase) -> None:
    """Keeps time from passing while the database or a worker thread is at work."""
    threads = anyio.to_thread.current_default_thread_limiter()
    clock.is_busy = lambda: database.is_busy or threads.borrowed_tokens > 0
