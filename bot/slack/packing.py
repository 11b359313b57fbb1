"""A whole report as letters: its parts in order, and for a long one the same report as files to keep.

Pure; stands between `parts.py` and `export.py`, which know reports, and the Courier, which knows letters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain import letters
from bot.domain.length import length, words
from bot.domain.policy import OFFERS, Depth
from bot.domain.report import Report
from bot.errors import NotMade
from bot.slack import export, parts, press
from bot.slack.answers import introduced
from bot.slack.budget import Block, excess
from bot.slack.closing import DISCLAIMER, closing
from bot.slack.contents import contents, contents_message
from bot.slack.elements import rich_text, section, text
from bot.slack.plain import plain_text
from bot.slack.printing import Job
from bot.slack.text import clean, fallback, one_line, shortened

if TYPE_CHECKING:
    from bot.domain.letters import Export, View, Whole
    from bot.slack.units import Header

SHORT = 4  # messages; what is longer comes as files too, and with contents
MARKDOWN_FILE = 1  # its place among the letters of a report that comes in brief
NAME_CHARACTERS = 60
TITLE_CHARACTERS = 150

_KINDS = {
    letters.Form.PDF: ("PDF", "application/pdf"),
    letters.Form.WORD: ("Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}
_NOT_IN_NAMES = re.compile(r"[\W_]+")


def pack(whole: Whole, most: int) -> list[letters.Content]:
    """A report as the thread gets it: whole with up to `most` messages (0: always), else its files, contents and
    sources. A long one that is whole is followed by its files and its contents, which lead back up.

    A plan is only its parts: what can be done with it stands in a message below, which changes.
    """
    cut = parts.cut(whole.report)
    if whole.is_plan:
        return [_letter(part) for part in cut]
    messages = sum(isinstance(part, parts.Part) for part in cut)
    headings = [
        (n, h) for n, part in enumerate(cut, 1) if isinstance(part, parts.Part) for h in part.headings
    ]
    if not whole.in_full and whole.view.depth is not Depth.QUICK and 0 < most < messages:
        return _in_brief(whole, [heading for _, heading in headings], messages)
    end = closing(whole.view)
    packed = [_letter(part) for part in cut]
    if whole.view.depth is Depth.QUICK and isinstance(packed[0], letters.Part):
        packed[0] = introduced(whole.view, packed[0])
    if messages <= SHORT:
        return ended(packed, end)
    if not whole.in_full:
        packed.extend(_files(whole))
    if guide := contents(headings, "Each line leads to its place above.", end):
        return [*packed, guide]
    return ended(packed, end)


def _in_brief(whole: Whole, headings: list[Header], messages: int) -> list[letters.Content]:
    """What there is to a long report besides the outcome, which gives its summary."""
    report = whole.report
    own = headings[:-1] if report.sources else headings
    pictures = f", {len(report.pictures)} pictures" if report.pictures else ""
    about = f"All of it is in the files above: {length(words(report.markdown))}{pictures}."
    guide = contents(
        [(MARKDOWN_FILE, heading) for heading in own], f"{about} Each line opens the first of them."
    )
    sources = [_letter(part) for part in parts.cut(Report("", report.sources))]
    return ended(
        [*_files(whole), *([guide] if guide else []), *sources], closing(whole.view, hidden=messages)
    )


def ended(packed: list[letters.Content], end: list[Block]) -> list[letters.Content]:
    """`packed` with `end` below its last message; in one of its own where a file comes last, or there is no room."""
    last = packed[-1] if packed else None
    if isinstance(last, letters.Part) and excess(joined := [*last.blocks, *end]) is None:
        return [*packed[:-1], letters.Part(last.text, joined)]
    return [*packed, letters.Part(fallback(plain_text(end)), end)]


def repack(content: letters.Part | letters.Contents) -> list[letters.Content]:
    """A part that Slack refused, in smaller ones, contents without their links; never empty."""
    if isinstance(content, letters.Contents):
        plain = contents_message(content, {})
        return [letters.Part(plain.text, plain.blocks)]
    return [_letter(piece) for piece in parts.recut(parts.Part(content.text, content.blocks))]


def _letter(part: parts.Part | parts.FilePart) -> letters.Content:
    if isinstance(part, parts.Part):
        return letters.Part(part.text, part.blocks)
    return letters.File(part.name, part.title, part.mime_type, part.alt, part.content)


async def make(wanted: Export) -> list[letters.Content]:
    """The report as a file that somebody asked for, or the words that say why there is none."""
    view = wanted.view
    at = view.ended_at or view.asked_at
    job = Job(wanted.form, wanted.report, view.question, _about(view), at)
    try:
        content = await press.make(job)
    except NotMade as error:
        words = f"{error.sentence} Press the button again for another try."
        return [letters.Part(words, [rich_text(section(text(words)))])]
    return [_file(view, wanted.form.value, *_KINDS[wanted.form], content)]


def _files(whole: Whole) -> list[letters.Content]:
    view, report, about = whole.view, whole.report, _about(whole.view)
    markdown = export.to_markdown(report, question=view.question, about=about)
    page = export.to_html(report, question=view.question, about=about)
    return [
        _file(view, "md", "Markdown", "text/markdown", markdown.encode()),
        _file(view, "html", "web page", "text/html", page.encode()),
    ]


def _about(view: View) -> str:
    day = (view.ended_at or view.asked_at).date().isoformat()
    return f"{OFFERS[view.depth].name}, {day}. {DISCLAIMER}"


def _file(view: View, suffix: str, kind: str, mime_type: str, content: bytes) -> letters.File:
    name = one_line(clean(view.question)) or "Report"
    stem = _NOT_IN_NAMES.sub("-", name.lower())[:NAME_CHARACTERS].strip("-") or "report"
    title = f"{shortened(name, TITLE_CHARACTERS)} ({kind})"
    return letters.File(f"{stem}.{suffix}", title, mime_type, "", content)
