"""What readers said about researches and wish to be told (`work.readers.Opinions`), on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.feedback import Feedback, Reason
from bot.store.rows import RESEARCH
from bot.store.tables import Opinion, Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.store.database import Database

OPINION = Opinion.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
WATCH = Watch.__table__  # type: ignore[attr-defined]  # likewise

MOST_WATCHERS = 50
"""Mentioned at the end of one research: more would fill the message."""
MOST_SHOWN = 10
"""Words about one research that admins see."""


class SqlOpinions:
    """Implements `work.readers.Opinions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(self, feedback: Feedback, now: datetime) -> None:
        """See `work.readers.Opinions`."""
        team = select(RESEARCH.c.team_id).where(RESEARCH.c.id == feedback.research_id).scalar_subquery()
        who = {"research_id": feedback.research_id, "person_id": feedback.person_id, "team_id": team}
        said = {
            "good": feedback.is_good,
            "reasons": ",".join(feedback.reasons),
            "words": feedback.words,
            "at": now,
        }

        def work(connection: Connection) -> None:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            statement = dialect.insert(OPINION).values(**who, **said)
            connection.execute(
                statement.on_conflict_do_update(index_elements=["research_id", "person_id"], set_=said)
            )

        await self._database.write(work)

    async def watch(self, research_id: str, person_id: str, now: datetime) -> bool | None:
        """See `work.readers.Opinions`. The lock on the research lets its end see whoever was told that they are told."""
        mine = (WATCH.c.research_id == research_id, WATCH.c.person_id == person_id)

        def work(connection: Connection) -> bool | None:
            query = select(RESEARCH.c.open, RESEARCH.c.team_id).where(RESEARCH.c.id == research_id)
            research = connection.execute(query.with_for_update()).one_or_none()
            if research is None or not research.open:
                return None
            if connection.execute(delete(WATCH).where(*mine)).rowcount:
                return False
            who = {"research_id": research_id, "person_id": person_id, "team_id": research.team_id}
            connection.execute(WATCH.insert().values(**who, at=now))
            return True

        return await self._database.write(work)


def take_watchers(connection: Connection, research_id: str) -> tuple[str, ...]:
    """Who is to be told that a research has ended, each once: they are forgotten with that."""
    query = select(WATCH.c.person_id).where(WATCH.c.research_id == research_id).order_by(WATCH.c.at)
    people = tuple(connection.execute(query.limit(MOST_WATCHERS)).scalars())
    if people:
        connection.execute(delete(WATCH).where(WATCH.c.research_id == research_id))
    return people


def feedback_on(connection: Connection, research_id: str) -> tuple[Feedback, ...]:
    """Everything that was said about a research, newest first."""
    query = select(OPINION).where(OPINION.c.research_id == research_id).order_by(OPINION.c.at.desc())
    return tuple(map(_feedback, connection.execute(query.limit(MOST_SHOWN))))


def count_opinions(connection: Connection, research_ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many found each research useful, and how many did not."""
    query = (
        select(OPINION.c.research_id, OPINION.c.good, func.count().label("number"))
        .where(OPINION.c.research_id.in_(list(research_ids)))
        .group_by(OPINION.c.research_id, OPINION.c.good)
    )
    found: dict[str, tuple[int, int]] = {}
    for row in connection.execute(query):
        good, bad = found.get(row.research_id, (0, 0))
        found[row.research_id] = (row.number, bad) if row.good else (good, row.number)
    return found


def _feedback(row: Row[Any]) -> Feedback:
    reasons = tuple(Reason(one) for one in row.reasons.split(",") if one)
    return Feedback(row.research_id, row.person_id, row.good, reasons, row.words)
