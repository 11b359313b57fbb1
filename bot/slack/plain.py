"""Blocks as plain text: for the fallback of a message, and for pieces of a message that Slack refused."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.slack.budget import Block
from bot.slack.richtext import plain


def plain_text(blocks: Iterable[Block], *, addresses: bool = False) -> str:
    """Everything that `blocks` show, as text; with `addresses`, also where their links lead."""
    return "\n\n".join(shown for block in blocks if (shown := _shown(block, addresses).strip("\n")))


def _shown(block: Block, addresses: bool) -> str:
    match block["type"]:
        case "header" | "section":
            return str(block["text"]["text"])
        case "rich_text":
            return "\n".join(_element(element, addresses) for element in block["elements"])
        case "table":
            return "\n".join(" | ".join(_cell(cell, addresses) for cell in row) for row in block["rows"])
        case "context":
            return " ".join(str(element["text"]) for element in block["elements"] if "text" in element)
        case "divider":
            return "———"
    return ""


def _element(element: dict[str, Any], addresses: bool) -> str:
    match element["type"]:
        case "rich_text_list":
            start = element.get("offset", 0) + 1
            ordered = element["style"] == "ordered"
            margin = "  " * element.get("indent", 0)
            return "\n".join(
                f"{margin}{f'{number}.' if ordered else '•'} {plain(item['elements'], addresses=addresses)}"
                for number, item in enumerate(element["elements"], start)
            )
        case "rich_text_quote":
            return "> " + plain(element["elements"], addresses=addresses)
        case _:
            return plain(element["elements"], addresses=addresses)


def _cell(cell: dict[str, Any], addresses: bool) -> str:
    if cell["type"] == "raw_text":
        return str(cell["text"])
    return " ".join(plain(element["elements"], addresses=addresses) for element in cell["elements"])
