"""Webhooks of Gemini: whether a delivery is genuine, new, and about which interaction. Only ever a wake-up.

Static webhooks are signed as Standard Webhooks say: `webhook-signature` holds `v1,<base64 HMAC-SHA256>` over
`{webhook-id}.{webhook-timestamp}.{body}`, perhaps several of them apart by spaces (Gemini docs: webhooks). The body
names the interaction and no more; the truth is fetched.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.errors import ConfigurationError
from bot.gemini.jsons import as_object, as_text, parsed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_log = structlog.get_logger("bot.gemini")
_REMEMBERED = 10_000

WINDOW_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Wake:
    """A genuine delivery. `repeated` ones are answered with 2xx like the first and need nothing done."""

    message_id: str
    kind: str
    interaction_id: str
    repeated: bool = False


class Verifier:
    """Checks deliveries against `secrets`: one `whsec_…`, or several apart by commas or spaces, since after a
    rotation Gemini signs with the old one for another 24 h.

    Remembers the deliveries of the replay window, so that each wakes once per process. Raises `ConfigurationError`
    for a secret that is none.
    """

    def __init__(self, secrets: str, window: float = WINDOW_SECONDS) -> None:
        self._keys = [_key(secret) for secret in secrets.replace(",", " ").split()]
        if not self._keys:
            raise ConfigurationError("GEMINI_WEBHOOK_SECRET is empty")
        self._window = window
        self._seen: OrderedDict[str, float] = OrderedDict()

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Wake | None:
        """What a delivery says, or None (to be answered with 401) when it is not to be believed: unsigned, signed
        by somebody else, altered, or more than the window away from `now`.
        """
        lower = {name.lower(): value for name, value in headers.items()}
        message_id, stamp = lower.get("webhook-id", ""), lower.get("webhook-timestamp", "")
        content = f"{message_id}.{stamp}.".encode() + body
        event = as_object(parsed(body))
        interaction_id = as_text(as_object(event.get("data")).get("id"))
        reason = ""
        if not message_id or not self._is_timely(stamp, now):
            reason = "untimely"
        elif not self._is_signed(content, lower.get("webhook-signature", "")):
            reason = "unsigned"
        elif not interaction_id:
            reason = "unreadable"
        if reason:
            _log.warning("gemini.webhook_refused", reason=reason)
            return None
        repeated = self._remember(message_id, now.timestamp())
        return Wake(message_id, as_text(event.get("type")), interaction_id, repeated)

    def _is_timely(self, stamp: str, now: datetime) -> bool:
        if not stamp.isascii() or not stamp.isdecimal() or len(stamp) > 12:
            return False
        return abs(now.timestamp() - int(stamp)) <= self._window

    def _is_signed(self, content: bytes, signatures: str) -> bool:
        """Each comparison takes the same time, whatever it finds."""
        expected = [hmac.new(key, content, hashlib.sha256).digest() for key in self._keys]
        given = [_unpacked(one.removeprefix("v1,")) for one in signatures.split() if one.startswith("v1,")]
        return any(hmac.compare_digest(mine, theirs) for mine in expected for theirs in given[:16])

    def _remember(self, message_id: str, at: float) -> bool:
        """Whether it was here before. A delivery that is forgotten is too old to be taken again."""
        while self._seen and (
            len(self._seen) > _REMEMBERED or next(iter(self._seen.values())) < at - 2 * self._window
        ):
            self._seen.popitem(last=False)
        repeated = message_id in self._seen
        self._seen.setdefault(message_id, at)
        return repeated


def _key(secret: str) -> bytes:
    key = _unpacked(secret.removeprefix("whsec_"))
    if not key:
        raise ConfigurationError("GEMINI_WEBHOOK_SECRET must look like whsec_ followed by base64")
    return key


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
