"""A hint that something new is in the database. Never needed for being right, only for being quick."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from bot.ports import Clock


class Bell:
    """Wakes whoever waits; a ring while nobody waits is remembered."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._is_rung = False
        self._sleeping: set[anyio.CancelScope] = set()

    def ring(self) -> None:
        """Wakes all that wait, or the next that will."""
        self._is_rung = True
        for scope in self._sleeping:
            scope.cancel()

    async def wait(self, seconds: float) -> bool:
        """Until the bell rings, at most `seconds`; whether it rang."""
        if not self._is_rung:
            with anyio.CancelScope() as scope:
                self._sleeping.add(scope)
                try:
                    await self._clock.sleep(seconds)
                finally:
                    self._sleeping.discard(scope)
        rung, self._is_rung = self._is_rung, False
        return rung
