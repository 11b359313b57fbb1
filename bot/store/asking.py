"""Questions become rows: what waits together is judged one after the other and written by one statement."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.errands import Answer, Question, Receipt
from bot.domain.policy import Depth
from bot.domain.research import State
from bot.domain.sameness import fingerprint
from bot.store.deeds import note_deeds
from bot.store.houses import use_lift
from bot.store.preferences import depths_of
from bot.store.quotas import Ruling, has_quota, houses_of, rule
from bot.store.rows import RESEARCH
from bot.store.tabs import touch_tabs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from bot.domain.house import House


QUOTA_LOCK = 7265736503
_NO_COLUMNS = {"research_id", "depth_is_default", "daily_limit", "monthly_budget_usd"}
_AS_IT_IS = tuple(one.name for one in fields(Question) if one.name not in _NO_COLUMNS)
"""What stands in a row under the name that it has in a question."""


def ask(connection: Connection, questions: Sequence[Question]) -> list[Receipt]:
    """See `keeping.Ledger.ask`; the receipts in the order of the questions."""
    houses = houses_of(connection, questions)
    questions = _with_defaults(connection, questions, houses)
    if connection.dialect.name == "postgresql" and any(
        has_quota(question, houses[question.team_id]) for question in questions
    ):
        # Two processes that count at once would both find room.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({QUOTA_LOCK})")
    rulings: list[Ruling] = []
    fresh: list[Question] = []
    for question in questions:
        occupied = _occupied(connection, question, fresh)
        house = houses[question.team_id]
        rulings.append(Ruling(occupied) if occupied else rule(connection, question, house, fresh))
        if rulings[-1].refusal is None:
            fresh.append(question)
    if fresh:
        _insert_new(connection, [research_row(question) for question in fresh])
    keys = [question.request_key for question in questions]
    known = select(RESEARCH.c.team_id, RESEARCH.c.request_key, RESEARCH.c.id).where(
        RESEARCH.c.request_key.in_(keys)
    )
    owner = {(row.team_id, row.request_key): row.id for row in connection.execute(known)}
    receipts = [_receipt(*pair, owner) for pair in zip(questions, rulings, strict=True)]
    _note_accepted(connection, questions, rulings, receipts)
    return receipts


def _with_defaults(
    connection: Connection, questions: Sequence[Question], houses: Mapping[str, House]
) -> list[Question]:
    """Where nobody chose a depth: the asker's own, else the workspace's. A quick answer has no plan to show."""
    own = depths_of(connection, ((one.team_id, one.asker_id) for one in questions if one.depth_is_default))
    return [
        _at(one, own.get((one.team_id, one.asker_id), houses[one.team_id].depth))
        if one.depth_is_default
        else one
        for one in questions
    ]


def _at(question: Question, depth: Depth) -> Question:
    chosen = Depth.STANDARD if question.plan_first and depth is Depth.QUICK else depth
    return question if chosen is question.depth else replace(question, depth=chosen)


def _note_accepted(
    connection: Connection, questions: Sequence[Question], rulings: Sequence[Ruling], receipts: list[Receipt]
) -> None:
    accepted = [
        (question, ruling)
        for question, ruling, receipt in zip(questions, rulings, receipts, strict=True)
        if receipt.answer is Answer.ACCEPTED
    ]
    for question, ruling in accepted:
        if ruling.lift is not None:
            use_lift(connection, ruling.lift, question.research_id)
    note_deeds(
        connection,
        [
            (one.team_id, one.asker_id, "research.asked", one.research_id, one.asked_at, one.depth.value)
            for one, _ in accepted
        ],
    )
    touch_tabs(connection, [(one.team_id, one.asker_id, one.asked_at) for one, _ in accepted])


def _receipt(question: Question, ruling: Ruling, owner: Mapping[tuple[str, str], str]) -> Receipt:
    there = owner.get((question.team_id, question.request_key))
    if there is None:
        assert ruling.refusal is not None
        return ruling.refusal
    if there != question.research_id:
        return Receipt(Answer.KNOWN, there)
    return Receipt(Answer.ACCEPTED, there, nearing=ruling.nearing)


def _insert_new(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(RESEARCH).on_conflict_do_nothing(index_elements=["team_id", "request_key"])
    connection.execute(statement, rows)


def research_row(question: Question) -> dict[str, Any]:
    """A question as the row of a research that has not begun."""
    return {
        **{name: getattr(question, name) for name in _AS_IT_IS},
        "id": question.research_id,
        "channel_kind": "unknown",
        "asker_name": "",
        "state": State.QUEUED.value,
        "open": True,
        "attempt": 1,
        "turn": 1,
        "admitted": False,
        "waiting": "",
        "fingerprint": fingerprint(question.question, question.thread_along),
        "background": "",
        "same_as": "",
        "approved_by": "",
        "cancelled_by": "",
        "trouble_code": "",
        "trouble_detail": "",
        "undelivered": "",
        "micros": 0,
        "is_estimate": False,
        "place_in_line": 0,
        "erased_as": "",
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
