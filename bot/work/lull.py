"""People first: work that nobody looks at waits for a moment while somebody's question is being written down."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterator


class Lull:
    """Counts what people wait for; ends of it wake whoever waits for a lull."""

    def __init__(self) -> None:
        self._under_way = 0
        self._over = anyio.Event()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Something that a person waits for."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._over.set()
                self._over = anyio.Event()

    async def wait(self, seconds: float) -> None:
        """Until nobody waits for anything, at most so many seconds."""
        if self._under_way:
            with anyio.move_on_after(seconds):
                await self._over.wait()
