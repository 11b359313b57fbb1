"""A page of `/research-status`: read only, newest first, found by its edge and not by counting off what comes before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from bot.domain.errands import Relation
from bot.domain.permits import Kind
from bot.domain.research import ACTIVE, State
from bot.domain.status import PAGE_LENGTH, Lens, StatusLine, StatusPage
from bot.store.opinions import count_opinions
from bot.store.rows import RESEARCH, view_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row

    from bot.domain.status import StatusQuery

_ACTIVE = [state.value for state in ACTIVE]
_LENSES: dict[Lens, ColumnElement[bool]] = {
    Lens.RUNNING: and_(RESEARCH.c.open, RESEARCH.c.state.in_(_ACTIVE)),
    Lens.QUEUED: and_(RESEARCH.c.open, RESEARCH.c.state == State.QUEUED),
    Lens.STUCK: and_(RESEARCH.c.open, RESEARCH.c.stuck_at.is_not(None)),
    Lens.UNDELIVERED: RESEARCH.c.undelivered != "",
    Lens.FAILED: RESEARCH.c.state.in_([State.FAILED.value, State.EXPIRED.value]),
    Lens.STOPPED: RESEARCH.c.state == State.CANCELLED,
    Lens.FINISHED: RESEARCH.c.state == State.COMPLETED,
}
_OF_STATE = {
    State.QUEUED: Lens.QUEUED,
    State.FAILED: Lens.FAILED,
    State.EXPIRED: Lens.FAILED,
    State.CANCELLED: Lens.STOPPED,
    State.COMPLETED: Lens.FINISHED,
}


def page(connection: Connection, query: StatusQuery, now: datetime) -> StatusPage:
    """The researches of a workspace, or of one asker in it."""
    scope = conditions(query, now)
    counts = _counts(connection, scope)
    if query.lens is None:
        total = sum(counts[lens] for lens in {*_OF_STATE.values(), Lens.RUNNING})
        shown = scope
    else:
        total = counts[query.lens]
        shown = [*scope, _LENSES[query.lens]]
    rows = _rows(connection, query, shown)
    said = count_opinions(connection, [row.id for row in rows])
    lines = tuple(line_of(row, *said.get(row.id, (0, 0))) for row in rows)
    return StatusPage(query, lines, total, counts[Lens.RUNNING], now, counts)


def conditions(query: StatusQuery, now: datetime) -> list[ColumnElement[bool]]:
    """What a query asks for, but for its lens."""
    found: list[ColumnElement[bool]] = [
        RESEARCH.c.team_id == query.team_id,
        RESEARCH.c.relation != Relation.SHARE,
    ]
    if query.asker_id:
        found.append(RESEARCH.c.asker_id == query.asker_id)
    if query.channel_id:
        found.append(RESEARCH.c.channel_id == query.channel_id)
    if (since := query.since(now)) is not None:
        found.append(RESEARCH.c.asked_at > since)
    return found


def through(lens: Lens | None) -> list[ColumnElement[bool]]:
    """The condition of a lens."""
    return [] if lens is None else [_LENSES[lens]]


def line_of(row: Row[Any], liked: int = 0, disliked: int = 0) -> StatusLine:
    """A row as a line of the list."""
    kind = Kind(row.channel_kind)
    return StatusLine(view_of(row), row.channel_id, kind, row.thread_ts, row.undelivered, liked, disliked)


def _rows(
    connection: Connection, query: StatusQuery, shown: Sequence[ColumnElement[bool]]
) -> Sequence[Row[Any]]:
    asked_at, research_id = RESEARCH.c.asked_at, RESEARCH.c.id
    cursor = query.cursor
    statement = select(RESEARCH).where(*shown).limit(PAGE_LENGTH)
    if cursor is None:
        older = statement.order_by(asked_at.desc(), research_id.desc())
        return connection.execute(older.offset(query.page * PAGE_LENGTH)).all()
    same = asked_at == cursor.asked_at
    if cursor.newer:
        above = or_(asked_at > cursor.asked_at, and_(same, research_id > cursor.research_id))
        upwards = statement.where(asked_at >= cursor.asked_at, above).order_by(asked_at, research_id)
        return connection.execute(upwards).all()[::-1]
    below = or_(asked_at < cursor.asked_at, and_(same, research_id < cursor.research_id))
    downwards = statement.where(asked_at <= cursor.asked_at, below)
    return connection.execute(downwards.order_by(asked_at.desc(), research_id.desc())).all()


def _counts(connection: Connection, scope: Sequence[ColumnElement[bool]]) -> dict[Lens, int]:
    counts = dict.fromkeys(Lens, 0)
    by_state = select(RESEARCH.c.state, func.count()).where(*scope).group_by(RESEARCH.c.state)
    for state, count in connection.execute(by_state):
        counts[_OF_STATE.get(State(state), Lens.RUNNING)] += int(count)
    for lens in (Lens.STUCK, Lens.UNDELIVERED):
        query = select(func.count()).select_from(RESEARCH).where(*scope, _LENSES[lens])
        counts[lens] = int(connection.execute(query).scalar_one())
    return counts
