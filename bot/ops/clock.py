"""The real time, as the Clock that everything asks."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import anyio


class SystemClock:
    """Implements `ports.Clock`."""

    def now(self) -> datetime:
        """The present moment in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # the one place that asks

    def monotonic(self) -> float:
        """Seconds that also pass while the machine sleeps (CLOCK_BOOTTIME where there is one)."""
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        await anyio.sleep(seconds)
