"""Tells those who wait that the simulated Slack has changed: `until` in tests, open pages in the demo."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

Json = dict[str, Any]
BACKLOG = 1000
GLANCE_SECONDS = 0.05


class Changes:
    """A condition that every change of state notifies, and the pages that listen."""

    def __init__(self) -> None:
        self._event = anyio.Event()
        self._waiting = 0
        self._pages: dict[MemoryObjectSendStream[Json], str] = {}

    def notify(self) -> None:
        """Something changed."""
        if self._waiting:
            self._event.set()
            self._event = anyio.Event()

    async def until(self, predicate: Callable[[], object], timeout: float) -> None:  # noqa: ASYNC109 - a test says how long
        """Returns once the predicate holds; TimeoutError after `timeout` seconds.

        It is asked at each change here, and now and then besides, since it may be about the app's own state.
        """
        with anyio.move_on_after(timeout if timeout > 0 else math.inf):
            self._waiting += 1
            try:
                while not await self._holds(predicate):
                    with anyio.move_on_after(GLANCE_SECONDS):
                        await self._event.wait()
            finally:
                self._waiting -= 1
            return
        if not predicate():
            raise TimeoutError(f"the simulated Slack did not get there within {timeout} s")

    async def _holds(self, predicate: Callable[[], object]) -> bool:
        """Asks the predicate; one that is slow to answer is asked less often, so that it does not slow Slack down."""
        started = perf_counter()
        holds = bool(predicate())
        if not holds:
            await anyio.sleep(min(GLANCE_SECONDS, 10 * (perf_counter() - started)))
        return holds

    @property
    def watched(self) -> bool:
        """Whether any page listens, so that nothing is prepared for nobody."""
        return bool(self._pages)

    def publish(self, event: Json, sees: Callable[[str], bool] | None = None) -> None:
        """Sends an event to the pages of all people, or of those for whom `sees(person)` holds."""
        for page, person in list(self._pages.items()):
            if sees is None or sees(person):
                try:
                    page.send_nowait(event)
                except (anyio.WouldBlock, anyio.BrokenResourceError):
                    self._pages.pop(page, None)
                    page.close()

    @contextmanager
    def page(self, person: str) -> Iterator[MemoryObjectReceiveStream[Json]]:
        """The stream of events for one open page of a person; a page too slow to keep up is cut off."""
        send, receive = anyio.create_memory_object_stream[Json](BACKLOG)
        self._pages[send] = person
        try:
            yield receive
        finally:
            self._pages.pop(send, None)
            send.close()
            receive.close()

    def close(self) -> None:
        """Ends every page's stream."""
        for page in list(self._pages):
            page.close()
        self._pages.clear()
