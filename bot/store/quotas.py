"""Whether a question still fits into what its asker may ask in a day and the workspace may spend in a month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from bot.domain.errands import Answer, Receipt
from bot.domain.prices import DOLLAR
from bot.store.rows import RESEARCH
from bot.store.spending import most, spent_since

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
        spent = _spent(connection, question, fresh) + most(question.depth)
        if spent > question.monthly_budget_usd * DOLLAR:
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


def _spent(connection: Connection, question: Question, fresh: Sequence[Question]) -> int:
    """Millionths of a dollar of this month at most: what was started, what is queued and will be, what was just asked."""
    month = question.asked_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    asked = sum(most(other.depth) for other in fresh if other.team_id == question.team_id)
    return spent_since(connection, question.team_id, month) + asked
