"""Which deliveries could go out now, fairly chosen: a few per channel and urgency, so that none starves the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.pacing import Call
from bot.store.effects import DELIVERY
from bot.store.rows import RESEARCH
from bot.store.tables import Pace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.pacing import PaceKey

PACE = Pace.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes

PER_CHANNEL = 4
AT_ONCE = 200
_WAITING = ("pending", "sending")
_ANYWHERE = ("root", "whisper")
"""Kinds that need no thread."""


def candidates(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Deliveries that are due, free, and next in the order of their research; most urgent first."""
    earlier = DELIVERY.alias("earlier")
    blocked = exists().where(
        earlier.c.research_id == DELIVERY.c.research_id,
        earlier.c.seq < DELIVERY.c.seq,
        earlier.c.state.in_(_WAITING),
        earlier.c.kind.not_in(("whisper", "status")),
    )
    has_thread = RESEARCH.c.thread_ts.is_not(None)
    post = and_(
        DELIVERY.c.state.in_(_WAITING),
        or_(DELIVERY.c.kind.in_(_ANYWHERE), has_thread),
        or_(DELIVERY.c.kind == "whisper", ~blocked),
    )
    edit = and_(DELIVERY.c.state == "sent", DELIVERY.c.shown < DELIVERY.c.wanted, has_thread)
    rank = func.row_number().over(
        partition_by=(RESEARCH.c.team_id, RESEARCH.c.channel_id, DELIVERY.c.priority),
        order_by=(DELIVERY.c.due_at, DELIVERY.c.id),
    )
    due = (
        select(DELIVERY, RESEARCH.c.channel_id, rank.label("rank"))
        .join(RESEARCH, RESEARCH.c.id == DELIVERY.c.research_id)
        .where(
            DELIVERY.c.open,
            DELIVERY.c.due_at <= now,
            or_(DELIVERY.c.leased_until.is_(None), DELIVERY.c.leased_until < now),
            or_(post, edit),
        )
        .subquery()
    )
    fair = (
        select(due)
        .where(due.c.rank <= PER_CHANNEL)
        .order_by(due.c.priority, due.c.due_at, due.c.id)
        .limit(AT_ONCE)
    )
    return connection.execute(fair).all()


def call_of(row: Row[Any]) -> Call:
    """The call that a candidate needs next; its method is empty where it needs none."""
    return Call(row.id, row.team_id, row.channel_id, method_of(row))


def method_of(row: Row[Any]) -> str:
    """Slack's method: a read-back for what may be there already, an edit for what is, a post otherwise."""
    if row.kind == "status":
        return "assistant.threads.setStatus"
    if row.state == "sent":
        return "chat.update"
    if row.state == "sending":
        return {"root": "conversations.history", "file": "files.info", "whisper": ""}.get(
            row.kind, "conversations.replies"
        )
    return {"file": "files.completeUploadExternal", "whisper": "chat.postEphemeral", "whole": ""}.get(
        row.kind, "chat.postMessage"
    )


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """When the next delivery becomes due or free that is not so now."""
    free_at = case(
        (func.coalesce(DELIVERY.c.leased_until, now) > DELIVERY.c.due_at, DELIVERY.c.leased_until),
        else_=DELIVERY.c.due_at,
    )
    return connection.execute(select(func.min(free_at)).where(DELIVERY.c.open, free_at > now)).scalar()


def load_paces(connection: Connection, calls: Iterable[Call]) -> dict[PaceKey, datetime]:
    """From when on each key is free, for the keys that these calls use."""
    keys = sorted({key for call in calls for key in call.keys})
    if not keys:
        return {}
    columns = (PACE.c.team_id, PACE.c.method, PACE.c.channel_id)
    rows = connection.execute(select(PACE).where(tuple_(*columns).in_(keys)))
    return {(row.team_id, row.method, row.channel_id): row.free_at for row in rows}


def save_paces(connection: Connection, paces: Mapping[PaceKey, datetime]) -> None:
    """Writes from when on keys are free."""
    if not paces:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(PACE)
    statement = insert.on_conflict_do_update(
        index_elements=["team_id", "method", "channel_id"], set_={"free_at": insert.excluded.free_at}
    )
    connection.execute(
        statement,
        [
            {"team_id": team, "method": method, "channel_id": channel, "free_at": free_at}
            for (team, method, channel), free_at in sorted(paces.items())
        ],
    )
