"""Rows as the values that the work understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from bot.domain.errands import Held, Relation
from bot.domain.house import House
from bot.domain.letters import Answer, Card, Export, Form, Proposal, Root, View, Waiting, Whole
from bot.domain.policy import PLAN_PATIENCE, Depth
from bot.domain.prices import Cost
from bot.domain.progress import fold
from bot.domain.research import START_LOST, State, Trouble
from bot.domain.steps import execution_of
from bot.store.codec import load_report, load_usage
from bot.store.tables import Delivery, Interaction, Report, Research, Thought

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.report import Report as Found

RESEARCH = Research.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
INTERACTION = Interaction.__table__  # type: ignore[attr-defined]  # likewise
THOUGHT = Thought.__table__  # type: ignore[attr-defined]  # likewise
REPORT = Report.__table__  # type: ignore[attr-defined]  # likewise
DELIVERY = Delivery.__table__  # type: ignore[attr-defined]  # likewise

THOUGHTS_FOR_CARD = 200
UNSTARTED = "unstarted"
"""Status of an interaction whose POST proved to have started nothing, so that it cost nothing."""


def held_of(row: Row[Any], interaction: Row[Any] | None, house: House | None = None) -> Held:
    """A research row and the interaction of its current attempt, and under which settings it may start."""
    return Held(
        research_id=row.id,
        fence=row.fence,
        team_id=row.team_id,
        channel_id=row.channel_id,
        channel_kind=row.channel_kind,
        thread_ts=row.thread_ts,
        asker_id=row.asker_id,
        question=row.question,
        depth=Depth(row.depth),
        response_url=row.response_url,
        state=State(row.state),
        attempt=row.attempt,
        admitted=row.admitted,
        waiting=row.waiting,
        asked_at=row.asked_at,
        started_at=row.started_at,
        changed_at=row.changed_at,
        stuck_at=row.stuck_at,
        interaction_id=interaction.interaction_id if interaction is not None else None,
        last_event_id=interaction.last_event_id if interaction is not None else None,
        tries=row.tries,
        thread_along=row.thread_along,
        background=row.background,
        same_as=row.same_as,
        place_in_line=row.place_in_line,
        turn=row.turn,
        plan_first=row.plan_first,
        planned_at=row.planned_at,
        approved_by=row.approved_by,
        words=row.words,
        previous_interaction_id=row.previous_interaction_id,
        relation=Relation(row.relation),
        parent_id=row.parent_id,
        traceparent=row.traceparent,
        house=house or House(),
        is_step=bool(execution_of(row.request_key)),
    )


def view_of(row: Row[Any]) -> View:
    """A research row as messages about it may show it."""
    trouble = Trouble(row.trouble_code, row.trouble_detail) if row.trouble_code else None
    return View(
        research_id=row.id,
        question=row.question,
        team_id=row.team_id,
        asker_id=row.asker_id,
        depth=Depth(row.depth),
        state=State(row.state),
        asked_at=row.asked_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        waiting=row.waiting,
        cancelled_by=row.cancelled_by,
        trouble=trouble,
        stuck_since=row.stuck_at,
        quiet_since=row.changed_at,
        attempt=row.attempt,
        maybe_billed=row.started_at is not None or row.trouble_code == START_LOST,
        plan_first=row.plan_first,
        planned_at=row.planned_at,
        approved=bool(row.approved_by),
        relation=row.relation,
        is_direct=row.channel_kind == "direct",
        asker_name=row.asker_name,
        has_background=bool(row.thread_along),
        sources=row.sources,
        usage=load_usage(row.usage),
        cost=Cost(row.micros, row.is_estimate) if row.micros else None,
        place_in_line=row.place_in_line if row.waiting == Waiting.TURN else 0,
    )


def root_of(row: Row[Any]) -> Root:
    """The root message as it should look now."""
    return Root(view_of(row))


def card_of(connection: Connection, row: Row[Any], now: datetime) -> Card:
    """The progress card as it should look now, from the thoughts of the current turn."""
    newest = (
        select(THOUGHT.c.body)
        .join(INTERACTION, INTERACTION.c.id == THOUGHT.c.interaction_pk)
        .where(
            THOUGHT.c.research_id == row.id,
            INTERACTION.c.turn == row.turn,
            INTERACTION.c.attempt == row.attempt,
        )
        .order_by(THOUGHT.c.id.desc())
        .limit(THOUGHTS_FOR_CARD)
    )
    bodies = list(connection.execute(newest).scalars())
    return Card(view_of(row), fold(reversed(bodies)), now)


def answer_of(connection: Connection, row: Row[Any], attempt: int, now: datetime) -> Answer:
    """What a model has written so far in an attempt."""
    current = interaction_of(connection, row.id, row.turn, row.attempt)
    is_current = row.attempt == attempt
    draft = current.draft if is_current and current is not None else ""
    return Answer(view_of(row), draft, now, is_current)


def proposal_of(connection: Connection, row: Row[Any], turn: int) -> Proposal:
    """The message below the plan of a turn, as it should look now."""
    later = select(INTERACTION.c.id).where(
        INTERACTION.c.research_id == row.id, INTERACTION.c.turn > turn, INTERACTION.c.is_plan
    )
    is_changed = row.turn > turn and not row.approved_by
    is_changed = is_changed or connection.execute(later.limit(1)).first() is not None
    is_open = row.state == State.QUEUED and row.waiting == Waiting.APPROVAL and row.turn == turn
    lapses_at = (row.planned_at or row.asked_at) + PLAN_PATIENCE
    return Proposal(view_of(row), turn, is_open, is_changed, lapses_at)


def whole_of(
    connection: Connection, row: Row[Any], report_id: int, *, in_full: bool = False, is_plan: bool = False
) -> Whole:
    """A report, or a plan, on its way to being cut."""
    return Whole(view_of(row), _report(connection, report_id), in_full, is_plan)


def export_of(connection: Connection, row: Row[Any], content: str) -> Export:
    """A report on its way to being made into a file; `content` is `17 pdf`."""
    report_id, form = content.split()
    return Export(view_of(row), _report(connection, int(report_id)), Form(form))


def _report(connection: Connection, report_id: int) -> Found:
    body = connection.execute(select(REPORT.c.body).where(REPORT.c.id == report_id)).scalar_one()
    return load_report(body)


def interactions_of(connection: Connection, researches: Sequence[Row[Any]]) -> dict[str, Row[Any]]:
    """The interactions of the current attempts of many researches, in one look."""
    query = select(INTERACTION).where(INTERACTION.c.research_id.in_([row.id for row in researches]))
    attempts = {row.id: (row.turn, row.attempt) for row in researches}
    found = connection.execute(query).all() if attempts else []
    return {row.research_id: row for row in found if (row.turn, row.attempt) == attempts[row.research_id]}


def interaction_of(connection: Connection, research_id: str, turn: int, attempt: int) -> Row[Any] | None:
    """The interaction of one attempt, if its POST was marked."""
    query = select(INTERACTION).where(
        INTERACTION.c.research_id == research_id, INTERACTION.c.turn == turn, INTERACTION.c.attempt == attempt
    )
    return connection.execute(query).one_or_none()
