"""Taking deliveries from the outbox: what is due and has its turn under Slack's limits is leased, and read as a letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from bot.domain.errands import Errand
from bot.domain.letters import Address, Contents, Letter, Session, StepEnd
from bot.domain.pacing import take_turns
from bot.domain.sessions import SessionStatus
from bot.store.candidates import call_of, candidates, load_paces, method_of, next_due, save_paces
from bot.store.codec import load_content
from bot.store.rows import DELIVERY, RESEARCH, answer_of, card_of, export_of, proposal_of, root_of, whole_of
from bot.store.showing import CUT, told, told_first

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.letters import Content

CLAIM_LOCK = 7265736502
"""PostgreSQL: processes claim one after the other, so that no two count the same turn."""
MAKING = 5
"""So many times as long as any other lease lasts one under which a file is made."""


def claim(
    connection: Connection,
    me: str,
    now: datetime,
    lease: float,
    limit: int,
    room: Mapping[str, int] | None = None,
) -> tuple[list[Errand], datetime | None]:
    """See `keeping.Outbox.claim`."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CLAIM_LOCK})")
    rows = {row.id: row for row in candidates(connection, now)}
    calls = [call_of(row) for row in rows.values()]
    paced = [call for call in calls if call.method]
    turns = take_turns(paced, load_paces(connection, paced), now, limit, room)
    save_paces(connection, turns.paces)
    chosen = [call.delivery_id for call in (*[call for call in calls if not call.method], *turns.go)]
    taken = (_take(connection, rows[delivery_id], me, now, lease) for delivery_id in chosen)
    errands = [errand for errand in taken if errand is not None]
    moments = [moment for moment in (turns.next_at, next_due(connection, now)) if moment is not None]
    return errands, min(moments, default=None)


def _take(connection: Connection, row: Row[Any], me: str, now: datetime, lease: float) -> Errand | None:
    """Leases one delivery. A post is marked as being sent here: the mark is committed before the call is made.

    None where its thread moved or its words were forgotten since it was read: what was read holds no more.
    """
    is_post = row.state == "pending" and row.kind not in (*CUT, "export")
    until = now + timedelta(seconds=lease * (MAKING if row.kind == "export" else 1))
    values: dict[str, Any] = {"leased_by": me, "leased_until": until, "fence": row.fence + 1}
    if is_post:
        values |= {"state": "sending", "sending_at": now}
    as_read = (DELIVERY.c.id == row.id, DELIVERY.c.fence == row.fence)
    if not connection.execute(update(DELIVERY).where(*as_read).values(**values)).rowcount:
        return None
    research = connection.execute(select(RESEARCH).where(RESEARCH.c.id == row.research_id)).one()
    thread_ts = research.anchor_ts if row.kind == "root" else research.thread_ts
    address = Address(research.team_id, research.channel_id, thread_ts)
    return Errand(
        delivery_id=row.id,
        fence=row.fence + 1,
        leased_until=until,
        letter=Letter(
            address, row.research_id, row.part, _content(connection, row, research, now), good_until=until
        ),
        method=method_of(row),
        is_edit=row.state == "sent",
        is_unsettled=row.state == "sending",
        ts=row.ts,
        revision=row.wanted,
        tries=row.tries,
        sending_since=row.sending_at if row.state == "sending" else now,
        asker_id=research.asker_id,
        traceparent=research.traceparent,
    )


def _content(connection: Connection, row: Row[Any], research: Row[Any], now: datetime) -> Content:
    match row.kind:
        case "root":
            return root_of(research)
        case "card" | "status":
            return card_of(connection, research, now)
        case _:
            own = connection.execute(
                select(DELIVERY.c.content, DELIVERY.c.blob, DELIVERY.c.file_id).where(DELIVERY.c.id == row.id)
            ).one()
            if row.kind in CUT:
                in_full, is_plan = row.kind == "text", row.part.startswith("plan.")
                return whole_of(connection, research, int(own.content), in_full=in_full, is_plan=is_plan)
            if row.kind == "answer" and not own.content:
                return answer_of(connection, research, int(row.part.rpartition(".")[2]), now)
            if row.kind == "proposal":
                return proposal_of(connection, research, int(own.content))
            if row.kind == "export":
                return export_of(connection, research, own.content)
            if row.kind == "session":
                return Session(SessionStatus(own.content), research.question)
            content = load_content(row.kind, own.content, own.blob, own.file_id)
            match content:
                case Contents():
                    return replace(content, told=told(connection, row))
                case StepEnd():
                    return replace(content, told=told_first(connection, research) or "")
                case _:
                    return content
