"""Thoughts written down as they come. By far the most frequent write, so its statements are built once, not each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, insert, or_, select, update

from bot.domain.research import Effect, State, advance
from bot.errors import IllegalEvent, LeaseLost
from bot.store.effects import refresh
from bot.store.rows import INTERACTION, RESEARCH, THOUGHT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.research import Progressed, Thought

_STANDS = (
    select(RESEARCH.c.state, RESEARCH.c.fence, INTERACTION.c.id.label("interaction_pk"))
    .join_from(
        RESEARCH,
        INTERACTION,
        and_(
            INTERACTION.c.research_id == RESEARCH.c.id,
            INTERACTION.c.turn == RESEARCH.c.turn,
            INTERACTION.c.attempt == RESEARCH.c.attempt,
        ),
        isouter=True,
    )
    .where(RESEARCH.c.id == bindparam("research"))
    .with_for_update(of=RESEARCH)
)
_HEARD = (
    update(INTERACTION)
    .where(INTERACTION.c.id == bindparam("interaction"))
    .values(last_event_id=bindparam("event"))
)
_ALIKE = (
    select(THOUGHT.c.id, THOUGHT.c.key)
    .where(
        THOUGHT.c.interaction_pk == bindparam("interaction"),
        or_(THOUGHT.c.key == bindparam("named"), THOUGHT.c.body == bindparam("words")),
    )
    .order_by(THOUGHT.c.id)
)
_RENAME = update(THOUGHT).where(THOUGHT.c.id == bindparam("thought")).values(key=bindparam("named"))
_KEEP = insert(THOUGHT)
_CHANGED = (
    update(RESEARCH)
    .where(RESEARCH.c.id == bindparam("research"))
    .values(changed_at=bindparam("now"), stuck_at=None)
)


def progress(
    connection: Connection, research_id: str, fence: int | None, event: Progressed, now: datetime
) -> State:
    """Keeps the thoughts that are new; where none is, nothing is shown anew. Gives the state of the research."""
    row = connection.execute(_STANDS, {"research": research_id}).one_or_none()
    if row is None:
        raise IllegalEvent("Progressed: no such research")
    if fence is not None and row.fence != fence:
        raise LeaseLost(research_id)
    step = advance(State(row.state), event)
    if event.event_id:
        connection.execute(_HEARD, {"interaction": row.interaction_pk, "event": event.event_id})
    new = [thought for thought in event.thoughts if not _is_known(connection, row.interaction_pk, thought)]
    for thought in new:
        kept = {"research_id": research_id, "interaction_pk": row.interaction_pk, "at": now}
        connection.execute(_KEEP, {**kept, "key": thought.key, "body": thought.text})
    if new:
        connection.execute(_CHANGED, {"research": research_id, "now": now})
    if new and Effect.REFRESH in step.effects:
        refresh(connection, research_id, ("card", "status"))
    return step.state


def _is_known(connection: Connection, interaction_pk: int, thought: Thought) -> bool:
    """Whether a thought is kept already. One that was told in another way goes by its new name from now on, so that the
    next one with the same words is another.
    """
    asked = {"interaction": interaction_pk, "named": thought.key, "words": thought.text}
    alike = connection.execute(_ALIKE, asked).all()
    if any(row.key == thought.key for row in alike):
        return True
    told = next((row for row in alike if thought.is_told_otherwise(row.key)), None)
    if told is not None:
        connection.execute(_RENAME, {"thought": told.id, "named": thought.key})
    return told is not None
