"""Brings the schema up to date, says whether it is, and stamps a database with what it belongs to."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, update
from sqlalchemy import text as sql_text

from bot.errors import ConfigurationError
from bot.store.rows import DELIVERY, RESEARCH
from bot.store.tables import Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.store.database import Database

STAMP = Stamp.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes

MIGRATION_LOCK = 7265736500


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database, revision: str = "head") -> None:
    """Runs all migrations up to `revision` that the database has not seen; one process at a time."""
    await database.migrate(partial(_upgrade, revision=revision))


async def is_current(database: Database) -> bool:
    """Whether the schema is the one that this program was written for."""
    return await database.read(_is_current)


async def stamp(database: Database, belongs_to: Mapping[str, str]) -> None:
    """Stamps a new database with the addresses it belongs to; refuses one that belongs to others.

    So a demo never works on the real database, nor the other way round. Raises `ConfigurationError`.
    """

    def work(connection: Connection) -> None:
        _one_at_a_time(connection)
        known = {row.name: row.value for row in connection.execute(select(STAMP))}
        for name, value in belongs_to.items():
            if name not in known:
                connection.execute(insert(STAMP).values(name=name, value=value))
            elif known[name] != value:
                raise ConfigurationError(
                    f"This database belongs to {name}={known[name]}, but {name} is set to {value}. "
                    "Set DATABASE_URL to another database, or the address back."
                )

    await database.write(work)


async def free_leases(database: Database, settle_pause: float, now: datetime) -> None:
    """Frees all leases of a SQLite file: its lock proves that whoever held them is dead.

    What was under way then is read back or edited anew once its call cannot be applied any more (`settle_pause`
    seconds from now, since nobody knows when the call was made).
    """
    settled_at = now + timedelta(seconds=settle_pause)

    def work(connection: Connection) -> None:
        connection.execute(
            update(RESEARCH).values(leased_by=None, leased_until=None, fence=RESEARCH.c.fence + 1)
        )
        connection.execute(
            update(DELIVERY)
            .where(DELIVERY.c.leased_by.is_not(None))
            .values(leased_by=None, leased_until=None, fence=DELIVERY.c.fence + 1, due_at=settled_at)
        )

    if database.on_sqlite:
        await database.write(work)


def _one_at_a_time(connection: Connection) -> None:
    """Processes that start together wait for each other."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql_text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))


def _upgrade(connection: Connection, revision: str) -> None:
    _one_at_a_time(connection)
    command.upgrade(alembic_config(connection), revision)


def _is_current(connection: Connection) -> bool:
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head
