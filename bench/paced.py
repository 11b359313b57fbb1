"""Researches of the real product against the simulated Slack under strict limits, in virtual time."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import process_time
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
from sqlalchemy import text

from bench import virtual
from bench.ages import STATUS, ages, best_delays, sightings
from bench.thinkers import EVERY, Thinkers
from bot.domain.errands import Question
from bot.domain.policy import Depth, Policy
from bot.sandbox.slack import Fault, SimulatedSlack
from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.furnish import ADA, BOT, TEAM_ID
from bot.slack.courier import SlackCourier
from bot.slack.directory import SlackDirectory
from bot.slack.web import SlackWeb, constant
from bot.store.ledger import SqlLedger
from bot.store.office import SqlOffice
from bot.store.outbox import SqlOutbox
from bot.store.schema import migrate
from bot.work.bench import Bench
from bot.work.dispatcher import Dispatcher
from bot.work.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.sandbox.slack.message import Message

LATENCY = (0.1, 0.25)
"""Seconds that Slack takes to answer."""
FOLDER = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""A disk that takes no time, where there is one."""
STILL_OPEN = "SELECT (SELECT count(*) FROM research WHERE open) + (SELECT count(*) FROM delivery WHERE open)"
NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Plan:
    """How many ask in how many channels, how long they think, and within what time they then end."""

    researches: int
    channels: int
    has_status: bool
    window: float = 300.0
    ends: float = 300.0
    seed: int = 2026


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a plan. Seconds, all of them virtual but `cpu`."""

    plan: Plan
    refused: int
    ages: list[float]
    delays: list[float]
    best_delays: list[float]
    messages: int
    calls: Counter[str]
    opened: float
    lasted: float
    cpu: float


class Quiet:
    """A Journal that keeps what went wrong."""

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()

    def note(self, event: str, **facts: object) -> None:
        """Counts failures."""
        if event.endswith(("failed", "lost")):
            self.failures[f"{event} {facts.get('method', '')} {facts.get('error', '')}"] += 1

    def about(self, research_id: str) -> AbstractContextManager[None]:
        return nullcontext()

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        """There is none in a good run."""
        raise error


class DistantWeb(SlackWeb):
    """Slack is as far away as it really is."""

    chance = Random(1)

    async def call(self, team_id: str, method: str, **args: Any) -> dict[str, Any]:
        there, back = (self.chance.uniform(*LATENCY) / 2 for _ in range(2))
        await anyio.sleep(there)
        try:
            return await super().call(team_id, method, **args)
        finally:
            await anyio.sleep(back)


@dataclass(slots=True)
class World:
    """Everything of one run."""

    plan: Plan
    clock: virtual.VirtualClock
    slack: SimulatedSlack
    database: virtual.WatchedDatabase
    thinkers: Thinkers
    bench: Bench
    journal: Quiet

    @property
    def channels(self) -> list[str]:
        """Ids of the channels in use."""
        return [f"C0BENCH{n}" for n in range(self.plan.channels)]

    def threads(self) -> dict[str, Message]:
        """The root message of each research."""
        roots = [message for channel in self.channels for message in self.slack.workspace.messages(channel)]
        return {_payload(root)["research"]: root for root in roots}

    async def until(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Waits, looking each second."""
        while not await condition():  # noqa: ASYNC110  # it is about a database
            await anyio.sleep(1.0)


def measure(plan: Plan) -> Seen:
    """Carries one plan out."""

    async def work(clock: virtual.VirtualClock) -> Seen:
        async with _world(plan, clock) as world:
            return await _carried_out(world)

    return virtual.run(work)


@asynccontextmanager
async def _world(plan: Plan, clock: virtual.VirtualClock) -> AsyncIterator[World]:
    chance, journal = Random(plan.seed), Quiet()
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        async with (
            SimulatedSlack.serve(clock=SandboxClock(clock.epoch)) as slack,
            virtual.WatchedDatabase.open(f"sqlite:///{folder}/bench.db") as database,
            aiohttp.ClientSession() as session,
        ):
            assert isinstance(database, virtual.WatchedDatabase)
            virtual.watch(clock, database)
            await migrate(database)
            web = DistantWeb(session, constant(slack.bot_token), slack.api_url)
            thinkers = Thinkers(clock, chance)
            bench = Bench(
                me="bench",
                clock=clock,
                ledger=SqlLedger(database),
                outbox=SqlOutbox(database),
                office=SqlOffice(database),
                researcher=thinkers,
                directory=SlackDirectory(web, clock),
                courier=SlackCourier(web, clock),
                policy=Policy(agents=dict.fromkeys(Depth, "agent"), max_active_per_user=0),
                journal=journal,
                chance=chance,
            )
            yield World(plan, clock, slack, database, thinkers, bench, journal)


async def _carried_out(world: World) -> Seen:
    plan, clock, slack = world.plan, world.clock, world.slack
    if not plan.has_status:
        slack.faults.add(STATUS, Fault.error("method_not_supported_for_channel_type"), times=NEVER)
    for channel in world.channels:
        slack.workspace.add_channel(channel.lower(), "public", {ADA, BOT}, channel_id=channel)
    began, cpu = clock.epoch(), process_time()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Supervisor(world.bench).run, name="supervisor")
        tasks.start_soon(Dispatcher(world.bench).run, name="dispatcher")
        await _ask(world)
        await world.until(lambda: _all_opened(world))
        opened = clock.epoch() - began
        world.thinkers.begin()
        await world.until(lambda: _all_shown(world))
        from_then = clock.epoch()
        await anyio.sleep(plan.window)
        _let_end(world)
        await anyio.sleep(EVERY + plan.ends)
        await world.until(lambda: _all_told(world))
        tasks.cancel_scope.cancel()
    return _judged(world, from_then, opened, process_time() - cpu)


async def _ask(world: World) -> None:
    for number in range(world.plan.researches):
        name, channel = f"r{number}", world.channels[number % world.plan.channels]
        question = Question(name, TEAM_ID, channel, ADA, name, name, Depth.STANDARD, world.clock.now())
        await world.bench.ledger.ask(question)
    world.bench.researches.ring()


async def _all_opened(world: World) -> bool:
    threads = world.threads()
    return len(threads) == world.plan.researches and all(root.replies for root in threads.values())


async def _all_shown(world: World) -> bool:
    return len(sightings(world.slack.calls)) == world.plan.researches


async def _all_told(world: World) -> bool:
    left = await world.database.read(lambda connection: connection.execute(text(STILL_OPEN)).scalar_one())
    return int(left) == 0


def _let_end(world: World) -> None:
    """One after the other, at moments that nobody planned; each knows of it when it thinks next."""
    chance, now = Random(world.plan.seed + 1), world.clock.epoch()
    for number in range(world.plan.researches):
        world.thinkers.ends[f"r{number}"] = now + EVERY + chance.uniform(0, world.plan.ends)


def _judged(world: World, from_then: float, opened: float, cpu: float) -> Seen:
    plan, ends = world.plan, world.thinkers.ends
    if world.journal.failures and plan.has_status:
        raise RuntimeError(f"unexpected: {world.journal.failures}")
    told = {name: _report(root) for name, root in world.threads().items()}
    best = best_delays((ends[f"r{n}"], n % plan.channels, len(told[f"r{n}"])) for n in range(plan.researches))
    seen = sightings(world.slack.calls)
    return Seen(
        plan=plan,
        refused=len(world.slack.ledger),
        ages=ages(world.thinkers.sent, seen, from_then, from_then + plan.window),
        delays=[max(map(_moment, told[name])) - ends[name] for name in ends],
        best_delays=best,
        messages=max(map(len, told.values())),
        calls=Counter(call.method for call in world.slack.calls),
        opened=opened,
        lasted=world.clock.seconds,
        cpu=cpu,
    )


def _report(root: Message) -> list[Message]:
    """Outcome, parts and files of one research: everything in its thread but the card."""
    return [
        message for message in root.replies if not message.metadata or _payload(message)["part"] != "card"
    ]


def _payload(message: Message) -> dict[str, Any]:
    assert message.metadata is not None
    payload: dict[str, Any] = message.metadata["event_payload"]
    return payload


def _moment(message: Message) -> float:
    return float(message.ts)
