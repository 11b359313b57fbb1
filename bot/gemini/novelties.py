"""What the client has never heard of passes by; here it is logged, once for each kind."""

from __future__ import annotations

import re

import structlog

_log = structlog.get_logger("bot.gemini")
_NOT_A_NAME = re.compile(r"[^\w.:-]+")
_MOST = 200


class Novelties:
    """Remembers which unknown steps, events, deltas, fields and statuses were logged already.

    Bounded, because the names come from outside; names are cut to what a name may look like, so that no text
    of a question or a report can reach the log by this way.
    """

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def note(self, what: str, kind: str) -> None:
        """Logs `gemini.unknown_<what>_seen` for a kind that is new."""
        name = _NOT_A_NAME.sub("", kind)[:64]
        if (what, name) in self._seen or len(self._seen) >= _MOST:
            return
        self._seen.add((what, name))
        _log.warning(f"gemini.unknown_{what}_seen", kind=name)
