"""What goes when a person or a workspace asks for it: words at once, names for good; figures and the audit stay.

What still runs is stopped, and its words go when it has ended. Tables that know people do so by `team_id` and
`person_id`, and whatever has both is emptied of them here, so that a new table is erased without anybody thinking of it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update
from sqlmodel import SQLModel

from bot.domain.research import ACTIVE, CancelAsked, State
from bot.errors import IllegalEvent
from bot.store.codec import load_report
from bot.store.deeds import DEED, alias_of, note_deed
from bot.store.forgetting import forget
from bot.store.recording import record
from bot.store.rows import INTERACTION, REPORT, RESEARCH, THOUGHT
from bot.store.tenants import Departure, Installation, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Row, Table

DEPARTURE = Departure.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
INSTALLATION = Installation.__table__  # type: ignore[attr-defined]  # likewise
WORKSPACE = Workspace.__table__  # type: ignore[attr-defined]  # likewise

_FIGURES = ("research", "interaction", "delivery", "deed")
"""What keeps its rows, without words and names, when a workspace goes."""


def erase_person(connection: Connection, team_id: str, person_id: str, by: str, now: datetime) -> int:
    """Everything kept of a person in a workspace; how many researches that were."""
    alias = alias_of(connection, team_id, person_id)
    note_deed(connection, team_id, by, "person.erased", alias, now)
    count = _let_go(connection, team_id, RESEARCH.c.asker_id == person_id, alias, by, now)
    connection.execute(
        update(RESEARCH)
        .where(RESEARCH.c.team_id == team_id, RESEARCH.c.cancelled_by == person_id)
        .values(cancelled_by="")
    )
    for table in _tables("team_id", "person_id"):
        connection.execute(delete(table).where(table.c.team_id == team_id, table.c.person_id == person_id))
    return count


def erase_workspace(connection: Connection, team_id: str, now: datetime) -> int:
    """Everything kept of a workspace, the ways to connect with its people in the audit included."""
    note_deed(connection, team_id, "", "workspace.erased", "", now)
    count = _let_go(connection, team_id, RESEARCH.c.asker_id != "", "workspace", "", now)
    for table in _tables("team_id"):
        if table.name not in _FIGURES:
            connection.execute(delete(table).where(table.c.team_id == team_id))
    gone = (INSTALLATION.c.home == team_id, INSTALLATION.c.revoked_at.is_not(None))
    connection.execute(delete(INSTALLATION).where(*gone))
    return count


def _let_go(connection: Connection, team_id: str, whose: Any, alias: str, by: str, now: datetime) -> int:
    theirs = (RESEARCH.c.team_id == team_id, whose, RESEARCH.c.erased_as == "")
    found = connection.execute(
        update(RESEARCH).where(*theirs).values(erased_as=alias).returning(RESEARCH.c.id, RESEARCH.c.state)
    ).all()
    for row in found:
        if State(row.state) is State.QUEUED or State(row.state) in ACTIVE:
            _stop(connection, row.id, by, now)
    while forget(connection, now, 500, team_id, only_erased=True):
        pass
    return len(found)


def _stop(connection: Connection, research_id: str, by: str, now: datetime) -> None:
    with suppress(IllegalEvent):  # it is being stopped already
        record(connection, research_id, None, CancelAsked(by), now)


def export_person(connection: Connection, team_id: str, person_id: str) -> bytes:
    """Everything kept of a person in a workspace, as JSON that people can read."""
    mine = select(RESEARCH).where(RESEARCH.c.team_id == team_id, RESEARCH.c.asker_id == person_id)
    alias = alias_of(connection, team_id, person_id)
    deeds = select(DEED).where(DEED.c.team_id == team_id, DEED.c.who == alias).order_by(DEED.c.id)
    kept = {
        "person": person_id,
        "workspace": team_id,
        "researches": [
            _research(connection, row) for row in connection.execute(mine.order_by(RESEARCH.c.asked_at)).all()
        ],
        "audit": [_plain(row) for row in connection.execute(deeds)],
        **dict(_rows_of(connection, team_id, person_id)),
    }
    return json.dumps(kept, indent=2, ensure_ascii=False, default=str).encode()


def _research(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    reports = select(REPORT).where(REPORT.c.research_id == row.id).order_by(REPORT.c.id)
    thoughts = select(THOUGHT.c.body).where(THOUGHT.c.research_id == row.id).order_by(THOUGHT.c.id)
    return {
        **_plain(row),
        "thoughts": list(connection.execute(thoughts).scalars()),
        "reports": [
            {"at": one.at, "partial": one.partial, "markdown": load_report(one.body).markdown}
            for one in connection.execute(reports)
        ],
    }


def _rows_of(connection: Connection, team_id: str, person_id: str) -> Iterator[tuple[str, list[Any]]]:
    for table in _tables("team_id", "person_id"):
        mine = select(table).where(table.c.team_id == team_id, table.c.person_id == person_id)
        if rows := [_plain(row) for row in connection.execute(mine)]:
            yield table.name, rows


def _plain(row: Row[Any]) -> dict[str, Any]:
    """A row without what only the program needs: bytes, leases, secrets of Slack."""
    hidden = (
        "response_url",
        "request_key",
        "leased_by",
        "leased_until",
        "fence",
        "tries",
        "due_at",
        "traceparent",
    )
    return {
        name: value
        for name, value in row._mapping.items()  # noqa: SLF001  # SQLAlchemy's documented name
        if name not in hidden and not isinstance(value, bytes) and value not in (None, "")
    }


def _tables(*columns: str) -> list[Table]:
    return [table for table in SQLModel.metadata.sorted_tables if all(name in table.c for name in columns)]


def depart(connection: Connection, team_id: str, erase_at: datetime) -> None:
    """The workspace took the app away; it is erased at that moment unless it comes back."""
    stay(connection, team_id)
    connection.execute(insert(DEPARTURE).values(team_id=team_id, erase_at=erase_at))


def stay(connection: Connection, team_id: str) -> None:
    """It came back in time."""
    connection.execute(delete(DEPARTURE).where(DEPARTURE.c.team_id == team_id))


def departed(connection: Connection, now: datetime) -> list[str]:
    """The workspaces whose time is over, and which have the app in no other way."""
    served = select(INSTALLATION.c.home).where(INSTALLATION.c.revoked_at.is_(None))
    through = select(WORKSPACE.c.team_id).where(WORKSPACE.c.enterprise_id.in_(served))
    over = select(DEPARTURE.c.team_id).where(
        DEPARTURE.c.erase_at <= now, DEPARTURE.c.team_id.not_in(served), DEPARTURE.c.team_id.not_in(through)
    )
    return list(connection.execute(over).scalars())


def erase_departed(connection: Connection, team_id: str, now: datetime) -> bool:
    """Erases one of them, unless it has come back since it was looked for."""
    if team_id not in departed(connection, now):
        return False
    erase_workspace(connection, team_id, now)
    return True


def forgettable(connection: Connection, now: datetime, limit: int) -> list[tuple[int, str]]:
    """Interactions whose record at Gemini has to go: our key and Gemini's id."""
    query = (
        select(INTERACTION.c.id, INTERACTION.c.interaction_id)
        .where(INTERACTION.c.erase_at.is_not(None), INTERACTION.c.erase_at <= now)
        .order_by(INTERACTION.c.erase_at)
        .limit(limit)
    )
    return [(row.id, row.interaction_id) for row in connection.execute(query)]


def forgotten_there(connection: Connection, key: int) -> None:
    """Gemini has it no more."""
    connection.execute(
        update(INTERACTION)
        .where(INTERACTION.c.id == key)
        .values(interaction_id=None, last_event_id=None, erase_at=None)
    )


def forget_later(connection: Connection, key: int, until: datetime) -> None:
    """Gemini did not take it."""
    connection.execute(update(INTERACTION).where(INTERACTION.c.id == key).values(erase_at=until))
