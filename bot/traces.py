"""The seam for traces: one trace for each research, from its question to its last message, whichever process goes on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


class Tracer(Protocol):
    """What measures how long things take, and what belongs together."""

    def span(self, name: str, parent: str = "", **facts: str | int) -> AbstractContextManager[str]:
        """A stretch of work below `parent` (a W3C traceparent); without one below what is under way, or a new trace.

        Gives its own traceparent, to be kept in a row; empty where nothing is traced. Never a question's or a report's
        text.
        """
        ...


class Untraced:
    """Implements `Tracer` where nobody wants traces."""

    @contextmanager
    def span(self, name: str, parent: str = "", **facts: str | int) -> Iterator[str]:
        """See `Tracer`."""
        yield ""
