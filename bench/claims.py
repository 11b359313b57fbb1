"""Claiming researches on PostgreSQL, by one to four processes at once, among many that are open."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from subprocess import PIPE
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import anyio
import psycopg
from sqlalchemy import make_url, text

from bench.processes import ROOT
from bot.ops.clock import SystemClock
from bot.store.database import Database
from bot.store.ledger import SqlLedger
from bot.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

AT_ONCE = 50
LEASE = 60.0
FILL = """
    INSERT INTO research (id, team_id, channel_id, channel_kind, asker_id, asker_name, request_key, response_url, question,
        depth, state, open, attempt, turn, admitted, waiting, asked_at, due_at, cancelled_by, trouble_code, trouble_detail,
        undelivered, tries, fence)
    SELECT 'r_' || n, 'T' || n % 20, 'C1', 'public', 'U' || n % 500, '', 'k' || n, '', 'Why?', 'standard', 'running', true,
        1, 1, true, '', :at, :at, '', '', '', '', 0, 0
    FROM generate_series(1, :count) AS n
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What all processes did together: seconds of each claim, and how many researches they took in how long."""

    seconds: list[float]
    researches: int
    whole: float


async def measure(server: str, processes: int, researches: int, claims: int) -> Claimed:
    """`claims` claims of each process, among so many open researches that are due."""
    async for url in _filled(server, researches):
        began = perf_counter()
        lines: list[str] = []
        async with anyio.create_task_group() as tasks:
            for number in range(processes):
                tasks.start_soon(_process, url, number, claims, lines, name=f"claims {number}")
        whole = perf_counter() - began
        found: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return Claimed(
            [one for each in found for one in each["seconds"]],
            sum(each["researches"] for each in found),
            max((each["whole"] for each in found), default=whole),
        )
    raise AssertionError("there is one database")


async def _filled(server: str, researches: int) -> AsyncIterator[str]:
    name = f"bench_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(server, autocommit=True) as admin:
        await admin.execute(f'CREATE DATABASE "{name}"'.encode())
        try:
            url = make_url(server).set(database=name).render_as_string(hide_password=False)
            async with Database.open(url) as database:
                await migrate(database)
                at = datetime.now(UTC) - timedelta(minutes=1)  # noqa: TID251  # real time, in rows
                await database.write(
                    lambda connection: connection.execute(text(FILL), {"at": at, "count": researches})
                )
                await database.migrate(lambda connection: connection.exec_driver_sql("ANALYZE"))
            yield url
        finally:
            await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


async def _process(url: str, number: int, claims: int, lines: list[str]) -> None:
    command = [sys.executable, "-m", "bench.claims", url, str(number), str(claims)]
    done = await anyio.run_process(command, cwd=ROOT, stdout=PIPE, stderr=None)
    lines.append(done.stdout.decode())


async def _claim(url: str, number: int, claims: int) -> None:
    """What a process does: claims, and prints how long each took."""
    clock, seconds, researches = SystemClock(), [], 0
    async with Database.open(url) as database:
        ledger = SqlLedger(database)
        await ledger.claim(f"warm {number}", clock.now(), LEASE, 1)
        began = perf_counter()
        for _ in range(claims):
            at = perf_counter()
            researches += len(await ledger.claim(f"bench {number}", clock.now(), LEASE, AT_ONCE))
            seconds.append(perf_counter() - at)
        whole = perf_counter() - began
    print(json.dumps({"seconds": seconds, "researches": researches, "whole": whole}))


if __name__ == "__main__":
    anyio.run(_claim, sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
