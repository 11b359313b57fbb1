"""Whether a question still fits into what its asker may ask in a day, and both they and the workspace may spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from bot.domain.errands import Answer, Lift, Nearing, Receipt, Relation
from bot.domain.house import DAY, WARNING_SHARE, Limits, lowered, month_of, next_month
from bot.domain.prices import DOLLAR
from bot.store.houses import lift_of, load_house
from bot.store.rows import RESEARCH
from bot.store.spending import most, spent_since

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.errands import Question
    from bot.domain.house import House


@dataclass(frozen=True, slots=True)
class Ruling:
    """Why not, or None; else what to say besides, and the lift that made it possible."""

    refusal: Receipt | None = None
    nearing: tuple[Nearing, ...] = ()
    lift: Lift | None = None


def ceiling_of(question: Question) -> Limits:
    """What the environment allows its asker."""
    return Limits(daily_per_user=question.daily_limit, monthly_usd=question.monthly_budget_usd)


def has_quota(question: Question, house: House) -> bool:
    """Whether anything has to be counted."""
    limits = lowered(ceiling_of(question), house.limits)
    return bool(limits.daily_per_user or limits.monthly_usd or limits.monthly_per_user_usd)


def rule(connection: Connection, question: Question, house: House, fresh: Sequence[Question]) -> Ruling:
    """Counts only where there are limits. `fresh` are accepted, but not written down yet.

    Who is exempt from what was set in Slack, or has a question allowed beyond it, is held to the environment alone.
    """
    ceiling = ceiling_of(question)
    exempt = question.asker_id in house.people_exempt
    ruling = _measured(connection, question, ceiling if exempt else lowered(ceiling, house.limits), fresh)
    if ruling.refusal is None or exempt:
        return ruling
    lift = lift_of(connection, question.team_id, question.asker_id)
    if lift is None or any(one.asker_id == question.asker_id for one in fresh):
        return ruling
    beyond = _measured(connection, question, ceiling, fresh)
    return Ruling(beyond.refusal, beyond.nearing, None if beyond.refusal else lift)


def _measured(
    connection: Connection, question: Question, limits: Limits, fresh: Sequence[Question]
) -> Ruling:
    nearing: list[Nearing] = []
    if limits.daily_per_user:
        asked = asked_within_a_day(connection, question, fresh)
        if len(asked) >= limits.daily_per_user:
            opens_at = asked[-limits.daily_per_user] + DAY
            return Ruling(Receipt(Answer.OVER_DAILY_LIMIT, opens_at=opens_at))
        nearing += _near(Answer.OVER_DAILY_LIMIT, len(asked) + 1, limits.daily_per_user)
    for answer, limit, asker_id in (
        (Answer.OVER_OWN_BUDGET, limits.monthly_per_user_usd, question.asker_id),
        (Answer.OVER_BUDGET, limits.monthly_usd, ""),
    ):
        if not limit:
            continue
        spent = (_spent(connection, question, asker_id, fresh) + most(question.depth)) / DOLLAR
        if spent > limit:
            return Ruling(Receipt(answer, opens_at=next_month(question.asked_at)))
        nearing += _near(answer, spent, limit)
    return Ruling(nearing=tuple(nearing))


def _near(answer: Answer, used: float, limit: float) -> list[Nearing]:
    return [Nearing(answer, used, limit)] if used >= WARNING_SHARE * limit else []


def asked_within_a_day(
    connection: Connection, question: Question, fresh: Sequence[Question] = ()
) -> list[datetime]:
    """When the asker asked within a day, oldest first, without what was refused before it began."""
    mine = [
        other.asked_at
        for other in fresh
        if (other.team_id, other.asker_id) == (question.team_id, question.asker_id)
    ]
    before = asked_since_yesterday(connection, question.team_id, question.asker_id, question.asked_at)
    return [*before, *mine]


def asked_since_yesterday(
    connection: Connection, team_id: str, person_id: str, now: datetime
) -> Sequence[datetime]:
    """What of a person counts against a limit of a day, as it stands in the rows."""
    query = (
        select(RESEARCH.c.asked_at)
        .where(
            RESEARCH.c.team_id == team_id,
            RESEARCH.c.asker_id == person_id,
            RESEARCH.c.asked_at > now - DAY,
            or_(RESEARCH.c.admitted, RESEARCH.c.open),
            RESEARCH.c.relation != Relation.SHARE,
        )
        .order_by(RESEARCH.c.asked_at)
    )
    return connection.execute(query).scalars().all()


def _spent(connection: Connection, question: Question, asker_id: str, fresh: Sequence[Question]) -> int:
    """Millionths of a dollar of this month at most: what was started, what is queued and will be, what was just asked."""
    asked = sum(
        most(other.depth)
        for other in fresh
        if other.team_id == question.team_id and asker_id in ("", other.asker_id)
    )
    return spent_since(connection, question.team_id, month_of(question.asked_at), asker_id) + asked


def houses_of(connection: Connection, questions: Sequence[Question]) -> Mapping[str, House]:
    """The settings of every workspace that is asked in."""
    return {team_id: load_house(connection, team_id) for team_id in {one.team_id for one in questions}}
