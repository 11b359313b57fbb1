"""How fast `/research-status` answers with 100,000 researches stored.

    python -m bench.console [--researches 100000] [--database postgresql://…]

Without --database it is a SQLite file of its own. Every question that the console can ask of the store is asked ten
times, cold and warm, of one workspace that has them all.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import anyio
from sqlalchemy import insert, text

from bench.figures import Figure, table
from bot.domain.house import month_of
from bot.domain.status import Lens, StatusQuery
from bot.store.asking import research_row
from bot.store.database import Database
from bot.store.office import SqlOffice
from bot.store.rows import INTERACTION, RESEARCH
from bot.store.schema import migrate
from tests.contract.store_kit import question

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from sqlalchemy import Connection

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
REPETITIONS = 10
TARGET = 1.0
STATES = ("completed",) * 88 + ("failed",) * 7 + ("cancelled",) * 4 + ("running",)


def rows(count: int, chance: Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Researches of 5,000 people in 300 channels over a year, and an interaction each."""
    researches, calls = [], []
    for number in range(count):
        name = f"r_{number:08}"
        asked = NOW - timedelta(seconds=chance.uniform(0, 365 * 86_400))
        asker, channel = f"U{chance.randrange(5000)}", f"C{chance.randrange(300)}"
        state = chance.choice(STATES)
        asked_as = question(name, asker_id=asker, channel_id=channel, asked_at=asked)
        row = research_row(asked_as) | {"state": state, "open": state == "running", "admitted": True}
        row |= {"micros": chance.randrange(5_000_000), "undelivered": "is_archived" * (number % 500 == 0)}
        researches.append(row | {"channel_kind": "public", "thread_ts": "1.2", "ended_at": asked})
        calls.append(
            {
                "research_id": name, "team_id": "T1", "turn": 1, "attempt": 1, "create_attempted_at": asked, "status": "",
                "agent": "deep-research-preview-04-2026", "micros": row["micros"], "spent": "real",
            }
        )  # fmt: skip
    return researches, calls


def store(connection: Connection, researches: list[dict[str, Any]], calls: list[dict[str, Any]]) -> None:
    for begin in range(0, len(researches), 5_000):
        connection.execute(insert(RESEARCH), researches[begin : begin + 5_000])
        connection.execute(insert(INTERACTION), calls[begin : begin + 5_000])
    connection.execute(text("ANALYZE"))


@asynccontextmanager
async def filled(url: str, count: int) -> AsyncIterator[SqlOffice]:
    async with Database.open(url) as database:
        await migrate(database)
        researches, calls = rows(count, Random(1))
        await database.write(partial(store, researches=researches, calls=calls))
        yield SqlOffice(database)


async def timed(name: str, work: Callable[[], Awaitable[Any]]) -> Figure:
    seconds = []
    for _ in range(REPETITIONS):
        begun = time.perf_counter()
        await work()
        seconds.append(time.perf_counter() - begun)
    return Figure(name, seconds, TARGET)


async def measure(office: SqlOffice) -> list[Figure]:
    everybody = StatusQuery("T1")
    deep = replace(everybody, page=5_000)
    edge = (await office.page(deep, NOW)).last
    found = [
        await timed("the newest page", lambda: office.page(everybody, NOW)),
        await timed("page 5,000, turned to", lambda: office.page(replace(deep, cursor=edge), NOW)),
    ]
    for lens in Lens:
        query = replace(everybody, lens=lens)
        found.append(await timed(f"only {lens.value}", partial(office.page, query, NOW)))
    for name, query in (
        ("of one person", replace(everybody, asker_id="U7")),
        ("of one channel", replace(everybody, channel_id="C7")),
        ("of seven days", replace(everybody, days=7)),
        (
            "failed of one channel within 90 days",
            replace(everybody, lens=Lens.FAILED, channel_id="C7", days=90),
        ),
    ):
        found.append(await timed(name, partial(office.page, query, NOW)))
    found.append(await timed("one in full", lambda: office.dossier("T1", "r_00000007", NOW)))
    found.append(await timed("costs of a month", lambda: office.totals("T1", month_of(NOW), NOW)))
    return found


async def run(url: str, count: int) -> None:
    async with filled(url, count) as office:
        print(table(await measure(office)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--researches", type=int, default=100_000)
    parser.add_argument("--database", default="")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        anyio.run(run, chosen.database or f"sqlite+aiosqlite:///{folder}/console.db", chosen.researches)


if __name__ == "__main__":
    main()
