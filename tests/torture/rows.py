"""What the bots' database holds, read from outside; and what is done to it: locked for seconds, connections cut."""

from __future__ import annotations

import resource
import sqlite3
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.torture.herd import Bot

LOGS_MAY_GROW = 256 * 1024
"""Bytes: the limit is for all files of a process, and the log is to say what happened."""
_RESEARCH = (
    "SELECT id, question, state, open, attempt, admitted, trouble_code, channel_id, coalesce(thread_ts, ''), "
    "undelivered FROM research"
)
_INTERACTION = "SELECT research_id, attempt, interaction_id FROM interaction"
_DELIVERY = "SELECT research_id, part, kind, seq, state, open, coalesce(ts, ''), error FROM delivery ORDER BY research_id, seq"
_OPEN = "SELECT (SELECT count(*) FROM research WHERE open), (SELECT count(*) FROM delivery WHERE open)"


@dataclass(frozen=True, slots=True)
class ResearchRow:
    id: str
    question: str
    state: str
    is_open: bool
    attempt: int
    admitted: bool
    trouble: str
    channel: str
    thread: str
    undelivered: str


@dataclass(frozen=True, slots=True)
class InteractionRow:
    research_id: str
    attempt: int
    interaction_id: str | None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    research_id: str
    part: str
    kind: str
    seq: int
    state: str
    is_open: bool
    ts: str
    error: str


@dataclass(frozen=True, slots=True)
class Rows:
    """All that matters of the database at one moment."""

    researches: list[ResearchRow]
    interactions: list[InteractionRow]
    deliveries: list[DeliveryRow]


@contextmanager
def no_room(pid: int, limit: int) -> Iterator[None]:
    """No file of a process can grow beyond `limit` bytes meanwhile: SQLite meets what it meets on a full disk."""
    unlimited = resource.RLIM_INFINITY
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, unlimited))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))


class Outsider:
    """Another user of the same database."""

    def __init__(self, database_url: str) -> None:
        self._path = database_url.partition(":///")[2] if database_url.startswith("sqlite") else ""
        self._url = database_url

    async def rows(self) -> Rows:
        """Everything."""
        researches, interactions, deliveries = await self._ask(_RESEARCH, _INTERACTION, _DELIVERY)
        return Rows(
            [ResearchRow(i, q, s, bool(o), a, bool(d), *more) for i, q, s, o, a, d, *more in researches],
            [InteractionRow(*row) for row in interactions],
            [DeliveryRow(i, p, k, n, s, bool(o), t, e) for i, p, k, n, s, o, t, e in deliveries],
        )

    async def left(self) -> tuple[int, int]:
        """How many researches and deliveries still have something to do; (-1, -1) where nobody can say: before there
        are tables, or when all connections are cut.
        """
        try:
            ((row,),) = await self._ask(_OPEN)
        except (sqlite3.OperationalError, psycopg.Error):
            return (-1, -1)
        return (int(row[0]), int(row[1]))

    async def _ask(self, *queries: str) -> list[list[Any]]:
        return await anyio.to_thread.run_sync(self._ask_now, queries)

    def _ask_now(self, queries: tuple[str, ...]) -> list[list[Any]]:
        if self._path:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=10)) as connection:
                return [connection.execute(query).fetchall() for query in queries]
        with psycopg.connect(self._url, autocommit=True) as connection:
            return [connection.execute(query.encode()).fetchall() for query in queries]

    async def lock(self, seconds: float) -> None:
        """Keeps everybody else from writing for a while: holding the lock is the point, in a thread of its own."""
        await anyio.to_thread.run_sync(self._lock_now, seconds)

    def _lock_now(self, seconds: float) -> None:
        if self._path:
            with (
                closing(sqlite3.connect(self._path, timeout=5, isolation_level=None)) as connection,
                suppress(sqlite3.OperationalError),  # not a moment was free for us
            ):
                connection.execute("BEGIN IMMEDIATE")
                time.sleep(seconds)
                connection.execute("ROLLBACK")
            return
        with psycopg.connect(self._url) as connection:
            with suppress(psycopg.errors.DeadlockDetected):  # then the bots were let through
                connection.execute(b"LOCK TABLE delivery, research IN EXCLUSIVE MODE")
                time.sleep(seconds)
            connection.rollback()

    async def fill_disk(self, bot: Bot, seconds: float) -> None:
        """No file of a process can grow much for a while: it is a quota as any other."""
        with no_room(bot.pid, bot.log.stat().st_size + LOGS_MAY_GROW):
            await anyio.sleep(seconds)

    async def cut_connections(self) -> None:
        """PostgreSQL: ends every session but this one, as a failover does."""
        if not self._path:
            query = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await self._ask(query)
