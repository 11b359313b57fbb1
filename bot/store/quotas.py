"""Whether a question still fits into what its asker may ask in a day and the workspace may spend in a month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from bot.domain.errands import Answer, Receipt
from bot.domain.policy import OFFERS, Depth
from bot.domain.research import State
from bot.store.rows import INTERACTION, RESEARCH, UNSTARTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from bot.domain.errands import Question


def has_quota(question: Question) -> bool:
    """Whether anything has to be counted."""
    return bool(question.daily_limit or question.monthly_budget_usd)


def refusal(connection: Connection, question: Question, fresh: Sequence[Question]) -> Receipt | None:
    """Why not, or None; counted only where there are quotas. `fresh` are accepted, but not written down yet."""
    if question.daily_limit and _asked(connection, question, fresh) >= question.daily_limit:
        return Receipt(Answer.OVER_DAILY_LIMIT)
    if question.monthly_budget_usd:
        spent = _spent(connection, question, fresh)
        if spent + OFFERS[question.depth].dollars[1] > question.monthly_budget_usd:
            return Receipt(Answer.OVER_BUDGET)
    return None


def _asked(connection: Connection, question: Question, fresh: Sequence[Question]) -> int:
    """What the asker asked within a day, without what was refused before it began."""
    asker = (question.team_id, question.asker_id)
    query = select(func.count()).where(
        RESEARCH.c.team_id == question.team_id,
        RESEARCH.c.asker_id == question.asker_id,
        RESEARCH.c.asked_at > question.asked_at - timedelta(days=1),
        or_(RESEARCH.c.admitted, RESEARCH.c.open),
    )
    return int(connection.execute(query).scalar_one()) + sum(
        (other.team_id, other.asker_id) == asker for other in fresh
    )


def _spent(connection: Connection, question: Question, fresh: Sequence[Question]) -> float:
    """Dollars of this month at most: what was started, and what is queued and will be."""
    month = question.asked_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    of_team = select(RESEARCH.c.depth, func.count()).where(RESEARCH.c.team_id == question.team_id)
    started = of_team.join(INTERACTION, INTERACTION.c.research_id == RESEARCH.c.id).where(
        INTERACTION.c.create_attempted_at >= month, INTERACTION.c.status != UNSTARTED
    )
    queued = of_team.where(RESEARCH.c.open, RESEARCH.c.state == State.QUEUED)
    counts = [
        *connection.execute(started.group_by(RESEARCH.c.depth)),
        *connection.execute(queued.group_by(RESEARCH.c.depth)),
        *[(other.depth, 1) for other in fresh if other.team_id == question.team_id],
    ]
    return sum((OFFERS[Depth(depth)].dollars[1] * int(count) for depth, count in counts), 0.0)
