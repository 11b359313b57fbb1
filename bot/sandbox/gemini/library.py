"""Reports the simulated agent writes: parsed from Markdown, cited, and cut into the parts of the wire."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import cached_property

from .charts import CHARTS

REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/"
CITE = re.compile(r"\[cite: ([0-9, ]+)\]")
SOURCE_LINE = re.compile(r"^(\d+)\.\s*\[([^\]]+)\]\((https?://[^)\s]+)\)", re.MULTILINE)
CHART = re.compile(r"^\{\{chart: (\w+)\}\}\n?", re.MULTILINE)
NOTE = "*Written by a simulation: figures, quotations and sources are illustrative and unchecked.*"
DELTA = 3500
"""Characters of one text delta: deep research sends its report late and in a few large pieces."""

Annotation = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Source:
    """One cited page; the label is the bare domain, the address an opaque redirect."""

    domain: str
    url: str


@dataclass(frozen=True, slots=True)
class TextPart:
    """Text of a model_output with its citations, as UTF-8 byte offsets, end exclusive (SDK urlcitation.py)."""

    text: str
    annotations: tuple[Annotation, ...]


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A PNG in base64."""

    data: str


@dataclass(frozen=True)
class Report:
    """What a run ends with: its parts in order."""

    parts: tuple[TextPart | ImagePart, ...]
    delta: int = DELTA

    @classmethod
    def of(cls, text: str) -> Report:
        """Cites and cuts a finished text whose tail lists its sources (none: no annotations)."""
        tail = text.rpartition("**Sources:**")
        listed = SOURCE_LINE.findall(tail[2]) if tail[1] else []
        sources = {int(number): Source(domain, url) for number, domain, url in listed}
        parts: list[TextPart | ImagePart] = []
        pieces = CHART.split(text)
        for place, piece in enumerate(pieces):
            if place % 2:
                parts.append(ImagePart(base64.b64encode(CHARTS[piece]()).decode()))
            elif piece:
                parts.append(TextPart(piece, annotate(piece, sources)))
        return cls(tuple(parts))

    @cached_property
    def text(self) -> str:
        """All text parts, concatenated."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))

    @cached_property
    def content(self) -> list[dict[str, object]]:
        """The content list of the final model_output."""
        return [_content(part) for part in self.parts]

    @cached_property
    def deltas(self) -> tuple[dict[str, object], ...]:
        """The step.delta payloads that stream this report."""
        return tuple(delta for part in self.parts for delta in _deltas(part, self.delta))

    def without_images(self) -> Report:
        """The same report as visualization "off" gives it."""
        return Report(tuple(part for part in self.parts if isinstance(part, TextPart)))


def annotate(text: str, sources: dict[int, Source]) -> tuple[Annotation, ...]:
    """One url_citation for each number of each ``[cite: …]`` marker; the span is the marker itself."""
    found: list[Annotation] = []
    offset, seen = 0, 0
    for marker in CITE.finditer(text):
        offset += len(text[seen : marker.start()].encode())
        seen = marker.start()
        for number in (int(digits) for digits in marker[1].split(",") if digits.strip()):
            if number not in sources:
                continue
            source = sources[number]
            annotation: Annotation = {"type": "url_citation", "url": source.url}
            annotation |= {"start_index": offset, "end_index": offset + len(marker[0])}
            if number % 3 == 0:
                annotation["title"] = source.domain
            found.append(annotation)
    return tuple(found)


def redirect(domain: str, number: int) -> str:
    """The opaque address Google hands out instead of the page's own; the same for the same source."""
    name = f"{number}:{domain}".encode()
    digest = hashlib.sha256(name).digest()[:16]
    return f"{REDIRECT}AUZIYQ{base64.urlsafe_b64encode(digest + name).decode()}"


def page_of(token: str) -> str | None:
    """The page that a redirect leads to; None for one that we did not hand out."""
    try:
        name = base64.urlsafe_b64decode(token.removeprefix("AUZIYQ"))[16:].decode()
    except ValueError:
        return None
    number, _, domain = name.partition(":")
    return (
        f"https://{domain}/pages/{number}"
        if domain and redirect(domain, int(number)).endswith(token)
        else None
    )


def sources_tail(domains: tuple[str, ...]) -> str:
    """The list of sources that ends every report."""
    lines = [f"{n}. [{domain}]({redirect(domain, n)})" for n, domain in enumerate(domains, 1)]
    return "\n\n**Sources:**\n" + "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Volume:
    """One file of the shelf: what it answers to, what is thought on the way, and the report."""

    name: str
    keywords: tuple[str, ...]
    domains: tuple[str, ...]
    thoughts: tuple[str, ...]
    body: str

    @cached_property
    def report(self) -> Report:
        """The cited report."""
        return Report.of(f"{self.body.strip()}\n\n{NOTE}{sources_tail(self.domains)}")

    @cached_property
    def title(self) -> str:
        """The first heading."""
        return self.body.strip().splitlines()[0].lstrip("# ")


def parse_volume(name: str, text: str) -> Volume:
    """Reads one file: ``keywords:`` and ``sources:`` lines, ``=== thoughts``, ``=== report``."""
    head, _, rest = text.partition("=== thoughts\n")
    thoughts, _, body = rest.partition("=== report\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    titled = re.split(r"\n(?=\*\*)", thoughts.strip())
    return Volume(
        name=name,
        keywords=tuple(word.strip() for word in fields.get("keywords", "").split(",") if word.strip()),
        domains=tuple(word.strip() for word in fields.get("sources", "").split(",") if word.strip()),
        thoughts=tuple(thought.strip() for thought in titled if thought.strip()),
        body=body,
    )


def _content(part: TextPart | ImagePart) -> dict[str, object]:
    if isinstance(part, ImagePart):
        return {"type": "image", "mime_type": "image/png", "data": part.data}
    content: dict[str, object] = {"type": "text", "text": part.text}
    if part.annotations:
        content["annotations"] = list(part.annotations)
    return content


def _deltas(part: TextPart | ImagePart, length: int) -> list[dict[str, object]]:
    if isinstance(part, ImagePart):
        return [_content(part)]
    text = part.text
    deltas: list[dict[str, object]] = [
        {"type": "text", "text": text[start : start + length]} for start in range(0, len(text), length)
    ]
    if part.annotations:
        deltas.append({"type": "text_annotation_delta", "annotations": list(part.annotations)})
    return deltas
