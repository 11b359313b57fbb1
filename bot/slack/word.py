"""A report as a Word document: real headings, nested lists, tables, code, links, and citations that lead to the sources.

Needs the extra `export`; runs in a process of its own (`bot.slack.printing`). Walks the tokens that the HTML is made of.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_DIRECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Emu, Mm, Pt, RGBColor, Twips
from docx.table import _Cell
from PIL import Image

from bot.domain.report import title as title_of
from bot.slack import grammar
from bot.slack.html import caption, shape
from bot.slack.links import safe_url, site
from bot.slack.ooxml import INDENT, LARGEST, Lists, Pen, bookmark, dressed, in_list, repeated, shaded, valid
from bot.slack.richtext import Inline, is_wrapped, link, plain, text, uncited
from bot.slack.script import direction, language
from bot.slack.text import clean, one_line, shortened

if TYPE_CHECKING:
    from datetime import datetime

    from docx.text.paragraph import Paragraph
    from markdown_it.token import Token

    from bot.domain.report import Picture, Report, Source
    from bot.slack.richtext import Span

PAGE, MARGIN = (Mm(210), Mm(297)), Mm(20)
GREY, BLUE = RGBColor(0x61, 0x60, 0x61), RGBColor(0x12, 0x64, 0xA3)
_PIXEL = 9525
"""Units of Word in a pixel of a screen."""
_ALIGN = {"right": WD_ALIGN_PARAGRAPH.RIGHT, "center": WD_ALIGN_PARAGRAPH.CENTER}


def to_word(report: Report, *, question: str, about: str, at: datetime) -> bytes:
    """The document; of who asked or made it nothing is in it."""
    writer = _Writer(report)
    writer.head(clean(question).strip(), one_line(clean(about)))
    writer.body()
    writer.sources()
    properties = writer.document.core_properties
    properties.title = valid(shortened(one_line(clean(title_of(report) or question)), 200))
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.created = properties.modified = at.replace(tzinfo=None)
    properties.language = language(report.markdown)
    stream = io.BytesIO()
    writer.document.save(stream)
    return stream.getvalue()


class _Writer:
    """Walks the tokens once; `_lists` and `_quotes` are what the walk is inside of."""

    def __init__(self, report: Report) -> None:
        self.document = Document()
        _dress(self.document)
        self._report = report
        self._pen = Pen(self.document)
        self._numbering = Lists(self.document)
        self._inline = Inline({str(s.number): f"#source-{s.number}" for s in report.sources})
        self._env: grammar.Env = {}
        self._lists: list[int] = []
        self._quotes = 0
        self._opens_item = False
        self._too_large = ""
        self._near = ""

    def head(self, question: str, about: str) -> None:
        """Who wanted to know what, and what this is."""
        self._pen.write(self._new("Question"), [text(question or "Report")])
        self._pen.write(self._new("Small"), [text(about or " ")])

    def body(self) -> None:
        """The report's text, its pictures in place."""
        source = clean(self._report.markdown)
        places = [
            (len(clean(self._report.markdown[: p.position])), n) for n, p in enumerate(self._report.pictures)
        ]
        tokens = grammar.with_pictures(grammar.parse(source, self._env), source, places)
        for before, token in zip([None, *tokens], tokens, strict=False):
            match token.type:
                case "inline" if before and before.type == "heading_open":
                    self._heading(token, int(before.tag[1]))
                case "inline":
                    spans = self._spans(token.content, wrapped=is_wrapped(token.content))
                    self._pen.write(self._paragraph(), spans)
                case "definition":
                    self._pen.write(self._paragraph(), [text(token.content)])
                case _:
                    self._other(token)

    def sources(self) -> None:
        """The numbered list that citations lead to."""
        if not self._report.sources:
            return
        self._pen.write(self._new("Heading2"), [text("Sources")])
        number = self._numbering.begin(1)
        for source in self._report.sources:
            paragraph = self._new()
            in_list(paragraph, number, 0)
            bookmark(paragraph, f"source-{source.number}", source.number)
            self._pen.write(paragraph, _source(source))

    def _other(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._list_opens(int(token.attrs.get("start", 1)) if token.type[0] == "o" else None)
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._opens_item = True
            case "list_item_close" if self._opens_item:
                self._paragraph()  # an item without text: its number may be the year that a line consists of
            case "blockquote_open" | "blockquote_close":
                self._quotes += token.nesting
            case "fence" | "code_block" | "math":
                self._code(token)
            case "grid":
                self._table(token.meta["rows"], token.meta["align"])
            case "hr" if not token.meta:
                self._new("Rule")
            case "picture":
                self._picture(self._report.pictures[token.meta["index"]], token.meta["index"] + 1)

    def _list_opens(self, first: int | None) -> None:
        """A number too large for Word stands in the text, and bullets before the rest."""
        self._too_large = f"{first}. " if first is not None and first > LARGEST else ""
        self._lists.append(self._numbering.begin(None if self._too_large else first))

    def _spans(self, content: str, *, wrapped: bool = False) -> list[Span]:
        return self._inline.spans(grammar.inline(content, self._env), wrapped=wrapped)

    def _heading(self, token: Token, level: int) -> None:
        spans = self._spans(token.content)
        self._opens_item = False
        if spans:
            self._near = one_line(plain(spans))
            self._pen.write(self._new(f"Heading{level}"), spans)

    def _new(self, style: str = "") -> Paragraph:
        paragraph = self.document.add_paragraph()
        return dressed(paragraph, style) if style else paragraph

    def _paragraph(self, style: str = "") -> Paragraph:
        """The next paragraph where the walk is: of an item, of a quotation, or on its own."""
        paragraph = self._new(style or ("Quote" if self._quotes else ""))
        level = len(self._lists) - 1
        if self._lists and self._opens_item:
            in_list(paragraph, self._lists[-1], level)
            self._opens_item = False
            if self._too_large:
                self._pen.write(paragraph, [text(self._too_large)])
                self._too_large = ""
        elif self._lists or self._quotes:
            paragraph.paragraph_format.left_indent = Twips((level + 1 + self._quotes) * INDENT)
        return paragraph

    def _code(self, token: Token) -> None:
        content, info = uncited(token.content).strip("\n").rstrip(), one_line(clean(token.info))
        if info:
            self._pen.write(self._paragraph("Small"), [text(info)])
        if content.strip():
            self._paragraph("Code").add_run(valid(content))

    def _table(self, rows: list[list[str]], align: list[str]) -> None:
        is_wide = bool(shape(rows))
        if is_wide:
            self._turn()
        width = max(map(len, rows))
        table = self.document.add_table(len(rows), width, style="Table Grid")
        if direction("".join(map("".join, rows))) == "rtl":
            table.table_direction = WD_TABLE_DIRECTION.RTL
        repeated(table._tbl.tr_lst[0])
        for n, (made, row) in enumerate(zip(table._tbl.tr_lst, rows, strict=True)):
            for column, (cell, content) in enumerate(zip(made.tc_lst, row, strict=False)):
                paragraph = dressed(_Cell(cell, table).paragraphs[0], "TableText")
                if column < len(align) and align[column] in _ALIGN:
                    paragraph.alignment = _ALIGN[align[column]]
                spans = self._spans(content)
                self._pen.write(paragraph, [_bold(span) for span in spans] if n == 0 else spans)
                if n == 0:
                    shaded(cell.get_or_add_tcPr(), "F2F2F2")
        if is_wide:
            self._turn()
        else:
            self._new("Rule")

    def _turn(self) -> None:
        """From here on pages lie on their side, or stand up again."""
        last = self.document.sections[-1]
        height, width = last.page_height, last.page_width
        section = self.document.add_section()
        section.page_width, section.page_height = height, width
        is_landscape = last.orientation == WD_ORIENT.LANDSCAPE
        section.orientation = WD_ORIENT.PORTRAIT if is_landscape else WD_ORIENT.LANDSCAPE

    def _picture(self, picture: Picture, number: int) -> None:
        title = caption(number, self._near)
        if image := _image(picture.data):
            content, pixels = image
            most = PAGE[0] - 2 * MARGIN
            run = self._new().add_run()
            shown = run.add_picture(io.BytesIO(content), width=Emu(min(most, pixels * _PIXEL)))
            shown._inline.docPr.set("descr", valid(title))
        self._pen.write(self._new("Small"), [text(title)])


def _source(source: Source) -> list[Span]:
    label = " — ".join(one_line(clean(x)) for x in (source.site, source.title) if x)
    url = safe_url(clean(source.url))
    if not url:
        return [text(f"{label} {one_line(clean(source.url))}".strip() or "?")]
    via = [text(f" (via {site(url)})")] if site(url).lower() != one_line(clean(source.site)).lower() else []
    return [link(url, label or site(url)), *via]


def _bold(span: Span) -> Span:
    return {**span, "style": {**span.get("style", {}), "bold": True}}


def _image(data: bytes) -> tuple[bytes, int] | None:
    """A picture made anew, so that nothing but its pixels is in the document, and its width; None if it is none."""
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "GIF", "WEBP")) as image:
            is_photo = image.format == "JPEG"
            image.convert("RGB" if is_photo else "RGBA").save(out, "JPEG" if is_photo else "PNG")
            return out.getvalue(), image.width
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _dress(document: Any) -> None:
    """Paper, margins, and the styles that the default template has not."""
    section = document.sections[0]
    section.page_width, section.page_height = PAGE
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = MARGIN
    styles = document.styles
    styles["Normal"].font.name, styles["Normal"].font.size = "Calibri", Pt(10.5)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for name, size, colour in (("Question", 12, None), ("Small", 8.5, GREY), ("Table Text", 8.5, None)):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size, style.font.color.rgb = styles["Normal"], Pt(size), colour
    styles["Question"].font.bold = True
    styles["Table Text"].paragraph_format.space_after = Pt(0)
    rule = styles.add_style("Rule", WD_STYLE_TYPE.PARAGRAPH)
    rule.base_style, rule.font.size = styles["Normal"], Pt(4)
    code = styles.add_style("Code", WD_STYLE_TYPE.PARAGRAPH)
    code.base_style, code.font.name, code.font.size = styles["Normal"], "Consolas", Pt(9)
    shaded(code.element.get_or_add_pPr(), "F6F6F6")
    words = styles.add_style("Code Words", WD_STYLE_TYPE.CHARACTER)
    words.font.name, words.font.size = "Consolas", Pt(9.5)
    styles.add_style("Link", WD_STYLE_TYPE.CHARACTER).font.color.rgb = BLUE
