"""HTTP answers, error envelopes and broken connections -> the `GeminiError` tree.

One table of what a failure proves (Gemini has no idempotency key, so a create must know):

========================================  ==================================================
connection never made                     `GeminiUnreachable`: nothing was started
429                                       `GeminiBusy`: nothing was started, perhaps with a time to wait
401, 402, 403                             `WrongKey`, `NoCredit`, `NoAccess`
404                                       `UnknownAgent` at create, `GeminiNotFound` for an id (also for the
                                          previous interaction that a create follows up)
any other 4xx                             `GeminiRefused`, with Google's own sentence
everything else                           `GeminiUncertain`
========================================  ==================================================

Google's words come in four forms (`envelope`): today's `{"error": {"code": "snake", "message"}}`, the older gRPC one
with a number, a status and details, either of them in a list, and HTML from the front end.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import httpx2

from bot.errors import (
    GeminiBusy,
    GeminiError,
    GeminiNotFound,
    GeminiRefused,
    GeminiUncertain,
    GeminiUnreachable,
    NoAccess,
    NoCredit,
    UnknownAgent,
    WrongKey,
)
from bot.gemini.jsons import as_count, as_object, as_objects, as_text, cleaned, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

LOWER = (
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.CookieConflict,
    httpx2.StreamError,
    OSError,
    TimeoutError,
)
"""Everything that httpx2 raises, and what may come through it from the system."""

_NEVER_CONNECTED = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)

_TAG = re.compile(r"<[^>]*>")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")
_LONGEST_WAIT = 86_400.0
_KEY_INVALID = "API_KEY_INVALID"

_STATUS_OF_CODE = {
    "invalid_request": 400,
    "invalid_argument": 400,
    "failed_precondition": 400,
    "parameter_unknown": 400,
    "authentication": 401,
    "unauthenticated": 401,
    "payment_required": 402,
    "permission_denied": 403,
    "not_found": 404,
    "model_not_found": 404,
    "already_exists": 409,
    "aborted": 409,
    "out_of_range": 416,
    "rate_limit_exceeded": 429,
    "too_many_requests": 429,
    "quota_exceeded": 429,
    "resource_exhausted": 429,
}


class Asked(StrEnum):
    """What a request named, so that "not found" is understood."""

    AGENT = "agent"
    FOLLOW_UP = "follow_up"
    INTERACTION = "interaction"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What Google said about an error; every part may be missing."""

    code: str = ""
    message: str = ""
    status: int | None = None
    retry_after: float | None = None


def envelope(body: Any, secrets: tuple[str, ...] = ()) -> Envelope:
    """Reads any of the JSON forms; an empty `Envelope` where there is no error in it."""
    while isinstance(body, list) and body:
        body = body[0]
    outer = as_object(body)
    inner = outer.get("error")
    if isinstance(inner, str):
        return Envelope(message=cleaned(inner, secrets))
    error = as_object(inner)
    number = as_count(error.get("code"))
    code = as_text(error.get("code")) or as_text(error.get("status")).lower()
    if any(detail.get("reason") == _KEY_INVALID for detail in as_objects(error.get("details"))):
        code = _KEY_INVALID.lower()
    return Envelope(
        code=cleaned(code or (str(number) if number else ""), secrets, length=64),
        message=cleaned(as_text(error.get("message")), secrets),
        status=number if number and 400 <= number < 600 else _STATUS_OF_CODE.get(code.lower()),
        retry_after=_retry_info(error),
    )


def from_answer(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    asked: Asked = Asked.INTERACTION,
    secrets: tuple[str, ...] = (),
) -> GeminiError:
    """The error that an answer with this status is. `body` may be cut off or empty: the status decides."""
    said = envelope(parsed(body), secrets)
    message = said.message or cleaned(_plain(body), secrets)
    wait = _retry_after(headers)
    return _fault(status, said.code, message, said.retry_after if wait is None else wait, asked=asked)


def from_code(
    code: str, message: str, *, asked: Asked = Asked.INTERACTION, secrets: tuple[str, ...] = ()
) -> GeminiError:
    """The error that an `error` event is, by its code (a word or a number)."""
    found = envelope({"error": {"code": int(code) if code.isdecimal() else code}})
    return _fault(found.status, code, cleaned(message, secrets), None, asked=asked)


def from_exception(error: Exception) -> GeminiError:
    """The error that a failed request is. Only its kind is told: the texts of lower layers may quote headers."""
    kind = type(error).__name__
    if isinstance(error, _NEVER_CONNECTED):
        return GeminiUnreachable(f"no connection ({kind})")
    return GeminiUncertain(f"no answer ({kind})")


def _fault(
    status: int | None, code: str, message: str, retry_after: float | None, *, asked: Asked
) -> GeminiError:
    kind = _kind(status, code, asked=asked)
    detail = message or (f"HTTP {status}" if status else code)
    return kind(detail, status=status, retry_after=retry_after)


def _kind(status: int | None, code: str, *, asked: Asked) -> type[GeminiError]:
    match status:
        case 401:
            return WrongKey
        case 402:
            return NoCredit
        case 403:
            return NoAccess
        case 404:
            forgotten = asked is Asked.INTERACTION or (asked is Asked.FOLLOW_UP and code != "model_not_found")
            return GeminiNotFound if forgotten else UnknownAgent
        case 429:
            return GeminiBusy
        case 499:  # "cancelled": of something that was under way
            return GeminiUncertain
        case int() if 400 <= status < 500:
            # Google's front end says 400 to a key it does not know (gRPC form, API_KEY_INVALID).
            return WrongKey if code == _KEY_INVALID.lower() else GeminiRefused
        case _:
            return GeminiUncertain


def _plain(body: bytes) -> str:
    """What an answer that is no JSON says, without its markup."""
    text = body[:4096].decode("utf-8", "replace")
    return "" if text.lstrip().startswith(("{", "[")) else _TAG.sub(" ", text)


def _retry_info(error: dict[str, Any]) -> float | None:
    for detail in as_objects(error.get("details")):
        delay = detail.get("retryDelay", detail.get("retry_delay"))
        if isinstance(delay, str) and (found := _DURATION.fullmatch(delay.strip())):
            return _bounded(float(found[1]))
        seconds = as_count(as_object(delay).get("seconds"))
        if seconds is not None:
            return _bounded(float(seconds))
    return None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from `Retry-After`: a number, or a date, which is measured against the answer's own `Date`."""
    value = headers.get("retry-after", "").strip()
    try:
        return _bounded(float(value))
    except ValueError:
        pass
    try:
        until, sent = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
        return _bounded((until - sent).total_seconds())
    except (ValueError, TypeError):
        return None


def _bounded(seconds: float) -> float | None:
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else None
