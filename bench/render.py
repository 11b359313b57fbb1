"""What a report costs: CPU of its way from Gemini's text to messages and files, and how long it holds the loop up.

Read `bench/README.md` for what each figure means.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from statistics import median
from time import process_time
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread
import httpx2

from bot.domain.errands import Question
from bot.domain.letters import Part, View, Whole
from bot.domain.policy import Depth
from bot.domain.report import Findings, assemble
from bot.domain.research import Admitted, Completed, Started, State
from bot.gemini.client import GeminiClient
from bot.ops.memory import settle
from bot.slack import packing, parts
from bot.store.codec import dump_report, load_report
from bot.store.database import Database
from bot.store.ledger import SqlLedger
from bot.store.outbox import SqlOutbox
from bot.store.schema import migrate
from tests.grown import TONGUES, Grower

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bot.domain.letters import Content
    from bot.domain.report import Report

T = TypeVar("T")

SIZES = (10_000, 50_000, 200_000)
CPU_TARGET = 0.150
STALL_TARGET = 0.020
TICK = 0.001
INTERACTION = "v1_measured"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUESTION = Question("r", "T1", "C1", "U1", "key", "Why?", Depth.STANDARD, NOW)


@dataclass(slots=True)
class Costs:
    """Seconds of the processor for each step, one for each repetition, and how many messages it gave."""

    assembled: list[float] = field(default_factory=list)
    cut: list[float] = field(default_factory=list)
    packed: list[float] = field(default_factory=list)
    stored: list[float] = field(default_factory=list)
    messages: int = 0
    stalls: list[float] = field(default_factory=list)


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=9, help="repetitions")
    options.add_argument(
        "--tongue", choices=sorted(TONGUES), default="en", help="the language of the reports"
    )
    options.add_argument(
        "--database", default="", help="a PostgreSQL to measure with; an SQLite file of its own otherwise"
    )
    chosen = options.parse_args()
    settle()
    print(
        "| report | assembled | cut | messages | cut, and files | stored, loaded | loop held up, median | worst |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for size in SIZES:
        text = Grower(7, (chosen.tongue,)).report(size)
        costs = measured(Findings(text), chosen.times, chosen.database)
        print(line(size, costs), flush=True)


def measured(findings: Findings, times: int, database_url: str) -> Costs:
    """Each step alone, then the whole way with a loop that counts."""
    costs = Costs()
    for _ in range(times):
        report = _spent(costs.assembled, lambda: assemble(findings))
        cut = _spent(costs.cut, lambda report=report: parts.cut(report))
        _spent(costs.packed, lambda report=report: packing.pack(_whole(report), 4))
        _spent(costs.stored, lambda report=report: load_report(dump_report(report)))
        costs.messages = sum(isinstance(part, parts.Part) for part in cut)
    for _ in range(times):
        costs.stalls.append(anyio.run(_way, findings, database_url))
    return costs


def line(size: int, costs: Costs) -> str:
    """One row of the table; the processor's marks are for 200 KB, the loop's for all."""
    cut, stall = median(costs.cut), median(costs.stalls)
    verdict = "" if size < max(SIZES) else f" ({'reached' if cut <= CPU_TARGET else 'MISSED'})"
    return (
        f"| {size // 1000} KB | {_ms(median(costs.assembled))} | {_ms(cut)}{verdict} | {costs.messages} | "
        f"{_ms(median(costs.packed))} | {_ms(median(costs.stored))} | "
        f"{_ms(stall)} ({'reached' if stall <= STALL_TARGET else 'MISSED'}) | {_ms(max(costs.stalls))} |"
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else "< 1 ms"


def _spent(into: list[float], work: Callable[[], T]) -> T:
    began = process_time()
    result = work()
    into.append(process_time() - began)
    return result


def _whole(report: Report) -> Whole:
    view = View("r", "Why?", "T1", "U1", Depth.STANDARD, State.COMPLETED, NOW, NOW, NOW)
    return Whole(view, report)


async def _way(findings: Findings, database_url: str) -> float:
    """From Gemini's answer to the last part in the outbox, as the bot goes it; the loop's longest gap meanwhile."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with Database.open(database_url or f"sqlite:///{folder}/bench.db") as database:
            await migrate(database)
            ledger, outbox = SqlLedger(database), SqlOutbox(database)
            name = f"r{os.urandom(6).hex()}"
            fence = await _running(ledger, name)
            async with _gemini(findings) as gemini, _watched() as gaps:
                snapshot = await gemini.fetch(INTERACTION)
                report = await anyio.to_thread.run_sync(assemble, snapshot.findings)
                await ledger.record(name, fence, Completed(report, snapshot.usage, snapshot.raw), NOW)
                await _cut(database, outbox, name)
            return max(gaps)


def _gemini(findings: Findings) -> GeminiClient:
    """A Gemini that has the findings; no network is between."""
    written = {"type": "model_output", "content": [{"type": "text", "text": findings.text}]}
    body = json.dumps({"id": INTERACTION, "status": "completed", "steps": [written]}).encode()
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=body))
    return GeminiClient("https://gemini.example", "v1beta", "key", transport=transport)


async def _running(ledger: SqlLedger, name: str) -> int:
    await ledger.ask(replace(QUESTION, research_id=name, request_key=name, team_id=name))
    (held,) = [one for one in await ledger.claim(name, NOW, 60, 50) if one.research_id == name]
    for event in (Admitted(), None, Started(f"interaction {name}")):
        if event is None:
            await ledger.mark(name, held.fence, NOW, per_user=0, total=0)
        else:
            await ledger.record(name, held.fence, event, NOW)
    return held.fence


async def _cut(database: Database, outbox: SqlOutbox, name: str) -> None:
    """What stands before the report is there already; it is cut, and its parts are stored and read."""
    await database.write(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE delivery SET state = 'sent', ts = '1.1', shown = wanted, open = (kind = 'whole') "
            f"WHERE research_id = '{name}' AND kind <> 'whole'"
        )
    )
    await database.write(
        lambda connection: connection.exec_driver_sql(
            f"UPDATE research SET thread_ts = '1.0' WHERE id = '{name}'"
        )
    )
    (errand,) = [one for one in (await outbox.claim(name, NOW, 60, 50))[0] if one.letter.research_id == name]
    whole = errand.letter.content
    assert isinstance(whole, Whole)
    letters: list[Content] = await anyio.to_thread.run_sync(packing.pack, whole, 0)
    await outbox.expand(errand, letters, NOW)
    (first,) = [one for one in (await outbox.claim(name, NOW, 60, 50))[0] if one.letter.research_id == name]
    assert isinstance(first.letter.content, Part)


@asynccontextmanager
async def _watched() -> AsyncIterator[list[float]]:
    """Notes how much of the processor we spent between two ticks of the loop, which waits that long for the others; what
    else the machine does is not in it.
    """
    gaps = [0.0]

    async def tick() -> None:
        while True:
            began = process_time()
            await anyio.sleep(TICK)
            gaps.append(process_time() - began)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick, name="tick")
        await anyio.sleep(10 * TICK)
        gaps[:] = [0.0]
        yield gaps
        await anyio.sleep(2 * TICK)
        tasks.cancel_scope.cancel()


if __name__ == "__main__":
    sys.exit(main())
