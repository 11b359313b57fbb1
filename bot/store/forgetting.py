"""What retention takes away, in every table that holds words; ids, moments and figures stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bot.store.effects import DELIVERY
from bot.store.rows import REPORT, RESEARCH, THOUGHT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def forget(connection: Connection, before: datetime, limit: int) -> int:
    """Takes the words of at most `limit` researches that ended before a moment; how many there were."""
    due = (
        select(RESEARCH.c.id)
        .where(~RESEARCH.c.open, RESEARCH.c.ended_at < before, RESEARCH.c.question != "")
        .limit(limit)
    )
    ids = list(connection.execute(due).scalars())
    if not ids:
        return 0
    connection.execute(delete(THOUGHT).where(THOUGHT.c.research_id.in_(ids)))
    connection.execute(delete(REPORT).where(REPORT.c.research_id.in_(ids)))
    connection.execute(
        update(DELIVERY)
        .where(DELIVERY.c.research_id.in_(ids))
        .values(content="", blob=None, open=False, state="sent", error="")
    )
    connection.execute(
        update(RESEARCH)
        .where(RESEARCH.c.id.in_(ids))
        .values(
            question="", fingerprint="", asker_name="", response_url="", trouble_detail="", undelivered=""
        )
    )
    return len(ids)


def drop_response_urls(connection: Connection, before: datetime) -> None:
    """A response_url lets anybody who has it post: gone once Slack takes it no more."""
    connection.execute(
        update(RESEARCH)
        .where(RESEARCH.c.asked_at < before, RESEARCH.c.response_url != "")
        .values(response_url="")
    )
