"""The real ledger, outbox and dispatchers, taken one step at a time: no loop of theirs runs, the test says what is next."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, cast

import anyio
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, event, text
from sqlmodel import SQLModel

from bot.domain.policy import Depth, Policy
from bot.store.ledger import SqlLedger
from bot.store.office import SqlOffice
from bot.store.outbox import SqlOutbox
from bot.work.bench import Bench
from bot.work.dispatcher import Dispatcher
from tests.clocks import HandClock
from tests.model import CARRIER, Carrier, Fate, ModelSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from pathlib import Path

    from anyio.abc import TaskGroup
    from anyio.from_thread import BlockingPortal
    from sqlalchemy import Connection

    from bot.domain.errands import Errand

_QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
settings.register_profile(
    "model",
    max_examples=40,
    stateful_step_count=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=_QUIET,
)
settings.register_profile(
    "model-long", settings.get_profile("model"), max_examples=2000, derandomize=False, print_blob=True
)
HISTORIES = settings.get_profile("model-long" if os.environ.get("MODEL_CHECK") == "long" else "model")
"""How many histories are played: in CI always the same ones, with `MODEL_CHECK=long` many, each time others."""

POLICY = Policy(agents={Depth.STANDARD: "standard", Depth.MAX: "max"})


class DirectDatabase:
    """The verbs of `store.Database` on one SQLite connection, without its writer and without syncing the disk, since
    thousands of histories are played here and no power fails.
    """

    on_sqlite = True

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False})

        @event.listens_for(self._engine, "connect")
        def prepare(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA journal_mode=MEMORY")
            connection.execute("PRAGMA foreign_keys=ON")

        @event.listens_for(self._engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        SQLModel.metadata.create_all(self._engine)
        self._connection = self._engine.connect()

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()

    def clear(self) -> None:
        """Forgets the history before."""
        with self._connection.begin():
            for table in reversed(SQLModel.metadata.sorted_tables):
                if table.name != "deed":  # the audit refuses
                    self._connection.execute(table.delete())

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        """What a SELECT of the test's own finds."""
        with self._connection.begin():
            return self._connection.execute(text(statement), values).all()

    async def write(self, work: Callable[[Connection], Any]) -> Any:
        with self._connection.begin():
            return work(self._connection)

    read = write

    async def write_many(
        self, work: Callable[[Connection, Sequence[Any]], Sequence[Any]], argument: Any
    ) -> Any:
        return (await self.write(lambda connection: work(connection, [argument])))[0]


class Troubles:
    """A Journal that keeps the bugs."""

    def __init__(self) -> None:
        self.bugs: list[BaseException] = []

    def note(self, event: str, **facts: object) -> None:
        """Of no interest here."""

    def about(self, research_id: str) -> AbstractContextManager[None]:
        return nullcontext()

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        self.bugs.append(error)


class _Queue:
    """What a dispatcher takes for a TaskGroup: tasks wait until the test begins them."""

    def __init__(self) -> None:
        self.errands: list[Errand] = []

    def start_soon(self, carry: object, errand: Errand, *, name: str) -> None:
        self.errands.append(errand)


class Process:
    """One dispatcher, what it has claimed, and what it has under way."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.dispatcher = Dispatcher(bench)
        self.queue = _Queue()
        self.carriers: list[Carrier] = []

    @property
    def claimed(self) -> list[Errand]:
        return self.queue.errands

    async def claim(self) -> Any:
        return await self.dispatcher._claim(cast("TaskGroup", self.queue))


@dataclass
class Stage:
    """One history: its clock, its Slack, its database."""

    database: DirectDatabase
    portal: BlockingPortal
    tasks: TaskGroup
    clock: HandClock = field(default_factory=HandClock)
    journal: Troubles = field(default_factory=Troubles)
    lives: int = 0

    def __post_init__(self) -> None:
        self.database.clear()
        database = cast("Any", self.database)
        self.ledger, self.outbox, self.office = SqlLedger(database), SqlOutbox(database), SqlOffice(database)
        self.slack = ModelSlack(self.clock)

    def do(self, step: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Runs an async step to its end."""

        async def run() -> Any:
            return await step(*arguments, **named)

        return self.portal.call(run)

    def process(self, name: str) -> Process:
        """A process that has just started; one that died before leaves its name to nobody."""
        self.lives += 1
        world = cast("Any", self.slack)

        async def start() -> Process:
            return Process(
                Bench(
                    me=f"{name}#{self.lives}", clock=self.clock, ledger=self.ledger, outbox=self.outbox,
                    office=self.office, researcher=world, directory=world, courier=world, policy=POLICY, journal=self.journal,
                    chance=Random(self.lives),
                )
            )  # fmt: skip

        return self.portal.call(start)

    def move(self, seconds: float) -> None:
        async def move() -> None:
            self.clock.move(seconds)
            self.slack.catch_up()

        self.portal.call(move)

    async def begin(self, process: Process, errand: Errand, fate: Fate) -> Carrier:
        """Lets an errand go as far as its call, which meets this fate."""
        carrier = Carrier(errand, fate)
        process.claimed.remove(errand)
        process.carriers.append(carrier)
        self.tasks.start_soon(self._run, process, carrier, name=f"carrier {errand.letter.part}")
        await carrier.quiet.wait()
        return carrier

    async def answer(self, carrier: Carrier) -> None:
        """Lets the answer of its call arrive."""
        carrier.gate.set()
        await carrier.done.wait()

    async def crash(self, process: Process) -> None:
        """`kill -9`: nothing more of it is noted; what arrived at Slack, arrived."""
        process.claimed.clear()
        for carrier in list(process.carriers):
            carrier.scope.cancel()
            await carrier.done.wait()

    async def _run(self, process: Process, carrier: Carrier) -> None:
        CARRIER.set(carrier)
        try:
            with carrier.scope:
                await process.dispatcher._carry(carrier.errand)
        finally:
            process.carriers.remove(carrier)
            carrier.quiet.set()
            carrier.done.set()


@contextmanager
def playing(path: Path) -> Iterator[Callable[[], Stage]]:
    """Gives what makes a stage for each history; they share a database file, which each of them clears."""
    database = DirectDatabase(path)

    @asynccontextmanager
    async def tasks() -> AsyncIterator[TaskGroup]:
        async with anyio.create_task_group() as group:
            yield group
            group.cancel_scope.cancel()

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(tasks()) as group:
        yield lambda: Stage(database, portal, group)
    database.close()
