"""What cannot be told: noted in the row of its research, as `/research-status` shows it, until it is told after all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select, update

from bot.store.effects import refresh
from bot.store.rows import DELIVERY, RESEARCH

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

_MISSED = ("outcome", "part", "file", "contents", "whisper", "step")
"""Kinds that somebody misses where they are given up; root and card are there already."""


def note(connection: Connection, row: Row[Any], error: str) -> None:
    """A delivery cannot be told now, or ever."""
    connection.execute(update(RESEARCH).where(RESEARCH.c.id == row.research_id).values(undelivered=error))


def given_up(connection: Connection, row: Row[Any], error: str) -> None:
    """A delivery is not tried again. An edit that is given up keeps nothing undelivered."""
    if row.kind in _MISSED:
        note(connection, row, error)
    elif row.tries:
        _is_over(connection, row)


def told(connection: Connection, row: Row[Any], tries: int) -> None:
    """A delivery was told, at last if it took `tries`; then what Slack refused to edit meanwhile is shown anew."""
    if tries and _is_over(connection, row):
        refresh(connection, row.research_id, ("root", "card", "status"))


def _is_over(connection: Connection, row: Row[Any]) -> bool:
    """Whether the research was undelivered until now; not while something else of it cannot be told."""
    others = and_(DELIVERY.c.research_id == row.research_id, DELIVERY.c.id != row.id)
    waits = and_(DELIVERY.c.open, DELIVERY.c.tries > 0, DELIVERY.c.error != "")
    is_missed = and_(DELIVERY.c.state == "dead", DELIVERY.c.kind.in_(_MISSED))
    was = select(RESEARCH.c.undelivered).where(RESEARCH.c.id == row.research_id)
    if (
        not connection.execute(was).scalar()
        or connection.execute(select(DELIVERY.c.id).where(others, or_(waits, is_missed)).limit(1)).first()
    ):
        return False
    note(connection, row, "")
    return True
