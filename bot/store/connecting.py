"""How every connection begins, and who may have a SQLite file."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from bot.errors import ConfigurationError, StoreError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

BUSY_MILLISECONDS = 15_000
ASLEEP_MILLISECONDS = 15_000
"""PostgreSQL: a process that stops in the middle of a transaction keeps its locks, and so everybody else, no longer."""


class FileLock:
    """One process per SQLite file: an OS lock that dies with its holder."""

    def __init__(self, database: str | None) -> None:
        if database in (None, "", ":memory:"):
            raise ConfigurationError(
                "DATABASE_URL names SQLite in memory, which forgets every research when the bot stops. "
                "Name a file, for example sqlite+aiosqlite:///research.db."
            )
        self._path = Path(f"{database}.lock")

    def __enter__(self) -> None:
        try:
            self._file = self._path.open("w")
        except OSError as error:
            raise StoreError(
                f"The directory of the database file is not usable: {error.strerror} ({self._path.parent})"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise StoreError(
                "Another process already works on this SQLite file. Stop it, or use PostgreSQL for several processes."
            ) from error

    def __exit__(self, *_: object) -> None:
        self._file.close()


def prepare_postgres(engine: Engine) -> None:
    """PostgreSQL ends a session that does nothing within a transaction for too long, and frees what it has locked.

    Set by a statement, since a pooler in between may refuse options at connecting.
    """

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"SET idle_in_transaction_session_timeout = {ASLEEP_MILLISECONDS}")
        cursor.close()
        connection.commit()


def prepare_sqlite(engine: Engine) -> None:
    """How every connection to a SQLite file begins, and every transaction."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN is ours, below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
