"""One event of one research: the row moves as the state table says, and what that causes is written with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from bot.domain.letters import Waiting
from bot.domain.policy import PLAN_PATIENCE
from bot.domain.prices import DOLLAR
from bot.domain.research import (
    CONTEXT_GONE,
    Admitted,
    Approved,
    CancelAsked,
    Completed,
    DeadlinePassed,
    Failed,
    Lapsed,
    Marked,
    Planned,
    Postponed,
    Progressed,
    Refused,
    Retried,
    Revised,
    Started,
    StartLost,
    State,
    Stopped,
    Trouble,
    advance,
    check,
)
from bot.errors import IllegalEvent, LeaseLost
from bot.store.codec import dump_usage
from bot.store.deeds import note_deed
from bot.store.effects import apply
from bot.store.progressing import progress
from bot.store.rows import INTERACTION, RESEARCH, UNSTARTED, interaction_of
from bot.store.spending import RESERVED, is_planning, offer_of, settle_event
from bot.store.waiting import wake_the_next

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.research import Event
    from bot.store.bringing import Brought


def record(
    connection: Connection,
    research_id: str,
    fence: int | None,
    event: Event,
    now: datetime,
    brought: Brought | None = None,
) -> State:
    """Advances the row (see `keeping.Ledger.record`) and gives its state afterwards; `brought` by an event with a text."""
    if isinstance(event, Progressed):
        return progress(connection, research_id, fence, event, now)
    before = connection.execute(
        select(RESEARCH).where(RESEARCH.c.id == research_id).with_for_update()
    ).one_or_none()
    if before is None:
        raise IllegalEvent(f"{type(event).__name__}: no such research")
    if fence is not None and before.fence != fence:
        raise LeaseLost(research_id)
    awaits_approval = before.waiting == Waiting.APPROVAL
    check(event, turn=before.turn, attempt=before.attempt, awaits_approval=awaits_approval)
    step = advance(State(before.state), event)
    _note_interaction(connection, before, event, now)
    settle_event(connection, before, event)
    values = _columns(before, event, brought, step.state, now)
    after = connection.execute(
        update(RESEARCH).where(RESEARCH.c.id == research_id).values(**values).returning(RESEARCH)
    ).one()
    apply(connection, after, event, brought, step.effects, now)
    if State(before.state).is_active and not step.state.is_active:
        wake_the_next(connection, before.team_id, now)
    _note_whose_deed(connection, before, event, now)
    return step.state


def _note_whose_deed(connection: Connection, row: Row[Any], event: Event, now: datetime) -> None:
    """What a person did goes into the audit with it."""
    match event:
        case CancelAsked(by=by):
            note_deed(connection, row.team_id, by, "research.stopped", row.id, now)
        case Retried(by=by):
            note_deed(connection, row.team_id, by, "research.retried", row.id, now)
        case Approved(by=by):
            note_deed(connection, row.team_id, by, "plan.approved", row.id, now)


def _columns(
    before: Row[Any], event: Event, brought: Brought | None, state: State, now: datetime
) -> dict[str, Any]:
    """What an event changes in the row of its research."""
    values: dict[str, Any] = {"state": state.value, "open": state.is_open}
    if not state.is_open:
        values |= {"ended_at": now, "stuck_at": None, "waiting": ""}
    anew = isinstance(event, Retried | Approved | Revised)
    if anew or (isinstance(event, CancelAsked) and not state.is_open):
        # Whoever held it has to begin anew, or to stop.
        values |= {"leased_by": None, "leased_until": None, "fence": before.fence + 1}
    return values | _beginning(before, event, now) | _wish(before, event, now) | _ending(event, brought)


def _beginning(before: Row[Any], event: Event, now: datetime) -> dict[str, Any]:
    match event:
        case Admitted():
            return {"admitted": True, "waiting": ""}
        case Marked():
            return {
                "create_attempted_at": now,
                "waiting": "",
                "place_in_line": 0,
                "tries": 0,
                **_trouble(Trouble("")),
            }
        case Started():
            return {"started_at": now, "changed_at": now}
        case Postponed(trouble=Trouble(code=code)) if code == CONTEXT_GONE:
            return {"due_at": now, "previous_interaction_id": ""}
        case Postponed(until=until, trouble=trouble):
            waiting = {"due_at": until, "waiting": Waiting.GEMINI, "tries": before.tries + 1}
            return waiting | _trouble(trouble)
        case Retried():
            return _anew(before, now)
    return _planning(before, event, now)


def _planning(before: Row[Any], event: Event, now: datetime) -> dict[str, Any]:
    """A plan, and what a person decides about it: the next turn goes on from its interaction."""
    match event:
        case Planned():
            return {
                "waiting": Waiting.APPROVAL if before.state == State.RUNNING else "",
                "planned_at": now,
                "due_at": now + PLAN_PATIENCE,
                **_CLEAN,
            }
        case Approved(by=by):
            return _next_turn(before, now) | {"approved_by": by, "words": ""}
        case Revised(change=change):
            return _next_turn(before, now) | {"words": change}
    return {}


def _next_turn(before: Row[Any], now: datetime) -> dict[str, Any]:
    return {"turn": before.turn + 1, "due_at": now, "tries": 0, "waiting": ""}


def _wish(before: Row[Any], event: Event, now: datetime) -> dict[str, Any]:
    if isinstance(event, CancelAsked):
        return {"cancelled_by": before.cancelled_by or event.by, "cancel_asked_at": now, "due_at": now}
    return {}


def _ending(event: Event, brought: Brought | None) -> dict[str, Any]:
    match event:
        case Refused(trouble=trouble) | StartLost(trouble=trouble):
            return _trouble(trouble)
        case DeadlinePassed():
            return _trouble(Trouble("deadline"))
        case Lapsed():
            return _trouble(Trouble("lapsed"))
        case Failed(trouble=trouble):
            return _found(event, brought) | _trouble(trouble)
        case Completed() | Stopped():
            return _found(event, brought) | _trouble(Trouble(""))
    return {}


def _found(event: Completed | Failed | Stopped, brought: Brought | None) -> dict[str, Any]:
    usage = {"usage": dump_usage(event.usage)} if event.usage is not None else {}
    return {"sources": brought.sources if brought else None, **usage}


def _trouble(trouble: Trouble) -> dict[str, Any]:
    return {"trouble_code": trouble.code, "trouble_detail": trouble.detail[:1000]}


def _anew(before: Row[Any], now: datetime) -> dict[str, Any]:
    """A new attempt starts with a clean slate; that money may have been spent is not forgotten."""
    return {
        **_CLEAN,
        "attempt": before.attempt + 1,
        "turn": before.turn + 1,
        "due_at": now,
        "tries": 0,
        "ended_at": None,
        "cancelled_by": "",
        "cancel_asked_at": None,
        "trouble_code": "",
        "trouble_detail": "",
        "sources": None,
        "usage": None,
        "waiting": "",
    }


_CLEAN = {"started_at": None, "changed_at": None, "stuck_at": None}
"""The clocks of a run that is over; the next one of the same research starts its own."""


def _note_interaction(connection: Connection, row: Row[Any], event: Event, now: datetime) -> None:
    """Writes what an event says about the interaction."""
    match event:
        case Marked(agent=agent):
            _mark_interaction(connection, row, now, agent)
        case Postponed() | Refused():
            _update_interaction(connection, row, status=UNSTARTED)
        case Started(interaction_id=interaction_id, event_id=event_id):
            _update_interaction(connection, row, interaction_id=interaction_id, last_event_id=event_id)
        case Planned():
            _go_on_from_plan(connection, row)


def _go_on_from_plan(connection: Connection, row: Row[Any]) -> None:
    """Whatever is decided about a plan goes on from its interaction."""
    plan = interaction_of(connection, row.id, row.turn, row.attempt)
    assert plan is not None
    connection.execute(
        update(RESEARCH).where(RESEARCH.c.id == row.id).values(previous_interaction_id=plan.interaction_id)
    )


def _mark_interaction(connection: Connection, row: Row[Any], now: datetime, agent: str) -> None:
    """One row per attempt; a POST that proved to have started nothing is made again under the same one."""
    marked = {"create_attempted_at": now, "status": "", "agent": agent}
    reserved = {"micros": round(offer_of(row).dollars[1] * DOLLAR), "spent": RESERVED}
    if interaction_of(connection, row.id, row.turn, row.attempt) is not None:
        _update_interaction(connection, row, **marked, **reserved)
        return
    connection.execute(
        insert(INTERACTION).values(
            research_id=row.id,
            team_id=row.team_id,
            turn=row.turn,
            attempt=row.attempt,
            is_plan=is_planning(row),
            **marked,
            **reserved,
        )
    )


def _update_interaction(connection: Connection, row: Row[Any], **values: Any) -> None:
    connection.execute(
        update(INTERACTION)
        .where(
            INTERACTION.c.research_id == row.id,
            INTERACTION.c.turn == row.turn,
            INTERACTION.c.attempt == row.attempt,
        )
        .values(**values)
    )
