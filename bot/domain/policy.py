"""The knobs of the work, resolved from settings once: seconds, counts, names. What Google asks for a run is data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Depth(StrEnum):
    """How thorough a research is."""

    QUICK = "quick"
    STANDARD = "standard"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Offer:
    """What to expect of a research of one depth."""

    name: str
    seconds: tuple[int, int]
    dollars: tuple[float, float]

    @property
    def price(self) -> str:
        """`$1–3`, `$0.01–0.10`."""
        return self.price_of(1)

    def price_of(self, count: int) -> str:
        """The same for several."""
        sums = (one * count for one in self.dollars)
        low, high = (f"{one:.0f}" if float(one).is_integer() else f"{one:.2f}" for one in sums)
        return f"${low}–{high}"

    @property
    def line(self) -> str:
        """`usually 5–20 min, $1–3`."""
        first, last = self.seconds
        span = f"{first}–{last} s" if last <= 60 else f"{first // 60}–{last // 60} min"
        return f"usually {span}, {self.price}"


OFFERS: dict[Depth, Offer] = {
    # Google's list prices of 2026: $14 for 1,000 searches, of which an answer takes one to five; its few thousand
    # tokens of a Flash model are below two cents.
    Depth.QUICK: Offer("Quick answer", (5, 60), (0.01, 0.10)),
    # Google: Deep Research guide, prices and durations of 2026-07.
    Depth.STANDARD: Offer("Deep Research", (300, 1200), (1, 3)),
    Depth.MAX: Offer("Deep Research Max", (600, 3600), (3, 7)),
}


PLAN = Offer("Plan", (10, 120), (0.02, 0.20))
"""What asking for a plan alone costs: Google's recorded plan used 5,120 tokens, $0.05 at $2 and $12 a million."""

PLAN_PATIENCE = timedelta(days=1)
"""How long a plan waits for somebody to start it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Seconds unless a name says otherwise; a limit of 0 means none."""

    agents: dict[Depth, str]
    stream: bool = True
    poll_initial: float = 2.0
    poll_max: float = 10.0
    slow_poll: float = 60.0
    deadline: float = 3900.0
    stuck_after: float = 1200.0
    place_patience: float = 86_400.0
    card_interval: float = 3.0
    max_active_per_user: int = 3
    max_active: int = 0
    daily_per_user: int = 0
    monthly_budget_usd: float = 0.0
    retention_days: int = 90
    whole_parts: int = 4
    """Reports of up to so many messages are shown whole in their thread; 0 means all are."""
    admins: frozenset[str] = frozenset()
    lease: float = 60.0
    renew_every: float = 20.0
    settle_pause: float = 15.0
    """Longer than a Slack call may take, so that a read-back sees what an unanswered call did."""
