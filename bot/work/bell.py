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
        self._rung = anyio.Event()

    def ring(self) -> None:
        """Wakes all that wait, or the next that will."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Until the bell rings, at most `seconds`."""
        rung = self._rung
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._give_up, seconds, tasks.cancel_scope, name="bell")
            await rung.wait()
            if self._rung is rung:
                # Now, not after the group has ended: what rings in between is for the next who waits.
                self._rung = anyio.Event()
            tasks.cancel_scope.cancel()

    async def _give_up(self, seconds: float, scope: anyio.CancelScope) -> None:
        await self._clock.sleep(seconds)
        scope.cancel()
