"""A whole report as letters: its parts in order, and for a long one the same report as files to keep.

Pure; stands between `parts.py` and `export.py`, which know reports, and the Courier, which knows letters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain import letters
from bot.domain.policy import OFFERS
from bot.slack import export, parts
from bot.slack.budget import Block, excess
from bot.slack.closing import DISCLAIMER, closing
from bot.slack.plain import plain_text
from bot.slack.text import clean, fallback, one_line, shortened

if TYPE_CHECKING:
    from bot.domain.letters import Whole

SHORT = 4  # messages; what is longer comes as files too
NAME_CHARACTERS = 60
TITLE_CHARACTERS = 150

_NOT_IN_NAMES = re.compile(r"[\W_]+")


def pack(whole: Whole) -> list[letters.Content]:
    """The parts of a report, the `.md` and `.html` of one with more than four messages, and what ends it."""
    packed = [_letter(part) for part in parts.cut(whole.report)]
    if sum(isinstance(part, letters.Part) for part in packed) > SHORT:
        packed.extend(_files(whole))
    return ended(packed, closing(whole.view))


def ended(packed: list[letters.Content], end: list[Block]) -> list[letters.Content]:
    """`packed` with `end` below its last message; in one of its own where a file comes last, or there is no room."""
    last = packed[-1] if packed else None
    if isinstance(last, letters.Part) and excess(joined := [*last.blocks, *end]) is None:
        return [*packed[:-1], letters.Part(last.text, joined)]
    return [*packed, letters.Part(fallback(plain_text(end)), end)]


def repack(part: letters.Part) -> list[letters.Content]:
    """A part that Slack refused, in smaller ones; empty if there is nothing smaller."""
    return [_letter(piece) for piece in parts.recut(parts.Part(part.text, part.blocks))]


def _letter(part: parts.Part | parts.FilePart) -> letters.Content:
    if isinstance(part, parts.Part):
        return letters.Part(part.text, part.blocks)
    return letters.File(part.name, part.title, part.mime_type, part.alt, part.content)


def _files(whole: Whole) -> list[letters.Content]:
    view, report = whole.view, whole.report
    name = one_line(clean(view.question)) or "Report"
    stem = _NOT_IN_NAMES.sub("-", name.lower())[:NAME_CHARACTERS].strip("-") or "report"
    shown = shortened(name, TITLE_CHARACTERS)
    day = (view.ended_at or view.asked_at).date().isoformat()
    about = f"{OFFERS[view.depth].name}, {day}. {DISCLAIMER}"
    markdown = export.to_markdown(report, question=view.question, about=about)
    page = export.to_html(report, question=view.question, about=about)
    return [
        letters.File(f"{stem}.md", f"{shown} (Markdown)", "text/markdown", "", markdown.encode()),
        letters.File(f"{stem}.html", f"{shown} (web page)", "text/html", "", page.encode()),
    ]
