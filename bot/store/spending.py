"""What each interaction costs, written with the event that decides it, and what that adds up to.

From the mark of the POST on the most that it usually costs is reserved, so that a budget is never overrun by what is
still running. The end puts the real figure there, or an estimate that is called one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from bot.domain.policy import OFFERS, PLAN, Depth, Offer
from bot.domain.prices import DOLLAR, Cost, cost_of
from bot.domain.research import (
    Completed,
    DeadlinePassed,
    Failed,
    Planned,
    Postponed,
    Refused,
    StartLost,
    Stopped,
)
from bot.store.rows import INTERACTION, RESEARCH

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.interaction import Usage
    from bot.domain.research import Event

RESERVED, ESTIMATED, REAL = "reserved", "estimated", "real"


def most(depth: Depth) -> int:
    """Millionths of a dollar that a research of this depth usually costs at most."""
    return round(OFFERS[depth].dollars[1] * DOLLAR)


def is_planning(row: Row[Any]) -> bool:
    """Whether the current turn of a research asks for a plan only."""
    return bool(row.plan_first and not row.approved_by)


def offer_of(row: Row[Any]) -> Offer:
    """What to expect of the current turn of a research."""
    return PLAN if is_planning(row) else OFFERS[Depth(row.depth)]


def settle_event(connection: Connection, row: Row[Any], event: Event) -> None:
    """What an event says about the cost of the current interaction of a research."""
    low, high = (round(one * DOLLAR) for one in offer_of(row).dollars)
    match event:
        case Postponed() | Refused():
            _settle(connection, row, Cost(0))
        case StartLost() | DeadlinePassed():
            _settle(connection, row, Cost(high, is_estimate=True))
        case Completed(usage=usage):
            settle(connection, row, usage, (low + high) // 2)
        case Planned(usage=usage):
            settle(connection, row, usage, low)
        case Failed(usage=usage) | Stopped(usage=usage):
            settle(connection, row, usage, low)


def settle(connection: Connection, row: Row[Any], usage: Usage | None, guess: int = 0) -> None:
    """Puts the cost of the current interaction where its reservation stood."""
    agent = connection.execute(select(INTERACTION.c.agent).where(*_current(row))).scalar()
    if agent is not None:
        _settle(connection, row, cost_of(agent, usage, guess))


def _settle(connection: Connection, row: Row[Any], cost: Cost) -> None:
    spent = ESTIMATED if cost.is_estimate else REAL
    connection.execute(update(INTERACTION).where(*_current(row)).values(micros=cost.micros, spent=spent))
    of_research = INTERACTION.c.research_id == row.id
    total = select(func.coalesce(func.sum(INTERACTION.c.micros), 0)).where(of_research)
    guesses = select(func.count()).where(of_research, INTERACTION.c.spent == ESTIMATED)
    connection.execute(
        update(RESEARCH)
        .where(RESEARCH.c.id == row.id)
        .values(
            micros=total.where(INTERACTION.c.spent != RESERVED).scalar_subquery(),
            is_estimate=guesses.scalar_subquery() > 0,
        )
    )


def _current(row: Row[Any]) -> tuple[Any, ...]:
    return (
        INTERACTION.c.research_id == row.id,
        INTERACTION.c.turn == row.turn,
        INTERACTION.c.attempt == row.attempt,
    )


def spent_since(connection: Connection, team_id: str, since: datetime, asker_id: str = "") -> int:
    """Millionths of a dollar of a workspace, or of one person in it: spent, reserved, and what is queued and will be."""
    mine = [RESEARCH.c.team_id == team_id]
    begun = select(func.coalesce(func.sum(INTERACTION.c.micros), 0)).where(
        INTERACTION.c.team_id == team_id, INTERACTION.c.create_attempted_at >= since
    )
    if asker_id:
        mine.append(RESEARCH.c.asker_id == asker_id)
        begun = begun.join(RESEARCH, RESEARCH.c.id == INTERACTION.c.research_id).where(*mine)
    queued = (
        select(RESEARCH.c.depth, func.count())
        .where(*mine, RESEARCH.c.open, RESEARCH.c.state == "queued")
        .group_by(RESEARCH.c.depth)
    )
    waiting = sum(most(Depth(depth)) * int(count) for depth, count in connection.execute(queued))
    return int(connection.execute(begun).scalar_one()) + waiting
