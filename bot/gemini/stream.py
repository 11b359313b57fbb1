"""One open SSE answer as an iterator of signals: whatever breaks it, it just ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio
import structlog

from bot.domain.interaction import Created, Signal, StreamTrouble
from bot.gemini.faults import LOWER
from bot.gemini.sse import Decoder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from bot.gemini.signals import Reader

_log = structlog.get_logger("bot.gemini")


class SignalStream:
    """Signals from an open answer. Ends at `Ended` or `[DONE]`, when the stream ends or breaks, and after `idle`
    seconds without a byte; `reason` then tells which it was.

    Streams are cut at about 600 s, often with no end mark (Gemini docs: deep research, streaming), so an end says
    nothing about the run.
    """

    __slots__ = ("_chunks", "_decoder", "_idle", "_reader", "_ready", "reason")

    def __init__(self, chunks: AsyncGenerator[bytes], reader: Reader, idle: float, limit: int) -> None:
        self._chunks = chunks
        self._reader = reader
        self._idle = idle
        self._decoder = Decoder(limit)
        self._ready: list[Signal] = []  # mostly one; an empty deque alone takes 0.6 KiB
        self.reason = ""

    @property
    def continuation_token(self) -> str:
        """With which an unfinished model call goes on, once the stream has told it."""
        return self._reader.continuation_token

    def __aiter__(self) -> AsyncIterator[Signal]:
        return self

    async def __anext__(self) -> Signal:
        while not self._ready:
            if self.reason:
                raise StopAsyncIteration
            await self._read(self._idle)
        return self._ready.pop(0)

    async def aclose(self) -> None:
        """Ends the iteration; the answer itself is closed by whoever opened it."""
        self.reason = self.reason or "closed"
        _log.debug("gemini.stream_ended", reason=self.reason, interaction_id=self._reader.interaction_id)
        await self._chunks.aclose()

    async def identify(self, patience: float) -> str | StreamTrouble:
        """Reads until the interaction's id is known and gives it, or the error that came instead of it.

        Empty when the stream ended, broke or was silent for `patience` seconds before. Signals other than `Created`
        are kept for the iteration.
        """
        while True:
            for signal in self._ready:
                if isinstance(signal, StreamTrouble) and not self._reader.interaction_id:
                    return signal
            if self._reader.interaction_id or self.reason:
                self._ready = [signal for signal in self._ready if not isinstance(signal, Created)]
                return self._reader.interaction_id
            await self._read(patience)

    async def _read(self, patience: float) -> None:
        """One more piece of the answer, or the reason why there is none."""
        chunk: bytes | None = None
        with anyio.move_on_after(patience) as scope:
            try:
                chunk = await anext(self._chunks)
            except StopAsyncIteration:
                self.reason = "ended"
            except LOWER as error:
                self.reason = type(error).__name__
        if chunk is not None:
            for event in self._decoder.feed(chunk):
                self._ready.extend([] if self._reader.done else self._reader.read(event))
            self.reason = "done" if self._reader.done else ""
            return
        if scope.cancelled_caught:
            self.reason = "silent"
        self._ready.extend(self._reader.last_words(self._decoder.stray))
