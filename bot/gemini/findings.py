"""The report in an interaction's steps: text, citations by character, pictures where they stand."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from bot.domain.findings import Citation, Findings, Picture
from bot.gemini.jsons import as_count, as_objects, as_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.gemini.novelties import Novelties

_CONTENTS = frozenset({"", "text", "image", "audio", "video", "document"})


def findings_of(outputs: list[list[dict[str, Any]]], novelties: Novelties) -> Findings:
    """The last output that has a text, and the pictures of it and of those behind it.

    `outputs` are the contents of each `model_output` step, in order. Text parts are concatenated as they are.
    """
    texted = [at for at, contents in enumerate(outputs) if any(_text(part) for part in contents)]
    contents = [part for output in outputs[texted[-1] if texted else 0 :] for part in output]
    text, citations, pictures = "", list[Citation](), list[Picture]()
    for part in contents:
        piece = _text(part)
        citations += _citations(piece, part, len(text))
        if picture := _picture(part, len(text), novelties):
            pictures.append(picture)
        text += piece
        kind = as_text(part.get("type"))
        if kind not in _CONTENTS:
            novelties.note("content", kind)
    return Findings(text, tuple(citations), tuple(pictures))


def joined(pieces: list[Findings]) -> Findings:
    """Answers that continue each other, as one."""
    text, citations, pictures = "", list[Citation](), list[Picture]()
    for piece in pieces:
        base = len(text)
        citations += [Citation(c.url, c.title, c.start + base, c.end + base) for c in piece.citations]
        pictures += [Picture(p.position + base, p.mime_type, p.data) for p in piece.pictures]
        text += piece.text
    return Findings(text, tuple(citations), tuple(pictures))


def _text(part: dict[str, Any]) -> str:
    """The text of a content; one without a type is a text too (the samples of June 2026 leave it out)."""
    return as_text(part.get("text")) if part.get("type") in ("text", None, "") else ""


def _citations(piece: str, part: dict[str, Any], base: int) -> list[Citation]:
    """Annotations of one text part, moved to the whole text; what points nowhere or at no page is dropped."""
    citations: list[Citation] = []
    characters: Callable[[int], int] | None = None
    for annotation in as_objects(part.get("annotations")):
        url = as_text(annotation.get("url")) or as_text(annotation.get("document_uri"))
        start, end = as_count(annotation.get("start_index", 0)), as_count(annotation.get("end_index"))
        if start is None or end is None or not url.lower().startswith(("https://", "http://")):
            continue
        characters = characters or character_offsets(piece)
        first, last = characters(start), characters(end)
        if first < last:
            title = as_text(annotation.get("title")) or as_text(annotation.get("file_name")) or None
            citations.append(Citation(url, title, base + first, base + last))
    return citations


def character_offsets(text: str) -> Callable[[int], int]:
    """A function from UTF-8 byte offsets in `text` to character offsets; beyond the end is the end, within a
    character is its start (Gemini docs: start_index and end_index are measured in bytes).
    """
    if text.isascii():
        return lambda offset: min(offset, len(text))
    encoded = text.encode("utf-8")
    return lambda offset: len(encoded[:offset].decode("utf-8", "ignore"))


def _picture(part: dict[str, Any], position: int, novelties: Novelties) -> Picture | None:
    if part.get("type") != "image":
        return None
    mime_type = as_text(part.get("mime_type")) or "image/png"
    try:
        data = base64.b64decode(as_text(part.get("data")), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or not mime_type.startswith("image/"):
        novelties.note("image", "unreadable")
        return None
    return Picture(position, mime_type, data)
