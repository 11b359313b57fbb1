"""`copy-database FROM TO`: every row of one database into another, empty one, which has the same schema afterwards.

Nothing may work on either meanwhile: on SQLite the lock of the file sees to that, on PostgreSQL the operator. All rows
come by in one transaction, a few at a time, so that the copy is there whole or not at all, however large it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio.to_thread
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import SQLModel

from bot.errors import ConfigurationError, StoreError
from bot.store import tables, tenants  # noqa: F401  # they fill the metadata
from bot.store.database import Database, normalise
from bot.store.schema import is_current, migrate

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

AT_ONCE = 100
"""Rows in memory together; one may hold a report with its pictures."""
TABLES: tuple[Table, ...] = tuple(SQLModel.metadata.sorted_tables)
"""In the order of their foreign keys."""


@dataclass(frozen=True, slots=True)
class Copied:
    """How many rows of a table were copied."""

    table: str
    rows: int


async def copy(source_url: str, target_url: str) -> list[Copied]:
    """Copies all tables. Raises `ConfigurationError` where the source's schema is another one, or the target holds
    anything already, and `StoreError` where one of them cannot be used.
    """
    async with Database.open(source_url) as source, Database.open(target_url) as target:
        if not await is_current(source):
            raise ConfigurationError(
                "The database to copy from has another schema than this version. Run `migrate` on it first."
            )
        await migrate(target)
        return await anyio.to_thread.run_sync(_copy, _engine(source_url), _engine(target_url))


def _engine(url: str) -> Engine:
    parsed = normalise(url)
    driver = "sqlite" if parsed.get_backend_name() == "sqlite" else parsed.drivername
    return create_engine(parsed.set(drivername=driver), hide_parameters=True)


def _copy(source: Engine, target: Engine) -> list[Copied]:
    try:
        with source.connect() as reading, target.begin() as writing:
            if any(_rows(writing, table) for table in TABLES):
                raise ConfigurationError("The database to copy to is not empty. Nothing was copied.")
            return [_copy_table(reading, writing, table) for table in TABLES]
    except SQLAlchemyError as error:
        cause = getattr(error, "orig", None) or error
        raise StoreError(f"{type(cause).__name__}: {str(cause).splitlines()[0][:200]}") from None
    finally:
        source.dispose()
        target.dispose()


def _copy_table(reading: Connection, writing: Connection, table: Table) -> Copied:
    rows = reading.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings()
    for some in rows.partitions():
        writing.execute(insert(table), [dict(row) for row in some])
    _count_on(writing, table)
    copied = Copied(table.name, _rows(writing, table))
    if copied.rows != _rows(reading, table):
        raise StoreError(f"The table {table.name} was written to while it was copied. Nothing was copied.")
    return copied


def _rows(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _count_on(connection: Connection, table: Table) -> None:
    """PostgreSQL counts ids apart from the rows: the next one follows what was copied."""
    column = table.autoincrement_column
    if connection.dialect.name == "postgresql" and column is not None and column.name == "id":
        highest = connection.execute(select(func.max(column))).scalar()
        sequence = func.pg_get_serial_sequence(table.name, column.name)
        connection.execute(select(func.setval(sequence, (highest or 0) + 1, False)))
