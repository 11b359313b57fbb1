"""Thoughts folded into what the progress card shows: the current thought, and phases with their summaries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

VISIBLE_PHASES = 12
TITLE_LENGTH = 120
_TITLE = re.compile(r"\A\s*\*\*(?P<title>\s*[^\s*].*?)\*\*\s*(?P<body>.*)\Z", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s")


@dataclass(frozen=True, slots=True)
class Phase:
    """One line of the card: what was thought about, and what came of it."""

    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What the card shows now. `earlier` phases are counted, not shown."""

    phases: tuple[Phase, ...] = ()
    earlier: int = 0

    @property
    def current(self) -> str:
        """The title of the newest thought; empty before the first."""
        return self.phases[-1].title if self.phases else ""


def phase(text: str) -> Phase:
    """A thought as title and summary. Gemini writes `**Title**` and a paragraph; other shapes give their first
    sentence as the title.
    """
    match = _TITLE.match(text)
    if match:
        return Phase(_shorten(match["title"]), " ".join(match["body"].split()))
    words = " ".join(text.split())
    head, *rest = _SENTENCE_END.split(words, maxsplit=1)
    title = _shorten(head)
    return Phase(title, words if title != head else " ".join(rest))


def fold(thoughts: Iterable[str]) -> Progress:
    """The newest phases in order, at most `VISIBLE_PHASES`; a thought that continues the title before joins it."""
    phases: list[Phase] = []
    for text in thoughts:
        new = phase(text)
        if not new.title:
            continue
        if phases and phases[-1].title == new.title:
            old = phases.pop()
            new = Phase(new.title, f"{old.summary} {new.summary}".strip())
        phases.append(new)
    hidden = max(0, len(phases) - VISIBLE_PHASES)
    return Progress(tuple(phases[hidden:]), hidden)


def elapsed(start: datetime, now: datetime) -> str:
    """`45 s`, `3 min`, `1 h 05 min`; never negative."""
    seconds = max(0, int((now - start).total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _shorten(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1].rstrip() + "…"
