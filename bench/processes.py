"""The program under test in a process of its own: its own settings, its own SQLite file, nothing of the environment."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

import anyio

from bot.sandbox.gemini import SimulatedGemini
from bot.sandbox.slack import SimulatedSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import Process

ROOT = Path(__file__).parent.parent
START_SECONDS = 60.0
STOP_SECONDS = 15.0
CONNECTIONS = 2
SETTLE_SECONDS = 1.0


@dataclass(slots=True)
class Sandbox:
    """Both simulated services, in this process together with the load; and the bot in another one."""

    slack: SimulatedSlack
    gemini: SimulatedGemini
    process: Process
    database: Path

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the bot's database, opened read-only."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def sandbox(
    profile: Path | None = None, module: str = "bot", settle: float = SETTLE_SECONDS
) -> AsyncIterator[Sandbox]:
    """Fresh services and a fresh bot, connected and idle. `profile` takes what cProfile says of the bot; `module` is
    what is run as it.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with SimulatedSlack.serve() as slack, SimulatedGemini.serve() as gemini:
            gemini.hold()
            environ = {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "GEMINI_API_KEY": gemini.api_key,
                "GOOGLE_GEMINI_BASE_URL": gemini.url,
                "RESEARCH_WHOLE_PARTS": "0",
                "DATABASE_URL": f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}",
                "PORT": "0",
            }
            profiler = ["-m", "cProfile", "-o", str(profile)] if profile else []
            async with running([*profiler, "-m", module], environ, Path(folder)) as process:
                await _connected(slack, process, settle)
                yield Sandbox(slack, gemini, process, Path(folder) / "bench.db")


@asynccontextmanager
async def bare_acks(module: str = "bench.bare") -> AsyncIterator[SimulatedSlack]:
    """The same simulated Slack with a peer that does nothing but acknowledge: what the simulator itself costs."""
    async with SimulatedSlack.serve() as slack:
        arguments = ["-m", module, slack.api_url, slack.app_token]
        async with running(arguments, {}, ROOT) as process:
            await _connected(slack, process)
            yield slack


@asynccontextmanager
async def running(arguments: list[str], environ: dict[str, str], folder: Path) -> AsyncIterator[Process]:
    """A Python process in `folder`, with these variables and no others; terminated at the end."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    with (Path(folder) / "stderr.log" if environ else Path(os.devnull)).open("wb") as errors:
        process = await anyio.open_process(
            [sys.executable, *arguments],
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=errors,
            cwd=folder,
            env={**inherited, "PYTHONPATH": str(ROOT), **environ},
        )
        try:
            yield process
        finally:
            with anyio.CancelScope(shield=True):
                await _ended(process)


async def _connected(slack: SimulatedSlack, process: Process, settle: float = SETTLE_SECONDS) -> None:
    def ready() -> bool:
        if process.returncode is not None:
            raise RuntimeError(f"the process ended with {process.returncode}")
        return slack.socket.connections == CONNECTIONS

    await slack.until(ready, timeout=START_SECONDS)
    await anyio.sleep(settle)


async def _ended(process: Process) -> None:
    if process.returncode is None:
        process.terminate()
        with anyio.move_on_after(STOP_SECONDS):
            await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
