"""The whole report as one file: Markdown for editors, or HTML that needs nothing but itself and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape

from bot.domain.findings import CITATION, CITE_CLOSE, CITE_OPEN, Picture, Report
from bot.domain.report import title
from bot.slack import grammar
from bot.slack.html import Body, image_uri
from bot.slack.links import safe_url, site
from bot.slack.script import direction, language
from bot.slack.style import SCREEN
from bot.slack.text import clean, one_line, shortened


def to_markdown(report: Report, *, question: str, about: str) -> str:
    """The report as Markdown: question, `about` (who, when, with what), text, sources; pictures as data at the end."""
    markdown = clean(report.markdown)
    places = [(len(clean(report.markdown[: p.position])), n) for n, p in enumerate(report.pictures)]
    tokens = grammar.with_pictures(grammar.parse(markdown, {}) if places else [], markdown, places)
    for place in reversed([t.meta for t in tokens if t.type == "picture"]):
        at, number = place["at"], place["index"] + 1
        markdown = f"{markdown[:at].rstrip()}\n\n![Picture {number}][picture-{number}]\n\n{markdown[at:]}"
    urls = {str(s.number): url for s in report.sources if (url := safe_url(clean(s.url)))}
    body = CITATION.sub(lambda m: _cited(m[1], urls), markdown).replace(CITE_OPEN, "").replace(CITE_CLOSE, "")
    asked = "\n".join(f"> {line}".rstrip() for line in clean(question).strip().split("\n"))
    pieces = [asked, one_line(clean(about)), body.strip(), _source_list(report), _data(report.pictures)]
    return "\n\n".join(piece for piece in pieces if piece) + "\n"


def to_html(report: Report, *, question: str, about: str, style: str = SCREEN) -> str:
    """The report as one HTML page: contents, anchors, pictures inside, light and dark, printable; no script at all."""
    body = Body(report)
    article = body.html()
    name = escape(shortened(one_line(clean(title(report) or question)), 200) or "Report")
    fingerprint = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{fingerprint}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        [
            "<!doctype html>",
            f'<html dir="{direction(report.markdown)}" lang="{language(report.markdown)}"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer"><meta name="color-scheme" content="light dark">',
            f"<title>{name}</title><style>{style}</style></head><body>",
            f'<header><p class="question" dir="{direction(question)}">{escape(clean(question).strip())}</p>',
            f'<p class="about" dir="ltr">{escape(one_line(clean(about)))}</p></header>',
            body.contents(),
            f"<main>{article}</main>",
            body.sources(),
            "</body></html>\n",
        ]
    )


def _cited(numbers: str, urls: dict[str, str]) -> str:
    return "".join(f"[[{n}]]({urls[n]})" if n in urls else f"[{n}]" for n in numbers.split(",") if n)


def _source_list(report: Report) -> str:
    if not report.sources:
        return ""
    lines = ["## Sources", ""]
    for source in report.sources:
        label = " — ".join(one_line(clean(x)) for x in (source.site, source.title) if x)
        label = re.sub(r"([\[\]\\*_`<])", r"\\\1", label)
        url = safe_url(clean(source.url))
        via = f" (via {site(url)})" if url and site(url).lower() != source.site.lower() else ""
        shown = f"[{label}]({_in_parentheses(url)}){via}" if url else f"{label} {one_line(clean(source.url))}"
        lines.append(f"{source.number}. {shown}")
    return "\n".join(lines)


def _in_parentheses(url: str) -> str:
    return url.replace("(", "%28").replace(")", "%29")


def _data(pictures: tuple[Picture, ...]) -> str:
    return "\n".join(f"[picture-{n}]: {uri}" for n, p in enumerate(pictures, 1) if (uri := image_uri(p)))
