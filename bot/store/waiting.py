"""The line of researches that wait for their turn, as `domain.line` orders it, in the transaction that starts one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, update

from bot.domain.house import DAY, Limits, lowered
from bot.domain.letters import Waiting
from bot.domain.line import Ticket, line_up, startable
from bot.domain.research import ACTIVE, State
from bot.store.effects import refresh
from bot.store.houses import load_house
from bot.store.rows import RESEARCH

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

WAKE = 3
"""Of those that wait, so many look again at once when a place becomes free; the others after a while."""


def takes_its_turn(connection: Connection, row: Row[Any], per_user: int, total: int) -> bool:
    """Whether a research may start now; else it gets its place in the line, and shows it."""
    limits = _limits(connection, row, per_user, total)
    if not (limits.active_per_user or limits.active):
        return True
    active = _active(connection, row, limits)
    waiting = _waiting(connection, row, limits)
    line = line_up(waiting, active, _served(connection, row, waiting))
    now = startable(line, active, limits.active_per_user, limits.active)
    if any(ticket.research_id == row.id for ticket in now):
        return True
    place = next(number for number, ticket in enumerate(line, 1) if ticket.research_id == row.id)
    if (row.waiting, row.place_in_line) != (Waiting.TURN, place):
        connection.execute(
            update(RESEARCH).where(RESEARCH.c.id == row.id).values(waiting=Waiting.TURN, place_in_line=place)
        )
        refresh(connection, row.id, ("root", "card", "status"))
    return False


def wake_the_next(connection: Connection, team_id: str, now: datetime) -> None:
    """A place became free: those in front look again at once."""
    next_ones = (
        select(RESEARCH.c.id)
        .where(
            RESEARCH.c.open,
            RESEARCH.c.team_id == team_id,
            RESEARCH.c.state == State.QUEUED,
            RESEARCH.c.waiting == Waiting.TURN,
        )
        .order_by(RESEARCH.c.place_in_line)
        .limit(WAKE)
    )
    connection.execute(
        update(RESEARCH).where(RESEARCH.c.id.in_(next_ones), RESEARCH.c.due_at > now).values(due_at=now)
    )


def _limits(connection: Connection, row: Row[Any], per_user: int, total: int) -> Limits:
    house = load_house(connection, row.team_id)
    ceiling = Limits(active_per_user=per_user, active=total)
    return ceiling if row.asker_id in house.people_exempt else lowered(ceiling, house.limits)


def _active(connection: Connection, row: Row[Any], limits: Limits) -> dict[str, int]:
    """How many run of everybody, or of its asker where only that is limited."""
    query = (
        select(RESEARCH.c.asker_id, func.count())
        .where(
            RESEARCH.c.open,
            RESEARCH.c.team_id == row.team_id,
            RESEARCH.c.state.in_([state.value for state in ACTIVE]),
        )
        .group_by(RESEARCH.c.asker_id)
    )
    return {asker_id: int(count) for asker_id, count in connection.execute(_narrowed(query, row, limits))}


def _waiting(connection: Connection, row: Row[Any], limits: Limits) -> list[Ticket]:
    """What could start now if it had its turn. What waits for a place or for Google keeps nobody else waiting."""
    ready = RESEARCH.c.admitted & RESEARCH.c.waiting.in_(["", Waiting.TURN])
    query = select(RESEARCH.c.id, RESEARCH.c.asker_id, RESEARCH.c.asked_at).where(
        RESEARCH.c.open,
        RESEARCH.c.team_id == row.team_id,
        RESEARCH.c.state == State.QUEUED,
        or_(RESEARCH.c.id == row.id, ready),
    )
    return [Ticket(*found) for found in connection.execute(_narrowed(query, row, limits))]


def _served(connection: Connection, row: Row[Any], waiting: list[Ticket]) -> dict[str, datetime]:
    """When a research of each of them was last started, within the day before."""
    askers = {ticket.asker_id for ticket in waiting}
    if len(askers) < 2:
        return {}
    since = min(ticket.asked_at for ticket in waiting) - DAY
    query = (
        select(RESEARCH.c.asker_id, func.max(RESEARCH.c.create_attempted_at))
        .where(
            RESEARCH.c.team_id == row.team_id, RESEARCH.c.asker_id.in_(askers), RESEARCH.c.asked_at > since
        )
        .group_by(RESEARCH.c.asker_id)
    )
    return {asker_id: moment for asker_id, moment in connection.execute(query) if moment is not None}


def _narrowed(query: Any, row: Row[Any], limits: Limits) -> Any:
    return query if limits.active else query.where(RESEARCH.c.asker_id == row.asker_id)
