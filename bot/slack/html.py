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
from bot.slack.text import clean, one_line

STYLE = """
:root{color-scheme:light dark;--ink:#1d1c1d;--paper:#fff;--soft:#616061;--line:#ddd;--shade:#f6f6f6;--link:#1264a3}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#1a1d21;--soft:#ababad;--line:#3a3d42;--shade:#222529;--link:#5eb3f0}}
body{margin:0 auto;max-width:46rem;padding:2rem 1rem 4rem;background:var(--paper);color:var(--ink);font:1rem/1.6 system-ui,sans-serif}
h1,h2,h3,h4,h5,h6{line-height:1.25;margin:2em 0 .6em}p,li,td,th,blockquote,h1,h2,h3,h4,h5,h6{unicode-bidi:plaintext;overflow-wrap:anywhere}
a{color:var(--link)}.where,.about{color:var(--soft);font-size:.85em}.question{white-space:pre-wrap;font-weight:600}
header,nav{border-bottom:1px solid var(--line);margin-bottom:1.5rem}nav ol{list-style:none;padding:0}.in2{margin-inline-start:1rem}.in3{margin-inline-start:2rem}
pre{background:var(--shade);padding:.8rem;overflow-x:auto;border-radius:6px}code{font-family:ui-monospace,monospace;font-size:.9em}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.92em}th,td{border:1px solid var(--line);padding:.35rem .6rem;text-align:start;vertical-align:top}
th{background:var(--shade)}.right{text-align:right}.center{text-align:center}blockquote{margin-inline:0;padding-inline-start:1rem;border-inline-start:3px solid var(--line)}
img{max-width:100%;height:auto}figure{margin:1.5rem 0}figcaption{color:var(--soft);font-size:.85em}sup{line-height:0}
@media print{body{max-width:none;padding:0;background:#fff;color:#000}nav{display:none}a{color:#000}table,figure,pre{break-inside:avoid}h2,h3{break-after:avoid}}
"""

Options = OptionsDict
Env = MutableMapping[str, Any]
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
        return f'<nav aria-label="Contents"><ol>{"".join(lines)}</ol></nav>'

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
            shown = f"{_anchor(url)}{label}</a>{via}" if url else f"{label} {escape(clean(source.url))}"
            lines.append(f'<li id="source-{source.number}" value="{source.number}">{shown}</li>')
        return f'<section><h2 id="sources">Sources</h2><ol>{"".join(lines)}</ol></section>'

    def _heading(self, token: Token, children: list[Token]) -> None:
        shown = one_line(CITATION.sub("", plain(Inline({}).spans(children))))
        name = f"section-{len(self._headings) + 1}"
        token.attrs["id"] = name
        if shown:
            self._headings.append(
                (min(int(token.tag[1]), 3), name, escape(re.sub(r"\[\d+\??\]", "", shown).strip()))
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
        return f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>\n'

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
        caption = f"Picture {index + 1}"
        uri = image_uri(self._report.pictures[index])
        image = f'<img alt="{caption}" src="{uri}">' if uri else ""
        return f"<figure>{image}<figcaption>{caption}</figcaption></figure>\n"

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


def image_uri(picture: Picture) -> str | None:
    """The picture as a `data:` address, `None` if its type is not an image's."""
    kind = picture.mime_type.split(";")[0].strip().lower()
    return f"data:{kind};base64,{base64.b64encode(picture.data).decode()}" if _IMAGE.match(kind) else None
