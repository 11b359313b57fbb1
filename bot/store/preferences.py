"""What people set for themselves: read in the transaction that depends on it, so it holds at once everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.home import Preferences
from bot.domain.policy import Depth
from bot.store.tables import Preference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

PREFERENCE = Preference.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes


def preferences_of(connection: Connection, team_id: str, person_id: str) -> Preferences:
    """What a person set for themselves, or nothing yet."""
    query = select(PREFERENCE).where(PREFERENCE.c.team_id == team_id, PREFERENCE.c.person_id == person_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return Preferences()
    return Preferences(Depth(row.depth) if row.depth else None, row.notify)


def depths_of(connection: Connection, people: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], Depth]:
    """The depths that people set for themselves; without those who did not."""
    wanted = set(people)
    if not wanted:
        return {}
    query = select(PREFERENCE).where(
        PREFERENCE.c.team_id.in_({team_id for team_id, _ in wanted}),
        PREFERENCE.c.person_id.in_({person_id for _, person_id in wanted}),
        PREFERENCE.c.depth != "",
    )
    rows = connection.execute(query)
    return {(row.team_id, row.person_id): Depth(row.depth) for row in rows}


def prefer(connection: Connection, team_id: str, person_id: str, preferences: Preferences) -> None:
    """Keeps it."""
    values = {"depth": preferences.depth or "", "notify": preferences.notify}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(PREFERENCE).values(team_id=team_id, person_id=person_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["team_id", "person_id"], set_=values))
