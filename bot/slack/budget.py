"""What one Slack message may hold, and how much of it blocks use up. Every limit here keeps a margin.

Slack docs: Block Kit (50 blocks, header 150, table 100 x 20 and 10,000 characters, one table a message); the whole
message's limit is unpublished: about 13,200 counted characters were measured, headings counting 100 more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.slack.text import escaped_length

Block = dict[str, Any]

MESSAGE_BLOCKS = 40
CLOSING_BLOCKS = 4  # of them, kept free for what ends a report (`bot.slack.closing`)
MESSAGE_COST = 10_500  # what is visible
MESSAGE_TOTAL = 12_500  # with the addresses of links; whether Slack counts those in rich_text is not known
RICH_TEXT_COST = (
    3_000  # a rich_text block has no published limit; a section has this one, so blocks end near it
)
TEXT_BYTES = 3_000
HEADER_COST = 100
TABLE_ROWS = 100
TABLE_COLUMNS = 20
TABLE_CHARACTERS = 9_000
SECTION_CHARACTERS = 2_900


def counted(blocks: Iterable[Block], *, addresses: bool = False) -> int:
    """Characters as Slack seems to count them: visible text escaped, 100 for each heading, `addresses` if asked."""
    keys = ("text", "url") if addresses else ("text",)
    return sum(_counted(block, keys) for block in blocks)


def _counted(value: Any, keys: tuple[str, ...]) -> int:
    if isinstance(value, list):
        return sum(_counted(item, keys) for item in value)
    if not isinstance(value, dict):
        return 0
    own = HEADER_COST if value.get("type") == "header" else 0
    for key, inner in value.items():
        if key in keys and isinstance(inner, str):
            own += escaped_length(inner)
        else:
            own += _counted(inner, keys)
    return own


def table_characters(block: Block) -> int:
    """The aggregate of all cells, which Slack limits to 10,000 for a table."""
    return _counted(block["rows"], ("text", "url"))


def excess(blocks: list[Block]) -> str | None:
    """What about `blocks` is over this module's limits, `None` if nothing is."""
    if len(blocks) > MESSAGE_BLOCKS:
        return f"{len(blocks)} blocks"
    if (cost := counted(blocks)) > MESSAGE_COST:
        return f"{cost} counted characters"
    if (total := counted(blocks, addresses=True)) > MESSAGE_TOTAL:
        return f"{total} counted characters with addresses"
    tables = [block for block in blocks if block["type"] == "table"]
    if len(tables) > 1:
        return f"{len(tables)} tables"
    for table in tables:
        widest = max(len(row) for row in table["rows"])
        if (
            len(table["rows"]) > TABLE_ROWS
            or widest > TABLE_COLUMNS
            or table_characters(table) > TABLE_CHARACTERS
        ):
            return "a table too large"
    return None
