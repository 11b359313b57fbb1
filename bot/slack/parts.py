"""The whole report as messages: units packed into Parts within Slack's limits, in order, pictures and files between.

Pure; the Courier posts what `cut` gives, and asks `recut` when Slack refuses a part.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.domain.findings import Picture, Report
from bot.slack import tables
from bot.slack.blocks import build
from bot.slack.budget import CLOSING_BLOCKS, MESSAGE_BLOCKS, MESSAGE_COST, MESSAGE_TOTAL, RICH_TEXT_COST
from bot.slack.cutting import code_pieces, pieces
from bot.slack.links import page, safe_url, site
from bot.slack.markdown import units
from bot.slack.plain import plain_text
from bot.slack.richtext import link, text
from bot.slack.text import clean, fallback, one_line, shortened
from bot.slack.units import Code, Grid, Header, Item, Line, Place, Rule, Unit, unit_cost, unit_links

CONTENT_BLOCKS = MESSAGE_BLOCKS - CLOSING_BLOCKS
WORTH_FILLING = 0.6  # a message emptier than this takes the beginning of what doesn't fit whole
FULL_ENOUGH = 0.85  # a message fuller than this ends before a section that would not fit
SECTION_KEPT = 3_000  # a section that costs more does not move for the table in it
_KEPT = 3  # headings in a row that move to the next message together with what they head
_EDGE = 20  # what the gaps between pieces may add


@dataclass(frozen=True, slots=True)
class Part:
    """One message: `text` is its plain, escaped fallback of at most 3,000 bytes, `blocks` are what it shows."""

    text: str
    blocks: list[dict[str, Any]]
    headings: tuple[Header, ...] = ()


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file for the thread, at its place between the messages."""

    name: str
    title: str
    mime_type: str
    content: bytes
    alt: str


def cut(report: Report) -> list[Part | FilePart]:
    """`report` and its source list as messages and files, in order, each within every limit with margin."""
    sources = {str(s.number): url for s in report.sources if (url := safe_url(clean(s.url)))}
    stream = [*units(report.markdown, sources, report.pictures), *_sources(report)]
    parts: list[Part | FilePart] = []
    packer = _Packer(stream)
    for packed in packer.messages():
        if isinstance(packed, Place):
            parts.append(_picture(report.pictures[packed.index], packed))
        elif isinstance(packed, Grid):
            number = 1 + sum(isinstance(p, FilePart) and p.mime_type == "text/csv" for p in parts)
            parts.append(_table_file(packed, number))
        else:
            blocks = build(packed)
            headings = tuple(unit for unit in packed if isinstance(unit, Header))
            parts.append(Part(fallback(plain_text(blocks)), blocks, headings))
    return parts


def blocks_of(markdown: str) -> list[dict[str, Any]]:
    """A short Markdown text from a model, such as a report's summary, as blocks for a message of the caller's own."""
    return build([unit for unit in units(markdown, {}) if not isinstance(unit, Grid | Place)])


def recut(part: Part) -> list[Part | FilePart]:
    """`part`, which Slack refused, in smaller pieces; see `bot.slack.recutting`."""
    from bot.slack.recutting import smaller

    return smaller(part)


def _sources(report: Report) -> Iterator[Unit]:
    """The source list: `1. site — title`, linked; where the address is not the site's own, it says so."""
    if report.sources:
        yield Header("Sources", 2)
    for source in report.sources:
        name = one_line(clean(source.site))
        title = shortened(one_line(clean(source.title or "")), 300)
        url = safe_url(clean(source.url))
        about = title or (page(url) if url and site(url).lower() == name.lower() else "")
        label = shortened(" — ".join(x for x in (name, about) if x), 600)
        if not url:
            shown = shortened(one_line(clean(source.url)), 8_000)
            spans = [
                text(f"{label} — {shown}" if label and shown and label != shown else label or shown or "?")
            ]
        else:
            spans = [link(url, label or site(url))]
            if site(url).lower() != name.lower():
                spans.append(text(f" (via {site(url)})"))
        yield Item(spans, 0, source.number, -1)


def _picture(picture: Picture, place: Place) -> FilePart:
    kind = picture.mime_type.split(";")[0].strip().lower()
    suffix = mimetypes.guess_extension(kind) or ".bin"
    number = place.index + 1
    about = shortened(place.near, 150)
    title = f"Picture {number} — {about}" if about else f"Picture {number}"
    alt = f"Picture {number} of the report" + (f", in the section “{about}”" if about else "")
    return FilePart(f"picture-{number}{suffix}", title, kind, picture.data, alt)


def _table_file(grid: Grid, number: int) -> FilePart:
    rows, columns = len(grid.rows) - 1, len(grid.align)
    title = f"Table {number}: all {rows:,} rows, {columns} columns"
    return FilePart(f"table-{number}.csv", title, "text/csv", tables.to_csv(grid), f"{title}, as CSV")


class _Packer:
    """Fills one message after the other; what is given back is a message's units, or a file to put there."""

    def __init__(self, stream: list[Unit]) -> None:
        self._stream = stream
        self._held: list[Unit] = []
        self._cost = 0  # counted characters of what is held, and how many of them are addresses of links
        self._links = 0
        self._blocks = 0
        self._rich = 0  # cost of the rich_text block that is open, 0 if none is
        self._table = False

    def messages(self) -> Iterator[list[Unit] | Place | Grid]:
        costs = [tables.size(unit) if isinstance(unit, Grid) else unit_cost(unit) for unit in self._stream]
        sections = _section_costs(self._stream, costs)
        for at, unit in enumerate(self._stream):
            match unit:
                case Place():
                    yield from self._close()
                    yield unit
                case Grid():
                    yield from self._grid(unit)
                case Header() if (
                    self._room() < (1 - FULL_ENOUGH) * MESSAGE_COST and sections[at] > self._room()
                ):
                    yield from self._close(keep_headers=True)
                    self._take(unit, costs[at])
                case _:
                    yield from self._add(unit, costs[at])
        yield from self._close()

    def _add(self, unit: Unit, size: int) -> Iterator[list[Unit]]:
        if self._fits(unit, size):
            self._take(unit, size)
            return
        room = self._room()
        filling = room > (1 - WORTH_FILLING) * MESSAGE_COST and self._blocks < CONTENT_BLOCKS
        if not filling:
            yield from self._close(keep_headers=True)
            room = self._room()
            if self._fits(unit, size):
                self._take(unit, size)
                return
        for n, piece in enumerate(_pieces(unit, room - 2 * _EDGE, MESSAGE_COST - 2 * _EDGE)):
            if n:
                yield from self._close()
            self._take(piece, unit_cost(piece))

    def _grid(self, grid: Grid) -> Iterator[list[Unit] | Grid]:
        split = tables.split(grid)
        for table in split or [tables.preview(grid)]:
            size = tables.size(table)
            if not self._has_room(size):
                yield from self._close(keep_headers=True, keep_section=MESSAGE_COST - size)
            if not self._has_room(size):
                yield from self._close()
            self._take(table, size)
        if split is None:
            note = Line([text("The whole table is in the attached file.", {"italic": True})])
            self._take(note, unit_cost(note))
            yield from self._close()
            yield grid

    def _has_room(self, size: int) -> bool:
        """Whether a table of this size may come into the message."""
        return not self._table and size <= self._room() and self._blocks < CONTENT_BLOCKS

    def _room(self) -> int:
        """Counted characters that still fit, whether they are seen or are addresses."""
        return min(MESSAGE_TOTAL - self._cost, MESSAGE_COST - (self._cost - self._links))

    def _opens(self, unit: Unit) -> bool:
        """Whether `unit` needs a block of its own rather than a place in the rich_text that is open."""
        return (
            isinstance(unit, Header | Rule | Grid)
            or not self._rich
            or _ends_block(self._rich, self._held[-1], unit)
        )

    def _fits(self, unit: Unit, size: int) -> bool:
        blocks = self._blocks + self._opens(unit)
        total = self._cost + size + _EDGE
        shown = total - self._links - unit_links(unit)
        return total <= MESSAGE_TOTAL and shown <= MESSAGE_COST and blocks <= CONTENT_BLOCKS

    def _take(self, unit: Unit, size: int) -> None:
        if isinstance(unit, Rule) and (not self._held or isinstance(self._held[-1], Rule | Header)):
            return
        opens = self._opens(unit)
        self._blocks += opens
        self._rich = 0 if isinstance(unit, Header | Rule | Grid) else size + (0 if opens else self._rich)
        self._table = self._table or isinstance(unit, Grid)
        self._held.append(unit)
        self._cost += size
        self._links += unit_links(unit)

    def _close(self, *, keep_headers: bool = False, keep_section: int = 0) -> Iterator[list[Unit]]:
        """End the message; with `keep_headers`, headings at its end go on to the next one, with what they head, and
        with `keep_section` so does all of the last section, if it costs no more than that.
        """
        held = self._held
        at = _last_section(held, min(keep_section, SECTION_KEPT)) if keep_headers else len(held)
        held, kept = held[:at], held[at:]
        while held and isinstance(held[-1], Rule):
            held.pop()
        self._held, self._cost, self._links, self._blocks, self._rich, self._table = [], 0, 0, 0, 0, False
        if held:
            yield held
        for unit in kept:
            self._take(unit, unit_cost(unit))


def _ends_block(rich: int, last: Unit, unit: Unit) -> bool:
    return rich > RICH_TEXT_COST and not (
        isinstance(last, Code) and isinstance(unit, Code) and last.run == unit.run
    )


def _last_section(held: list[Unit], most: int) -> int:
    """From where on `held` goes on to the next message: from its last heading, if what follows costs at most `most`,
    and the headings right above. Something always stays.
    """
    at = len(held)
    cost = 0
    for start in range(len(held) - 1, 0, -1):
        cost += unit_cost(held[start])
        if isinstance(held[start], Grid) or cost > most:
            break
        if isinstance(held[start], Header):
            at = start
            break
    least = max(1, at - _KEPT)
    while at > least and isinstance(held[at - 1], Header):
        at -= 1
    return at


def _section_costs(stream: list[Unit], own: list[int]) -> list[int]:
    """For each unit, what it and everything up to the next heading cost."""
    costs = [0] * (len(stream) + 1)
    for at in range(len(stream) - 1, -1, -1):
        after = stream[at + 1] if at + 1 < len(stream) else None
        tail = 0 if after is None or isinstance(after, Header) else costs[at + 1]
        costs[at] = own[at] + tail
    return costs


def _pieces(unit: Unit, first: int, rest: int) -> Iterator[Unit]:
    """A paragraph, item or code that is too long, in pieces of the same kind."""
    match unit:
        case Line(spans=spans, quote=quote):
            for piece in pieces(spans, first, rest):
                yield Line(piece, quote)
        case Item(spans=spans):
            for n, piece in enumerate(pieces(spans, first, rest)):
                yield Line(piece) if n else Item(piece, unit.indent, unit.number, unit.run, unit.border)
        case Code(text=value):
            for code in code_pieces(value, first, rest):
                if code.strip():
                    yield Code(code, unit.language, unit.run, unit.border)
        case _:
            yield unit
