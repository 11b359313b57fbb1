"""What all tests share: databases of their own, the world, and a loop on which nothing may block."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from blockbuster import blockbuster_ctx

from bot.ops.memory import settle
from tests import databases
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "")
"""A PostgreSQL server on which databases may be made; `scripts/test` starts one."""
ENGINES = ["sqlite", *(["postgres"] if POSTGRES else [])]

AT_START = {
    "bot/variables.py": {"read"},
    "bot/store/connecting.py": {"__enter__", "__exit__"},
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


def pytest_collection_finish() -> None:
    """Looking for rubbish in what is loaded takes a tenth of the suite's time."""
    settle()


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


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our tables, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "research.db"
    databases.migrated(f"sqlite+aiosqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """A PostgreSQL database with our tables, of this worker."""
    with databases.new_database(POSTGRES) as url:
        databases.migrated(url)
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """The address of a SQLite file with our tables and nothing in them."""
    shutil.copy(migrated_file, tmp_path / "research.db")
    return f"sqlite+aiosqlite:///{tmp_path}/research.db"


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database with our tables and nothing in them, on each engine."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    url = request.getfixturevalue("migrated_postgres")
    yield url
    databases.empty(url)


@pytest.fixture(params=ENGINES)
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database in which there is nothing at all, on each engine."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/bare.db"
        return
    with databases.new_database(POSTGRES) as url:
        yield url


@pytest.fixture
async def world(sqlite_url: str) -> AsyncIterator[World]:
    """Slack, Gemini and a SQLite file; start the bot with `world.bot()`."""
    async with World.open(sqlite_url) as opened:
        yield opened


@pytest.fixture
async def any_world(database_url: str) -> AsyncIterator[World]:
    """The same on each engine."""
    async with World.open(database_url) as opened:
        yield opened
