"""Socket Mode: WebSockets that we open and Slack sends its envelopes through.

Two connections, so that one may be refreshed or die while the other takes what comes: Slack gives each envelope to any
one of them (Slack docs: Socket Mode, at most 10 connections). They are renewed one after the other.
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import anyio
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from bot.ports import Journal

CONNECTIONS = 2
PING_SECONDS = 5.0
"""Between two pings. A connection that answers none is closed after half as long again, and renewed with the next."""
LAST_HANDLERS = 3.0
"""Seconds that handlers under way get when the process stops, or their connection is renewed."""
TURN = 8.0
"""Seconds that a connection waits for its turn to be renewed: Slack says so ten seconds before it closes it."""
NOT_OURS = 404
"""Bolt's status of a request that no listener wants."""
_WRONG_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "account_inactive"}
)


class _Handlers:
    """What the handlers of one connection are still doing."""

    def __init__(self) -> None:
        self._under_way = 0
        self._idle = anyio.Event()
        self._idle.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """While one is under way."""
        if not self._under_way:
            self._idle = anyio.Event()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def drained(self) -> None:
        """Waits until none is under way, at most `LAST_HANDLERS` seconds."""
        with anyio.move_on_after(LAST_HANDLERS):
            await self._idle.wait()


class _Connection(SocketModeClient):
    """One of our connections. The SDK closes the old WebSocket before it opens the new one: that waits until the
    handlers have answered, and until no other connection is being renewed, so that Slack can always reach us.
    """

    def __init__(self, turn: anyio.Lock, **options: Any) -> None:
        super().__init__(**options)
        self.handlers = _Handlers()
        self.connected_at = time.monotonic()
        self._turn = turn

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        has_turn = False
        with anyio.move_on_after(TURN):
            await self._turn.acquire()
            has_turn = True
        try:
            await self.handlers.drained()
            await _untyped(super().connect_to_new_endpoint, force)
            self.connected_at = time.monotonic()
        finally:
            if has_turn:
                self._turn.release()


class Sockets:
    """All connections of this process."""

    def __init__(self, app: AsyncApp, app_token: str, api_url: str, journal: Journal) -> None:
        self._app = app
        self._token = app_token
        self._web = AsyncWebClient(base_url=api_url)
        self._journal = journal
        self._clients: list[_Connection] = []
        self._turn = anyio.Lock()
        self._is_closing = False

    async def check(self) -> str:
        """For `/readyz`: raises where no connection is alive; says how many are, and since when."""
        alive = sum([await client.is_connected() for client in self._clients])
        if not alive:
            raise ConnectionError("no socket to Slack is open")
        age = time.monotonic() - min(client.connected_at for client in self._clients)
        count = f"{alive} sockets" if alive == CONNECTIONS else f"{alive} of {CONNECTIONS} sockets"
        return f"{count} to Slack, the oldest for {age:.0f} s"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sockets]:
        """Connects; at the end takes nothing more and lets handlers under way finish.

        Raises `ConfigurationError` when Slack does not accept the app-level token.
        """
        await self._try_token()
        try:
            for _ in range(CONNECTIONS):
                await self._connect()
            yield self
        finally:
            with anyio.CancelScope(shield=True):
                await self._drain()
                for client in self._clients:
                    await _untyped(client.close)

    async def _try_token(self) -> None:
        """The SDK's client would try a wrong token for ever, with nothing but log lines."""
        try:
            await self._web.apps_connections_open(app_token=self._token)
        except SlackApiError as error:
            code = error.response.get("error") or ""
            if code in _WRONG_TOKEN:
                raise ConfigurationError(
                    f"SLACK_APP_TOKEN is not one that Slack accepts (Slack says: {code}). Make an app-level token with "
                    "the scope connections:write (api.slack.com/apps, your app, “Basic Information”) and put the one "
                    "that begins with xapp- there."
                ) from None
            self._journal.note("socket.check_failed", error=code)
        except OSError as error:
            self._journal.note("socket.check_failed", error=type(error).__name__)

    async def _connect(self) -> None:
        client = _Connection(
            self._turn,
            app_token=self._token,
            web_client=self._web,
            ping_interval=PING_SECONDS,
            logger=self._app.logger,
        )
        client.socket_mode_request_listeners.append(self._handle)
        self._clients.append(client)
        await _untyped(client.connect)

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """One envelope. While closing nothing is begun: Slack gives it to another connection."""
        if self._is_closing:
            return
        assert isinstance(client, _Connection)
        with client.handlers.one():
            try:
                response = await run_async_bolt_app(self._app, request)
                if response.status == NOT_OURS:
                    # Unacked, Slack would send it again and tell the person that we failed.
                    await client.send_socket_mode_response(
                        SocketModeResponse(envelope_id=request.envelope_id)
                    )
                else:
                    await send_async_response(client, request, response, time.monotonic())
            except ConnectionError:
                # What the listener did is committed; a second copy of the envelope will find it done.
                self._journal.note("socket.ack_lost", kind=request.type)

    async def _drain(self) -> None:
        self._is_closing = True
        async with anyio.create_task_group() as tasks:
            for client in self._clients:
                tasks.start_soon(client.handlers.drained, name="last handlers")


async def _untyped(method: Any, *arguments: object) -> None:
    """Some of the SDK's methods have no annotations."""
    await method(*arguments)
