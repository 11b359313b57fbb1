"""Home tabs as rows: which are open, and that one shows something older than its person's researches by now."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Update, bindparam, case, update

from bot.domain.home import FRESH
from bot.store.columns import UtcDateTime
from bot.store.tables import HomeTab

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

TAB = HomeTab.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes

GATHER = 2.0
"""Seconds for which changes of a tab are gathered before it is shown anew."""


def tab_of(team_id: Any, person_id: Any) -> Update:
    """An update of a person's Home tab."""
    return update(TAB).where(TAB.c.team_id == team_id, TAB.c.person_id == person_id)


def touch_tab(connection: Connection, team_id: str, person_id: str, now: datetime) -> None:
    """Has a person's Home tab shown anew in a moment, if they opened it lately."""
    touch_tabs(connection, [(team_id, person_id, now)])


def touch_tabs(connection: Connection, touched: Iterable[tuple[str, str, datetime]]) -> None:
    """The same for several people, in one order everywhere, so that two transactions never wait for each other."""
    values = [
        {
            "team": team_id,
            "person": person_id,
            "opened_since": now - timedelta(seconds=FRESH),
            "gathered_at": now + timedelta(seconds=GATHER),
        }
        for team_id, person_id, now in sorted(set(touched))
    ]
    if values:
        connection.execute(_touch(), values)


@cache
def _touch() -> Update:
    """Built once: SQLAlchemy takes longer to build it than SQLite to carry it out, and each event comes by here."""
    gathered_at = bindparam("gathered_at", type_=UtcDateTime)
    return (
        tab_of(bindparam("team"), bindparam("person"))
        .where(TAB.c.opened_at > bindparam("opened_since", type_=UtcDateTime))
        .values(
            wanted=TAB.c.wanted + 1, open=True, due_at=case((TAB.c.open, TAB.c.due_at), else_=gathered_at)
        )
    )
