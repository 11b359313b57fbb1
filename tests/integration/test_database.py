"""The engine behind three verbs: what waits together commits together, and a unit either happened or did not."""

from __future__ import annotations

import sys
import time
import traceback
from datetime import UTC, datetime, timedelta, timezone

import anyio
import psycopg  # noqa: F401  # loading a driver reads files, which nothing may do on the loop later
import pytest
from anyio.lowlevel import checkpoint
from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, event, insert, select

from bot.errors import ConfigurationError, DiskFull, StoreError
from bot.store.columns import UtcDateTime
from bot.store.database import Database, normalise

NOTES = Table(
    "note",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("words", Text, nullable=False),
    Column("at", UtcDateTime),
)


@pytest.fixture
async def database(bare_database_url):
    async with Database.open(bare_database_url) as opened:
        await opened.write(NOTES.metadata.create_all)
        yield opened


@pytest.fixture
def file(tmp_path):
    return f"sqlite+aiosqlite:///{tmp_path}/notes.db"


@pytest.fixture
async def on_sqlite(file):
    async with Database.open(file) as opened:
        await opened.write(NOTES.metadata.create_all)
        yield opened


def add(words):
    return lambda connection: connection.execute(
        insert(NOTES).values(words=words).returning(NOTES.c.id)
    ).scalar_one()


async def words_of(database):
    return await database.read(lambda connection: sorted(connection.execute(select(NOTES.c.words)).scalars()))


async def at_once(calls):
    """All of them, started together; what each gave or raised, in order."""
    results = [None] * len(calls)

    async def one(number, call):
        try:
            results[number] = await call()
        except (StoreError, ValueError) as error:
            results[number] = error

    async with anyio.create_task_group() as tasks:
        for number, call in enumerate(calls):
            tasks.start_soon(one, number, call, name=f"call {number}")
    return results


def counted(database, name):
    """A list that grows with each such event of any engine: readers and the writer have one each."""
    seen = []
    event.listen(Engine, name, lambda *_: seen.append(name))
    return seen


# --- units


async def test_a_hundred_writers_at_once_all_write(database):
    results = await at_once([lambda n=n: database.write(add(f"{n:03}")) for n in range(100)])

    assert len(set(results)) == 100
    assert await words_of(database) == [f"{n:03}" for n in range(100)]


async def test_a_hundred_readers_at_once_wait_for_their_turn_longer_than_the_pool_would(database):
    (database._reading or database._engine).pool._timeout = 0.05

    def slow(connection):
        time.sleep(0.01)  # what a read takes that is slow
        return 1

    async with anyio.create_task_group() as tasks:
        handles = [tasks.start_soon(database.read, slow) for _ in range(100)]

    assert sum([handle.return_value for handle in handles]) == 100


async def test_units_that_wait_together_commit_together(on_sqlite):
    commits = counted(on_sqlite, "commit")
    await at_once([lambda n=n: on_sqlite.write(add(str(n))) for n in range(100)])

    assert len(await words_of(on_sqlite)) == 100
    assert 1 <= len(commits) <= 5


async def test_a_unit_that_fails_spoils_no_other(database):
    def fail(connection):
        add("never")(connection)
        raise ValueError("this one")

    calls = [lambda n=n: database.write(fail if n % 7 == 3 else add(f"{n:02}")) for n in range(20)]
    results = await at_once(calls)

    failed = [n for n, result in enumerate(results) if isinstance(result, ValueError)]
    assert failed == [3, 10, 17]
    assert await words_of(database) == [f"{n:02}" for n in range(20) if n not in failed]


async def test_a_unit_that_the_database_refuses_spoils_no_other(database):
    results = await at_once([lambda n=n: database.write(add(None if n == 2 else str(n))) for n in range(6)])

    assert [isinstance(result, StoreError) for result in results] == [n == 2 for n in range(6)]
    assert await words_of(database) == ["0", "1", "3", "4", "5"]


async def test_arguments_that_wait_together_are_given_together_and_each_gets_its_own_result(database):
    batches = []

    def double(connection, arguments):
        batches.append(len(arguments))
        return [2 * argument for argument in arguments]

    results = await at_once([lambda n=n: database.write_many(double, n) for n in range(50)])

    assert results == [2 * n for n in range(50)]
    assert sum(batches) == 50
    assert max(batches) > 1 or not database.on_sqlite


async def test_a_write_is_there_for_whoever_reads_next(database):
    for number in range(5):
        await database.write(add(str(number)))
        assert len(await words_of(database)) == number + 1


async def test_a_write_begins_as_one_so_that_it_never_fails_half_way_for_the_lock(on_sqlite):
    begins = []
    event.listen(
        Engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: begins.append(statement),
    )
    await on_sqlite.write(add("a"))
    await on_sqlite.read(lambda connection: connection.execute(select(NOTES)).all())

    assert [words for words in begins if words.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


async def test_what_is_committed_is_on_the_disk(on_sqlite):
    def pragma(name):
        return lambda connection: connection.exec_driver_sql(f"PRAGMA {name}").scalar()

    assert await on_sqlite.read(pragma("synchronous")) == 2
    assert await on_sqlite.read(pragma("journal_mode")) == "wal"
    assert await on_sqlite.read(pragma("foreign_keys")) == 1


# --- cancellation


async def test_a_unit_whose_caller_is_cancelled_happened_all_the_same(database):
    async with anyio.create_task_group() as tasks:
        for number in range(5):
            tasks.start_soon(database.write, add(str(number)), name=f"write {number}")
        await checkpoint()
        tasks.cancel_scope.cancel()

    assert await words_of(database) == ["0", "1", "2", "3", "4"]


async def test_the_last_words_of_a_process_that_is_being_stopped_are_written(bare_database_url):
    with anyio.CancelScope() as process:
        async with Database.open(bare_database_url) as database:
            await database.write(NOTES.metadata.create_all)
            try:
                process.cancel()
                await anyio.sleep_forever()
            finally:
                with anyio.CancelScope(shield=True):
                    for _ in range(10):
                        await checkpoint()
                    await database.write(add("last words"))

    async with Database.open(bare_database_url) as database:
        assert await words_of(database) == ["last words"]


async def test_an_error_of_whoever_works_on_it_leaves_as_it_is(bare_database_url):
    with pytest.raises(ValueError, match="mine"):
        async with Database.open(bare_database_url):
            raise ValueError("mine")


# --- opening


OPEN = """
import anyio, sys
from bot.errors import StoreError
from bot.store.database import Database
async def main():
    try:
        async with Database.open(sys.argv[1]):
            print("opened")
    except StoreError as error:
        print(error)
anyio.run(main)
"""


async def test_a_second_process_is_refused_a_sqlite_file_as_long_as_the_first_has_it(file):
    async with Database.open(file):
        second = await anyio.run_process([sys.executable, "-c", OPEN, file])
    third = await anyio.run_process([sys.executable, "-c", OPEN, file])

    assert b"Another process already works on this SQLite file" in second.stdout
    assert third.stdout == b"opened\n"


async def test_a_directory_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(StoreError, match=r"The directory of the database file is not usable: No such file"):
        async with Database.open(f"sqlite:///{tmp_path}/missing/notes.db"):
            pass


async def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path):
    (tmp_path / "notes.db").write_bytes(b"This is no database at all. " * 100)
    with pytest.raises(StoreError, match="not a database"):
        async with Database.open(f"sqlite:///{tmp_path}/notes.db"):
            pass


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
async def test_a_database_that_forgets_everything_is_refused(url):
    with pytest.raises(ConfigurationError, match="Name a file"):
        async with Database.open(url):
            pass


async def test_a_server_that_does_not_answer_is_told_in_a_sentence():
    with pytest.raises(StoreError, match="OperationalError"):
        async with Database.open("postgres://nobody:secret@127.0.0.1:1/none"):
            pass


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("postgres://u:p@host:5432/name?sslmode=require", "postgresql+psycopg"),
        ("postgresql://u:p@host:5432/name?sslmode=require", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@host:5432/name?sslmode=require", "postgresql+psycopg"),
        ("sqlite:///name", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:///name", "sqlite+aiosqlite"),
    ],
)
def test_an_address_is_understood_as_people_write_it(url, driver):
    parsed = normalise(url)

    assert parsed.drivername == driver
    assert parsed.database == "name"
    assert parsed.query == ({"sslmode": "require"} if "?" in url else {})


# --- a disk that takes no more


async def test_a_full_disk_is_told_in_a_sentence_shown_as_not_ready_and_over_once_there_is_room(on_sqlite):
    def room(pages):
        return lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}").scalar()

    await on_sqlite.write(add("before"))
    await on_sqlite.write(room(1))  # SQLite takes what it has now
    with pytest.raises(DiskFull, match="full") as caught:
        await on_sqlite.write(add("too much" * 10_000))
    with pytest.raises(DiskFull):
        await on_sqlite.check()
    assert caught.value.sentence.startswith("The disk of the database takes no more.")

    await on_sqlite.write(room(1_000_000))
    await on_sqlite.write(add("after"))
    await on_sqlite.check()
    assert await words_of(on_sqlite) == ["after", "before"]


# --- values and errors


async def test_a_moment_comes_back_aware_and_the_same(database):
    moment = datetime(2026, 11, 22, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5)))
    await database.write(lambda connection: connection.execute(insert(NOTES).values(words="a", at=moment)))
    (read,) = await database.read(lambda connection: connection.execute(select(NOTES.c.at)).scalars().all())

    assert read == moment
    assert read.tzinfo is UTC


async def test_a_naive_moment_is_refused(database):
    naive = datetime(2026, 11, 22)  # noqa: DTZ001  # that is the point
    with pytest.raises(StoreError, match="naive"):
        await database.write(lambda connection: connection.execute(insert(NOTES).values(words="a", at=naive)))


@pytest.mark.parametrize(
    "values", [{"id": None, "words": "SECRET", "at": "SECRET"}, {"id": 1, "words": "SECRET"}], ids=str
)
async def test_an_error_never_quotes_what_was_to_be_written(database, values):
    await database.write(add("first"))
    with pytest.raises(StoreError) as caught:
        await database.write(lambda connection: connection.execute(insert(NOTES).values(**values)))

    assert "SECRET" not in "".join(traceback.format_exception(caught.value))


async def test_an_error_about_a_row_does_not_quote_the_row(database):
    statement = insert(NOTES).from_select(["words", "id"], select(NOTES.c.words, NOTES.c.id))
    await database.write(add("SECRET"))
    broken = "UPDATE note SET id = NULL"
    for work in (
        lambda connection: connection.execute(statement),
        lambda connection: connection.exec_driver_sql(broken),
    ):
        with pytest.raises(StoreError) as caught:
            await database.write(work)
        assert "SECRET" not in "".join(traceback.format_exception(caught.value))
