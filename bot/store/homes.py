"""Open Home tabs, people's settings and their own researches (`offices.Homes`), on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.errands import Relation
from bot.domain.home import FRESH, MOST_RUNNING, PAGE_LENGTH, OpenTab, Shelf
from bot.domain.house import month_of
from bot.domain.pacing import Call, take_turns
from bot.store.candidates import load_paces, save_paces
from bot.store.listing import line_of
from bot.store.preferences import prefer, preferences_of
from bot.store.quotas import asked_since_yesterday
from bot.store.rows import RESEARCH
from bot.store.spending import spent_since
from bot.store.tabs import TAB, tab_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.home import Preferences
    from bot.store.database import Database

TABS_LOCK = 7265736504
"""PostgreSQL: processes claim one after the other, so that no two count the same turn."""
METHOD = "views.publish"
TAKEN = 30.0
"""Seconds that whoever took a tab has for showing it; longer than a call may take."""


class SqlHomes:
    """Implements `offices.Homes`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opened(self, team_id: str, person_id: str, seen: str, now: datetime) -> None:
        """See `offices.Homes`."""
        await self._database.write(partial(_opened, team_id=team_id, person_id=person_id, seen=seen, now=now))

    async def turn(
        self,
        team_id: str,
        person_id: str,
        now: datetime,
        *,
        page: int | None = None,
        search: str | None = None,
    ) -> None:
        """See `offices.Homes`."""
        values: dict[str, Any] = {"wanted": TAB.c.wanted + 1, "open": True, "due_at": now, "opened_at": now}
        if page is not None:
            values["page"] = page
        if search is not None:
            values["search"] = search
        statement = tab_of(team_id, person_id).values(tries=0, **values)
        await self._database.write(lambda connection: connection.execute(statement))

    async def claim(self, now: datetime, limit: int) -> list[OpenTab]:
        """See `offices.Homes`."""
        due = select(TAB.c.person_id).where(TAB.c.open, TAB.c.due_at <= now).limit(1)
        if await self._database.read(lambda connection: connection.execute(due).first()) is None:
            return []
        return await self._database.write(partial(_claim, now=now, limit=limit))

    async def shown(self, tab: OpenTab, seen: str, now: datetime) -> None:
        """See `offices.Homes`."""
        is_newest = TAB.c.wanted == tab.revision
        statement = tab_of(tab.team_id, tab.person_id).values(
            seen=seen, tries=0, open=case((is_newest, False), else_=True), due_at=now
        )
        await self._database.write(lambda connection: connection.execute(statement))

    async def again(self, tab: OpenTab, due_at: datetime, *, seen: str) -> None:
        """See `offices.Homes`."""
        statement = tab_of(tab.team_id, tab.person_id).values(due_at=due_at, seen=seen, tries=TAB.c.tries + 1)
        await self._database.write(lambda connection: connection.execute(statement))

    async def closed(self, tab: OpenTab) -> None:
        """See `offices.Homes`."""
        statement = tab_of(tab.team_id, tab.person_id).values(open=False, tries=0)
        await self._database.write(lambda connection: connection.execute(statement))

    async def forget(self, before: datetime) -> None:
        """See `offices.Homes`."""
        statement = delete(TAB).where(TAB.c.opened_at < before)
        await self._database.write(lambda connection: connection.execute(statement))

    async def shelf(self, team_id: str, person_id: str, page: int, search: str, now: datetime) -> Shelf:
        """See `offices.Homes`."""
        return await self._database.read(
            partial(_shelf, team_id=team_id, person_id=person_id, page=page, search=search, now=now)
        )

    async def preferences(self, team_id: str, person_id: str) -> Preferences:
        """See `offices.Homes`."""
        return await self._database.read(partial(preferences_of, team_id=team_id, person_id=person_id))

    async def prefer(self, team_id: str, person_id: str, preferences: Preferences) -> None:
        """See `offices.Homes`."""
        await self._database.write(
            partial(prefer, team_id=team_id, person_id=person_id, preferences=preferences)
        )


def _opened(connection: Connection, team_id: str, person_id: str, seen: str, now: datetime) -> None:
    """What was searched an hour ago is not searched any more."""
    key = {"team_id": team_id, "person_id": person_id}
    fresh = {"opened_at": now, "seen": seen, "due_at": now, "open": True, "tries": 0}
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(TAB).values(**key, **fresh, page=0, search="", wanted=1)
    is_fresh = TAB.c.opened_at > now - timedelta(seconds=FRESH)
    kept = {
        "page": case((is_fresh, TAB.c.page), else_=0),
        "search": case((is_fresh, TAB.c.search), else_=""),
        "wanted": TAB.c.wanted + 1,
    }
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_={**fresh, **kept}))


def _claim(connection: Connection, now: datetime, limit: int) -> list[OpenTab]:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({TABS_LOCK})")
    query = select(TAB).where(TAB.c.open, TAB.c.due_at <= now).order_by(TAB.c.due_at).limit(4 * limit)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    calls = [Call(number, row.team_id, row.person_id, METHOD) for number, row in enumerate(rows)]
    turns = take_turns(calls, load_paces(connection, calls), now, limit)
    save_paces(connection, turns.paces)
    return [_take(connection, rows[call.delivery_id], now) for call in turns.go]


def _take(connection: Connection, row: Row[Any], now: datetime) -> OpenTab:
    until = now + timedelta(seconds=TAKEN)
    connection.execute(tab_of(row.team_id, row.person_id).values(due_at=until))
    return OpenTab(row.team_id, row.person_id, row.page, row.search, row.seen, row.wanted, row.tries)


def _shelf(
    connection: Connection, team_id: str, person_id: str, page: int, search: str, now: datetime
) -> Shelf:
    mine = and_(
        RESEARCH.c.team_id == team_id,
        RESEARCH.c.asker_id == person_id,
        RESEARCH.c.relation != Relation.SHARE,
    )
    newest = select(RESEARCH).order_by(RESEARCH.c.asked_at.desc(), RESEARCH.c.id.desc())
    running = newest.where(mine, RESEARCH.c.open).limit(MOST_RUNNING)
    words = [RESEARCH.c.question.icontains(word, autoescape=True) for word in search.split()]
    ended = and_(mine, ~RESEARCH.c.open, *words)
    total = _count(connection, ended)
    page = min(page, max(0, -(-total // PAGE_LENGTH) - 1))
    history = newest.where(ended).limit(PAGE_LENGTH).offset(page * PAGE_LENGTH)
    return Shelf(
        running=tuple(map(line_of, connection.execute(running))),
        open=_count(connection, and_(mine, RESEARCH.c.open)),
        history=tuple(map(line_of, connection.execute(history))),
        page=page,
        total=total,
        search=search,
        asked_today=len(asked_since_yesterday(connection, team_id, person_id, now)),
        spent=spent_since(connection, team_id, month_of(now), person_id),
    )


def _count(connection: Connection, condition: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(RESEARCH).where(condition)).scalar_one())
