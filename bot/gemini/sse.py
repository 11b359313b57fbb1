"""Server-sent events out of bytes: incremental, bounded, and never at a loss.

httpx2's own reader raises where a stream is oversized or an answer is not a stream; ours has to survive whatever
comes, and to see the raw JSON array that Gemini appends outside any event when it cuts a stream after 600 s.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

_STRAY_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name (empty where none was given) and its data, lines joined."""

    name: str
    data: str


class Decoder:
    """Bytes in any slices -> events. Never raises.

    An event that is not closed by an empty line is dropped (the HTML standard asks for it, and a cut event must not
    be read as a whole one). An event of more than `limit` characters is skipped.
    """

    __slots__ = (
        "_after_cr", "_begun", "_data", "_held", "_limit", "_line", "_name", "_size", "_stray", "_stray_size", "_text"
    )  # fmt: skip

    def __init__(self, limit: int = 32 * 1024 * 1024) -> None:
        self._limit = limit
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun = False
        self._after_cr = False
        self._line: list[str] = []
        self._held = 0
        self._name = ""
        self._data: list[str] = []
        self._size = 0
        self._stray: list[str] = []
        self._stray_size = 0

    @property
    def stray(self) -> str:
        """What stood outside every event, up to some 8,000 characters."""
        return "\n".join([*self._stray, "".join(self._line)])[: 2 * _STRAY_LENGTH]

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that these bytes complete."""
        lines = self._lines(self._text.decode(chunk))
        return [event for line in lines if (event := self._take(line)) is not None]

    def _lines(self, text: str) -> list[str]:
        if not text:
            return []
        if not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        if self._after_cr:
            text = text.removeprefix("\n")
        self._after_cr = text.endswith("\r")
        *ended, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        if ended:
            ended[0] = "".join([*self._line, ended[0]])
            self._line, self._held = [], 0
        self._hold(rest)
        return ended

    def _hold(self, rest: str) -> None:
        """Keeps the beginning of a line, cut off beyond the limit (then `_take` finds it too long)."""
        if rest and self._held <= self._limit:
            self._line.append(rest)
            self._held += len(rest)

    def _take(self, line: str) -> Event | None:
        """One whole line; an event when it closes one."""
        if not line:
            return self._close()
        self._size += len(line)
        field, _, value = line.partition(":")
        if field == "data" and self._size <= self._limit:
            self._data.append(value.removeprefix(" "))
        elif field == "event":
            self._name = value.removeprefix(" ")
        elif field not in ("", "data", "id", "retry"):
            self._put_aside(line)
        return None

    def _close(self) -> Event | None:
        complete = bool(self._data) and self._size <= self._limit
        event = Event(self._name, "\n".join(self._data)) if complete else None
        self._name, self._data, self._size = "", [], 0
        return event

    def _put_aside(self, line: str) -> None:
        if self._stray_size < _STRAY_LENGTH:
            self._stray.append(line[:_STRAY_LENGTH])
            self._stray_size += len(line)
