"""What an event brings, ready for its rows: made in a thread before the transaction, since a long report takes a while."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import anyio.to_thread

from bot.domain.length import words
from bot.domain.report import summary
from bot.domain.research import Completed, Failed, Planned, Stopped
from bot.store.codec import dump_report

if TYPE_CHECKING:
    from bot.domain.report import Report
    from bot.domain.research import Event


@dataclass(frozen=True, slots=True)
class Brought:
    """A report or a plan as it is stored, what its outcome says of it, and the raw answer beside it (zlib)."""

    body: str
    raw: bytes
    summary: str
    words: int
    sources: int
    is_whole: bool


async def brought_by(event: Event) -> Brought | None:
    """What `event` brings; None where there is no text. A plan is no whole report either."""
    match event:
        case Completed(report=report, raw=raw) | Planned(plan=report, raw=raw):
            pass
        case Failed(partial=found, raw=raw) | Stopped(partial=found, raw=raw) if found is not None:
            report = found
        case _:
            return None
    return await anyio.to_thread.run_sync(_made, report, raw, isinstance(event, Completed))


def _made(report: Report, raw: bytes, is_whole: bool) -> Brought:
    return Brought(
        body=dump_report(report),
        raw=zlib.compress(raw),
        summary=summary(report),
        words=words(report.markdown),
        sources=len(report.sources),
        is_whole=is_whole,
    )
