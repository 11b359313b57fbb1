"""Gemini says that it is over: which end that is, and what it brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio.to_thread

from bot.domain.interaction import Phase
from bot.domain.redirects import redirects, resolved
from bot.domain.report import assemble
from bot.domain.research import Completed, Failed, Planned, Stopped, Trouble
from bot.errors import GeminiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.errands import Held
    from bot.domain.interaction import Snapshot
    from bot.domain.report import Report
    from bot.domain.research import Event
    from bot.work.bench import Bench

LOOK_AGAIN = (2.0, 4.0, 8.0)
"""Seconds between looks for text or usage that Gemini adds a moment after the end."""


async def conclude(bench: Bench, held: Held, snapshot: Snapshot) -> None:
    """Records the end that `snapshot` shows.

    A completed run without text is looked at a few more times before it counts as failed. Missing usage is no
    reason to keep the report back: it is asked for afterwards.
    """
    if snapshot.phase is Phase.COMPLETED and not snapshot.findings.text.strip():
        snapshot = await _until(bench, snapshot, lambda seen: bool(seen.findings.text.strip()))
    event = event_of(snapshot, await report_of(bench, snapshot))
    if held.is_planning and isinstance(event, Completed):
        event = Planned(event.report, event.usage, event.raw)
    await bench.record(held, event)
    if snapshot.usage is None and snapshot.phase is Phase.COMPLETED:
        later = await _until(bench, snapshot, lambda seen: seen.usage is not None)
        if later.usage is not None:
            await bench.ledger.note_usage(held.research_id, held.fence, later.usage, bench.clock.now())
            bench.deliveries.ring()


def event_of(snapshot: Snapshot, report: Report | None) -> Event:
    """The end that a terminal snapshot means, with the `report` that it brought."""
    match snapshot.phase:
        case Phase.COMPLETED if report is not None:
            return Completed(report, snapshot.usage, snapshot.raw)
        case Phase.COMPLETED:
            return Failed(Trouble("empty"), None, snapshot.usage, snapshot.raw)
        case Phase.STOPPED:
            return Stopped(report, snapshot.usage, snapshot.raw)
        case _:
            trouble = Trouble(snapshot.status or "failed", snapshot.trouble)
            return Failed(trouble, report, snapshot.usage, snapshot.raw)


async def report_of(bench: Bench, snapshot: Snapshot) -> Report | None:
    """The report of a snapshot that has a text, its redirects resolved as far as that takes no longer than a moment:
    before anything is stored or told, so that every number and link is the same everywhere.
    """
    if not snapshot.findings.text.strip():
        return None
    report = await anyio.to_thread.run_sync(assemble, snapshot.findings)
    wanted = redirects(report)
    if not wanted:
        return report
    pages = await bench.researcher.resolve(wanted)
    bench.journal.note("report.links_resolved", redirects=len(wanted), resolved=len(pages))
    return await anyio.to_thread.run_sync(resolved, report, pages)


async def _until(bench: Bench, snapshot: Snapshot, enough: Callable[[Snapshot], bool]) -> Snapshot:
    for pause in LOOK_AGAIN:
        await bench.clock.sleep(pause)
        try:
            snapshot = await bench.researcher.fetch(snapshot.interaction_id)
        except GeminiError as error:
            bench.journal.note("interaction.fetch_failed", error=error.detail)
            continue
        if enough(snapshot):
            break
    return snapshot
