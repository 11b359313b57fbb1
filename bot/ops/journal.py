"""The Journal: what the work notes becomes a log line (and, through the log's observer, a metric)."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.ops.logs import bound

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

_TROUBLE = ("_failed", ".lost", "_lost", "failed")


class LogJournal:
    """Implements `ports.Journal`."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("bot")

    def note(self, event: str, **facts: object) -> None:
        """One line; trouble is a warning, the rest is information."""
        if event.endswith(_TROUBLE):
            self._log.warning(event, **facts)
        else:
            self._log.info(event, **facts)

    def about(self, research_id: str) -> AbstractContextManager[object]:
        """Its id in every line of the log that is written inside, by the Gemini client or Slack's SDK, too."""
        return bound(research_id=research_id)

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        """One line with the kinds of error and where they were raised; never their words, which may quote a report."""
        self._log.error(event, **facts, where=where(error))


def where(error: BaseException) -> str:
    """`KeyError at outbox.py:120 in _take`, for each error of a group."""
    if isinstance(error, BaseExceptionGroup):
        return "; ".join(where(one) for one in error.exceptions)
    frames = traceback.extract_tb(error.__traceback__)
    last = next(
        (frame for frame in reversed(frames) if "/bot/" in frame.filename), frames[-1] if frames else None
    )
    place = f" at {Path(last.filename).name}:{last.lineno} in {last.name}" if last else ""
    return f"{type(error).__name__}{place}"
