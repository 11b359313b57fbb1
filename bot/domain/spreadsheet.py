"""Researches as CSV for a spreadsheet. Pure; nothing in a cell is a formula."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.prices import DOLLAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.status import StatusLine

COLUMNS = (
    "id", "asked", "asker", "asker name", "channel", "kind of channel", "depth", "state", "trouble", "started", "ended",
    "US dollars", "estimated", "input tokens", "cached tokens", "output tokens", "thought tokens", "tool tokens",
    "searches", "sources", "not delivered", "question",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, full-width forms included (OWASP: CSV injection)."""


def defused(cell: str) -> str:
    """The cell as text that no spreadsheet executes: with an apostrophe before it where it would."""
    return (
        f"'{cell}" if cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell
    )


def csv_of(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it. Numbers stay numbers, all else is defused."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def researches(lines: Iterable[StatusLine]) -> bytes:
    """One research a row; of those that the reader may not see, what the list shows of them too."""
    return csv_of(COLUMNS, map(_row, lines))


def _row(line: StatusLine) -> list[object]:
    view, usage = line.view, line.view.usage
    return [
        view.research_id, view.asked_at, view.asker_id, view.asker_name, line.channel_id, line.channel_kind.value,
        view.depth.value, view.state.value, view.trouble.code if view.trouble else "", view.started_at, view.ended_at,
        view.cost.micros / DOLLAR if view.cost else 0, "yes" if view.cost and view.cost.is_estimate else "",
        *(getattr(usage, name) if usage else None for name in
          ("input_tokens", "cached_tokens", "output_tokens", "thought_tokens", "tool_tokens", "searches")),
        view.sources, line.undelivered, view.question,
    ]  # fmt: skip


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return defused(str(value))
