"""The process, put together. Read `run` and you know what it does.

    /research ──▶ slack.commands ──▶ work.desk.ask ──▶ [Research row: queued]                one commit, then ack
                                            │ claim (lease, fence)
                  work.supervisor ──▶ work.runner ──▶ gemini.client ──▶ gemini.wire ──▶ domain.advance
                                            │ one transaction: new state + Delivery rows
                  work.dispatcher ◀── [Delivery rows] ──▶ slack.cards / slack.parts ──▶ slack.courier ──▶ thread

The runner never speaks to Slack, the dispatcher never speaks to Gemini; they meet only in the database, so either may
die at any instant and the other, or its successor, carries on.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel

from bot.gemini.client import GeminiClient
from bot.ops import disk
from bot.ops.clock import SystemClock
from bot.ops.journal import LogJournal
from bot.ops.memory import settle
from bot.ops.tracing import tracing
from bot.outside import Outside
from bot.slack.courier import SlackCourier
from bot.slack.directory import SlackDirectory
from bot.slack.door import entrance
from bot.slack.front import Front
from bot.slack.gateway import build_app
from bot.slack.homes import HomeWall
from bot.slack.sockets import Sockets
from bot.slack.web import connect
from bot.store.database import Database, normalise
from bot.store.homes import SqlHomes
from bot.store.ledger import SqlLedger
from bot.store.office import SqlOffice
from bot.store.opinions import SqlOpinions
from bot.store.outbox import SqlOutbox
from bot.store.schema import free_leases, migrate, stamp
from bot.tenancy import tenancy
from bot.work.administration import Administration
from bot.work.bench import Bench
from bot.work.console import Console
from bot.work.conversation import Conversation
from bot.work.desk import Desk
from bot.work.dispatcher import Dispatcher
from bot.work.homes import Keeper
from bot.work.housekeeper import Housekeeper
from bot.work.plans import Plans
from bot.work.readers import Readers
from bot.work.steps import Steps
from bot.work.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from anyio.abc import TaskGroup

    from bot.ports import Clock, Researcher
    from bot.settings import Settings
    from bot.slack.identity import Workspaces
    from bot.slack.web import SlackWeb


async def serve(settings: Settings) -> None:
    """Works until SIGTERM or SIGINT, then stops cleanly within 10 s."""
    address = normalise(settings.database_url)
    if address.get_backend_name() == "sqlite":
        disk.warn(address.database or "")
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run, settings, name="app")
            async for _ in signals:
                tasks.cancel_scope.cancel()
                break


async def run(
    settings: Settings, *, researcher: Researcher | None = None, clock: Clock | None = None
) -> None:
    """The whole bot until cancelled. `researcher` and `clock` take the place of the real ones in the sandbox."""
    async with running(settings, researcher=researcher, clock=clock):
        settle()
        await anyio.sleep_forever()


@asynccontextmanager
async def running(
    settings: Settings, *, researcher: Researcher | None = None, clock: Clock | None = None
) -> AsyncIterator[Running]:
    """Everything open and at work: database, health paths, Slack, Gemini, the actors, the ways in; closed in reverse."""
    clock = clock or SystemClock()
    journal = LogJournal()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.open(settings.database_url))
        await prepare(database, settings, clock.now())
        outside = Outside(database, clock)
        tenants = tenancy(settings, database, clock, journal)
        port = await stack.enter_async_context(outside.listening(settings, tenants.pages))
        web = await stack.enter_async_context(connect(tenants.workspaces.token, settings.slack_api_url))
        await tenants.begin(web, clock, journal)
        if researcher is None:
            researcher = await stack.enter_async_context(_gemini(settings))
        outside.look_at_work(researcher)
        bench = Bench(
            me=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}",
            clock=clock,
            ledger=SqlLedger(database),
            outbox=SqlOutbox(database),
            office=SqlOffice(database),
            researcher=researcher,
            directory=SlackDirectory(web, clock),
            courier=SlackCourier(web, clock, settings.research_whole_parts),
            policy=settings.policy(),
            journal=journal,
            chance=SystemRandom(),
            tracer=await stack.enter_async_context(tracing(settings.otel_exporter_otlp_endpoint)),
        )
        keeper = Keeper(bench, SqlHomes(database), HomeWall(web, tenants.workspaces))
        supervisor = await stack.enter_async_context(_at_work(bench, keeper))
        tasks = await stack.enter_async_context(anyio.create_task_group())
        readers = Readers(bench, SqlOpinions(database))
        front = _front(bench, keeper, readers, web, tasks, tenants.workspaces)
        await _open_to_slack(stack, settings, front, outside)
        outside.open_to_gemini(settings, clock, supervisor.look)
        journal.note("app.ready", socket_mode=settings.socket_mode, port=port)
        yield Running(bench, port)


@dataclass(frozen=True, slots=True)
class Running:
    """The parts of a running bot that the sandbox and the tests look at."""

    bench: Bench
    port: int


async def prepare(database: Database, settings: Settings, now: datetime) -> None:
    """The schema up to date, the database ours, and what a dead process held free again."""
    await migrate(database)
    await stamp(
        database,
        {"SLACK_API_URL": settings.slack_api_url, "GOOGLE_GEMINI_BASE_URL": settings.google_gemini_base_url},
    )
    await free_leases(database, settings.policy().settle_pause, now)


def _gemini(settings: Settings) -> GeminiClient:
    return GeminiClient(
        settings.google_gemini_base_url,
        settings.gemini_api_version,
        settings.gemini_api_key.get_secret_value(),
    )


@asynccontextmanager
async def _at_work(bench: Bench, keeper: Keeper) -> AsyncIterator[Supervisor]:
    """The actors. On the way out calls under way are finished, by all at the same time, then the rest is handed over."""
    dispatcher, supervisor = Dispatcher(bench), Supervisor(bench)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(supervisor.run, name="supervisor")
        tasks.start_soon(dispatcher.run, name="dispatcher")
        tasks.start_soon(Housekeeper(bench).run, name="housekeeper")
        tasks.start_soon(keeper.run, name="keeper of home tabs")
        try:
            yield supervisor
        finally:
            supervisor.hurry()
            with anyio.CancelScope(shield=True):
                await dispatcher.drain()
            tasks.cancel_scope.cancel()


def _front(
    bench: Bench, keeper: Keeper, readers: Readers, web: SlackWeb, tasks: TaskGroup, workspaces: Workspaces
) -> Front:
    """What the ways in from Slack share."""
    desk = Desk(bench)
    return Front(
        desk,
        Plans(bench),
        Conversation(bench),
        Administration(bench),
        Console(bench),
        keeper,
        readers,
        Steps(bench, desk),
        web,
        bench.clock,
        bench.journal,
        tasks,
        workspaces,
    )


async def _open_to_slack(stack: AsyncExitStack, settings: Settings, front: Front, outside: Outside) -> None:
    """Slack's way in: the sockets that we open, or the path that it posts to."""
    app = build_app(front, settings.slack_api_url)
    if settings.slack_app_token is not None:
        app_token = settings.slack_app_token.get_secret_value()
        sockets = Sockets(app, app_token, settings.slack_api_url, front.journal)
        await stack.enter_async_context(sockets.open())
        outside.open_to_slack(sockets.check, None)
    else:
        assert settings.slack_signing_secret is not None
        secret = settings.slack_signing_secret.get_secret_value()
        outside.open_to_slack(anyio.lowlevel.checkpoint, entrance(app, secret, front.clock))
