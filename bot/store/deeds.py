"""The audit: who did what and when, append-only, under names that only the keys in `pseudonym` connect to people.

A name is a keyed hash of a person's id. The key is theirs alone: once its row is erased nobody can tell whose name it
was, and the record stays whole. The database itself refuses to change or delete a deed (triggers, see `tables`).
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tenants import Deed, Pseudonym

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

DEED = Deed.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
PSEUDONYM = Pseudonym.__table__  # type: ignore[attr-defined]  # likewise

KEY_BYTES = 32


def note_deed(
    connection: Connection,
    team_id: str,
    person_id: str,
    what: str,
    about: str,
    now: datetime,
    detail: str = "",
) -> None:
    """Writes one deed down, with what it is about in the same transaction."""
    note_deeds(connection, [(team_id, person_id, what, about, now, detail)])


def note_deeds(connection: Connection, deeds: Sequence[tuple[str, str, str, str, datetime, str]]) -> None:
    """Several at once: (team, person, what, about, when, detail)."""
    if not deeds:
        return
    names = alias_many(connection, {(team_id, person_id) for team_id, person_id, *_ in deeds})
    rows = [
        {
            "team_id": team_id,
            "who": names[team_id, person_id],
            "what": what,
            "about": about,
            "at": now,
            "detail": detail[:1000],
        }
        for team_id, person_id, what, about, now, detail in deeds
    ]
    connection.execute(insert(DEED), rows)


def alias_of(connection: Connection, team_id: str, person_id: str) -> str:
    """The name of a person in the audit."""
    return alias_many(connection, {(team_id, person_id)})[team_id, person_id]


def alias_many(connection: Connection, people: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The names of people in the audit; who has none yet is given a key."""
    wanted = sorted(set(people))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    fresh = [
        {"team_id": team_id, "person_id": person_id, "key": secrets.token_bytes(KEY_BYTES)}
        for team_id, person_id in wanted
    ]
    known = _keys(connection, wanted)
    missing = [row for row in fresh if (row["team_id"], row["person_id"]) not in known]
    if missing:
        connection.execute(dialect.insert(PSEUDONYM).on_conflict_do_nothing(), missing)
        known = _keys(connection, wanted)
    return {person: hashed(known[person], *person) for person in wanted}


def hashed(key: bytes, team_id: str, person_id: str) -> str:
    """`p_` and 16 hexadecimal digits."""
    return "p_" + hmac.new(key, f"{team_id}:{person_id}".encode(), "sha256").hexdigest()[:16]


def deeds_of(
    connection: Connection, team_id: str, *, after: int = 0, limit: int = 10_000
) -> Sequence[Row[Any]]:
    """The audit of a workspace in order, for exporting it."""
    query = select(DEED).where(DEED.c.team_id == team_id, DEED.c.id > after).order_by(DEED.c.id).limit(limit)
    return connection.execute(query).all()


def _keys(connection: Connection, people: Sequence[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    query = select(PSEUDONYM).where(
        PSEUDONYM.c.team_id.in_({team_id for team_id, _ in people}),
        PSEUDONYM.c.person_id.in_({person_id for _, person_id in people}),
    )
    return {(row.team_id, row.person_id): row.key for row in connection.execute(query)}
