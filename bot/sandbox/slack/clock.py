"""The simulated Slack's clock: real time plus whatever a test has moved it forward."""

from __future__ import annotations

import time
from collections.abc import Callable


class SandboxClock:
    """Epoch seconds for every deadline of the simulated Slack (URLs, streams, sessions, rate windows)."""

    def __init__(
        self,
        source: Callable[[], float] = time.time,  # noqa: TID251 - here is where the sandbox gets its time
    ) -> None:
        self._source = source
        self._ahead = 0.0

    def now(self) -> float:
        """Epoch seconds."""
        return self._source() + self._ahead

    def advance(self, seconds: float) -> None:
        """Lets `seconds` pass for every deadline; sleeping tasks are not woken."""
        self._ahead += seconds
