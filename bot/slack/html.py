"""The body of the HTML export: the grammar's tokens as HTML, everything escaped, links checked, no script."""

from __future__ import annotations

import base64
import re
from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from bot.domain.findings import CITATION, CITE_CLOSE, CITE_OPEN, Picture, Report
from bot.slack import grammar
from bot.slack.links import bare_links, safe_url, site, tells_where
from bot.slack.richtext import Inline, plain, uncited
from bot.slack.text import clean, one_line, shortened

Options = OptionsDict
Env = MutableMapping[str, Any]
ENTRY = 150
"""Characters of a heading where it stands for its section."""
TYPED = 120
"""Characters of an address that somebody may copy from paper."""
UPRIGHT, SIDEWAYS = 100, 170
"""Characters that fit side by side on a page in the size that tables are printed in, and on one that lies on its side."""
CELL = 3
"""Characters that the borders of a cell take."""
_WORD = re.compile(r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")
_BREAK = re.compile(r"(?i)<br\s*/?>")
_IMAGE = re.compile(r"image/[a-z0-9.+-]+$")


class Body:
    """One report on its way to HTML; `html` first, then `contents`, which needs the headings it met."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._headings: list[tuple[int, str, str]] = []

    def html(self) -> str:
        """The report's text, its pictures in place."""
        env: grammar.Env = {}
        source = clean(self._report.markdown)
        places = [
            (len(clean(self._report.markdown[: p.position])), n) for n, p in enumerate(self._report.pictures)
        ]
        tokens = grammar.with_pictures(grammar.parse(source, env), source, places)
        for at, token in enumerate(tokens):
            if token.type == "inline":
                token.children = grammar.inline(token.content, env)
                if tokens[at - 1].type == "heading_open":
                    self._heading(tokens[at - 1], token.children)
        return str(_Renderer(self._report).render(tokens, Options(_OPTIONS), env))

    def contents(self) -> str:
        """The table of contents; nothing for a report with fewer than three headings."""
        if len(self._headings) < 3:
            return ""
        lines = [
            f'<li class="in{level}"><a href="#{name}">{shown}</a></li>'
            for level, name, shown in self._headings
        ]
        return f'<nav aria-label="Contents"><p>Contents</p><ol>{"".join(lines)}</ol></nav>'

    def sources(self) -> str:
        """The numbered source list that citations lead to."""
        if not self._report.sources:
            return ""
        lines = []
        for source in self._report.sources:
            name = one_line(clean(source.site))
            label = escape(" — ".join(one_line(clean(x)) for x in (source.site, source.title) if x))
            url = safe_url(clean(source.url))
            via = (
                f' <span class="where">(via {escape(site(url))})</span>' if url and site(url) != name else ""
            )
            typed = url and not via and len(url) <= TYPED
            address = f' <span class="address">{escape(url or "")}</span>' if typed else ""
            shown = (
                f"{_anchor(url)}{label}</a>{via}{address}" if url else f"{label} {escape(clean(source.url))}"
            )
            lines.append(f'<li id="source-{source.number}" value="{source.number}">{shown}</li>')
        return f'<section><h2 id="sources">Sources</h2><ol>{"".join(lines)}</ol></section>'

    def _heading(self, token: Token, children: list[Token]) -> None:
        shown = one_line(CITATION.sub("", plain(Inline({}).spans(children))))
        name = f"section-{len(self._headings) + 1}"
        token.attrs["id"] = name
        if shown:
            self._headings.append(
                (min(int(token.tag[1]), 3), name, escape(shortened(_uncited(shown), ENTRY)))
            )


_OPTIONS: Any = {
    "xhtmlOut": False,
    "breaks": False,
    "langPrefix": "language-",
    "highlight": None,
    "html": False,
}


class _Renderer(RendererHTML):
    """markdown-it's renderer, with our own tokens, citations, and links that show where they go."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self._report = report
        self._known = {str(s.number) for s in report.sources}
        self._closing: list[str] = []

    def text(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return self._text(tokens[idx].content)

    def text_special(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return self._text(clean(tokens[idx].content))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return f"<code>{escape(uncited(tokens[idx].content))}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        info = clean(tokens[idx].info.strip())
        caption = f'<p class="where">{escape(info)}</p>' if info else ""
        return f"{caption}<pre><code>{escape(uncited(tokens[idx].content))}</code></pre>\n"

    def code_block(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return self.fence(tokens, idx, options, env)

    def math(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return self.fence(tokens, idx, options, env)

    def definition(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return f"<p>{self._text(tokens[idx].content)}</p>\n"

    def softbreak(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return "\n"

    def grid(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        rows, align = tokens[idx].meta["rows"], tokens[idx].meta["align"]
        shown = [self._row(row, align, "td" if n else "th", options, env) for n, row in enumerate(rows)]
        head, body = shown[0], "".join(shown[1:])
        table = f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
        kind = f"scroll {shape(rows)}".strip()
        return f'<div class="{kind}" role="region" aria-label="Table" tabindex="0">{table}</div>\n'

    def _row(self, row: list[str], align: list[str], tag: str, options: Options, env: Env) -> str:
        cells = []
        for n, cell in enumerate(row):
            kind = f' class="{align[n]}"' if n < len(align) and align[n] in ("right", "center") else ""
            cells.append(
                f"<{tag}{kind}>{self.renderInline(grammar.inline(cell, dict(env)), options, env)}</{tag}>"
            )
        return f"<tr>{''.join(cells)}</tr>"

    def picture(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        index = tokens[idx].meta["index"]
        title = escape(caption(index + 1, _above(tokens, idx)))
        uri = image_uri(self._report.pictures[index])
        image = f'<img alt="{title}" src="{uri}">' if uri else ""
        return f"<figure>{image}<figcaption>{title}</figcaption></figure>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        href = clean(str(tokens[idx].attrs["href"]))
        end = next((n for n in range(idx, len(tokens)) if tokens[n].type == "link_close"), len(tokens))
        label = plain(Inline({}).spans(tokens[idx + 1 : end]))
        url = safe_url(href)
        if url is None and tokens[idx].markup == "autolink":
            self._closing.append("&gt;")
            return "&lt;"
        if url is None:
            self._closing.append("" if href.startswith("#") or href == label else f" ({escape(href)})")
            return ""
        where = "" if tells_where(label, url) else f' <span class="where">({escape(site(url))})</span>'
        self._closing.append(f"{'' if label else escape(url)}</a>{where}")
        return _anchor(url)

    def link_close(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        return self._closing.pop() if self._closing else ""

    def image(self, tokens: Sequence[Token], idx: int, options: Options, env: Env) -> str:
        src = clean(str(tokens[idx].attrs.get("src", "")))
        label = plain(Inline({}).spans(tokens[idx].children or [])) or "image"
        url = safe_url(src)
        if url is None or self._closing:
            return f"{escape(label)} ({escape(src)})"
        return f'{_anchor(url)}{escape(label)}</a> <span class="where">({escape(site(url))})</span>'

    def _text(self, content: str) -> str:
        out: list[str] = []
        at = 0
        for match in CITATION.finditer(content):
            out += (self._words(content[at : match.start()]), self._citation(match[1]))
            at = match.end()
        out.append(self._words(content[at:]))
        return "".join(out)

    def _citation(self, numbers: str) -> str:
        shown = [
            f'<a href="#source-{n}">[{n}]</a>' if n in self._known else f"[{escape(n)}]"
            for n in numbers.split(",")
            if n
        ]
        return f"<sup>{''.join(shown)}</sup>"

    def _words(self, content: str) -> str:
        content = content.replace(CITE_OPEN, "").replace(CITE_CLOSE, "")
        out: list[str] = []
        at = 0
        for start, end in bare_links(content) if "://" in content and not self._closing else ():
            address = content[start:end]
            out += (_lines(content[at:start]), f"{_anchor(safe_url(address) or '')}{escape(address)}</a>")
            at = end
        return "".join([*out, _lines(content[at:])])


def _lines(content: str) -> str:
    return "<br>".join(escape(piece) for piece in _BREAK.split(content))


def _anchor(url: str) -> str:
    return f'<a href="{escape(url)}" rel="noopener noreferrer nofollow">'


def caption(number: int, near: str) -> str:
    """What stands below a picture, and is said to who cannot see it: its number, and the heading above it."""
    return f"Picture {number}" + (f" — {shortened(near, ENTRY)}" if near else "")


def _above(tokens: Sequence[Token], idx: int) -> str:
    """The words of the nearest heading above a token."""
    for at in range(idx - 1, 0, -1):
        if tokens[at - 1].type == "heading_open":
            return _uncited(one_line(CITATION.sub("", plain(Inline({}).spans(tokens[at].children or [])))))
    return ""


def _uncited(words: str) -> str:
    return re.sub(r"\[\d+\??\]", "", words).strip()


def shape(rows: list[list[str]]) -> str:
    """How a table is printed, from the longest words of its columns: upright, on its side, or squeezed there."""
    width = max(map(len, rows))
    columns = [[row[n] for row in rows if n < len(row)] for n in range(width)]
    needed = sum(max(map(_longest_word, cells)) + CELL for cells in columns)
    return "wide tight" if needed > SIDEWAYS else "wide" if needed > UPRIGHT else ""


def _longest_word(cell: str) -> int:
    return max(map(len, _WORD.findall(cell)), default=0)


def image_uri(picture: Picture) -> str | None:
    """The picture as a `data:` address, `None` if its type is not an image's."""
    kind = picture.mime_type.split(";")[0].strip().lower()
    return f"data:{kind};base64,{base64.b64encode(picture.data).decode()}" if _IMAGE.match(kind) else None
