"""The schema, on each engine: made from nothing by the migrations, equal to the models, and never somebody else's."""

from __future__ import annotations

import sys
from datetime import timedelta

import anyio
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from bot.domain.research import Admitted
from bot.errors import ConfigurationError, LeaseLost
from bot.store.database import Database
from bot.store.schema import free_leases, is_current, migrate, stamp
from tests.contract.store_kit import NOW, Store, at, question

SLACK = {"SLACK_API_URL": "https://slack.com/api/", "GOOGLE_GEMINI_BASE_URL": "https://google.test"}


@pytest.fixture
async def database(bare_database_url):
    async with Database.open(bare_database_url) as opened:
        yield opened


def described(connection):
    """Tables, columns, keys and indexes, as the database knows them."""
    inspector = inspect(connection)
    tables = [name for name in inspector.get_table_names() if name != "alembic_version"]
    return {
        name: {
            "columns": {c["name"]: (str(c["type"]), c["nullable"]) for c in inspector.get_columns(name)},
            "key": inspector.get_pk_constraint(name)["constrained_columns"],
            "unique": sorted((u["name"], *u["column_names"]) for u in inspector.get_unique_constraints(name)),
            "foreign": sorted(
                (*f["constrained_columns"], f["referred_table"], str(f["options"]))
                for f in inspector.get_foreign_keys(name)
            ),
        }
        for name in tables
    }


def indexes(connection):
    """Every index as the statement that makes it, so that the conditions of partial ones count."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    return {
        name: " ".join(definition.split())
        for name, definition in connection.exec_driver_sql(query)
        if not name.startswith("alembic")
    }


async def test_the_migrations_make_from_nothing_what_the_models_say(database):
    assert not await is_current(database)
    await migrate(database)
    assert await is_current(database)

    differences = await database.read(
        lambda connection: compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    )
    assert differences == []
    migrated = await database.read(described), await database.read(indexes)
    await database.write(SQLModel.metadata.drop_all)
    await database.write(SQLModel.metadata.create_all)
    assert (await database.read(described), await database.read(indexes)) == migrated
    assert all("open" in migrated[1][name] for name in ("ix_research_due", "ix_delivery_due"))


async def test_migrating_again_changes_nothing_and_loses_nothing(database):
    await migrate(database)
    store = Store(database)
    await store.ledger.ask(question("r"))
    await migrate(database)

    assert await is_current(database)
    assert (await store.ledger.held("r")).question == "Why r?"


START = """
import anyio, sys
from bot.store.database import Database
from bot.store.schema import is_current, migrate, stamp
async def main():
    async with Database.open(sys.argv[1]) as database:
        await migrate(database)
        await stamp(database, {"SLACK_API_URL": "https://slack.com/api/"})
        assert await is_current(database)
anyio.run(main)
"""


async def test_processes_that_start_together_migrate_one_after_the_other(database, bare_database_url):
    processes = 1 if database.on_sqlite else 2
    if database.on_sqlite:
        bare_database_url += ".other"
    async with anyio.create_task_group() as tasks:
        for number in range(processes):
            tasks.start_soon(
                anyio.run_process, [sys.executable, "-c", START, bare_database_url], name=f"start {number}"
            )


async def test_processes_that_stamp_together_stamp_once(database):
    await migrate(database)
    async with anyio.create_task_group() as tasks:
        for number in range(4):
            tasks.start_soon(stamp, database, SLACK, name=f"stamp {number}")

    assert len(await Store(database).rows("SELECT * FROM stamp")) == 2


async def test_a_database_belongs_to_the_addresses_it_was_made_for(database):
    await migrate(database)
    await stamp(database, SLACK)
    await stamp(database, SLACK)
    with pytest.raises(
        ConfigurationError, match=r"SLACK_API_URL=https://slack.com.*set to http://127"
    ) as caught:
        await stamp(database, {**SLACK, "SLACK_API_URL": "http://127.0.0.1:1/api/"})

    assert "DATABASE_URL" in str(caught.value)
    await stamp(database, SLACK)


async def test_a_restart_frees_what_a_dead_process_held(sqlite_url):
    async with Store.open(sqlite_url) as store:
        held = await store.ask()
        await store.record(held, Admitted())
        (root,) = await store.claim(now=at(3))
        await free_leases(store.database, settle_pause=15.0, now=at(8))

        with pytest.raises(LeaseLost):
            await store.outbox.sent(root, "1.0", NOW)
        with pytest.raises(LeaseLost):
            await store.ledger.mark("r", held.fence, NOW, per_user=0, total=0)
        assert (await store.take("two")).fence > held.fence
        assert await store.claim(at(8 + 14.9)) == []
        (again,) = await store.claim(at(8 + 15))
        assert again.is_unsettled
        assert again.sending_since == NOW + timedelta(seconds=3)


async def test_with_several_processes_nobody_frees_what_another_holds(database):
    if database.on_sqlite:
        return
    await database.write(SQLModel.metadata.create_all)
    store = Store(database)
    held = await store.ask()
    await free_leases(database, settle_pause=15.0, now=NOW)

    await store.record(held, Admitted())
    assert await store.ledger.claim("two", NOW, 60.0, 5) == []


@pytest.mark.parametrize(
    "table", ["research", "interaction", "thought", "report", "delivery", "pace", "stamp"]
)
async def test_the_program_before_an_upgrade_still_writes_its_rows(database, table):
    """Processes are upgraded one by one: what the first version knows of a table is enough to write into the newest."""

    await migrate(database, "0001")
    known = await database.read(
        lambda connection: {c["name"] for c in inspect(connection).get_columns(table)}
    )
    await migrate(database)
    added = await database.read(
        lambda connection: [c for c in inspect(connection).get_columns(table) if c["name"] not in known]
    )

    assert [c["name"] for c in added if not c["nullable"] and c["default"] is None] == []
