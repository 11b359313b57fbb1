"""Who starts next where more want to run than may: everybody's first before anybody's second, then in turn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Ticket:
    """A research that waits for its turn."""

    research_id: str
    asker_id: str
    asked_at: datetime


def line_up(
    waiting: Iterable[Ticket], active: Mapping[str, int], served: Mapping[str, datetime]
) -> list[Ticket]:
    """In the order in which they start. `active` is how many of each person's run already, `served` when one of theirs
    was last started.

    A research counts as its asker's n-th: those that run, and its asker's older ones, come before it. Among equals who
    was served longest ago (or never) is next. So somebody who asks for ten at once does not keep others waiting who
    ask for one.
    """
    held = Counter(active)
    never = datetime.min.replace(tzinfo=UTC)
    numbered = []
    for ticket in sorted(waiting, key=lambda one: (one.asked_at, one.research_id)):
        held[ticket.asker_id] += 1
        last = served.get(ticket.asker_id, never)
        numbered.append((held[ticket.asker_id], last, ticket.asked_at, ticket.research_id, ticket))
    return [ticket for *_, ticket in sorted(numbered, key=lambda one: one[:4])]


def startable(line: Iterable[Ticket], active: Mapping[str, int], per_user: int, total: int) -> list[Ticket]:
    """Those of a line that may start now; a limit of 0 is none."""
    held = Counter(active)
    starts: list[Ticket] = []
    for ticket in line:
        if total and sum(active.values()) + len(starts) >= total:
            break
        if per_user and held[ticket.asker_id] >= per_user:
            continue
        held[ticket.asker_id] += 1
        starts.append(ticket)
    return starts
