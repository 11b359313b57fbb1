"""What all tests share: databases of their own, the world, and a loop on which nothing may block."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from blockbuster import blockbuster_ctx
from sqlalchemy import make_url

from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")
"""A PostgreSQL server on which databases may be made; `scripts/test` starts one."""

AT_START = {
    "bot/variables.py": {"read"},
    "bot/store/database.py": {"__enter__", "__exit__"},
    "bot/store/schema.py": {"_upgrade", "_is_current"},
    "sqlalchemy/dialects/sqlite/pysqlite.py": {"create_connect_args"},
    "httpx2/_transports/default.py": {"__init__"},
    "bot/sandbox/demo.py": {"demo", "run"},
}
"""What may block because nothing else is under way yet: reading settings, locking the file, finding migrations."""

# Nothing of the real world reaches a test, whatever the shell or an .env says.
for name in list(os.environ):
    if name.startswith(("SLACK_", "GEMINI_", "GOOGLE_", "RESEARCH_", "DATABASE_URL")):
        del os.environ[name]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _nothing_blocks() -> Iterator[None]:
    """A blocking call of ours on the event loop fails the test."""
    with blockbuster_ctx("bot") as blockbuster:
        for function in blockbuster.functions.values():
            for file, names in AT_START.items():
                function.can_block_in(file, names)
        yield


@pytest.fixture(params=["sqlite", *(["postgres"] if POSTGRES else [])])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database of this test, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/research.db"
        return
    import psycopg

    name = f"test_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(POSTGRES, autocommit=True) as server:
        await server.execute(f'CREATE DATABASE "{name}"'.encode())
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Slack, Gemini and a SQLite file; start the bot with `world.bot()`."""
    async with World.open(f"sqlite+aiosqlite:///{tmp_path}/research.db") as opened:
        yield opened


@pytest.fixture
async def any_world(database_url: str) -> AsyncIterator[World]:
    """The same on each engine."""
    async with World.open(database_url) as opened:
        yield opened
