"""Installations on SQLite and PostgreSQL: tokens sealed in their rows, states of the OAuth dance good for one use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain.installation import GRACE, Installation
from bot.errors import SecretSealed
from bot.store.erasing import depart, stay
from bot.store.tenants import Installation as InstallationRow
from bot.store.tenants import OauthState, Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.store.database import Database
    from bot.store.keyring import Keyring

INSTALLATION = InstallationRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
WORKSPACE = Workspace.__table__  # type: ignore[attr-defined]  # likewise
STATE = OauthState.__table__  # type: ignore[attr-defined]  # likewise

_SECRETS = ("token", "refresh_token")


class SqlInstallations:
    """Implements `keeping.Installations`."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    async def save(self, installation: Installation, now: datetime) -> None:
        """See `keeping.Installations`."""
        values = self._sealed(installation) | {
            "installed_at": now,
            "revoked_at": None,
            "refreshing_until": None,
        }

        def work(connection: Connection) -> None:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            statement = dialect.insert(INSTALLATION).values(home=installation.home, version=1, **values)
            again = values | {"version": INSTALLATION.c.version + 1}
            connection.execute(statement.on_conflict_do_update(index_elements=["home"], set_=again))
            for team_id in _served_by(connection, installation.home):
                stay(connection, team_id)

        await self._database.write(work)

    async def of(self, team_id: str) -> Installation | None:
        """See `keeping.Installations`."""
        organisation = (
            select(WORKSPACE.c.enterprise_id).where(WORKSPACE.c.team_id == team_id).scalar_subquery()
        )
        query = select(INSTALLATION).where(
            or_(INSTALLATION.c.home == team_id, INSTALLATION.c.home == organisation)
        )

        def work(connection: Connection) -> list[Row[Any]]:
            return list(connection.execute(query))

        rows = await self._database.read(work)
        # The workspace's own comes first, and one that works before one that was revoked.
        rows.sort(key=lambda row: (row.revoked_at is not None, row.home != team_id))
        return self._opened(rows[0]) if rows else None

    async def note_workspace(self, team_id: str, enterprise_id: str) -> None:
        """See `keeping.Installations`."""

        def work(connection: Connection) -> None:
            dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
            statement = dialect.insert(WORKSPACE).values(team_id=team_id, enterprise_id=enterprise_id)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["team_id"], set_={"enterprise_id": enterprise_id}
                )
            )
            stay(connection, team_id)

        await self._database.write(work)

    async def lease_refresh(self, home: str, version: int, now: datetime, until: datetime) -> bool:
        """See `keeping.Installations`."""
        statement = (
            update(INSTALLATION)
            .where(
                INSTALLATION.c.home == home,
                INSTALLATION.c.version == version,
                INSTALLATION.c.revoked_at.is_(None),
                or_(INSTALLATION.c.refreshing_until.is_(None), INSTALLATION.c.refreshing_until < now),
            )
            .values(refreshing_until=until)
            .returning(INSTALLATION.c.home)
        )
        return await self._database.write(
            lambda connection: connection.execute(statement).first() is not None
        )

    async def refreshed(self, installation: Installation) -> None:
        """See `keeping.Installations`."""
        values = self._sealed(installation)
        statement = (
            update(INSTALLATION)
            .where(INSTALLATION.c.home == installation.home, INSTALLATION.c.version == installation.version)
            .values(
                version=installation.version + 1,
                refreshing_until=None,
                **{name: values[name] for name in (*_SECRETS, "expires_at")},
            )
        )
        await self._database.write(lambda connection: connection.execute(statement))

    async def revoke(self, home: str, at: datetime) -> bool:
        """See `keeping.Installations`."""
        statement = (
            update(INSTALLATION)
            .where(
                INSTALLATION.c.home == home,
                INSTALLATION.c.revoked_at.is_(None),
                INSTALLATION.c.installed_at <= at,
            )
            .values(revoked_at=at, token=b"", refresh_token=b"", version=INSTALLATION.c.version + 1)
            .returning(INSTALLATION.c.home)
        )

        def work(connection: Connection) -> bool:
            if connection.execute(statement).first() is None:
                return False
            for team_id in _served_by(connection, home):
                depart(connection, team_id, at + GRACE)
            return True

        return await self._database.write(work)

    async def issue_state(self, state: str, until: datetime, now: datetime) -> None:
        """See `keeping.Installations`."""

        def work(connection: Connection) -> None:
            connection.execute(delete(STATE).where(STATE.c.until < now))
            connection.execute(insert(STATE).values(state=state, until=until))

        await self._database.write(work)

    async def consume_state(self, state: str, now: datetime) -> bool:
        """See `keeping.Installations`."""
        statement = delete(STATE).where(STATE.c.state == state, STATE.c.until >= now).returning(STATE.c.state)
        return await self._database.write(
            lambda connection: connection.execute(statement).first() is not None
        )

    async def reseal(self) -> int:
        """Seals under the first key what is sealed under another one; how many rows that were."""

        def work(connection: Connection) -> int:
            count = 0
            for row in connection.execute(select(INSTALLATION).with_for_update()).all():
                old = {name: getattr(row, name) for name in _SECRETS if getattr(row, name)}
                if all(map(self._keyring.is_current, old.values())):
                    continue
                places = {name: _place(row.home, name) for name in old}
                new = {
                    name: self._keyring.seal(self._keyring.open(sealed, places[name]), places[name])
                    for name, sealed in old.items()
                }
                connection.execute(update(INSTALLATION).where(INSTALLATION.c.home == row.home).values(**new))
                count += 1
            return count

        return await self._database.write(work)

    async def locked(self) -> list[str]:
        """The homes with a token that none of our keys opens."""
        rows = await self._database.read(lambda connection: connection.execute(select(INSTALLATION)).all())
        return [row.home for row in rows if not self._opens(row)]

    def _opens(self, row: Row[Any]) -> bool:
        try:
            self._opened(row)
        except SecretSealed:
            return False
        return True

    def _sealed(self, installation: Installation) -> dict[str, Any]:
        secrets = {name: getattr(installation, name) for name in _SECRETS}
        plain = (
            "name",
            "app_id",
            "bot_id",
            "bot_user_id",
            "workspace_url",
            "expires_at",
            "scopes",
            "installed_by",
        )
        return {name: getattr(installation, name) for name in plain} | {
            name: self._keyring.seal(secret, _place(installation.home, name)) if secret else b""
            for name, secret in secrets.items()
        }

    def _opened(self, row: Row[Any]) -> Installation:
        secrets = {
            name: self._keyring.open(sealed, _place(row.home, name)) if (sealed := getattr(row, name)) else ""
            for name in _SECRETS
        }
        return Installation(
            home=row.home,
            name=row.name,
            app_id=row.app_id,
            bot_id=row.bot_id,
            bot_user_id=row.bot_user_id,
            workspace_url=row.workspace_url,
            expires_at=row.expires_at,
            scopes=row.scopes,
            installed_by=row.installed_by,
            is_revoked=row.revoked_at is not None,
            version=row.version,
            **secrets,
        )


def _served_by(connection: Connection, home: str) -> list[str]:
    """What comes and goes with an installation: the workspace, or the organisation and the workspaces that have no app
    of their own.
    """
    alone = select(INSTALLATION.c.home).where(INSTALLATION.c.revoked_at.is_(None))
    through = select(WORKSPACE.c.team_id).where(
        WORKSPACE.c.enterprise_id == home, WORKSPACE.c.team_id.not_in(alone)
    )
    return [home, *connection.execute(through).scalars()]


def _place(home: str, column: str) -> str:
    return f"installation:{home}:{column}"
