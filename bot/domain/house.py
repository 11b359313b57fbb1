"""What a workspace's admins have set for it, and what that makes of the limits of the environment.

The environment is the ceiling: settings made in Slack only lower it. A limit of 0, and one that was never set, is none.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.permits import Rules
from bot.domain.policy import Depth, Policy

WARNING_SHARE = 0.8
"""Of a limit; from there on whoever comes near it is told."""
DAY = timedelta(days=1)


class Style(StrEnum):
    """How long a report should be. What it says is Google's agent's."""

    AS_IT_COMES = "as it comes"
    BRIEF = "brief"
    DETAILED = "detailed"


_WISHES = {
    Style.BRIEF: "Please keep the report brief: at most about 800 words, with the answer first.",
    Style.DETAILED: "Please write a detailed report that covers the background, the evidence and what is disputed.",
}


def styled(question: str, style: Style) -> str:
    """The question as it goes to Google: with the wish about its report behind it, where there is one."""
    return f"{question}\n\n{_WISHES[style]}" if style in _WISHES else question


@dataclass(frozen=True, slots=True)
class Limits:
    """How much at once, in a day and in a month; money in US dollars. 0 is no limit."""

    active_per_user: int = 0
    active: int = 0
    daily_per_user: int = 0
    monthly_usd: float = 0.0
    monthly_per_user_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class House:
    """The settings of one workspace. `version` grows with every change."""

    version: int = 0
    limits: Limits = Limits()
    depth: Depth = Depth.STANDARD
    style: Style = Style.AS_IT_COMES
    retention_days: int = 0
    """0 is what the environment says."""
    admits_guests: bool = False
    admits_externals: bool = False
    admits_bots: bool = False
    channels_allowed: tuple[str, ...] = ()
    channels_denied: tuple[str, ...] = ()
    people_allowed: tuple[str, ...] = ()
    people_denied: tuple[str, ...] = ()
    people_exempt: tuple[str, ...] = ()
    """Whom the limits set in Slack do not hold back; those of the environment do."""

    def rules(self, admins: frozenset[str]) -> Rules:
        """What it says about who may do what."""
        return Rules(
            admins,
            self.admits_guests,
            self.admits_externals,
            self.admits_bots,
            frozenset(self.channels_allowed),
            frozenset(self.channels_denied),
            frozenset(self.people_allowed),
            frozenset(self.people_denied),
        )


def ceiling_of(policy: Policy) -> Limits:
    """What the environment allows at most."""
    return Limits(
        policy.max_active_per_user, policy.max_active, policy.daily_per_user, policy.monthly_budget_usd
    )


def lowered(ceiling: Limits, wished: Limits) -> Limits:
    """The lower of both, limit for limit."""
    return Limits(
        int(lower(ceiling.active_per_user, wished.active_per_user)),
        int(lower(ceiling.active, wished.active)),
        int(lower(ceiling.daily_per_user, wished.daily_per_user)),
        lower(ceiling.monthly_usd, wished.monthly_usd),
        lower(ceiling.monthly_per_user_usd, wished.monthly_per_user_usd),
    )


def lower(ceiling: float, wished: float) -> float:
    """The lower of two limits, where 0 is none."""
    return min((one for one in (ceiling, wished) if one), default=ceiling)


def retention_of(ceiling: int, house: House) -> int:
    """Days; the environment is the ceiling here, too."""
    return int(lower(ceiling, house.retention_days))


def month_of(moment: datetime) -> datetime:
    """When the month of a moment began."""
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(moment: datetime) -> datetime:
    """When a monthly budget opens again."""
    return month_of(month_of(moment) + timedelta(days=32))


def changes(before: House, after: House) -> list[str]:
    """Which settings differ, by name, for the audit; values of lists are people and channels, so they stay out."""
    named = [
        field.name
        for field in fields(House)
        if field.name not in ("version", "limits")
        and getattr(before, field.name) != getattr(after, field.name)
    ]
    for field in fields(Limits):
        old, new = getattr(before.limits, field.name), getattr(after.limits, field.name)
        if old != new:
            named.append(f"{field.name}: {old:g} → {new:g}")
    return named
