"""Databases for tests: a SQLite file as a copy, a PostgreSQL database of each worker that is emptied for the next test.

Migrating one for each test would take longer than most tests do.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from anyio.from_thread import start_blocking_portal
from sqlalchemy import make_url
from sqlmodel import SQLModel

from bot.store import tables, tenants  # noqa: F401  # they fill the metadata
from bot.store.database import Database
from bot.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

_ALONE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_TABLES = [table.name for table in reversed(SQLModel.metadata.sorted_tables)]
# The audit refuses to lose a row: its triggers sleep for so long. Truncating takes ten times as long for so few rows.
_EMPTY = "; ".join(
    [
        _ALONE,
        "ALTER TABLE deed DISABLE TRIGGER USER",
        *(f"DELETE FROM {name}" for name in _TABLES),
        "ALTER TABLE deed ENABLE TRIGGER USER",
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """An empty database on a PostgreSQL server; gone at the end."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def migrated(url: str) -> None:
    """Gives a database our tables. On a loop of its own, since the one of the tests may stand between two of them."""

    async def work() -> None:
        async with Database.open(url) as database:
            await migrate(database)

    with start_blocking_portal() as portal:
        portal.call(work)


def empty(url: str) -> None:
    """Leaves only the tables, and nobody connected."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_EMPTY.encode())
