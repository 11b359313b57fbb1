"""Researches about others: what a thread's newest report is, its text, and a report told in another channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, update

from bot.domain.errands import Answer, Receipt, Relation
from bot.domain.letters import Part
from bot.domain.policy import Depth
from bot.domain.report import without_citations
from bot.domain.research import State
from bot.errors import LeaseLost
from bot.store.asking import in_thread
from bot.store.codec import dump_content, load_report
from bot.store.deeds import note_deed
from bot.store.effects import OUTCOMES_FIRST, ROOTS, enqueue, refresh
from bot.store.rows import DELIVERY, INTERACTION, REPORT, RESEARCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

    from bot.domain.errands import Question
    from bot.domain.letters import Content


def of_thread(connection: Connection, team_id: str, channel_id: str, thread_ts: str) -> str | None:
    """The research of a thread that somebody means: one that is open, else the one that began it."""
    query = (
        select(RESEARCH.c.id)
        .where(in_thread(team_id, channel_id, thread_ts))
        .order_by(RESEARCH.c.open.desc(), RESEARCH.c.asked_at, RESEARCH.c.id)
        .limit(1)
    )
    return connection.execute(query).scalar()


def last_answered(connection: Connection, team_id: str, channel_id: str, thread_ts: str) -> str | None:
    """See `keeping.Ledger`."""
    query = (
        select(RESEARCH.c.id)
        .where(in_thread(team_id, channel_id, thread_ts), RESEARCH.c.state == State.COMPLETED)
        .order_by(RESEARCH.c.ended_at.desc(), RESEARCH.c.asked_at.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def report_of(connection: Connection, research_id: str) -> str | None:
    """See `keeping.Ledger`."""
    row = _stored(connection, research_id)
    return without_citations(load_report(row.body).markdown) if row is not None else None


def _stored(connection: Connection, research_id: str) -> Row[Any] | None:
    """The newest report of a research; what was shared is that of its parent."""
    query = (
        select(REPORT)
        .where(REPORT.c.research_id == research_id)
        .order_by(REPORT.c.partial, REPORT.c.id.desc())
    )
    found = connection.execute(query.limit(1)).one_or_none()
    if found is not None:
        return found
    shared = select(RESEARCH.c.parent_id).where(
        RESEARCH.c.id == research_id, RESEARCH.c.relation == Relation.SHARE
    )
    parent_id = connection.execute(shared).scalar()
    return _stored(connection, parent_id) if parent_id else None


def ended_children(connection: Connection, research_id: str, relation: Relation) -> int:
    """See `keeping.Ledger`."""
    query = select(func.count()).where(
        RESEARCH.c.parent_id == research_id, RESEARCH.c.relation == relation, ~RESEARCH.c.open
    )
    return int(connection.execute(query).scalar_one())


def write(connection: Connection, research_id: str, fence: int, draft: str) -> None:
    """See `keeping.Ledger`."""
    row = connection.execute(
        select(RESEARCH.c.turn, RESEARCH.c.attempt)
        .where(RESEARCH.c.id == research_id, RESEARCH.c.fence == fence)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise LeaseLost(research_id)
    connection.execute(
        update(INTERACTION)
        .where(
            INTERACTION.c.research_id == research_id,
            INTERACTION.c.turn == row.turn,
            INTERACTION.c.attempt == row.attempt,
        )
        .values(draft=draft)
    )
    refresh(connection, research_id, ("answer",))


def begin_answer(
    connection: Connection, research: Row[Any], contents: Sequence[Content]
) -> Sequence[Content]:
    """The first part of a quick answer takes the place of what was being written; gives the parts that are left."""
    if research.depth != Depth.QUICK or not contents or not isinstance(contents[0], Part):
        return contents
    text, _ = dump_content(contents[0])
    taken = connection.execute(
        update(DELIVERY)
        .where(
            DELIVERY.c.research_id == research.id,
            DELIVERY.c.part == f"answer.{research.attempt}",
            DELIVERY.c.state != "dead",
        )
        .values(content=text, wanted=DELIVERY.c.wanted + 1, open=True)
    )
    return contents[1:] if taken.rowcount else contents


def told_elsewhere(connection: Connection, question: Question, values: dict[str, Any]) -> Receipt:
    """A row for a report that is told in another channel: it is complete from the start, and costs nothing."""
    known = connection.execute(
        select(RESEARCH.c.id).where(
            RESEARCH.c.team_id == question.team_id, RESEARCH.c.request_key == question.request_key
        )
    ).scalar()
    if known is not None:
        return Receipt(Answer.KNOWN, known)
    parent = connection.execute(select(RESEARCH).where(RESEARCH.c.id == question.parent_id)).one()
    stored = _stored(connection, parent.id)
    if stored is None:
        return Receipt(Answer.FORGOTTEN)
    row = connection.execute(
        RESEARCH.insert()
        .values(
            **values,
            **{name: getattr(parent, name) for name in ("started_at", "ended_at", "sources", "usage")},
        )
        .returning(RESEARCH)
    ).one()
    note_deed(
        connection, row.team_id, row.asker_id, "research.shared", parent.id, row.asked_at, row.channel_id
    )
    enqueue(connection, row, "root", "root", question.asked_at, priority=ROOTS)
    content = str(stored.id)
    enqueue(connection, row, "report.1", "whole", question.asked_at, priority=OUTCOMES_FIRST, content=content)
    return Receipt(Answer.ACCEPTED, row.id)
