"""Decides how the app is told something: over Socket Mode or HTTP, once or with redeliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import anyio
from anyio.abc import TaskGroup

from bot.sandbox.slack.ack import TIMEOUT, Ack
from bot.sandbox.slack.traffic import Traffic

Json = dict[str, Any]
SUMMARY_CHARACTERS = 100


class Transport(Protocol):
    """What both ways of delivery can do."""

    async def send(
        self, kind: str, payload: Json, *, accepts_response: bool, attempt: int, reason: str
    ) -> Ack:
        """Delivers once and waits for the ack."""


class Deliveries:
    """Interactions are delivered once; events again after 0, 60 and 300 s until they are acknowledged
    (Slack docs: Events API). `retry_after` holds those pauses in seconds of real time.
    """

    def __init__(self, transport: Transport, traffic: Traffic, now: Callable[[], float]) -> None:
        self.transport = transport
        self.retry_after: tuple[float, ...] = (0.0, 60.0, 300.0)
        self.background: TaskGroup | None = None
        self.over_http = False
        self._traffic = traffic
        self._now = now

    async def interact(self, kind: str, payload: Json, *, accepts_response: bool) -> Ack:
        """A slash command or interaction: one attempt, no retries."""
        return await self._attempt(kind, payload, accepts_response=accepts_response, attempt=0, reason="")

    def event(self, outer: Json) -> None:
        """An event, delivered in the background."""
        assert self.background is not None
        self.background.start_soon(self.event_now, outer, name=f"sandbox event {outer['event_id']}")

    async def event_now(self, outer: Json) -> Ack:
        """An event: waits for the first attempt; redeliveries go on in the background."""
        assert self.background is not None
        ack = await self._attempt("events_api", outer, accepts_response=False, attempt=0, reason="")
        if not ack.acked and not ack.no_retry:
            self.background.start_soon(self._redeliver, outer, ack, name=f"sandbox retry {outer['event_id']}")
        return ack

    async def _redeliver(self, outer: Json, ack: Ack) -> None:
        for attempt, pause in enumerate(self.retry_after, 1):
            await anyio.sleep(pause)
            reason = (
                "timeout" if not self.over_http else "http_timeout" if ack.error == TIMEOUT else "http_error"
            )
            ack = await self._attempt(
                "events_api", outer, accepts_response=False, attempt=attempt, reason=reason
            )
            if ack.acked or ack.no_retry:
                return

    async def _attempt(
        self, kind: str, payload: Json, *, accepts_response: bool, attempt: int, reason: str
    ) -> Ack:
        at = self._now()
        ack = await self.transport.send(
            kind, payload, accepts_response=accepts_response, attempt=attempt, reason=reason
        )
        event = payload.get("event", {})
        name = payload.get("command") or event.get("type") or payload.get("type", kind)
        said = str(payload.get("text") or event.get("text") or event.get("subtype") or "")[
            :SUMMARY_CHARACTERS
        ]
        outcome = f"attempt {attempt + 1}" if attempt else ack.error or ""
        self._traffic.note(
            {
                "at": at,
                "from": "slack",
                "kind": "http" if self.over_http else "socket",
                "name": name,
                "ok": ack.acked,
                "ms": round(ack.seconds * 1000, 1),
                "summary": " · ".join(filter(None, (outcome, said))) or "acknowledged",
                "request": payload,
                "response": ack.payload,
            }
        )
        return ack
