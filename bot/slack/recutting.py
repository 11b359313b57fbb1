"""A part that Slack refused, cut smaller: halves at block borders, then plain text, in the end a file.

No state is needed: what a part consists of tells how far it has been cut, and nothing is lost on the way. What ends a
report (`closing`) stays behind everything else; of it, only buttons that Slack refuses are given up.
"""

from __future__ import annotations

from bot.slack.budget import SECTION_CHARACTERS, Block
from bot.slack.closing import parted
from bot.slack.cutting import pieces
from bot.slack.parts import FilePart, Part
from bot.slack.plain import plain_text
from bot.slack.richtext import text
from bot.slack.text import fallback

_SMALL = 600  # plain text this short that is still refused goes into a file


def smaller(part: Part) -> list[Part | FilePart]:
    """Two or more smaller parts with the same content in the same order, or one file."""
    content, end = parted(part.blocks)
    if content and end:
        return [_part(content), _part(end)]
    if len(end) > 1:
        return [_part(end[:1])]
    if len(part.blocks) > 1:
        middle = _border(part.blocks)
        return [_part(part.blocks[:middle]), _part(part.blocks[middle:])]
    block: Block = part.blocks[0] if part.blocks else {"type": "none"}
    if block["type"] == "rich_text" and len(block["elements"]) > 1:
        return [_part([_rich(half)]) for half in _halves(block["elements"])]
    if block["type"] == "rich_text" and _is_long_list(block["elements"][0]):
        return [_part([_rich([half])]) for half in _list_halves(block["elements"][0])]
    shown = plain_text(part.blocks, addresses=True) or part.text
    if block["type"] == "section":
        return _plain(shown, len(shown) // 2 + 1) if len(shown) > _SMALL else [_file(shown)]
    if block["type"] not in ("rich_text", "header", "table"):
        return [_file(shown)]
    return _plain(shown, SECTION_CHARACTERS)


def _part(blocks: list[Block]) -> Part:
    return Part(fallback(plain_text(blocks)), blocks)


def _border(blocks: list[Block]) -> int:
    """The border nearest the middle that leaves no heading at the end of the first half."""
    middle = len(blocks) // 2
    at = middle
    while at > 1 and blocks[at - 1]["type"] == "header":
        at -= 1
    return at if blocks[at - 1]["type"] != "header" else middle


def _rich(elements: list[Block]) -> Block:
    return {"type": "rich_text", "elements": elements}


def _halves(elements: list[Block]) -> tuple[list[Block], list[Block]]:
    middle = len(elements) // 2
    return elements[:middle], elements[middle:]


def _is_long_list(element: Block) -> bool:
    return element["type"] == "rich_text_list" and len(element["elements"]) > 1


def _list_halves(element: Block) -> tuple[Block, Block]:
    first, second = _halves(element["elements"])
    rest = {**element, "elements": second}
    if element["style"] == "ordered":
        rest["offset"] = element.get("offset", 0) + len(first)
    return {**element, "elements": first}, rest


def _plain(shown: str, limit: int) -> list[Part | FilePart]:
    """`shown` as parts of one plain section each: no markup at all."""
    parts: list[Part | FilePart] = []
    for piece in pieces([text(shown)], min(limit, SECTION_CHARACTERS), min(limit, SECTION_CHARACTERS)):
        value = "".join(span["text"] for span in piece)
        block: Block = {"type": "section", "text": {"type": "plain_text", "text": value, "emoji": False}}
        parts.append(_part([block]))
    return parts or [_file(shown)]


def _file(shown: str) -> FilePart:
    title = "Part of the report"
    return FilePart("part-of-the-report.txt", title, "text/plain", shown.encode(), f"{title}, as text")
