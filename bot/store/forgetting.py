"""What retention takes away, in every table that holds words; ids, moments and figures stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, delete, literal, or_, select, update

from bot.store.opinions import OPINION
from bot.store.rows import DELIVERY, INTERACTION, REPORT, RESEARCH, THOUGHT

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def forget(
    connection: Connection,
    before: datetime,
    limit: int,
    team_id: str = "",
    *,
    only_erased: bool = False,
) -> int:
    """Takes the words of at most `limit` researches that ended before a moment, or whose asker was erased; how many
    there were. Their records at Gemini are due to go, too.
    """
    erased = RESEARCH.c.erased_as != ""
    over = erased if only_erased else or_(RESEARCH.c.ended_at < before, erased)
    due = select(RESEARCH.c.id).where(~RESEARCH.c.open, over, RESEARCH.c.question != "").limit(limit)
    if team_id:
        due = due.where(RESEARCH.c.team_id == team_id)
    ids = list(connection.execute(due).scalars())
    if not ids:
        return 0
    connection.execute(delete(THOUGHT).where(THOUGHT.c.research_id.in_(ids)))
    connection.execute(update(INTERACTION).where(INTERACTION.c.research_id.in_(ids)).values(draft=""))
    connection.execute(update(OPINION).where(OPINION.c.research_id.in_(ids)).values(words=""))
    connection.execute(delete(REPORT).where(REPORT.c.research_id.in_(ids)))
    # The fence stops what is being cut or made into a file right now: it would bring the words back.
    connection.execute(
        update(DELIVERY)
        .where(DELIVERY.c.research_id.in_(ids))
        .values(content="", blob=None, open=False, state="sent", error="", fence=DELIVERY.c.fence + 1)
    )
    connection.execute(
        update(INTERACTION)
        .where(INTERACTION.c.research_id.in_(ids), INTERACTION.c.interaction_id.is_not(None))
        .values(erase_at=before)
    )
    connection.execute(
        update(RESEARCH)
        .where(RESEARCH.c.id.in_(ids))
        .values(
            question="",
            words="",
            fingerprint="",
            background="",
            asker_name="",
            response_url="",
            trouble_detail="",
            undelivered="",
            asker_id=case((erased, literal("gone:") + RESEARCH.c.erased_as), else_=RESEARCH.c.asker_id),
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
