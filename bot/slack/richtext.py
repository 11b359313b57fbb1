"""Rich text of Slack: inline Markdown tokens become text and link elements, never mrkdwn, never a mention.

A Span is one element (`{"type": "text" | "link", …}`); `bot.slack.markdown` puts spans into paragraphs, items, cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from markdown_it.token import Token

from bot.domain.findings import CITATION, CITE_CLOSE, CITE_OPEN
from bot.slack.links import bare_links, safe_url, site, tells_where
from bot.slack.text import clean, escaped_length

Span = dict[str, Any]
Style = dict[str, bool]

SPAN_COST = 6  # what an element may add to Slack's count besides its characters: unpublished, so a margin
LABEL = 1_000  # longer link labels become several links to the same place, so that they can be cut

_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}
_BREAK = re.compile(r"(?i)<br\s*/?>")
_STARTS_LINE = re.compile(r"\s*(?:\\?\[\^?\w{1,4}\\?\]|[•·▪‣–—-]\s|\*\*|\d{1,3}[.)]\s)")
_WRAPPED_LINE = 60  # a paragraph whose lines are all this long was wrapped by width: its line ends are spaces


def text(value: str, style: Style | None = None) -> Span:
    """A literal text element; `value` must not be empty."""
    return {"type": "text", "text": value, "style": dict(style)} if style else {"type": "text", "text": value}


def link(url: str, label: str, style: Style | None = None) -> Span:
    """A link element; `url` must come from `safe_url`."""
    span: Span = {"type": "link", "url": url, "text": label}
    if style:
        span["style"] = dict(style)
    return span


def cost(spans: Iterable[Span]) -> int:
    """Counted characters of `spans`: escaped text, addresses, and a margin for each element."""
    total = 0
    for span in spans:
        total += escaped_length(span["text"]) + SPAN_COST
        if "url" in span:
            total += escaped_length(span["url"])
    return total


def plain(spans: Iterable[Span], *, addresses: bool = False) -> str:
    """The visible text of `spans`; with `addresses`, what a link leads to stands behind its label."""
    if not addresses:
        return "".join(s["text"] for s in spans)
    return "".join(
        f"{s['text']} ({s['url']})" if "url" in s and s["url"] != s["text"] else s["text"] for s in spans
    )


class Inline:
    """Turns the inline tokens of one report into spans; `sources` maps citation numbers to addresses."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources

    def spans(self, tokens: Sequence[Token], *, wrapped: bool = False) -> list[Span]:
        """The spans of `tokens`: adjacent text joined, outer white space removed; `[]` if nothing is visible.

        With `wrapped`, line ends are spaces (see `is_wrapped`).
        """
        out: list[Span] = []
        depth = {"bold": 0, "italic": 0, "strike": 0}
        style: Style | None = None
        at = 0
        while at < len(tokens):
            token = tokens[at]
            kind = token.type
            if kind == "link_open":
                end = _closing(tokens, at)
                self._linked(out, token, tokens[at + 1 : end], style)
                at = end
            elif token.tag in _STYLES:
                depth[_STYLES[token.tag]] += token.nesting
                style = {name: True for name, level in depth.items() if level > 0} or None
            elif kind == "image":
                self._image(out, token, style)
            elif kind == "code_inline":
                _append(out, uncited(token.content), {**(style or {}), "code": True})
            elif kind in ("softbreak", "hardbreak"):
                _append(out, " " if wrapped and kind == "softbreak" else "\n", style)
            else:
                self._text(out, token.content if kind == "text" else clean(token.content), style)
            at += 1
        return stripped(out)

    def _text(self, out: list[Span], content: str, style: Style | None) -> None:
        if "<" in content:
            content = _BREAK.sub("\n", content)
        if CITE_OPEN not in content:
            self._addresses(out, content, style)
            return
        at = 0
        for match in CITATION.finditer(content):
            self._addresses(out, content[at : match.start()], style)
            out.extend(self._citation(match[1], style))
            at = match.end()
        self._addresses(out, content[at:], style)

    def _addresses(self, out: list[Span], content: str, style: Style | None) -> None:
        content = content.replace(CITE_OPEN, "").replace(CITE_CLOSE, "")
        at = 0
        for start, end in bare_links(content) if "://" in content else ():
            _append(out, content[at:start], style)
            out.extend(_labelled(safe_url(content[start:end]) or "", content[start:end], style))
            at = end
        _append(out, content[at:], style)

    def _citation(self, numbers: str, style: Style | None) -> Iterator[Span]:
        for number in numbers.split(","):
            if number:
                url = self._sources.get(number)
                label = f"[{number}]"
                yield link(url, label, style) if url else text(label, style)

    def _linked(self, out: list[Span], opened: Token, inside: Sequence[Token], style: Style | None) -> None:
        label = _Label(self._sources).spans(inside)
        if opened.markup == "autolink" and safe_url(clean(str(opened.attrs["href"]))) is None:
            _append(out, f"<{plain(label)}>", style)
            return
        self._link(out, str(opened.attrs["href"]), label, style)
        for image in (token for token in inside if token.type == "image"):
            _append(out, " ", style)
            self._link(out, str(image.attrs.get("src", "")), [text("image")], style)

    def _link(self, out: list[Span], href: str, label: list[Span], style: Style | None) -> None:
        """A link with its styles; the site stands behind it unless the label says it (`tells_where`)."""
        href = clean(href)
        url = safe_url(href)
        shown = plain(label)
        if url is None:
            for span in label:
                _append(out, span["text"], _merged(style, span))
            if href and not href.startswith("#") and href != shown:
                _append(out, f" ({href})" if label else href, style)
            return
        for span in label or [text(site(url))]:
            out.extend(_labelled(url, span["text"], _merged(style, span)))
        if label and not tells_where(shown, url):
            _append(out, f" ({site(url)})", style)

    def _image(self, out: list[Span], token: Token, style: Style | None) -> None:
        label = _Label(self._sources).spans(token.children or [])
        self._link(out, str(token.attrs.get("src", "")), label or [text("image")], style)


class _Label(Inline):
    """What is inside a link: words only, since links do not nest."""

    def _addresses(self, out: list[Span], content: str, style: Style | None) -> None:
        _append(out, content.replace(CITE_OPEN, "").replace(CITE_CLOSE, ""), style)

    def _citation(self, numbers: str, style: Style | None) -> Iterator[Span]:
        yield text("".join(f"[{number}]" for number in numbers.split(",") if number) or "[?]", style)

    def _linked(self, out: list[Span], opened: Token, inside: Sequence[Token], style: Style | None) -> None:
        for span in self.spans(inside):
            _append(out, span["text"], _merged(style, span))

    def _image(self, out: list[Span], token: Token, style: Style | None) -> None:
        _append(out, plain(self.spans(token.children or [])) or "image", style)


def _closing(tokens: Sequence[Token], at: int) -> int:
    """The index of the `link_close` of the `link_open` at `at`; links do not nest, images inside are one token."""
    return next((n for n in range(at + 1, len(tokens)) if tokens[n].type == "link_close"), len(tokens))


def _labelled(url: str, label: str, style: Style | None) -> Iterator[Span]:
    for start in range(0, len(label), LABEL):
        yield link(url, label[start : start + LABEL], style)


def _merged(style: Style | None, span: Span) -> Style | None:
    return {**(style or {}), **span.get("style", {})} or None


def uncited(content: str) -> str:
    """Code keeps citations as plain numbers."""
    return CITATION.sub(lambda m: f"[{m[1]}]", content).replace(CITE_OPEN, "").replace(CITE_CLOSE, "")


def _append(out: list[Span], value: str, style: Style | None) -> None:
    if not value:
        return
    if out:
        last = out[-1]
        if last["type"] == "text" and last.get("style") == style:
            last["text"] += value
            return
    out.append(text(value, style))


def stripped(spans: list[Span]) -> list[Span]:
    """`spans` without white space at both ends; `[]` if there is nothing else."""
    while spans and spans[0]["type"] == "text" and not spans[0]["text"].strip():
        spans = spans[1:]
    if spans and spans[0]["type"] == "text":
        spans = [{**spans[0], "text": spans[0]["text"].lstrip()}, *spans[1:]]
    while spans and spans[-1]["type"] == "text" and not spans[-1]["text"].strip():
        spans = spans[:-1]
    if spans and spans[-1]["type"] == "text":
        spans = [*spans[:-1], {**spans[-1], "text": spans[-1]["text"].rstrip()}]
    return spans


def is_wrapped(content: str) -> bool:
    """Whether the line ends in a paragraph come from wrapping at a width rather than from its author."""
    lines = content.split("\n")
    if any(_STARTS_LINE.match(line) for line in lines[1:]):
        return False
    return len(lines) > 1 and all(len(line) >= _WRAPPED_LINE for line in lines[:-1])
