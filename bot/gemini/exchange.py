"""One HTTP request to the Interactions API and its bounded answer; the floor under `client`.

Knows the address, the key, the pools and the time-outs; turns every failure into a `GeminiError`.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import httpcore2  # noqa: F401  # httpx2 loads it with its first client: the loop stood still for 0.1 s at the first start
import httpx2
import structlog

from bot.errors import ConfigurationError, GeminiUncertain
from bot.gemini import faults
from bot.gemini.faults import LOWER, Asked
from bot.gemini.pool import Pool
from bot.gemini.redirects import Redirects, look_up

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.gemini.limits import Limits
    from bot.gemini.requests import Request

_log = structlog.get_logger("bot.gemini")
_ERROR_BODY = 64 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

STREAM = "text/event-stream"


class Exchange:
    """Requests to `base_url`/`version`/interactions with `api_key` in the `x-goog-api-key` header only."""

    def __init__(
        self,
        base_url: str,
        version: str,
        api_key: str,
        limits: Limits,
        transport: httpx2.AsyncBaseTransport | None,
    ) -> None:
        self.base = address(base_url, version)
        self._root = str(self.base)
        self._key = usable(api_key)
        self._limits = limits
        self._transport = transport
        self._tls = httpx2.create_ssl_context() if self.base.scheme == "https" and not transport else None
        # Creates share no connection either: one that Gemini closes while it idles would make a start uncertain
        # that never began.
        self._streams = Pool(lambda: self._make(kept=0), limits.streams_per_client)
        self._polls = Pool(lambda: self._make(kept=20), limits.polls_per_client)

    async def aclose(self) -> None:
        """Closes every connection; open streams end."""
        with anyio.CancelScope(shield=True):
            await self._streams.aclose()
            await self._polls.aclose()

    def redirects(self) -> Redirects:
        """Where Google's redirects are asked for their pages: at Google, or of the simulated Gemini on this machine."""
        if self.base.host in _LOOPBACK:
            return Redirects(f"{self.base.scheme}://{self.base.netloc.decode()}", transport=self._transport)
        return Redirects(look_up=look_up, tls=self._tls, transport=self._transport)

    def secrets(self, request: Request | None) -> tuple[str, ...]:
        """What must not be shown of anything that was said about `request`."""
        return (self._key, *(request.secrets if request else ()))

    async def create(self, request: Request) -> bytes:
        """The POST of `request` to the last byte of its answer; what is waited for may take minutes."""
        limits, content = self._limits, request.body()
        whole, read = (limits.whole, limits.read) if request.is_background else (limits.answer, limits.answer)
        try:
            with anyio.fail_after(whole):
                async with self._answer(self._streams, "POST", "", read=read, json=content) as response:
                    return await self.body(response, request)
        except LOWER as error:
            raise faults.from_exception(error) from error

    async def short(self, method: str, path: str, **parts: Any) -> bytes:
        """One request about an interaction, to the last byte of its answer."""
        try:
            with anyio.fail_after(self._limits.whole):
                async with self._answer(self._polls, method, path, **parts) as response:
                    return await self.body(response)
        except LOWER as error:
            raise faults.from_exception(error) from error

    async def knock(self, method: str, path: str) -> int:
        """One request of which only the status matters, whatever it is."""
        try:
            with anyio.fail_after(self._limits.whole):
                async with self._answer(self._polls, method, path) as response:
                    return response.status_code
        except LOWER as error:
            raise faults.from_exception(error) from error

    @asynccontextmanager
    async def opened(
        self, method: str, path: str, request: Request | None = None, **parts: Any
    ) -> AsyncIterator[httpx2.Response]:
        """One request whose good answer may be a stream; open within the block."""
        with self._streams.lend() as http:
            try:
                with anyio.fail_after(self._limits.whole):
                    response = await self._send(http, method, path, headers={"accept": STREAM}, **parts)
            except LOWER as error:
                raise faults.from_exception(error) from error
            try:
                if not response.is_success:
                    await self.body(response, request)
                yield response
            finally:
                await _close(response)

    async def body(self, response: httpx2.Response, request: Request | None = None) -> bytes:
        """The whole body of a good answer; any other is raised as what its status means, even if it breaks off."""
        if response.is_success:
            try:
                with anyio.fail_after(self._limits.answer):
                    return await _read(response, self._limits.body)
            except LOWER as error:
                raise faults.from_exception(error) from error
        body = b""
        try:
            with anyio.move_on_after(self._limits.read):
                body = await _read(response, _ERROR_BODY)
        except (*LOWER, GeminiUncertain):
            _log.info("gemini.error_body_lost", status=response.status_code)
        fault = faults.from_answer(
            response.status_code,
            response.headers,
            body,
            asked=_asked(request),
            secrets=self.secrets(request),
        )
        request_id = response.headers.get("x-goog-request-id", "")[:100]
        _log.info(
            "gemini.error_answered", status=response.status_code, code=fault.code, request_id=request_id
        )
        raise fault

    @asynccontextmanager
    async def _answer(
        self, pool: Pool, method: str, path: str, *, read: float | None = None, **parts: Any
    ) -> AsyncIterator[httpx2.Response]:
        with pool.lend() as http:
            response = await self._send(http, method, path, read=read, **parts)
            try:
                yield response
            finally:
                await _close(response)

    async def _send(
        self, http: httpx2.AsyncClient, method: str, path: str, *, read: float | None = None, **parts: Any
    ) -> httpx2.Response:
        request = http.build_request(method, self._root + path, timeout=self._limits.timeout(read), **parts)
        return await http.send(request, stream=True)

    def _make(self, kept: int) -> httpx2.AsyncClient:
        """One httpx2 client that keeps at most `kept` idle connections. It follows no redirect (the key would go
        along), and asks no proxy for what is on this machine.
        """
        return httpx2.AsyncClient(
            headers={"x-goog-api-key": self._key, "accept": "application/json", "user-agent": "research-bot"},
            verify=self._tls or False,  # plain http, or a transport of its own
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=kept, keepalive_expiry=20.0),
            transport=self._transport,
            trust_env=self.base.host not in _LOOPBACK,
            follow_redirects=False,
        )


def address(base_url: str, version: str) -> httpx2.URL:
    """Where interactions are made. Raises `ConfigurationError` naming the setting that is wrong."""
    try:
        url = httpx2.URL(f"{base_url.rstrip('/')}/{version.strip('/')}/interactions")
    except httpx2.InvalidURL as error:
        raise ConfigurationError("GOOGLE_GEMINI_BASE_URL is no address") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        raise ConfigurationError(
            "GOOGLE_GEMINI_BASE_URL must look like https://generativelanguage.googleapis.com"
        )
    if not re.fullmatch(r"[\w.-]+", version.strip("/")):
        raise ConfigurationError("GEMINI_API_VERSION must look like v1beta")
    return url


def usable(api_key: str) -> str:
    """The key, if a header can carry it; lower layers would quote a wrong one in their errors."""
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError("GEMINI_API_KEY is empty or has characters that no key has")
    return key


def _asked(request: Request | None) -> Asked:
    return Asked.INTERACTION if request is None else request.asked


async def _close(response: httpx2.Response) -> None:
    """Closes; a connection that breaks even then has nothing to tell any more."""
    try:
        await response.aclose()
    except LOWER as error:
        _log.debug("gemini.close_failed", kind=type(error).__name__)


async def _read(response: httpx2.Response, limit: int) -> bytes:
    """The body, unpacked, if it has at most `limit` bytes."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            raise GeminiUncertain(f"an answer of more than {limit} bytes", status=response.status_code)
    return bytes(body)
