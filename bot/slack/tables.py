"""Tables: a Markdown grid becomes one table block, several with the header repeated, or a CSV file with a preview."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from bot.slack.budget import TABLE_CHARACTERS, TABLE_COLUMNS, TABLE_ROWS, Block
from bot.slack.cutting import cost_exceeds, pieces
from bot.slack.richtext import Span, cost, plain, text
from bot.slack.units import Grid, unit_cost

EMPTY = "–"  # Slack refuses empty text; what an empty cell shows
MOST_TABLES = 4  # a table that would need more messages than this goes into a file
PREVIEW_ROWS = 20
PREVIEW_CELL = 200

_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,\s]*%?$)")


def split(grid: Grid) -> list[Grid] | None:
    """`grid` as tables within Slack's limits, each with the header row; `None` if it belongs into a file."""
    header, *body = grid.rows
    width = len(grid.align)
    head = _row_cost(header, width)
    if width > TABLE_COLUMNS or any(head + _row_cost(row, width) > TABLE_CHARACTERS for row in body or [[]]):
        return None
    tables: list[list[list[list[Span]]]] = [[header]]
    used = head
    for row in body:
        size = _row_cost(row, width)
        if len(tables[-1]) >= TABLE_ROWS or used + size > TABLE_CHARACTERS:
            tables.append([header])
            used = head
        tables[-1].append(row)
        used += size
    return [Grid(rows, grid.align) for rows in tables] if len(tables) <= MOST_TABLES else None


def preview(grid: Grid) -> Grid:
    """The beginning of a table whose whole is in a file: few rows and columns, long cells shortened."""
    rows = [[_shortened(cell) for cell in row[:TABLE_COLUMNS]] for row in grid.rows[: PREVIEW_ROWS + 1]]
    while len(rows) > 1 and sum(_row_cost(row, TABLE_COLUMNS) for row in rows) > TABLE_CHARACTERS // 2:
        rows.pop()
    return Grid(rows, grid.align[:TABLE_COLUMNS])


def _shortened(cell: list[Span]) -> list[Span]:
    if not cost_exceeds(cell, PREVIEW_CELL):
        return cell
    if cell[0]["type"] == "link":
        return [text("…")]
    head = next(pieces(cell, PREVIEW_CELL, PREVIEW_CELL))
    return [*head, text("…")] if cost(head) <= 2 * PREVIEW_CELL else [text("…")]


def _row_cost(row: list[list[Span]], width: int) -> int:
    return sum(cost(cell) if cell else len(EMPTY) for cell in row) + (width - len(row)) * len(EMPTY)


def block(grid: Grid) -> Block:
    """The table block of a grid that `split` or `preview` made."""
    settings: list[dict[str, Any]] = [{"is_wrapped": True, "align": align or "left"} for align in grid.align]
    rows = [[_cell(cell) for cell in [*row, *[[]] * (len(grid.align) - len(row))]] for row in _shown(grid)]
    return {"type": "table", "rows": rows, "column_settings": settings}


def _shown(grid: Grid) -> list[list[list[Span]]]:
    """Without a header that says nothing: Markdown demands one, Slack does not."""
    header, *body = grid.rows
    return grid.rows if any(header) or not body else body


def _cell(spans: list[Span]) -> dict[str, Any]:
    if not spans:
        return {"type": "raw_text", "text": EMPTY}
    if len(spans) == 1 and spans[0].keys() == {"type", "text"}:
        return {"type": "raw_text", "text": spans[0]["text"]}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": spans}]}


def to_csv(grid: Grid) -> bytes:
    """The whole table as CSV (UTF-8 with BOM, so that Excel reads it); no cell can run as a formula there."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in grid.rows:
        writer.writerow([_unarmed(plain(cell, addresses=True)) for cell in row])
    return ("\ufeff" + out.getvalue()).encode()


def _unarmed(value: str) -> str:
    return f"'{value}" if _FORMULA.match(value) else value


def size(grid: Grid) -> int:
    """Counted characters of the grid in a message."""
    return unit_cost(grid) + len(grid.rows) * len(grid.align) * len(EMPTY)
