"""The Office on SQLite and PostgreSQL. Each method is one transaction."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.store import erasing, figures
from bot.store.deeds import deeds_of, note_deed
from bot.store.dossiers import dossier, exported, totals
from bot.store.houses import give_lift, load_house, retentions, save_house
from bot.store.listing import page
from bot.store.redelivery import deliver_again

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.figures import Backlog, Figures
    from bot.domain.house import House
    from bot.domain.status import Dossier, StatusLine, StatusPage, StatusQuery, Totals
    from bot.store.database import Database


class SqlOffice:
    """Implements `offices.Office`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def house(self, team_id: str) -> House:
        """See `offices.Office`."""
        return await self._database.read(partial(load_house, team_id=team_id))

    async def retentions(self, ceiling: int) -> Mapping[str, int]:
        """See `offices.Office`."""
        return await self._database.read(partial(retentions, ceiling=ceiling))

    async def settle_house(self, team_id: str, house: House, by: str, now: datetime) -> bool:
        """See `offices.Office`."""
        return await self._database.write(partial(save_house, team_id=team_id, house=house, by=by, now=now))

    async def lift(self, team_id: str, person_id: str, by: str, now: datetime) -> None:
        """See `offices.Office`."""
        await self._database.write(partial(give_lift, team_id=team_id, person_id=person_id, by=by, now=now))

    async def note(self, team_id: str, by: str, what: str, about: str, now: datetime) -> None:
        """See `offices.Office`."""
        work = partial(note_deed, team_id=team_id, person_id=by, what=what, about=about, now=now)
        await self._database.write(work)

    async def page(self, query: StatusQuery, now: datetime) -> StatusPage:
        """See `offices.Office`."""
        return await self._database.read(partial(page, query=query, now=now))

    async def dossier(self, team_id: str, research_id: str, now: datetime) -> Dossier | None:
        """See `offices.Office`."""
        work = partial(dossier, team_id=team_id, research_id=research_id, now=now)
        return await self._database.read(work)

    async def totals(self, team_id: str, since: datetime, now: datetime) -> Totals:
        """See `offices.Office`."""
        return await self._database.read(partial(totals, team_id=team_id, since=since, now=now))

    async def exported(self, query: StatusQuery, now: datetime) -> list[StatusLine]:
        """See `offices.Office`."""
        return await self._database.read(partial(exported, query=query, now=now))

    async def deliver_again(self, team_id: str, research_id: str, by: str, now: datetime) -> int:
        """See `offices.Office`."""

        def work(connection: Connection) -> int:
            note_deed(connection, team_id, by, "report.redelivered", research_id, now)
            return deliver_again(connection, research_id, now)

        return await self._database.write(work)

    async def deeds(self, team_id: str) -> list[tuple[datetime, str, str, str, str]]:
        """See `offices.Office`."""
        rows = await self._database.read(partial(deeds_of, team_id=team_id, limit=100_000))
        return [(row.at, row.who, row.what, row.about, row.detail) for row in rows]

    async def export_person(self, team_id: str, person_id: str, by: str, now: datetime) -> bytes:
        """See `offices.Office`."""

        def work(connection: Connection) -> bytes:
            note_deed(connection, team_id, by, "person.exported", "", now)
            return erasing.export_person(connection, team_id, person_id)

        return await self._database.write(work)

    async def erase_person(self, team_id: str, person_id: str, by: str, now: datetime) -> int:
        """See `offices.Office`."""
        work = partial(erasing.erase_person, team_id=team_id, person_id=person_id, by=by, now=now)
        return await self._database.write(work)

    async def depart(self, team_id: str, erase_at: datetime) -> None:
        """See `offices.Office`."""
        await self._database.write(partial(erasing.depart, team_id=team_id, erase_at=erase_at))

    async def stay(self, team_id: str) -> None:
        """See `offices.Office`."""
        await self._database.write(partial(erasing.stay, team_id=team_id))

    async def erase_departed(self, now: datetime) -> int:
        """See `offices.Office`."""
        teams = await self._database.read(partial(erasing.departed, now=now))
        erase = partial(erasing.erase_departed, now=now)
        return sum([await self._database.write(partial(erase, team_id=team_id)) for team_id in teams])

    async def backlog(self, now: datetime) -> Backlog:
        """See `offices.Office`."""
        return await self._database.read(partial(figures.backlog, now=now))

    async def figures(self, now: datetime) -> Figures:
        """See `offices.Office`."""
        return await self._database.read(partial(figures.figures, now=now))

    async def forgettable(self, now: datetime, limit: int) -> list[tuple[int, str]]:
        """See `offices.Office`."""
        return await self._database.read(partial(erasing.forgettable, now=now, limit=limit))

    async def forgotten_there(self, key: int) -> None:
        """See `offices.Office`."""
        await self._database.write(partial(erasing.forgotten_there, key=key))

    async def forget_later(self, key: int, until: datetime) -> None:
        """See `offices.Office`."""
        await self._database.write(partial(erasing.forget_later, key=key, until=until))
