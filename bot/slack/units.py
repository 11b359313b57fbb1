"""What a report consists of once its Markdown is read: the smallest things that stay together in a message.

Made by `bot.slack.markdown`, packed by `bot.slack.parts`, drawn by `bot.slack.blocks`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.slack.budget import HEADER_COST
from bot.slack.richtext import Span, cost
from bot.slack.text import escaped_length


@dataclass(frozen=True, slots=True)
class Header:
    """A heading drawn as a header block."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or, with `quote`, a paragraph of the quotation number `quote`."""

    spans: list[Span]
    quote: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """A list item; `number` 0 is a bullet. Items with the same `run` belong to one list."""

    spans: list[Span]
    indent: int
    number: int
    run: int
    border: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """Code or display mathematics; pieces with the same `run` are one block."""

    text: str
    language: str | None
    run: int
    border: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: rows of cells, the first one the header, short ones not filled up; `align` for every column, or ""."""

    rows: list[list[list[Span]]]
    align: list[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """A thematic break."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the report's picture `index` belongs; `near` is the heading above it."""

    index: int
    near: str


Unit = Header | Line | Item | Code | Grid | Rule | Place


def unit_cost(unit: Unit) -> int:
    """Counted characters of `unit` in a message (`bot.slack.budget`)."""
    match unit:
        case Header(text=value):
            return escaped_length(value) + HEADER_COST
        case Line(spans=spans) | Item(spans=spans):
            return cost(spans) + 2
        case Code(text=value):
            return escaped_length(value) + 2
        case Grid(rows=rows):
            return sum(cost(cell) for row in rows for cell in row)
        case Rule() | Place():
            return 1


def unit_links(unit: Unit) -> int:
    """How much of `unit_cost` the addresses of links are, which nobody sees."""
    match unit:
        case Line(spans=spans) | Item(spans=spans):
            return _addresses(spans)
        case Grid(rows=rows):
            return sum(_addresses(cell) for row in rows for cell in row)
        case _:
            return 0


def _addresses(spans: list[Span]) -> int:
    return sum(escaped_length(span["url"]) for span in spans if "url" in span)
