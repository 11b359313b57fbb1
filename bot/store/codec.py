"""Values of the domain as JSON text for their rows, and back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from bot.domain.interaction import Usage
from bot.domain.letters import Content, Contents, File, Notice, Outcome, Part, StepEnd, Whisper
from bot.domain.report import Picture, Report, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

_USAGE = TypeAdapter(Usage)
_STORED: Mapping[str, TypeAdapter[Content]] = {
    "outcome": TypeAdapter(Outcome),
    "part": TypeAdapter(Part),
    "contents": TypeAdapter(Contents),
    "answer": TypeAdapter(Part),
    "whisper": TypeAdapter(Whisper),
    "notice": TypeAdapter(Notice),
    "step": TypeAdapter(StepEnd),
}


def dump_usage(usage: Usage) -> str:
    """Usage as text."""
    return _USAGE.dump_json(usage).decode()


def load_usage(text: str | None) -> Usage | None:
    """Usage from text; None stays None."""
    return _USAGE.validate_json(text) if text else None


def dump_report(report: Report) -> str:
    """A report as text; pictures in base64."""
    pictures = [
        {"position": p.position, "mime_type": p.mime_type, "data": b64encode(p.data).decode()}
        for p in report.pictures
    ]
    return json.dumps(
        {
            "markdown": report.markdown,
            "sources": [asdict(source) for source in report.sources],
            "pictures": pictures,
        }
    )


def load_report(text: str) -> Report:
    """A report from text."""
    value = json.loads(text)
    return Report(
        markdown=value["markdown"],
        sources=tuple(Source(**source) for source in value["sources"]),
        pictures=tuple(
            Picture(p["position"], p["mime_type"], b64decode(p["data"])) for p in value["pictures"]
        ),
    )


def dump_content(content: Content) -> tuple[str, bytes | None]:
    """What a delivery carries, as (text, blob). Root, card and whole reports carry nothing: they are read from the
    research's own rows when they are sent.
    """
    if isinstance(content, File):
        about = {
            "name": content.name,
            "title": content.title,
            "mime_type": content.mime_type,
            "alt": content.alt,
        }
        return json.dumps(about), content.content
    return _STORED[content.kind].dump_json(content).decode(), None


def load_content(kind: str, text: str, blob: bytes | None, file_id: str) -> Content:
    """What `dump_content` stored under `kind`."""
    if kind == "file":
        return File(**json.loads(text), content=blob or b"", file_id=file_id)
    return _STORED[kind].validate_json(text)
