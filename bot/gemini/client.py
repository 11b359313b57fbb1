"""Gemini's Interactions API over httpx2: the `Researcher` that the runner follows a research with.

Every method makes exactly one request; nothing is repeated here, because only the caller knows what a repetition
costs. What a failure proves is the class of the error (`bot.gemini.faults` has the table).
"""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import anyio
import anyio.to_thread
import structlog

from bot.domain.interaction import Signal, StreamTrouble
from bot.errors import GeminiNotFound, GeminiUncertain
from bot.gemini import faults, wire
from bot.gemini.exchange import STREAM, Exchange
from bot.gemini.limits import Limits
from bot.gemini.novelties import Novelties
from bot.gemini.requests import Request
from bot.gemini.signals import Reader
from bot.gemini.stream import SignalStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    import httpx2

    from bot.domain.interaction import Snapshot
    from bot.ports import Order

_log = structlog.get_logger("bot.gemini")
_PARSE_IN_THREAD = 64 * 1024


class GeminiClient:
    """`Researcher` at `base_url`/`version`; an async context manager that owns its connections.

    `api_key` goes into the `x-goog-api-key` header and nowhere else. `transport` replaces the network (tests).
    Raises `ConfigurationError` for a key or address that could never work.
    """

    def __init__(
        self,
        base_url: str,
        version: str,
        api_key: str,
        *,
        limits: Limits | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._limits = limits or Limits()
        self._exchange = Exchange(base_url, version, api_key, self._limits, transport)
        self._redirects = self._exchange.redirects()
        self._novelties = Novelties()

    def __repr__(self) -> str:
        return f"GeminiClient({str(self._exchange.base)!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes every connection; open streams end."""
        await self._exchange.aclose()

    def start(self, order: Order | Request) -> AbstractAsyncContextManager[tuple[str, AsyncIterator[Signal]]]:
        """Makes the one POST; see `Researcher.start`.

        Besides the runner's `Order` it takes any `Request`. Raises `GeminiRefused` before sending for what cannot
        work, `GeminiNotFound` for a previous interaction that Gemini has forgotten. `Created` is not among the
        signals: the id says it.
        """
        return self._start(order if isinstance(order, Request) else Request.of(order))

    @asynccontextmanager
    async def _start(self, request: Request) -> AsyncIterator[tuple[str, AsyncIterator[Signal]]]:
        if request.streamed:
            async with (
                self._exchange.opened("POST", "", request, json=request.body()) as response,
                aclosing(self._signals(response, None, request)) as signals,
            ):
                yield await self._named(response, signals, request)
        else:
            snapshot = await self.create(request)
            yield snapshot.interaction_id, _Silence()

    async def create(self, request: Request) -> Snapshot:
        """The one POST without streaming, and what came back: an interaction that goes on in the background, or
        the answer of a model that was waited for (at most `Limits.answer` seconds).
        """
        return await self._snapshot(await self._exchange.create(request), request=request)

    async def _named(
        self, response: httpx2.Response, signals: SignalStream, request: Request
    ) -> tuple[str, AsyncIterator[Signal]]:
        """The answer to a streamed POST, up to the moment when the id is known."""
        if not _is_stream(response):
            snapshot = await self._snapshot(await self._exchange.body(response, request), request=request)
            return snapshot.interaction_id, _Silence()
        found: str | StreamTrouble = ""
        with anyio.move_on_after(self._limits.whole):  # a stream may also go on and on and name nothing
            found = await signals.identify(self._limits.read)
        if isinstance(found, StreamTrouble) and found.code == "not_found":
            # What streams say of a result that is not there yet ("Failed to get completed interaction"), not of an
            # agent: it may have been started.
            raise GeminiUncertain(found.message)
        if isinstance(found, StreamTrouble):
            secrets = self._exchange.secrets(request)
            raise faults.from_code(found.code, found.message, asked=request.asked, secrets=secrets)
        if not found:
            raise GeminiUncertain(
                f"the stream came to nothing before it named an interaction ({signals.reason})"
            )
        return found, signals

    @asynccontextmanager
    async def listen(self, interaction_id: str, after: str | None) -> AsyncIterator[AsyncIterator[Signal]]:
        """Signals of a run from behind the event `after`; see `Researcher.listen`."""
        query = "stream=true" if after is None else f"last_event_id={quote(after, safe='')}&stream=true"
        async with self._exchange.opened("GET", f"{_path(interaction_id)}?{query}") as response:
            if _is_stream(response):
                async with aclosing(self._signals(response, after)) as signals:
                    yield signals
            else:
                yield _Silence()

    async def fetch(self, interaction_id: str) -> Snapshot:
        """The truth: one GET. What is no interaction, or larger than `Limits.body`, is `GeminiUncertain`."""
        body = await self._exchange.short("GET", f"{_path(interaction_id)}?stream=false")
        return await self._snapshot(body, interaction_id)

    async def cancel(self, interaction_id: str) -> None:
        """Asks to stop the run; see `Researcher.cancel`. Gemini answers 4xx for what is over already, and has been
        seen to answer 404 and 500 for what it then stopped all the same.
        """
        status = await self._exchange.knock("POST", f"{_path(interaction_id)}/cancel")
        _log.info("gemini.cancel_answered", status=status)

    async def resolve(self, addresses: Sequence[str]) -> Mapping[str, str]:
        """The pages of redirects; see `Researcher.resolve`."""
        return await self._redirects.resolve(addresses)

    async def delete(self, interaction_id: str) -> None:
        """Removes the record at Gemini; see `Researcher.delete`."""
        try:
            await self._exchange.short("DELETE", _path(interaction_id))
        except GeminiNotFound:
            _log.info("gemini.delete_found_nothing")

    async def _snapshot(
        self, body: bytes, interaction_id: str = "", request: Request | None = None
    ) -> Snapshot:
        """Parsed; in a thread when it is long, since a report with pictures would hold up everything else."""
        arguments = (body, interaction_id, self._novelties, self._exchange.secrets(request))
        if len(body) < _PARSE_IN_THREAD:
            return wire.snapshot(*arguments)
        return await anyio.to_thread.run_sync(wire.snapshot, *arguments)

    def _signals(
        self, response: httpx2.Response, after: str | None, request: Request | None = None
    ) -> SignalStream:
        reader = Reader(after, self._novelties, self._exchange.secrets(request))
        is_packed = "content-encoding" in response.headers
        chunks = response.aiter_bytes() if is_packed else response.aiter_raw()
        return SignalStream(chunks, reader, self._limits.idle, self._limits.body)


class _Silence:
    """No signals: the answer was no stream."""

    __slots__ = ()

    def __aiter__(self) -> AsyncIterator[Signal]:
        return self

    async def __anext__(self) -> Signal:
        raise StopAsyncIteration


def _path(interaction_id: str) -> str:
    """The path of one interaction; without an id the address would be that of all."""
    if not interaction_id.strip("."):
        raise GeminiNotFound("no interaction id")
    return f"/{quote(interaction_id, safe='')}"


def _is_stream(response: httpx2.Response) -> bool:
    content_type: str = response.headers.get("content-type", STREAM)
    return content_type.lower().startswith(STREAM)
