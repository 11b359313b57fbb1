"""What was looked up at Slack, remembered for a while: bounded, asked once even where many want it at once.

Only a cache: whatever decides anything for good is in the database.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

import anyio

from bot.errors import SlackError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from bot.ports import Clock

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

MOST = 1000


@dataclass(slots=True)
class _Flight(Generic[V]):
    """A look-up under way. `found` stays empty when whoever made it was cancelled."""

    landed: anyio.Event = field(default_factory=anyio.Event)
    found: list[V] = field(default_factory=list)
    error: SlackError | None = None


class Remembered(Generic[K, V]):
    """Answers by key, each for `seconds`, at most `most` of them; the oldest goes first. Failures are not kept,
    nor are answers for which `keep` says no.
    """

    def __init__(
        self, clock: Clock, seconds: float, most: int = MOST, keep: Callable[[V], bool] = lambda _value: True
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._keep = keep
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()
        self._flights: dict[K, _Flight[V]] = {}

    async def get(self, key: K, look: Callable[[], Awaitable[V]]) -> V:
        """What is remembered of `key`, or what `look` gives. Who asks meanwhile shares its answer or its error;
        if the one who looked is cancelled, the next one looks.
        """
        while True:
            kept = self._kept.get(key)
            if kept is not None and self._clock.monotonic() < kept[0]:
                return kept[1]
            flight = self._flights.get(key)
            if flight is None:
                return await self._fly(key, look)
            await flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.found:
                return flight.found[0]

    def drop(self, key: K) -> None:
        """Forgets what is remembered of a key."""
        self._kept.pop(key, None)

    async def _fly(self, key: K, look: Callable[[], Awaitable[V]]) -> V:
        flight = self._flights[key] = _Flight()
        try:
            value = await look()
            flight.found.append(value)
        except SlackError as error:
            flight.error = error
            raise
        finally:
            del self._flights[key]
            flight.landed.set()
        self._kept.pop(key, None)
        if not self._keep(value):
            return value
        self._kept[key] = (self._clock.monotonic() + self._seconds, value)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return value
