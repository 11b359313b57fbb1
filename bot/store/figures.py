"""Numbers that have to be true of all processes, counted where all of them write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from bot.domain.figures import Backlog, Figures
from bot.domain.house import month_of
from bot.domain.research import State
from bot.store.rows import DELIVERY, INTERACTION, RESEARCH
from bot.store.spending import ESTIMATED, REAL, RESERVED

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def backlog(connection: Connection, now: datetime) -> Backlog:
    """What is due and held by nobody. What Slack refuses for good is counted as undelivered, not as late."""
    researches = select(func.count(), func.min(RESEARCH.c.due_at)).where(
        RESEARCH.c.open, *_free(RESEARCH, now)
    )
    is_post = and_(
        DELIVERY.c.state.in_(("pending", "sending")),
        or_(DELIVERY.c.kind.in_(("root", "whisper")), RESEARCH.c.thread_ts.is_not(None)),
    )
    is_edit = and_(DELIVERY.c.state == "sent", DELIVERY.c.shown < DELIVERY.c.wanted)
    deliveries = (
        select(func.count(), func.min(DELIVERY.c.due_at))
        .join(RESEARCH, RESEARCH.c.id == DELIVERY.c.research_id)
        .where(DELIVERY.c.open, *_free(DELIVERY, now), RESEARCH.c.undelivered == "", or_(is_post, is_edit))
    )
    waiting, research_lag = _counted(connection.execute(researches).one(), now)
    untold, delivery_lag = _counted(connection.execute(deliveries).one(), now)
    return Backlog(waiting, research_lag, untold, delivery_lag)


def figures(connection: Connection, now: datetime) -> Figures:
    """See `offices.Office.figures`."""
    states = connection.execute(select(RESEARCH.c.state, func.count()).group_by(RESEARCH.c.state)).all()
    stuck = select(func.count()).where(RESEARCH.c.stuck_at.is_not(None), RESEARCH.c.open)
    undelivered = select(func.count()).where(RESEARCH.c.undelivered != "")
    spent = (
        select(INTERACTION.c.team_id, INTERACTION.c.spent, func.sum(INTERACTION.c.micros))
        .where(INTERACTION.c.create_attempted_at >= month_of(now))
        .group_by(INTERACTION.c.team_id, INTERACTION.c.spent)
    )
    micros = dict.fromkeys((REAL, ESTIMATED, RESERVED), 0)
    of_team: dict[str, int] = {}
    for team_id, kind, total in connection.execute(spent):
        micros[kind or REAL] += int(total)
        of_team[team_id] = of_team.get(team_id, 0) + int(total)
    return Figures(
        backlog=backlog(connection, now),
        researches={state.value: 0 for state in State} | {str(state): int(count) for state, count in states},
        stuck=int(connection.execute(stuck).scalar_one()),
        undelivered=int(connection.execute(undelivered).scalar_one()),
        micros=micros,
        dearest=max(of_team.values(), default=0),
    )


def _free(table: Any, now: datetime) -> tuple[Any, ...]:
    unleased = or_(table.c.leased_until.is_(None), table.c.leased_until < now)
    return (table.c.due_at <= now, unleased)


def _counted(row: Any, now: datetime) -> tuple[int, float]:
    return int(row[0]), (now - row[1]).total_seconds() if row[1] is not None else 0.0
