"""Reports that were told in brief: all of one in its thread, and where the parts of one came to be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from bot.store.effects import OUTCOMES_FIRST, enqueue
from bot.store.rows import DELIVERY, REPORT, RESEARCH

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

CUT = ("whole", "text")
"""Kinds that are no message but are cut into some: a report, and all of a report that came in brief."""


def newest_report(connection: Connection, research_id: str, attempt: int) -> int | None:
    """The newest report of an attempt (0: of all); None where there is none, or none any more."""
    of_attempt = (REPORT.c.research_id == research_id, *((REPORT.c.attempt == attempt,) if attempt else ()))
    newest = select(REPORT.c.id).where(*of_attempt).order_by(REPORT.c.id.desc()).limit(1)
    return connection.execute(newest).scalar()


def enqueue_text(connection: Connection, research_id: str, attempt: int, now: datetime) -> bool:
    """All of the newest report of an attempt, once for each report however often it is asked for."""
    report_id = newest_report(connection, research_id, attempt)
    research = connection.execute(
        select(RESEARCH).where(RESEARCH.c.id == research_id).with_for_update()
    ).one_or_none()
    if report_id is None or research is None:
        return False
    part = f"text.{report_id}"
    here = (DELIVERY.c.research_id == research_id, DELIVERY.c.part == part)
    if connection.execute(select(DELIVERY.c.id).where(*here)).scalar() is not None:
        return False
    enqueue(connection, research, part, "text", now, priority=OUTCOMES_FIRST, content=str(report_id))
    return True


def told(connection: Connection, row: Row[Any]) -> dict[int, str]:
    """Where the letters that were cut together with `row` and told before it are: a message's `ts`, a file's id.

    Their parts are called `report.1.2`, or `report.1.2.1` once Slack refused them whole: the first piece counts.
    """
    stem = row.part.rpartition(".")[0] + "."
    before = (
        select(DELIVERY.c.part, DELIVERY.c.kind, DELIVERY.c.ts, DELIVERY.c.file_id)
        .where(
            DELIVERY.c.research_id == row.research_id,
            DELIVERY.c.part.startswith(stem, autoescape=True),
            DELIVERY.c.ts.is_not(None),
            DELIVERY.c.id != row.id,
        )
        .order_by(DELIVERY.c.seq)
    )
    places: dict[int, str] = {}
    for part, kind, ts, file_id in connection.execute(before):
        place = int(part.removeprefix(stem).partition(".")[0])
        places.setdefault(place, file_id if kind == "file" else ts)
    return places


def told_first(connection: Connection, research: Row[Any]) -> str | None:
    """The message that tells how a research ended, or its thread; None where it has none."""
    begins = or_(DELIVERY.c.part.startswith("outcome."), DELIVERY.c.part.startswith("answer."))
    query = (
        select(DELIVERY.c.ts)
        .where(DELIVERY.c.research_id == research.id, DELIVERY.c.state == "sent", begins)
        .order_by(DELIVERY.c.seq.desc())
        .limit(1)
    )
    ts: str | None = connection.execute(query).scalar() or research.thread_ts
    return ts
