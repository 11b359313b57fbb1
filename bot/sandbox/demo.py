"""`python -m bot demo`: a simulated Slack as a web page, a simulated Gemini, and the real bot between them.

Nothing of the environment's Slack, Gemini or database settings is used; the database is a file that is thrown away.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from bot import app
from bot.errors import ConfigurationError
from bot.gemini.client import GeminiClient
from bot.sandbox.gemini import SCENARIOS, SimulatedGemini
from bot.sandbox.paid import Confirmed
from bot.sandbox.slack import SimulatedSlack
from bot.settings import RealGeminiSettings, load
from bot.variables import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.ports import Researcher

PAID_NOTICE = (
    "Real Gemini: each research here costs $1–7 of real money. Each one is confirmed first in the terminal where this "
    "demo was started."
)


async def run(*, port: int, real_gemini: bool = False) -> None:
    """Serves the demo on 127.0.0.1 until interrupted; prints its one address."""
    if real_gemini and not sys.stdin.isatty():
        raise ConfigurationError(
            "--real-gemini needs a terminal, because each paid run is confirmed there. Start the demo from one."
        )
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async with AsyncExitStack() as stack:
            slack = await stack.enter_async_context(demo(port=port, real_gemini=real_gemini))
            print(f"\n  The demo is at {slack.url}\n  Ctrl-C stops it.\n", flush=True)  # noqa: T201  # its one output
            async for _ in signals:
                break


@asynccontextmanager
async def demo(
    *, port: int = 0, real_gemini: bool = False, pace: float = 1.0
) -> AsyncIterator[SimulatedSlack]:
    """The whole demo, running; what it gives is the simulated workspace with its page."""
    _forget_the_environment()
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="research-demo-"))
        slack = await stack.enter_async_context(SimulatedSlack.serve(port=port))
        researcher: Researcher | None = None
        if real_gemini:
            researcher, base_url, key = await _real(stack)
            slack.notices = [PAID_NOTICE]
        else:
            gemini = await stack.enter_async_context(SimulatedGemini.serve(pace=pace))
            gemini.on_traffic = slack.note_traffic
            base_url, key = gemini.url, gemini.api_key
            slack.scenarios = [{"word": scenario.word, "does": scenario.does} for scenario in SCENARIOS]
        settings = load(
            {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "GEMINI_API_KEY": key,
                "GOOGLE_GEMINI_BASE_URL": base_url,
                "DATABASE_URL": f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}",
                "PORT": "0",
            }
        )
        await stack.enter_async_context(app.running(settings, researcher=researcher))
        yield slack


async def _real(stack: AsyncExitStack) -> tuple[Researcher, str, str]:
    """The real agent, by an explicit option only, behind a confirmation for each paid run."""
    settings = read(RealGeminiSettings, None)
    key = settings.gemini_api_key.get_secret_value()
    client = await stack.enter_async_context(
        GeminiClient(settings.google_gemini_base_url, settings.gemini_api_version, key)
    )
    return Confirmed(client), settings.google_gemini_base_url, key


def _forget_the_environment() -> None:
    """Bolt reads variables by itself (SLACK_CLIENT_ID would switch OAuth on): none of them reaches it here."""
    for name in [name for name in os.environ if name.startswith("SLACK_")]:
        del os.environ[name]
