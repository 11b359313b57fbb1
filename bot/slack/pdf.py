"""A report as PDF: our own HTML, laid out on pages by WeasyPrint, which may fetch nothing.

Needs the extra `export`; runs in a process of its own (`bot.slack.printing`).
"""

from __future__ import annotations

import logging
import re
from base64 import b64decode
from typing import Any

from weasyprint import HTML, LOGGER
from weasyprint.urls import URLFetcher, URLFetcherResponse

from bot.domain.report import Report
from bot.slack.export import to_html
from bot.slack.style import PAPER

_PICTURE = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/=]*)")


class Pictures(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """The only addresses that are looked at: pictures that `bot.slack.html` put into the page itself."""

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        """The picture in a `data:` address; anything else raises, and WeasyPrint goes on without it."""
        found = _PICTURE.fullmatch(url)
        if not found:
            raise ValueError("an exported report fetches nothing")
        return URLFetcherResponse(url, b64decode(found[2]), {"Content-Type": found[1]})


SAMPLES = {
    "mathematical signs": "−×≤∑√∞",
    "Chinese, Japanese and Korean": "汉字漢カナ한글",
    "Arabic": "العربية",
    "Hebrew": "עברית",
    "Hindi": "हिन्दी",
    "Thai": "ไทย",
    "emoji": "🔬",
}
"""Words by which `without_font` finds out what this system can print."""


def to_pdf(report: Report, *, question: str, about: str) -> bytes:
    """The PDF, tagged for screen readers, its headings as bookmarks; nothing in it says who asked."""
    page = to_html(report, question=question, about=about, style=PAPER)
    made: bytes = HTML(string=page, url_fetcher=Pictures()).write_pdf(pdf_tags=True)
    return made


def without_font() -> list[str]:
    """Which of `SAMPLES` no font of this system has: they would be printed as empty boxes."""
    said = "".join(unprintable(Report("\n\n".join(SAMPLES.values()))))
    return [name for name, sample in SAMPLES.items() if any(letter in said for letter in sample)]


def unprintable(report: Report) -> list[str]:
    """What WeasyPrint says about letters of a report that no font has; empty if all of them are printed."""
    said: list[str] = []
    listener = logging.Handler(logging.WARNING)
    listener.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]  # all it does
    LOGGER.addHandler(listener)
    try:
        to_pdf(report, question="", about="")
    finally:
        LOGGER.removeHandler(listener)
    return [one for one in said if ".notdef" in one]
