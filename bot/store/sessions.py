"""Agent sessions as deliveries: each research has one, whose row holds the status that Slack must show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.letters import Waiting
from bot.domain.research import State
from bot.domain.sessions import session_status
from bot.store.rows import DELIVERY
from bot.store.tables import Lack

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.sessions import SessionStatus

LACK = Lack.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes

METHOD = "agents.sessions.setStatus"


def wanted_status(row: Row[Any]) -> SessionStatus:
    """What the session of a research row has to say."""
    return session_status(State(row.state), waits_for_a_person=row.waiting == Waiting.APPROVAL)


def show_session(connection: Connection, row: Row[Any], now: datetime) -> None:
    """Has Slack told what the session of a research says from now on, if that is something new."""
    status = wanted_status(row).value
    _again(connection, row.id, now, DELIVERY.c.content != status, content=status)


def repeat_session(connection: Connection, research_id: str, now: datetime) -> None:
    """Has Slack told once more, because it changed what is shown, or the thread is another one."""
    _again(connection, research_id, now)


def is_lacking(connection: Connection, team_id: str, method: str, now: datetime) -> bool:
    """Whether a workspace is known not to have a method."""
    known = select(LACK.c.until).where(LACK.c.team_id == team_id, LACK.c.method == method, LACK.c.until > now)
    return connection.execute(known).first() is not None


def note_lack(connection: Connection, team_id: str, method: str, until: datetime) -> None:
    """Remembers it; sessions that are waiting to be told to this workspace never will be."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(LACK).values(team_id=team_id, method=method, until=until)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["team_id", "method"], set_={"until": until})
    )
    connection.execute(
        update(DELIVERY)
        .where(DELIVERY.c.open, DELIVERY.c.team_id == team_id, DELIVERY.c.kind == "session")
        .values(state="dead", open=False, error=f"{method} is not there")
    )


def _again(connection: Connection, research_id: str, now: datetime, *which: Any, **values: Any) -> None:
    connection.execute(
        update(DELIVERY)
        .where(
            DELIVERY.c.research_id == research_id,
            DELIVERY.c.kind == "session",
            DELIVERY.c.state != "dead",
            *which,
        )
        .values(wanted=DELIVERY.c.wanted + 1, open=True, due_at=now, **values)
    )
