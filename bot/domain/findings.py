"""The values around a report: what a research found, and the Report that readers get. No behaviour, no driver."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A citation in `Report.markdown` is CITE_OPEN + "1,2,7?" + CITE_CLOSE: numbers of `Report.sources`; a number
# with "?" is one that the model cited without giving a source. Private-use characters, removed from whatever
# comes from a model, so that no text can forge one and no Markdown rule touches them.
CITE_OPEN = "\ue000"
CITE_CLOSE = "\ue001"
CITATION = re.compile(f"{CITE_OPEN}([^{CITE_CLOSE}]*){CITE_CLOSE}")


@dataclass(frozen=True, slots=True)
class Citation:
    """A span of `Findings.text` and the page it rests on; `start`/`end` are characters, end exclusive."""

    url: str
    title: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the report; `position` is the character offset in the text where it belongs."""

    position: int
    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Findings:
    """The final text of an Interaction as it came, with its annotations and images."""

    text: str
    citations: tuple[Citation, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One cited page. `site` is the domain a reader should see, even where `url` is a redirect to it."""

    number: int
    url: str
    site: str
    title: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """GFM text with numbered citation markers (see `CITATION`), its sources, and its pictures in order."""

    markdown: str
    sources: tuple[Source, ...] = ()
    pictures: tuple[Picture, ...] = ()
