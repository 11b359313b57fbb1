"""How tests read what Slack would show: written apart from `bot.slack.plain`, so that one checks the other."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from markdown_it import MarkdownIt

from bot.slack.parts import FilePart, Part
from bot.slack.text import clean

EMPTY_CELL = "–"
TEXT_ELEMENTS = {"text", "link"}
BLOCKS = {"header", "rich_text", "table", "divider", "section"}
RICH = {"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"}


def _inline(elements: list[dict[str, Any]], *, urls: bool) -> str:
    return "".join(e["text"] + (f" {e['url']} " if urls and "url" in e else "") for e in elements)


def _rich(element: dict[str, Any], *, urls: bool) -> str:
    if element["type"] == "rich_text_list":
        return "\n".join(_inline(item["elements"], urls=urls) for item in element["elements"])
    return _inline(element["elements"], urls=urls)


def visible_text(blocks: list[dict[str, Any]], *, urls: bool = False) -> str:
    """What a person sees of `blocks`, without list marks; with `urls`, the addresses too."""
    seen: list[str] = []
    for block in blocks:
        if block["type"] in ("header", "section"):
            seen.append(block["text"]["text"])
        elif block["type"] == "rich_text":
            seen.extend(_rich(element, urls=urls) for element in block["elements"])
        elif block["type"] == "table":
            for row in block["rows"]:
                seen.extend(_cell(cell, urls=urls) for cell in row)
    return "\n".join(seen)


def _cell(cell: dict[str, Any], *, urls: bool) -> str:
    if cell["type"] == "raw_text":
        return "" if cell["text"] == EMPTY_CELL else str(cell["text"])
    return "\n".join(_rich(element, urls=urls) for element in cell["elements"])


def seen_in(parts: list[Part | FilePart], *, urls: bool = False) -> str:
    """The visible text of all parts in order; a CSV or text file counts with its content."""
    return "\n".join(visible_text(p.blocks, urls=urls) if isinstance(p, Part) else _file(p) for p in parts)


def _file(part: FilePart) -> str:
    if part.mime_type == "text/csv":
        rows = csv.reader(io.StringIO(part.content.decode("utf-8-sig")))
        return "\n".join("\n".join(row) for row in rows)
    return part.content.decode() if part.mime_type.startswith("text/") else ""


def normalised(text: str) -> str:
    """`text` without white space, so that cuts and line ends do not count."""
    return re.sub(r"\s+", "", text)


def letters(text: str) -> str:
    """The letters and digits of `text`."""
    return "".join(c for c in text if c.isalnum())


def expected_letters(markdown: str) -> str:
    """The letters and digits that any Markdown reader shows of `markdown`, read by the stock parser."""
    stock = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    stock.disable(["html_block", "html_inline", "reference"])
    seen: list[str] = []
    for token in stock.parse(re.sub(r"\]\[\w+\]", "]", markdown)):
        for inner in token.children or [token]:
            if inner.type == "image":
                seen.append("".join(child.content for child in inner.children or []))
            elif inner.type != "inline":
                seen.append(inner.content)
    return letters(clean("".join(seen)))


def missing_letter(expected: str, shown: str) -> int | None:
    """The index of the first letter of `expected` that `shown` does not have in this order, `None` if it has all."""
    at = 0
    for index, letter in enumerate(expected):
        at = shown.find(letter, at) + 1
        if not at:
            return index
    return None
