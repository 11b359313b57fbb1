"""Socket Mode: the app's WebSocket connections, the envelopes sent over them and the acks that come back."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import anyio
from aiohttp import WSMsgType, web

from bot.sandbox.slack.ack import FAILED, TIMEOUT, Ack
from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.mint import Mint

Json = dict[str, Any]
MOST_CONNECTIONS = 10
CLOSE_SECONDS = 0.5


@dataclass
class _Pending:
    arrived: anyio.Event = field(default_factory=anyio.Event)
    payload: Json | None = None


class SocketHub:
    """Delivers each envelope to one of at most 10 connections in turn; an ack counts on any of them
    (Slack docs: using Socket Mode).
    """

    def __init__(self, app_id: str, mint: Mint, changes: Changes) -> None:
        self.ack_timeout = 3.0
        self.link_disabled = False
        self._app_id = app_id
        self._mint = mint
        self._changes = changes
        self._open: list[web.WebSocketResponse] = []
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._frozen: list[asyncio.Transport] = []
        self._tickets: set[str] = set()
        self._pending: dict[str, _Pending] = {}
        self._turn = 0
        self._duplicates: list[bool] = []
        self._losses = 0
        self.connected_ever = 0
        self.fewest = 0
        """The fewest that were open at a time since a test set this."""

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def ticket(self) -> str:
        """A ticket for one connection, as apps.connections.open hands out in its URL."""
        ticket = self._mint.secret()
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One WebSocket connection from hello to close."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=401)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(max_msg_size=0, timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        if self.link_disabled or self.connections >= MOST_CONNECTIONS:
            await self._say_goodbye(socket, "link_disabled" if self.link_disabled else "too_many_websockets")
            await socket.close()
            return socket
        self._open.append(socket)
        if isinstance(request.transport, asyncio.Transport):
            self._transports[socket] = request.transport
        self.connected_ever += 1
        await socket.send_json(self._hello())
        self._changes.notify()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take_ack(message.data)
        finally:
            self._transports.pop(socket, None)
            if socket in self._open:
                self._open.remove(socket)
            self.fewest = min(self.fewest, self.connections)
            self._changes.notify()
        return socket

    def _hello(self) -> Json:
        debug = {"host": "applink-sandbox", "build_number": 54, "approximate_connection_time": 3600}
        return {
            "type": "hello",
            "connection_info": {"app_id": self._app_id},
            "num_connections": self.connections,
            "debug_info": debug,
        }

    def _take_ack(self, data: str) -> None:
        try:
            ack = json.loads(data)
        except ValueError:
            return
        pending = self._pending.get(ack.get("envelope_id", "")) if isinstance(ack, dict) else None
        if pending is not None:
            pending.payload = ack.get("payload") or None
            pending.arrived.set()

    async def send(
        self, kind: str, payload: Json, *, accepts_response: bool, attempt: int, reason: str
    ) -> Ack:
        """Sends an envelope and waits for its ack; without any connection it fails at once."""
        started = perf_counter()
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": accepts_response,
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        pending = self._pending[envelope["envelope_id"]] = _Pending()
        try:
            if self._losses:
                self._losses -= 1
            elif not await self._transmit(envelope):
                return Ack(False, None, perf_counter() - started, FAILED, sent=payload)
            if self._duplicates:
                again = {} if self._duplicates.pop(0) else {"envelope_id": str(uuid.uuid4())}
                await self._transmit(envelope | again)
            with anyio.move_on_after(self.ack_timeout):
                await pending.arrived.wait()
        finally:
            del self._pending[envelope["envelope_id"]]
        acked = pending.arrived.is_set()
        error = None if acked else TIMEOUT
        return Ack(acked, pending.payload, perf_counter() - started, error, sent=payload)

    async def _transmit(self, envelope: Json) -> bool:
        text = json.dumps(envelope)
        while self._open:
            self._turn += 1
            socket = self._open[self._turn % len(self._open)]
            try:
                await socket.send_str(text)
            except ConnectionError:
                if socket in self._open:
                    self._open.remove(socket)
                continue
            return True
        return False

    async def _say_goodbye(self, socket: web.WebSocketResponse, reason: str) -> None:
        debug = {"host": "wss-sandbox"}
        with suppress(ConnectionError):  # it has just gone by itself
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": debug})

    async def warn(self) -> None:
        """A disconnect frame with reason `warning` on every connection; they stay open."""
        for socket in list(self._open):
            await self._say_goodbye(socket, "warning")

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """A disconnect frame on every connection, then they close: the app must reconnect."""
        for socket in list(self._open):
            await self._say_goodbye(socket, reason)
            if socket in self._open:
                self._open.remove(socket)
            await socket.close()
        self._changes.notify()

    def freeze(self) -> None:
        """Every connection becomes half-open: neither side is told, and nothing that it sends arrives any more."""
        for socket in self._open:
            transport = self._transports.get(socket)
            if transport is not None:
                transport.pause_reading()
                self._frozen.append(transport)
        self._open.clear()
        self._changes.notify()

    async def drop(self) -> None:
        """Every connection is cut without a word."""
        for socket in list(self._open):
            self._open.remove(socket)
            transport = self._transports.get(socket)
            if transport is not None:
                transport.abort()
        self._changes.notify()

    def duplicate_next(self, *, same_envelope: bool = False) -> None:
        """The next payload arrives twice, the second time in a new envelope (or in the same one again)."""
        self._duplicates.append(same_envelope)

    def lose_next(self, times: int = 1) -> None:
        """The next payloads go to a connection that is dead without anyone knowing."""
        self._losses += times

    async def close(self) -> None:
        """Closes what is open, at the end."""
        for transport in self._frozen:
            transport.abort()
        for socket in list(self._open):
            await socket.close()
