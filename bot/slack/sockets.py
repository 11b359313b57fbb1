"""Socket Mode: WebSockets that we open and Slack sends its envelopes through.

Two connections, so that one may be refreshed or die while the other takes what comes: Slack gives each envelope to any
one of them (Slack docs: Socket Mode, at most 10 connections).
"""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from slack_bolt.async_app import AsyncApp
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

    from bot.ports import Journal

CONNECTIONS = 2
LAST_HANDLERS = 3.0
"""Seconds that handlers under way get when the process stops."""
NOT_OURS = 404
"""Bolt's status of a request that no listener wants."""
_WRONG_TOKEN = frozenset(
    {"invalid_auth", "not_authed", "not_allowed_token_type", "token_revoked", "account_inactive"}
)


class Sockets:
    """All connections of this process, and what their handlers are still doing."""

    def __init__(self, app: AsyncApp, app_token: str, api_url: str, journal: Journal) -> None:
        self._app = app
        self._token = app_token
        self._web = AsyncWebClient(base_url=api_url)
        self._journal = journal
        self._clients: list[SocketModeClient] = []
        self._under_way = 0
        self._is_closing = False
        self._idle = anyio.Event()

    async def check(self) -> None:
        """For `/readyz`: raises where no connection is open."""
        sessions = [client.current_session for client in self._clients]
        if not any(session is not None and not session.closed for session in sessions):
            raise ConnectionError("no socket to Slack is open")

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
        client = SocketModeClient(
            app_token=self._token, web_client=self._web, ping_interval=5, logger=self._app.logger
        )
        client.socket_mode_request_listeners.append(self._handle)
        self._clients.append(client)
        await _untyped(client.connect)

    async def _handle(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """One envelope. While closing nothing is begun: Slack gives it to another connection."""
        if self._is_closing:
            return
        self._under_way += 1
        try:
            response = await run_async_bolt_app(self._app, request)
            if response.status == NOT_OURS:
                # Unacked, Slack would send it again and tell the person that we failed.
                await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
            else:
                await send_async_response(client, request, response, time.monotonic())
        except ConnectionError:
            # What the listener did is committed; a second copy of the envelope will find it done.
            self._journal.note("socket.ack_lost", kind=request.type)
        finally:
            self._under_way -= 1
            self._tell_idle()

    async def _drain(self) -> None:
        self._is_closing = True
        self._tell_idle()
        with anyio.move_on_after(LAST_HANDLERS):
            await self._idle.wait()

    def _tell_idle(self) -> None:
        if self._is_closing and not self._under_way:
            self._idle.set()


async def _untyped(method: Any) -> None:
    """Some of the SDK's methods have no annotations."""
    await method()
