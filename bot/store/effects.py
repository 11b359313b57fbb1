"""What an edge of the state table causes, as delivery rows, in the transaction that records the edge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, func, insert, or_, select, update

from bot.domain.letters import Notice, Outcome, StepEnd, Whisper
from bot.domain.permits import Kind
from bot.domain.policy import Depth
from bot.domain.research import CancelAsked, Completed, Effect, Retried
from bot.domain.steps import execution_of
from bot.store.codec import dump_content, load_content
from bot.store.opinions import take_watchers
from bot.store.preferences import preferences_of
from bot.store.rows import DELIVERY, REPORT, RESEARCH, view_of
from bot.store.sessions import METHOD, is_lacking, show_session, wanted_status
from bot.store.tabs import touch_tab

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.letters import Content
    from bot.domain.research import Event
    from bot.store.bringing import Brought

SEQ_STEP = 1000
"""Between two posts of a research, so that the parts of a report find room in its place."""

OUTCOMES_FIRST, ROOTS, CARDS, EDITS = range(4)
"""Priorities: outcomes, reports and whispers, then roots, first cards, and edits of what is there already."""


def enqueue(
    connection: Connection,
    row: Row[Any],
    part: str,
    kind: str,
    now: datetime,
    *,
    priority: int,
    **values: Any,
) -> None:
    """Adds one delivery behind all others of the research, unless it is there already."""
    known = connection.execute(
        select(DELIVERY.c.id).where(DELIVERY.c.research_id == row.id, DELIVERY.c.part == part)
    ).scalar()
    if known is not None:
        return
    last = connection.execute(
        select(func.coalesce(func.max(DELIVERY.c.seq), 0)).where(DELIVERY.c.research_id == row.id)
    ).scalar_one()
    defaults = {"seq": last + SEQ_STEP, "state": "pending", "open": True, "content": "", "due_at": now}
    connection.execute(
        insert(DELIVERY).values(
            research_id=row.id,
            team_id=row.team_id,
            part=part,
            kind=kind,
            priority=priority,
            wanted=1,
            shown=0,
            tries=0,
            fence=0,
            error="",
            file_id="",
            **{**defaults, **values},
        )
    )


def enqueue_content(
    connection: Connection, row: Row[Any], part: str, content: Content, now: datetime, **values: Any
) -> None:
    """Adds a delivery that carries its own content."""
    text, blob = dump_content(content)
    enqueue(
        connection, row, part, content.kind, now, priority=OUTCOMES_FIRST, content=text, blob=blob, **values
    )


def enqueue_whisper(connection: Connection, research_id: str, content: Content, now: datetime) -> None:
    """Adds words for one person only."""
    row = connection.execute(select(RESEARCH).where(RESEARCH.c.id == research_id)).one()
    enqueue_content(connection, row, f"whisper.{_count(connection, row, 'whisper') + 1}", content, now)


def announce(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Root, card, status line and session exist from now on. The last two have no message: they are only 'edited'.

    What belongs into a thread has no root of its own, and a quick answer is its own card.
    """
    if row.thread_ts is None:
        enqueue(connection, row, "root", "root", now, priority=ROOTS)
    if row.depth == Depth.QUICK:
        await_answer(connection, row, now)
    else:
        enqueue(connection, row, "card", "card", now, priority=CARDS)
    enqueue(connection, row, "status", "status", now, priority=EDITS, state="sent")
    if not is_lacking(connection, row.team_id, METHOD, now):
        status = wanted_status(row).value
        enqueue(connection, row, "session", "session", now, priority=EDITS, state="sent", content=status)


def await_answer(connection: Connection, row: Row[Any], now: datetime) -> None:
    """The message in which the answer of this attempt will be written."""
    enqueue(connection, row, f"answer.{row.attempt}", "answer", now, priority=ROOTS)


_REFRESH = (
    update(DELIVERY)
    .where(
        DELIVERY.c.research_id == bindparam("research"),
        DELIVERY.c.kind.in_(bindparam("kinds", expanding=True)),
        or_(DELIVERY.c.state != "dead", DELIVERY.c.ts.is_not(None)),
    )
    .values(
        wanted=DELIVERY.c.wanted + 1,
        open=True,
        # A message that is there already is edited with the patience of edits.
        priority=case((DELIVERY.c.state == "sent", EDITS), else_=DELIVERY.c.priority),
        state=case((DELIVERY.c.state == "dead", "sent"), else_=DELIVERY.c.state),
    )
)


def refresh(connection: Connection, research_id: str, kinds: Iterable[str]) -> None:
    """What shows a research is older than its row from now on. An edit that Slack refused once is tried anew."""
    connection.execute(_REFRESH, {"research": research_id, "kinds": list(kinds)})


def apply(
    connection: Connection,
    row: Row[Any],
    event: Event,
    brought: Brought | None,
    effects: tuple[Effect, ...],
    now: datetime,
) -> None:
    """Writes the rows of `effects`; `row` is the research as it is after the event, which brought `brought`."""
    touch_tab(connection, row.team_id, row.asker_id, now)
    for effect in effects:
        match effect:
            case Effect.ANNOUNCE:
                announce(connection, row, now)
            case Effect.REFRESH:
                refresh(connection, row.id, ("root", "card", "status", "proposal", "answer"))
                if isinstance(event, Retried) and row.depth == Depth.QUICK and row.admitted:
                    await_answer(connection, row, now)
                show_session(connection, row, now)
            case Effect.TELL:
                _tell(connection, row, event, brought, now)
            case Effect.DELIVER:
                _deliver(connection, row, brought, now)
            case Effect.PROPOSE:
                _propose(connection, row, brought, now)
    if not row.open and (execution_id := execution_of(row.request_key)):
        # Once, however often it is retried: a step ends for good.
        summary = brought.summary if brought is not None and brought.is_whole else ""
        enqueue_content(connection, row, "step", StepEnd(execution_id, view_of(row), summary), now)


def _tell(
    connection: Connection, row: Row[Any], event: Event, brought: Brought | None, now: datetime
) -> None:
    """The outcome goes into the thread; where there is none yet, privately to the asker."""
    if not row.admitted:
        if isinstance(event, CancelAsked) and event.by == row.asker_id:
            return  # who pressed is answered already
        whisper = Whisper(row.asker_id, "", view=view_of(row), response_url=row.response_url)
        enqueue_content(connection, row, f"whisper.{row.attempt}.end", whisper, now)
        return
    _hasten(connection, row)
    if row.depth == Depth.QUICK and isinstance(event, Completed):
        return  # the answer itself tells it
    outcome = Outcome(
        view=view_of(row),
        summary=brought.summary if brought else "",
        follows=brought is not None,
        partial=brought is not None and not brought.is_whole,
        words=brought.words if brought else 0,
        watchers=take_watchers(connection, row.id),
    )
    enqueue_content(connection, row, _free_part(connection, row, "outcome"), outcome, now)
    if _is_noticed(connection, row):
        enqueue_content(connection, row, _free_part(connection, row, "notice"), Notice(view_of(row)), now)


def _is_noticed(connection: Connection, row: Row[Any]) -> bool:
    """Whether its asker wants to be told directly, too; not of what they stopped themselves."""
    if row.channel_kind == Kind.DIRECT or row.cancelled_by == row.asker_id:
        return False
    return preferences_of(connection, row.team_id, row.asker_id).notify


def reprice(connection: Connection, research_id: str) -> None:
    """The outcome says what it cost in the end, as the card does; where it is told already it is edited.

    Only its figures change: what was told of an end stays so, whatever its research does since.
    """
    newest = (
        select(DELIVERY.c.id, DELIVERY.c.content)
        .where(DELIVERY.c.research_id == research_id, DELIVERY.c.kind == "outcome")
        .order_by(DELIVERY.c.seq.desc())
        .limit(1)
    )
    told = connection.execute(newest).first()
    if told is None or not told.content:
        return
    outcome = load_content("outcome", told.content, None, "")
    assert isinstance(outcome, Outcome)
    view = view_of(connection.execute(select(RESEARCH).where(RESEARCH.c.id == research_id)).one())
    if outcome.view.attempt != view.attempt:
        return
    text, _ = dump_content(replace(outcome, view=replace(outcome.view, usage=view.usage, cost=view.cost)))
    again = {"content": text, "wanted": DELIVERY.c.wanted + 1, "open": True}
    is_alive = and_(DELIVERY.c.id == told.id, DELIVERY.c.state != "dead")
    connection.execute(update(DELIVERY).where(is_alive).values(**again))


def _hasten(connection: Connection, row: Row[Any]) -> None:
    """Root and card, where they wait still, are as urgent as the outcome from now on: it waits for them."""
    waiting = and_(DELIVERY.c.research_id == row.id, DELIVERY.c.state.in_(("pending", "sending")))
    connection.execute(update(DELIVERY).where(waiting).values(priority=OUTCOMES_FIRST))


def _deliver(connection: Connection, row: Row[Any], brought: Brought | None, now: datetime) -> None:
    if brought is None:
        return
    stored = _store(connection, row, brought, now)
    part = _free_part(connection, row, "report")
    enqueue(connection, row, part, "whole", now, priority=OUTCOMES_FIRST, content=str(stored))


def _propose(connection: Connection, row: Row[Any], brought: Brought | None, now: datetime) -> None:
    """The plan, cut like a report, and below it the message with the buttons of its turn."""
    assert brought is not None
    stored = _store(connection, row, brought, now)
    for stem, kind, content in (("plan", "whole", stored), ("proposal", "proposal", row.turn)):
        part = f"{stem}.{row.turn}"
        enqueue(connection, row, part, kind, now, priority=OUTCOMES_FIRST, content=str(content))


def _store(connection: Connection, row: Row[Any], brought: Brought, now: datetime) -> int:
    """Keeps what Gemini wrote, and gives the id of its row."""
    statement = insert(REPORT).values(
        research_id=row.id,
        attempt=row.attempt,
        partial=not brought.is_whole,
        body=brought.body,
        raw=brought.raw,
        at=now,
    )
    return int(connection.execute(statement.returning(REPORT.c.id)).scalar_one())


def _free_part(connection: Connection, row: Row[Any], stem: str) -> str:
    """`outcome.1`, and `outcome.2` for the second time that a research ends; a plan is no report."""
    kind = "whole" if stem == "report" else stem
    parts = DELIVERY.c.part.startswith(f"{stem}.")
    return f"{stem}.{_count(connection, row, kind, parts) + 1}"


def _count(connection: Connection, row: Row[Any], kind: str, *more: Any) -> int:
    query = select(func.count()).where(DELIVERY.c.research_id == row.id, DELIVERY.c.kind == kind, *more)
    return connection.execute(query).scalar_one()
