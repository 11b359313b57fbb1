"""Tolerant reading of JSON that somebody else wrote; the bottom of `gemini/`, used by everything that parses."""

from __future__ import annotations

import json
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_GOOGLE_KEY = re.compile(r"AIza[\w-]{20,}|\b[sS]k-[\w-]{20,}|\bwhsec_[\w+/=-]{8,}")

DETAIL_LENGTH = 300


def parsed(body: bytes | str) -> Any:
    """The JSON value in `body`, or None where there is none (too deep, broken, not UTF-8)."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def as_object(value: Any) -> dict[str, Any]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a JSON list; anything else in it passes by."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """A string that can be stored and sent: lone surrogates and NULs replaced, byte lengths in UTF-8 kept."""
    if not isinstance(value, str):
        return ""
    return _SURROGATE.sub("\ufffd", value).replace("\x00", " ")


def as_count(value: Any) -> int | None:
    """A number of tokens or a position; None for anything that cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 2**53 else None


def cleaned(text: str, secrets: tuple[str, ...] = (), length: int = DETAIL_LENGTH) -> str:
    """One line of at most `length` characters, without control characters, keys or any of `secrets`."""
    for secret in secrets:  # before anything is cut, or the beginning of one might stay
        text = text.replace(secret, "[secret]") if secret else text
    text = as_text(text[: 16 * length])
    line = " ".join(_GOOGLE_KEY.sub("[secret]", _CONTROL.sub(" ", text)).split())
    return line if len(line) <= length else line[: length - 1] + "…"
