"""What Word documents are made of, where python-docx has no word for it: links, lists, repeated headers, shading."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.run import Run

from bot.slack.script import direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from docx.document import Document
    from docx.text.paragraph import Paragraph

    from bot.slack.richtext import Span

DEEPEST = 8
"""The last of the nine levels that a list of Word has."""
LARGEST = 32_767
"""The last number that an item of a list of Word may have."""
INDENT = 360
"""Twentieths of a point by which a level of a list, or a quotation, is moved in."""
_BULLETS = "•◦–"
_AFTER_BIDI = tuple(
    f"w:{tag}" for tag in ("adjustRightInd", "snapToGrid", "spacing", "ind", "jc", "rPr", "sectPr")
)
"""Properties of a paragraph that have to stand behind its direction: Word takes a wrong order for damage."""
_INVALID = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Lists:
    """The lists of one document: each has its own numbers, all of them the same two looks."""

    def __init__(self, document: Document) -> None:
        self._numbering: Any = document.part.numbering_part.element
        taken = [int(one.get(qn("w:abstractNumId"))) for one in self._numbering.findall(qn("w:abstractNum"))]
        self._looks = {False: max(taken, default=0) + 1, True: max(taken, default=0) + 2}
        for numbered, number in self._looks.items():
            look = parse_xml(_look(number, numbered=numbered))
            self._numbering.insert_element_before(look, "w:num")

    def begin(self, first: int | None) -> int:
        """A list with the numbers from `first` (at most `LARGEST`) on, or with bullets; gives its id."""
        number = self._numbering.add_num(self._looks[first is not None])
        if first is not None:
            for level in range(DEEPEST + 1):
                number.add_lvlOverride(ilvl=level).add_startOverride(first)
        return int(number.numId)


def _look(number: int, *, numbered: bool) -> str:
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{"decimal" if numbered else "bullet"}"/>'
        f'<w:lvlText w:val="{f"%{n + 1}." if numbered else _BULLETS[n % 3]}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{(n + 1) * INDENT}" w:hanging="{INDENT}"/></w:pPr></w:lvl>'
        for n in range(DEEPEST + 1)
    )
    kind = '<w:multiLevelType w:val="multilevel"/>'
    return f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">{kind}{levels}</w:abstractNum>'


class Pen:
    """Writes spans into paragraphs: runs with their styles, links to pages and to the list of sources."""

    def __init__(self, document: Document) -> None:
        self._part = document.part
        self._links: dict[str, str] = {}

    def write(self, paragraph: Paragraph, spans: Iterable[Span]) -> None:
        """Adds `spans` to a paragraph, which is turned to the side that its words are read from."""
        spans = list(spans)
        is_rtl = direction("".join(span["text"] for span in spans)) == "rtl"
        if is_rtl:
            paragraph._p.get_or_add_pPr().insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
        for span in spans:
            into = self._link(paragraph, span["url"]) if "url" in span else paragraph._p
            self._run(paragraph, into, span, is_rtl)

    def _link(self, paragraph: Paragraph, url: str) -> Any:
        found = OxmlElement("w:hyperlink")
        if url.startswith("#"):
            found.set(qn("w:anchor"), url[1:])
        else:
            if url not in self._links:
                self._links[url] = self._part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            found.set(qn("r:id"), self._links[url])
        paragraph._p.append(found)
        return found

    def _run(self, paragraph: Paragraph, into: Any, span: Span, is_rtl: bool) -> None:
        element = OxmlElement("w:r")
        into.append(element)
        run = Run(element, paragraph)
        url, style = span.get("url", ""), span.get("style", {})
        if style.get("code"):
            element.style = "CodeWords"
        elif url:
            element.style = "Link"
        run.bold, run.italic = style.get("bold"), style.get("italic")
        run.font.strike = style.get("strike")
        run.font.superscript = True if url.startswith("#") else None
        run.font.rtl = True if is_rtl and not style.get("code") else None
        run.text = valid(span["text"])


def valid(text: str) -> str:
    """`text` without the few characters that XML cannot hold."""
    return _INVALID.sub("\ufffd", text)


def dressed(paragraph: Paragraph, style: str) -> Paragraph:
    """A paragraph with the style of this id: python-docx would look for its name through all styles, each time."""
    paragraph._p.style = style
    return paragraph


def in_list(paragraph: Paragraph, number: int, level: int) -> None:
    """Makes a paragraph the item of a list."""
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = min(level, DEEPEST)
    properties.get_or_add_numId().val = number


def bookmark(paragraph: Paragraph, name: str, number: int) -> None:
    """A place that links inside the document lead to."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for one in (start, end):
        one.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    paragraph._p.extend((start, end))


def shaded(properties: Any, colour: str) -> None:
    """A coloured ground below a paragraph style or a cell."""
    ground = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        ground.set(qn(f"w:{name}"), value)
    properties.append(ground)


def repeated(row: Any) -> None:
    """A table's row that stands on top of each page that the table goes on to."""
    row.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
