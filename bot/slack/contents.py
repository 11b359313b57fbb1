"""What a long report consists of, as a message whose lines lead to its parts. Pure.

Slack opens a file at its beginning only, so a line leads to a heading where the report's messages are in the thread, and
to the attached file where they are not.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bot.domain.letters import Contents, Entry
from bot.slack.elements import Block, Message, context, plain_text, rich_text, section, text
from bot.slack.plain import plain_text as shown
from bot.slack.richtext import link
from bot.slack.text import fallback, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bot.slack.units import Header

MOST = 30  # lines; of a report with more headings the deeper ones are left out
FEWEST = 2
TITLE_CHARACTERS = 100


def contents(
    headings: Iterable[tuple[int, Header]], about: str, end: Iterable[Block] = ()
) -> Contents | None:
    """The contents for `headings` and the place of each, with `end` below; None where they would say nothing.

    Without the report's own title, and without the deepest headings if there are too many.
    """
    found = [Entry(shortened(h.text, TITLE_CHARACTERS), h.level, place) for place, h in headings]
    if found and found[0].level == 1 and sum(entry.level == 1 for entry in found) == 1:
        found = found[1:]
    while len(found) > MOST and len({entry.level for entry in found}) > 1:
        deepest = max(entry.level for entry in found)
        found = [entry for entry in found if entry.level < deepest]
    if len(found) < FEWEST:
        return None
    more = f" {len(found) - MOST} more are left out." if len(found) > MOST else ""
    return Contents(tuple(found[:MOST]), about + more, tuple(end))


def contents_message(contents: Contents, links: Mapping[int, str]) -> Message:
    """The message; `links` holds an address for each place that has one."""
    blocks: list[Block] = [{"type": "header", "text": plain_text("Contents")}, _listed(contents, links)]
    if contents.about:
        blocks.append(context(contents.about))
    blocks.extend(contents.end)
    return Message(fallback(shown(blocks)), blocks)


def _listed(contents: Contents, links: Mapping[int, str]) -> Block:
    top = min(entry.level for entry in contents.entries)
    lists = [
        {
            "type": "rich_text_list",
            "style": "bullet",
            "indent": level - top,
            "elements": [section(_line(entry, links.get(entry.place))) for entry in group],
        }
        for level, group in groupby(contents.entries, key=lambda entry: entry.level)
    ]
    return rich_text(*lists)


def _line(entry: Entry, url: str | None) -> Block:
    return link(url, entry.title) if url else text(entry.title)
