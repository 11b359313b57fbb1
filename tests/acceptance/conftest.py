"""The demo in headless Chromium, as a stranger meets it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright

from bot.sandbox.demo import demo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from bot.sandbox.slack import SimulatedSlack

CHROMIUM = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests of a worker, since starting it takes longer than most of them; pages share nothing."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        await opened.close()


@pytest.fixture
async def running_demo() -> AsyncIterator[SimulatedSlack]:
    """`python -m bot demo` in this loop, four times as fast."""
    async with demo(pace=0.25) as slack:
        yield slack


@pytest.fixture
async def page(running_demo: SimulatedSlack, browser: Browser) -> AsyncIterator[Page]:
    """The demo's page; what its console calls an error fails the test."""
    opened = await browser.new_page(viewport={"width": 1440, "height": 900})
    errors: list[str] = []
    opened.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    await opened.goto(running_demo.url)
    yield opened
    await opened.close()

    assert errors == []
