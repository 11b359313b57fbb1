"""A report as a file that somebody asked for: ordered once, behind everything else, and again only where it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from bot.domain.errands import Granted
from bot.store.deeds import note_deed
from bot.store.effects import OUTCOMES_FIRST, enqueue
from bot.store.rows import DELIVERY, RESEARCH
from bot.store.showing import newest_report

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.errands import Wish


def order(connection: Connection, wish: Wish, now: datetime) -> Granted:
    """Writes the wish down as a delivery, `export.pdf.17.1`: the form, the report, the number of the try.

    What a try became are its parts: one that is words, or that Slack does not take, is a try that failed.
    """
    row = connection.execute(
        select(RESEARCH).where(RESEARCH.c.id == wish.research_id).with_for_update()
    ).one_or_none()
    report_id = newest_report(connection, wish.research_id, wish.attempt)
    if row is None or report_id is None:
        return Granted.FORGOTTEN
    stem = f"export.{wish.form}.{report_id}"
    of_wish = (DELIVERY.c.research_id == wish.research_id, DELIVERY.c.part.startswith(f"{stem}."))
    failed = or_(DELIVERY.c.kind == "part", DELIVERY.c.state == "dead")
    tries = connection.execute(select(func.count()).where(*of_wish)).scalar_one()
    failures = connection.execute(select(func.count()).where(*of_wish, failed)).scalar_one()
    part = f"{stem}.{failures + 1}"
    enqueue(connection, row, part, "export", now, priority=OUTCOMES_FIRST, content=f"{report_id} {wish.form}")
    ordered = connection.execute(select(func.count()).where(*of_wish)).scalar_one() > tries
    if not ordered:
        return Granted.KNOWN
    note_deed(connection, row.team_id, wish.by, "report.exported", row.id, now, wish.form.value)
    return Granted.ORDERED
