"""The engine on SQLite and PostgreSQL behind three verbs: `read`, `write`, `write_many`.

A unit of work is a plain function of a `Connection`. On SQLite one writer gathers all units that wait and commits them
together (one sync of the disk for all of them); on PostgreSQL each is a transaction of its own. Every transaction is
shielded from cancellation and contains no network call, so a unit either happened or did not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
import structlog
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.errors import DiskFull, StoreError
from bot.store.connecting import FileLock, prepare_postgres, prepare_sqlite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
    from sqlalchemy import URL, Connection, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

A = TypeVar("A")
T = TypeVar("T")
Unit = Callable[["Connection"], Any]
Batch = Callable[["Connection", Sequence[Any]], Sequence[Any]]

log = structlog.get_logger("bot.store")

READERS = 5
"""Reads at once. On SQLite so many connections are there for them; on PostgreSQL the writes have the others."""
CONFLICT_TRIES = 5
_CONFLICTS = frozenset({"40001", "40P01"})
"""PostgreSQL: serialization failure and deadlock; the transaction did nothing and may be repeated."""
_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_WRITE", "53100"})
"""What SQLite says where the disk, or a quota, is used up; and PostgreSQL: disk full."""


def normalise(url: str) -> URL:
    """The URL as SQLAlchemy's async engines want it; `postgres://` and bare `sqlite://` are understood."""
    parsed = make_url(
        url.replace("postgres://", "postgresql://", 1) if url.startswith("postgres://") else url
    )
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    return parsed.set(drivername="postgresql+psycopg")


@dataclass(slots=True)
class _Job:
    """One unit that waits for the writer, and where its result goes. With `batch`, equal batches run as one."""

    work: Unit | Batch
    argument: Any
    batched: bool
    done: anyio.Event = field(default_factory=anyio.Event)
    result: Any = None
    error: BaseException | None = None


class Database:
    """One database. Open it with `Database.open`."""

    def __init__(
        self, engine: AsyncEngine, jobs: MemoryObjectSendStream[_Job] | None, reading: Engine | None = None
    ) -> None:
        self._engine = engine
        self._jobs = jobs
        self._reading = reading
        self._refusal: StoreError | None = None
        self.on_sqlite = jobs is not None
        self._readers = anyio.CapacityLimiter(READERS)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Database]:
        """Opens the engine (and, on SQLite, locks the file for this process); closes both at the end.

        Raises `StoreError` with a sentence when that is impossible, `ConfigurationError` for SQLite in memory.
        """
        parsed = normalise(url)
        async with AsyncExitStack() as stack:
            if parsed.get_backend_name() == "sqlite":
                stack.enter_context(FileLock(parsed.database))
                engine = create_async_engine(parsed, pool_size=1, max_overflow=0, hide_parameters=True)
                prepare_sqlite(engine.sync_engine)
                stack.push_async_callback(_close, engine)
                reading = _plain_engine(parsed, READERS)
                stack.callback(reading.dispose)
                database = cls(engine, await stack.enter_async_context(_writing(parsed)), reading)
            else:
                engine = create_async_engine(
                    parsed, pool_size=10, max_overflow=5, pool_pre_ping=True, hide_parameters=True
                )
                prepare_postgres(engine.sync_engine)
                stack.push_async_callback(_close, engine)
                database = cls(engine, None)
            await database.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
            yield database

    async def check(self) -> None:
        """For `/readyz`: raises where it cannot be read, or did not take what was written last.

        Something is written each second, if only to look for work.
        """
        await self.read(lambda connection: connection.exec_driver_sql("SELECT 1").scalar())
        if self._refusal is not None:
            raise type(self._refusal)(self._refusal.detail)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs a unit that only reads. Who finds no connection free waits for its turn, however long that takes: the
        pool itself would give up on those who come last of a thousand. On SQLite in a thread as a whole, as the writer.
        """
        if self._reading is not None:
            with _Told():
                return await anyio.to_thread.run_sync(_look, self._reading, work, limiter=self._readers)
        async with self._readers:
            with anyio.CancelScope(shield=True), _Told():
                async with self._engine.connect() as connection:
                    result = await connection.run_sync(work)
        return result

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Runs a unit in a transaction; durable when it returns. The unit may run twice, so it must only use its
        connection; what it raises rolls it back and is raised here.
        """
        with self._remembering():
            if self._jobs is not None:
                result: T = await self._submit(_Job(work, None, batched=False))
                return result
            return await self._write(work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        with anyio.CancelScope(shield=True), _Told():
            for last in (*[False] * (CONFLICT_TRIES - 1), True):
                try:
                    async with self._engine.begin() as connection:
                        return await connection.run_sync(work)
                except DBAPIError as error:
                    if last or getattr(error.orig, "sqlstate", None) not in _CONFLICTS:
                        raise
        raise AssertionError("the last try returns or raises")

    async def write_many(self, work: Callable[[Connection, Sequence[A]], Sequence[T]], argument: A) -> T:
        """Like `write` for a unit that can do many at once: what waits together on SQLite is given to it together,
        and each caller gets the result at its own position.
        """
        if self._jobs is not None:
            with self._remembering():
                result: T = await self._submit(_Job(work, argument, batched=True))
                return result
        return (await self.write(lambda connection: work(connection, [argument])))[0]

    async def migrate(self, run: Callable[[Connection], None]) -> None:
        """Runs alembic on a connection of its own; it manages its transactions itself."""
        with anyio.CancelScope(shield=True), _Told():
            async with self._engine.connect() as connection:
                await connection.execution_options(writes=True)
                await connection.run_sync(run)
                await connection.commit()

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        """Whether the last write was taken."""
        try:
            yield
        except StoreError as error:
            self._refusal = error
            raise
        else:
            self._refusal = None

    async def _submit(self, job: _Job) -> Any:
        assert self._jobs is not None
        with anyio.CancelScope(shield=True):
            await self._jobs.send(job)
            await job.done.wait()
        if job.error is not None:
            raise job.error
        return job.result


async def _close(engine: AsyncEngine) -> None:
    """Also where the process is being stopped: a connection whose closing is broken off is an error in the log."""
    with anyio.CancelScope(shield=True):
        await engine.dispose()


def _plain_engine(url: URL, connections: int) -> Engine:
    """SQLite without aiosqlite, for those who go to a thread themselves."""
    engine = create_engine(
        url.set(drivername="sqlite"), pool_size=connections, max_overflow=0, hide_parameters=True
    )
    prepare_sqlite(engine)
    return engine


def _look(engine: Engine, work: Callable[[Connection], T]) -> T:
    with engine.connect() as connection:
        return work(connection)


@asynccontextmanager
async def _writing(url: URL) -> AsyncIterator[MemoryObjectSendStream[_Job]]:
    """The writer at work. An error of the body leaves as it is, not in the group that a TaskGroup makes of it."""
    engine = _plain_engine(url, 1)
    send, receive = anyio.create_memory_object_stream[_Job](math.inf)
    failure: Exception | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_Writer(engine, receive).run, name="store writer")
        with send:
            try:
                yield send
            except Exception as error:  # noqa: BLE001  # raised below
                failure = error
    engine.dispose()
    if failure is not None:
        raise failure


class _Writer:
    """The one writer of a SQLite file: takes all jobs that wait, one transaction for all of them, in a thread as a
    whole. aiosqlite would go to its thread and back several times for each statement, which costs more than SQLite.
    """

    def __init__(self, engine: Engine, jobs: MemoryObjectReceiveStream[_Job]) -> None:
        self._engine = engine
        self._jobs = jobs

    async def run(self) -> None:
        """Until nobody can submit any more: a process that is being cancelled still writes its last words."""
        with anyio.CancelScope(shield=True):
            async with self._jobs:
                async for first in self._jobs:
                    jobs = [first]
                    while self._jobs.statistics().current_buffer_used:
                        jobs.append(self._jobs.receive_nowait())
                    await self._commit(jobs)

    async def _commit(self, jobs: list[_Job]) -> None:
        """All at once; where one fails nothing of it was written, and each is done again alone."""
        error = await self._transaction(jobs)
        if error is not None and len(jobs) > 1:
            for job in jobs:
                job.error = await self._transaction([job])
        elif error is not None:
            jobs[0].error = error
        for job in jobs:
            job.done.set()

    async def _transaction(self, jobs: list[_Job]) -> BaseException | None:
        return await anyio.to_thread.run_sync(_transact, self._engine, jobs)


def _transact(engine: Engine, jobs: list[_Job]) -> BaseException | None:
    try:
        with _Told(), engine.execution_options(writes=True).begin() as connection:
            _run_all(connection, jobs)
    except Exception as error:  # noqa: BLE001  # it is the caller's: raised where the job was submitted
        return error
    return None


def _run_all(connection: Connection, jobs: list[_Job]) -> None:
    batches: dict[Any, list[_Job]] = {}
    for job in jobs:
        if job.batched:
            batches.setdefault(job.work, []).append(job)
        else:
            job.result = job.work(connection)  # type: ignore[call-arg]  # a Unit, because it is not batched
    for work, together in batches.items():
        results = work(connection, [job.argument for job in together])
        for job, result in zip(together, results, strict=True):
            job.result = result


class _Told:
    """Lower errors leave as `StoreError`, with the first line of the driver's words: what follows may quote the row,
    and so would the error itself as the cause.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (SQLAlchemyError, OSError)):
            cause = getattr(error, "orig", None) or error
            detail = str(cause).split("\n", 1)[0][:200]
            kind = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
            told = (DiskFull if kind in _FULL else StoreError)(f"{type(cause).__name__}: {detail}")
            log.warning("store.failed", error=type(told if kind in _FULL else cause).__name__, detail=detail)
            raise told from None
