"""Google's redirects in a report: which there are, where one may lead, and the report with their pages in place. Pure.

Deep Research cites through `vertexaisearch…/grounding-api-redirect/…`, addresses that say nothing and die after a while.
`ports.Researcher.resolve` asks where they lead; what it does not learn stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.domain.citations import REDIRECT_HOST, edited, key_of, site_of
from bot.domain.findings import CITATION, CITE_CLOSE, CITE_OPEN, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.findings import Source

LONGEST = 2_000
_REDIRECT = re.compile(rf"https?://{re.escape(REDIRECT_HOST)}/grounding-api-redirect/[\w\-.~%=]+", re.ASCII)
_NAME = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})\.?", re.IGNORECASE
)
_INSIDE = re.compile(
    r"(?:^|\.)(?:localhost|local|localdomain|internal|intranet|private|corp|home|lan|arpa|onion)\.?$",
    re.IGNORECASE,
)


def redirects(report: Report) -> list[str]:
    """The redirects of a report's sources and text, each once."""
    listed = [source.url for source in report.sources if is_redirect(source.url)]
    return list(dict.fromkeys([*listed, *_REDIRECT.findall(report.markdown)]))


def is_redirect(url: str) -> bool:
    """Whether `url` is an address that only Google can say the page of."""
    return _REDIRECT.fullmatch(url) is not None


def is_public(url: str) -> bool:
    """Whether a redirect may lead to `url`: a page on the web, known by a name, that is nobody's own network.

    Addresses of machines are refused in every notation, and with them those of metadata services and loopback.
    """
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or re.search(r"[\s\\<>\"`{|}^]", url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    known = parts.scheme in ("http", "https") and parts.username is None and port in (None, 80, 443)
    return known and _NAME.fullmatch(host) is not None and not _INSIDE.search(host)


def resolved(report: Report, pages: Mapping[str, str]) -> Report:
    """`report` with the pages that its redirects lead to. Sources that turn out to be one page become one source, and
    the citations in the text follow.
    """
    if not pages:
        return report
    sources, numbers = _merged(report.sources, pages)
    edits = (
        [(m.start(), m.end(), _cited(m[1], numbers)) for m in CITATION.finditer(report.markdown)]
        if len(sources) < len(report.sources)
        else []
    )
    edits += [
        (m.start(), m.end(), _in_text(pages[m[0]]))
        for m in _REDIRECT.finditer(report.markdown)
        if m[0] in pages
    ]
    markdown, moved = edited(report.markdown, sorted(edits))
    pictures = tuple(replace(picture, position=moved(picture.position)) for picture in report.pictures)
    return Report(markdown, sources, pictures)


def _merged(
    sources: tuple[Source, ...], pages: Mapping[str, str]
) -> tuple[tuple[Source, ...], dict[int, int]]:
    """The sources by their pages, numbered anew, and the new number of each old one."""
    by_page: dict[str, Source] = {}
    numbers: dict[int, int] = {}
    for source in sources:
        url = pages.get(source.url, source.url)
        site = site_of(url) if url != source.url else source.site
        new = replace(source, number=len(by_page) + 1, url=url, site=site)
        kept = by_page.setdefault(key_of(url), new)
        if kept.title is None:
            by_page[key_of(url)] = replace(kept, title=source.title)
        numbers[source.number] = kept.number
    return tuple(by_page.values()), numbers


def _cited(listed: str, numbers: Mapping[int, int]) -> str:
    shown = [str(numbers.get(int(n), n)) if n.isdecimal() else n for n in listed.split(",")]
    return f"{CITE_OPEN}{','.join(dict.fromkeys(shown))}{CITE_CLOSE}"


def _in_text(url: str) -> str:
    """An address as Markdown can hold it, in a link too."""
    return url.replace("(", "%28").replace(")", "%29").replace("*", "%2A")
