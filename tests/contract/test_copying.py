"""Moving to another database: everything is there afterwards, in both directions, or nothing is."""

from __future__ import annotations

import pytest
from sqlalchemy import inspect, select

from bot.domain.research import Admitted, Started
from bot.errors import ConfigurationError, StoreError
from bot.store.copying import TABLES, copy
from bot.store.database import Database
from bot.store.ledger import SqlLedger
from bot.store.schema import migrate, stamp
from tests.contract.store_kit import NOW, question

ADDRESSES = {"SLACK_API_URL": "https://slack.com/api/", "GOOGLE_GEMINI_BASE_URL": "https://google.test"}


async def filled(url: str) -> None:
    """A database in which something happened."""
    async with Database.open(url) as database:
        await migrate(database)
        await stamp(database, ADDRESSES)
        ledger = SqlLedger(database)
        for name in ("r_one", "r_two"):
            await ledger.ask(question(name, question=f"Warum {name}? 日本 ’"))
            await ledger.record(name, None, Admitted(), NOW)
        (held, _) = await ledger.claim("me", NOW, 60.0, 10)
        await ledger.mark(held.research_id, held.fence, NOW, per_user=0, total=0)
        await ledger.record(held.research_id, held.fence, Started("v1_abc", "evt_1"), NOW)


async def contents(url: str) -> dict[str, list[tuple]]:
    async with Database.open(url) as database:
        return {
            table.name: await database.read(
                lambda connection, of=table: sorted(map(tuple, connection.execute(select(of))), key=repr)
            )
            for table in TABLES
        }


async def test_everything_is_there_afterwards_and_work_goes_on(bare_database_url, tmp_path):
    """From SQLite to each engine, and back."""
    source, back = f"sqlite:///{tmp_path}/source.db", f"sqlite:///{tmp_path}/back.db"
    await filled(source)
    copied = {one.table: one.rows for one in await copy(source, bare_database_url)}
    await copy(bare_database_url, back)
    before, there, again = await contents(source), await contents(bare_database_url), await contents(back)
    async with Database.open(bare_database_url) as database:
        ledger = SqlLedger(database)
        await ledger.ask(question("r_three"))
        await ledger.record("r_three", None, Admitted(), NOW)

    assert before == there == again
    assert (copied["research"], copied["interaction"], copied["delivery"]) == (2, 1, 8)


async def test_no_table_is_left_out(database_url):
    async with Database.open(database_url) as database:
        there = await database.read(lambda connection: set(inspect(connection).get_table_names()))

    assert {table.name for table in TABLES} == there - {"alembic_version"}


async def test_a_database_that_holds_anything_is_not_copied_to(bare_database_url, tmp_path):
    source = f"sqlite:///{tmp_path}/source.db"
    await filled(source)
    await filled(bare_database_url)
    before = await contents(bare_database_url)

    with pytest.raises(ConfigurationError, match="not empty"):
        await copy(source, bare_database_url)
    assert await contents(bare_database_url) == before


async def test_a_source_without_our_schema_is_refused(bare_database_url, tmp_path):
    with pytest.raises(ConfigurationError, match="migrate"):
        await copy(f"sqlite:///{tmp_path}/nothing.db", bare_database_url)


async def test_a_database_at_work_is_not_copied(tmp_path):
    source = f"sqlite:///{tmp_path}/source.db"
    await filled(source)
    async with Database.open(source):
        with pytest.raises(StoreError, match="Another process"):
            await copy(source, f"sqlite:///{tmp_path}/target.db")
