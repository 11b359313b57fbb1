"""What went over the wire: the calls that tests ask about and the traffic that the demo's page shows."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack.changes import Changes

Json = dict[str, Any]
SECRET = re.compile(r"x(?:ox[a-z]|app|wfp)[.-][A-Za-z0-9.-]{6,}|(?<=/hooks/)[A-Za-z0-9/_-]+|(?<=ticket=)\w+")
KEEP_CALLS = 100_000
KEEP_TRAFFIC = 500
HIDDEN_KEYS = frozenset({"token", "bot_access_token", "authorization"})


@dataclass(frozen=True)
class Call:
    """One Web API call of the app: `at` in epoch seconds, `error` None when ok. A call that met a fault
    has that fault's kind as its `error` unless it was applied.
    """

    method: str
    args: Json
    at: float
    ok: bool
    error: str | None


class CallLog:
    """Calls in order and by method."""

    def __init__(self) -> None:
        self.all: list[Call] = []
        self.by_method: dict[str, list[Call]] = defaultdict(list)

    def add(self, call: Call) -> None:
        """Notes a call; after 100,000 the older half is forgotten."""
        self.all.append(call)
        self.by_method[call.method].append(call)
        if len(self.all) > KEEP_CALLS:
            del self.all[: KEEP_CALLS // 2]
            self.by_method.clear()
            for kept in self.all:
                self.by_method[kept.method].append(kept)


def redacted(value: Any) -> Any:
    """A copy of a JSON value without tokens and secret addresses."""
    if isinstance(value, dict):
        return {k: "…" if k in HIDDEN_KEYS else redacted(v) for k, v in value.items()}
    if isinstance(value, list):
        return [redacted(one) for one in value]
    if isinstance(value, str):
        return SECRET.sub("…", value)
    return value


class Traffic:
    """The last 500 exchanges. Entries are redacted when they are read, not when they are noted."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._entries: deque[Json] = deque(maxlen=KEEP_TRAFFIC)
        self._count = 0

    def note(self, entry: Json) -> None:
        """Adds an entry {at, from, kind, name, ok, ms, summary, request, response}; it gets the number `n`."""
        self._count += 1
        entry = {"n": self._count, **entry}
        self._entries.append(entry)
        self._changes.notify()
        if self._changes.watched:
            self._changes.publish({"type": "traffic", "entry": redacted(entry)})

    def after(self, number: int) -> list[Json]:
        """Entries with a number above `number`, newest last, without secrets."""
        return [redacted(entry) for entry in self._entries if entry["n"] > number]
