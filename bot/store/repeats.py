"""The same question again: the earlier researches, the offer to its asker, and what they decide."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, or_, select, update

from bot.domain.errands import Relation
from bot.domain.letters import Waiting
from bot.domain.research import State
from bot.domain.sameness import FRESH, at_least
from bot.errors import LeaseLost
from bot.store.columns import UtcDateTime
from bot.store.effects import enqueue_content
from bot.store.rows import RESEARCH, held_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Connection, Select

    from bot.domain.errands import Held
    from bot.domain.letters import Whisper

MOST = 5
"""So many are looked at; the newest that its asker may see is offered."""


def earlier(connection: Connection, held: Held, now: datetime) -> Sequence[Held]:
    """Researches of the workspace with the same question that run, or whose report is fresh; newest first. One that
    itself waits for its asker is none.
    """
    asked = {"research_id": held.research_id, "team_id": held.team_id, "asked_at": held.asked_at}
    depths = [depth.value for depth in at_least(held.depth)]
    rows = connection.execute(_earlier(), asked | {"fresh": now - FRESH, "depths": depths})
    return [held_of(row, None) for row in rows]


@cache
def _earlier() -> Select[Any]:
    """Built once: that takes longer than its answer, and each start asks for it."""
    research_id: BindParameter[str] = bindparam("research_id")
    asked_at = bindparam("asked_at", type_=UtcDateTime)
    own = select(RESEARCH.c.fingerprint).where(RESEARCH.c.id == research_id).scalar_subquery()
    was_before = or_(
        RESEARCH.c.asked_at < asked_at,
        and_(RESEARCH.c.asked_at == asked_at, RESEARCH.c.id < research_id),
    )
    fresh = bindparam("fresh", type_=UtcDateTime)
    is_fresh = and_(RESEARCH.c.state == State.COMPLETED.value, RESEARCH.c.ended_at > fresh)
    runs = and_(RESEARCH.c.open, RESEARCH.c.waiting.not_in((Waiting.PLACE, Waiting.SAME)))
    return (
        select(RESEARCH)
        .where(
            RESEARCH.c.team_id == bindparam("team_id"),
            RESEARCH.c.fingerprint == own,
            RESEARCH.c.fingerprint != "",
            RESEARCH.c.relation.not_in((Relation.FOLLOW_UP, Relation.SHARE)),
            RESEARCH.c.depth.in_(bindparam("depths", expanding=True)),
            was_before,
            or_(is_fresh, runs),
        )
        .order_by(RESEARCH.c.asked_at.desc())
        .limit(MOST)
    )


def offer(
    connection: Connection, research_id: str, fence: int, same_as: str, whisper: Whisper, now: datetime
) -> None:
    """The research waits for its asker, who is told of the earlier one in the same transaction."""
    row = connection.execute(
        update(RESEARCH)
        .where(RESEARCH.c.id == research_id, RESEARCH.c.fence == fence)
        .values(waiting=Waiting.SAME, same_as=same_as)
        .returning(RESEARCH)
    ).one_or_none()
    if row is None:
        raise LeaseLost(research_id)
    enqueue_content(connection, row, "whisper.same", whisper, now)


def insist(connection: Connection, research_id: str, now: datetime) -> bool:
    """It is researched all the same; False where it does not wait for that (any more)."""
    statement = (
        update(RESEARCH)
        .where(
            RESEARCH.c.id == research_id,
            RESEARCH.c.state == State.QUEUED.value,
            RESEARCH.c.waiting == Waiting.SAME,
        )
        .values(waiting="", due_at=now, leased_by=None, leased_until=None, fence=RESEARCH.c.fence + 1)
        .returning(RESEARCH.c.id)
    )
    return connection.execute(statement).first() is not None
