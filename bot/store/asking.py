"""Questions become rows: those that wait together in one statement, each request once, within what its quotas allow."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.errands import Answer, Question, Receipt
from bot.domain.research import State
from bot.domain.sameness import fingerprint
from bot.store.quotas import has_quota, refusal
from bot.store.rows import RESEARCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

QUOTA_LOCK = 7265736503


def ask(connection: Connection, questions: Sequence[Question]) -> list[Receipt]:
    """See `ports.Ledger.ask`; the receipts in the order of the questions."""
    if connection.dialect.name == "postgresql" and any(map(has_quota, questions)):
        # Two processes that count at once would both find room.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({QUOTA_LOCK})")
    receipts: list[Receipt | None] = []
    fresh: list[Question] = []
    for question in questions:
        occupied = _occupied(connection, question, fresh)
        receipts.append(occupied or refusal(connection, question, fresh))
        if receipts[-1] is None:
            fresh.append(question)
    if fresh:
        _insert_new(connection, [_research_row(question) for question in fresh])
    keys = [question.request_key for question in questions]
    known = select(RESEARCH.c.team_id, RESEARCH.c.request_key, RESEARCH.c.id).where(
        RESEARCH.c.request_key.in_(keys)
    )
    owner = {(row.team_id, row.request_key): row.id for row in connection.execute(known)}
    return [_receipt(question, receipt, owner) for question, receipt in zip(questions, receipts, strict=True)]


def _receipt(question: Question, refused: Receipt | None, owner: Mapping[tuple[str, str], str]) -> Receipt:
    there = owner.get((question.team_id, question.request_key))
    if there is None:
        assert refused is not None
        return refused
    return Receipt(Answer.ACCEPTED if there == question.research_id else Answer.KNOWN, there)


def _insert_new(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(RESEARCH).on_conflict_do_nothing(index_elements=["team_id", "request_key"])
    connection.execute(statement, rows)


def _research_row(question: Question) -> dict[str, Any]:
    values = asdict(question)
    for not_a_column in ("daily_limit", "monthly_budget_usd"):
        del values[not_a_column]
    return {
        **values,
        "id": values.pop("research_id"),
        "channel_kind": "unknown",
        "asker_name": "",
        "state": State.QUEUED.value,
        "open": True,
        "attempt": 1,
        "turn": 1,
        "admitted": False,
        "waiting": "",
        "fingerprint": fingerprint(question.question),
        "same_as": "",
        "cancelled_by": "",
        "trouble_code": "",
        "trouble_detail": "",
        "undelivered": "",
        "micros": 0,
        "is_estimate": False,
        "due_at": question.asked_at,
        "tries": 0,
        "fence": 0,
    }


def in_thread(team_id: str, channel_id: str, thread_ts: str) -> ColumnElement[bool]:
    """Which research lives in a thread, or will once its root is there."""
    return and_(
        RESEARCH.c.team_id == team_id,
        RESEARCH.c.channel_id == channel_id,
        or_(RESEARCH.c.thread_ts == thread_ts, RESEARCH.c.anchor_ts == thread_ts),
    )


def _occupied(connection: Connection, question: Question, fresh: Sequence[Question]) -> Receipt | None:
    """A thread holds one research, since Slack's Stop and a reply name nothing but the thread: the one that is there."""
    if question.anchor_ts is None:
        return None
    thread = (question.team_id, question.channel_id, question.anchor_ts)
    for other in fresh:
        if (other.team_id, other.channel_id, other.anchor_ts) == thread:
            return Receipt(Answer.IN_THREAD, other.research_id)
    there = connection.execute(select(RESEARCH.c.id).where(in_thread(*thread)).limit(1)).scalar()
    return Receipt(Answer.IN_THREAD, there) if there is not None else None
