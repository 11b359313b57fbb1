"""Units become Block Kit blocks, as raw dicts: neighbours of a kind share one section, list, quote or code block."""

from __future__ import annotations

from typing import Any

from bot.slack import tables
from bot.slack.budget import RICH_TEXT_COST, Block
from bot.slack.richtext import Span, text
from bot.slack.units import Code, Grid, Header, Item, Line, Place, Rule, Unit, unit_cost


def build(units: list[Unit]) -> list[Block]:
    """The blocks of one message; `units` hold no Place."""
    blocks: list[Block] = []
    rich: _RichText | None = None
    for unit in units:
        match unit:
            case Header(text=value):
                blocks.append(
                    {"type": "header", "text": {"type": "plain_text", "text": value, "emoji": False}}
                )
                rich = None
            case Rule():
                blocks.append({"type": "divider"})
                rich = None
            case Grid():
                blocks.append(tables.block(unit))
                rich = None
            case Line() | Item() | Code():
                if rich is None or rich.is_full(unit):
                    rich = _RichText()
                    blocks.append({"type": "rich_text", "elements": rich.elements})
                rich.add(unit)
            case Place():
                raise ValueError("a picture is a part of its own")
    return blocks


class _RichText:
    """One rich_text block while it grows."""

    def __init__(self) -> None:
        self.elements: list[dict[str, Any]] = []
        self._last: Unit | None = None
        self._cost = 0

    def is_full(self, unit: Line | Item | Code) -> bool:
        continued = isinstance(self._last, Code) and isinstance(unit, Code) and self._last.run == unit.run
        return self._cost > RICH_TEXT_COST and not continued

    def add(self, unit: Line | Item | Code) -> None:
        last = self._last
        match unit:
            case Line(spans=spans, quote=quote):
                if isinstance(last, Line) and last.quote == quote:
                    self._continue("\n\n", spans)
                else:
                    kind = "rich_text_quote" if quote else "rich_text_section"
                    self.elements.append({"type": kind, "elements": list(spans)})
            case Item():
                self._item(unit, last)
            case Code(text=value, run=run):
                if isinstance(last, Code) and last.run == run:
                    self.elements[-1]["elements"][0]["text"] += f"\n{value}"
                else:
                    self._code(unit)
        self._last = unit
        self._cost += unit_cost(unit)

    def _continue(self, gap: str, spans: list[Span]) -> None:
        elements: list[Span] = self.elements[-1]["elements"]
        for span in (text(gap), *spans):
            if _is_bare(span) and _is_bare(elements[-1]):
                elements[-1] = text(elements[-1]["text"] + span["text"])
            else:
                elements.append(span)

    def _item(self, item: Item, last: Unit | None) -> None:
        section = {"type": "rich_text_section", "elements": item.spans}
        if isinstance(last, Item) and _continues(last, item):
            self.elements[-1]["elements"].append(section)
            return
        block: dict[str, Any] = {
            "type": "rich_text_list",
            "style": "ordered" if item.number else "bullet",
            "indent": item.indent,
            "elements": [section],
        }
        if item.number > 1:
            block["offset"] = item.number - 1
        if item.border:
            block["border"] = 1
        self.elements.append(block)

    def _code(self, code: Code) -> None:
        block: dict[str, Any] = {"type": "rich_text_preformatted", "elements": [text(code.text)]}
        if code.language:
            block["language"] = code.language
        if code.border:
            block["border"] = 1
        self.elements.append(block)


def _continues(last: Item, item: Item) -> bool:
    """Whether `item` goes into the same rich_text_list as `last`."""
    if (last.run, last.indent, last.border) != (item.run, item.indent, item.border):
        return False
    return item.number == last.number + 1 if last.number else not item.number


def _is_bare(span: Span) -> bool:
    return span["type"] == "text" and "style" not in span
