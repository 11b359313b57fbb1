"""What is true of all processes together, in numbers: what there is, what waits and for how long, what it costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LATE_RESEARCH = 120.0
"""Seconds after which a research that is due, and that nobody has taken, is late."""
LATE_DELIVERY = 300.0
"""The same for a message: Slack's own limits let a long report wait for minutes."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due and free, and since when the oldest of it is, in seconds."""

    researches: int = 0
    research_lag: float = 0.0
    deliveries: int = 0
    delivery_lag: float = 0.0

    @property
    def trouble(self) -> str:
        """What is late, in words; empty while nothing is."""
        said = []
        if self.research_lag > LATE_RESEARCH:
            said.append(f"{self.researches} researches wait for a process, one for {self.research_lag:.0f} s")
        if self.delivery_lag > LATE_DELIVERY:
            said.append(
                f"{self.deliveries} messages wait for their turn at Slack, one for {self.delivery_lag:.0f} s"
            )
        return "; ".join(said)


@dataclass(frozen=True, slots=True)
class Figures:
    """What `/metrics` says of the database."""

    backlog: Backlog = field(default_factory=Backlog)
    researches: Mapping[str, int] = field(default_factory=dict)
    """By state."""
    stuck: int = 0
    undelivered: int = 0
    micros: Mapping[str, int] = field(default_factory=dict)
    """Millionths of a dollar of this month by what is known of them: `real`, `estimated`, `reserved`."""
    dearest: int = 0
    """Those of the workspace that spends most."""
