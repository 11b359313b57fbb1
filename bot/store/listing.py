"""A page of `/research-status`: read only, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.domain.permits import Kind
from bot.domain.research import ACTIVE
from bot.domain.status import PAGE_LENGTH, StatusLine, StatusPage
from bot.store.rows import RESEARCH, view_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.status import StatusQuery


def page(connection: Connection, query: StatusQuery, now: datetime) -> StatusPage:
    """The researches of a workspace, or of one asker in it."""
    mine = [RESEARCH.c.team_id == query.team_id]
    if query.asker_id:
        mine.append(RESEARCH.c.asker_id == query.asker_id)
    rows = connection.execute(
        select(RESEARCH)
        .where(*mine)
        .order_by(RESEARCH.c.asked_at.desc(), RESEARCH.c.id)
        .limit(PAGE_LENGTH)
        .offset(query.page * PAGE_LENGTH)
    ).all()
    total = connection.execute(select(func.count()).where(*mine)).scalar_one()
    states = [state.value for state in ACTIVE]
    running = connection.execute(
        select(func.count()).where(*mine, RESEARCH.c.open, RESEARCH.c.state.in_(states))
    ).scalar_one()
    lines = tuple(
        StatusLine(view_of(row), row.channel_id, Kind(row.channel_kind), row.thread_ts, row.undelivered)
        for row in rows
    )
    return StatusPage(query, lines, total, running, now)
