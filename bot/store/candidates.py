"""Which deliveries could go out now, fairly chosen: a few per channel and urgency, so that none starves the others."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, exists, func, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.pacing import Call
from bot.domain.sessions import SessionStatus
from bot.store.columns import UtcDateTime
from bot.store.rows import DELIVERY, RESEARCH
from bot.store.sessions import METHOD as SESSION
from bot.store.tables import Pace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select, Subquery

    from bot.domain.pacing import PaceKey

PACE = Pace.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes

PER_CHANNEL = 4
PER_KIND = 40
"""Of a workspace. Slack takes one call of a method at a time, so that more need not be looked at."""
_LIGHT = (
    "id",
    "research_id",
    "team_id",
    "part",
    "kind",
    "priority",
    "state",
    "wanted",
    "ts",
    "tries",
    "due_at",
    "file_id",
)
_LEASE = ("sending_at", "fence")
_WAITING = ("pending", "sending")
_ANYWHERE = ("root", "whisper", "step")
"""Kinds that need no thread."""


def candidates(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """Deliveries that are due, free, and next in the order of their research; most urgent first.

    Without their contents. Each kind is counted by itself, so that edits that wait for their turn keep no status line
    from having its own.
    """
    return connection.execute(_fair(), {"now": now}).all()


@cache
def _fair() -> Select[Any]:
    """Built once: SQLAlchemy takes longer to build it than SQLite to answer it."""
    due = _ranked(_due(), "channel_rank", "team_id", "channel_id", "priority", "kind")
    near = _ranked(
        select(due).where(due.c.channel_rank <= PER_CHANNEL), "rank", "team_id", "priority", "kind"
    )
    return select(near).where(near.c.rank <= PER_KIND).order_by(near.c.priority, near.c.due_at, near.c.id)


def _ranked(query: Select[Any], name: str, *group: str) -> Subquery:
    """The rows of `query` with their number in their group: first in their channel, then oldest first."""
    rows = query.subquery()
    order = [rows.c[column] for column in ("channel_rank", "due_at", "id") if column in rows.c]
    rank = func.row_number().over(partition_by=[rows.c[column] for column in group], order_by=order)
    return select(rows, rank.label(name)).subquery()


def _due() -> Select[Any]:
    now = bindparam("now", type_=UtcDateTime)
    earlier = DELIVERY.alias("earlier")
    blocked = exists().where(
        earlier.c.research_id == DELIVERY.c.research_id,
        earlier.c.seq < DELIVERY.c.seq,
        earlier.c.state.in_(_WAITING),
        earlier.c.kind.not_in(("whisper", "status", "export", "notice", "step")),
    )
    has_thread = RESEARCH.c.thread_ts.is_not(None)
    post = and_(
        DELIVERY.c.state.in_(_WAITING),
        or_(DELIVERY.c.kind.in_(_ANYWHERE), has_thread),
        or_(DELIVERY.c.kind == "whisper", ~blocked),
    )
    edit = and_(
        DELIVERY.c.state == "sent",
        DELIVERY.c.shown < DELIVERY.c.wanted,
        has_thread,
        or_(DELIVERY.c.content != SessionStatus.SUSPENDED, ~_has_status_to_show()),
    )
    return (
        select(
            *[DELIVERY.c[name] for name in (*_LIGHT, *_LEASE)], RESEARCH.c.channel_id, RESEARCH.c.anchor_ts
        )
        .join(RESEARCH, RESEARCH.c.id == DELIVERY.c.research_id)
        .where(
            DELIVERY.c.open,
            DELIVERY.c.due_at <= now,
            or_(DELIVERY.c.leased_until.is_(None), DELIVERY.c.leased_until < now),
            or_(post, edit),
        )
    )


def _has_status_to_show() -> Any:
    """Whether the status line of the same research is still to be told: it would wake a suspended session up again.

    Slack docs: agent sessions (a status line makes the session `processing`, an empty one `active`).
    """
    line = DELIVERY.alias("line")
    return exists().where(line.c.research_id == DELIVERY.c.research_id, line.c.kind == "status", line.c.open)


def call_of(row: Row[Any]) -> Call:
    """The call that a candidate needs next; its method is empty where it needs none."""
    is_root = row.kind == "root" and row.state == "pending"
    return Call(row.id, row.team_id, row.channel_id, method_of(row), is_root)


def method_of(row: Row[Any]) -> str:
    """Slack's method: a read-back for what may be there already, an edit for what is, a post otherwise."""
    if row.kind == "status":
        return "assistant.threads.setStatus"
    if row.kind == "session":
        return SESSION
    if row.kind == "step":
        return "functions.completeSuccess"
    if row.state == "sent":
        return "chat.update"
    if row.state == "sending":
        in_channel = row.kind == "root" and row.anchor_ts is None
        return {
            "root": "conversations.history" if in_channel else "conversations.replies",
            "file": "files.info",
            "whisper": "",
            "notice": "conversations.history",
        }.get(row.kind, "conversations.replies")
    if row.kind == "file" and not row.file_id:
        return "files.getUploadURLExternal"
    return {
        "file": "files.completeUploadExternal",
        "whisper": "chat.postEphemeral",
        "whole": "",
        "text": "",
        "export": "",
    }.get(row.kind, "chat.postMessage")


def next_due(connection: Connection, now: datetime) -> datetime | None:
    """When the next delivery becomes due or free that is not so now."""
    free_at = case(
        (func.coalesce(DELIVERY.c.leased_until, now) > DELIVERY.c.due_at, DELIVERY.c.leased_until),
        else_=DELIVERY.c.due_at,
    )
    return connection.execute(select(func.min(free_at)).where(DELIVERY.c.open, free_at > now)).scalar()


def load_paces(connection: Connection, calls: Iterable[Call]) -> dict[PaceKey, datetime]:
    """When the next call of each key is due, for the keys that these calls use."""
    keys = sorted({key for call in calls for key in (*call.keys, *(call.first_keys if call.is_root else ()))})
    if not keys:
        return {}
    columns = (PACE.c.team_id, PACE.c.method, PACE.c.channel_id)
    rows = connection.execute(select(PACE).where(tuple_(*columns).in_(keys)))
    return {(row.team_id, row.method, row.channel_id): row.free_at for row in rows}


def save_paces(connection: Connection, paces: Mapping[PaceKey, datetime]) -> None:
    """Writes when the next call of keys is due. A later moment stays: a pause that Slack asked for is not undone."""
    if not paces:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    later = func.greatest if connection.dialect.name == "postgresql" else func.max
    insert = dialect.insert(PACE)
    statement = insert.on_conflict_do_update(
        index_elements=["team_id", "method", "channel_id"],
        set_={"free_at": later(PACE.c.free_at, insert.excluded.free_at)},
    )
    connection.execute(
        statement,
        [
            {"team_id": team, "method": method, "channel_id": channel, "free_at": free_at}
            for (team, method, channel), free_at in sorted(paces.items())
        ],
    )
