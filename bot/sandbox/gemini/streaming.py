"""Streams of a run's events, whole or broken in each of the ways that were seen of the service."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import anyio
from aiohttp import web

from .faults import CUTS, Cut, Fault
from .interactions import Event, SimulatedInteraction
from .wire import DONE, frame, sse

LIMIT = 600.0
"""The service cuts every stream after about ten minutes (Deep Research guide)."""
DEADLINE = "Deadline expired before operation could complete."
TAIL = json.dumps(
    [{"error": {"code": 504, "message": DEADLINE, "status": "DEADLINE_EXCEEDED"}}], indent=2
).encode()
TIMEOUT = {"event_type": "error", "error": {"message": DEADLINE, "code": "gateway_timeout"}}
NOT_FOUND = {
    "event_type": "error",
    "error": {"message": "Failed to get completed interaction: Result not found.", "code": "not_found"},
}


@dataclass(slots=True)
class Exchange:
    """What is remembered of a request until it is noted."""

    request_id: str
    began: float
    asked: str
    summary: str = ""
    dropped: bool = False
    noted: bool = False


EXCHANGE = web.RequestKey("exchange", Exchange)


@dataclass(frozen=True, slots=True)
class Break:
    """A stream breaks after ``events`` events: in this way, or (None) by falling silent."""

    events: int
    how: Cut | None


def break_of(interaction: SimulatedInteraction, fault: Fault | None) -> Break | None:
    """How this connection of the run's stream breaks, by a fault or by its scenario, if it does."""
    turn = interaction.connections - 1
    if fault is not None:
        return Break(fault.events, fault.cut_how if fault.kind == "cut" else None)
    if interaction.script.stream == "cut":
        how = CUTS[turn % len(CUTS)]
        return Break(0 if how == "not_found" else 2 + turn % 2, how)
    if interaction.script.stream == "silent":
        return Break(4, None)
    return None


class EventStream:
    """One open stream of one run, from a place in its log on."""

    def __init__(
        self,
        request: web.Request,
        interaction: SimulatedInteraction,
        place: int,
        breaks: Break | None,
        on_event: Callable[[Event], None],
    ) -> None:
        self._request, self._interaction, self._place = request, interaction, place
        self._breaks, self._on_event = breaks, on_event
        self._sent = 0
        self._response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
        )

    async def serve(self, pace: float) -> web.StreamResponse:
        """Sends events until the run ends, the stream breaks, or ten minutes (times the pace) are over."""
        self._response.headers["x-goog-request-id"] = self._request[EXCHANGE].request_id
        await self._response.prepare(self._request)
        with anyio.move_on_after(LIMIT * pace) as limit:
            finished = await self._follow()
        if limit.cancelled_caught:
            await self._response.write(TAIL)
        elif finished:
            await self._response.write(DONE)
        return self._response

    async def _follow(self) -> bool:
        interaction = self._interaction
        while True:
            while self._place < len(interaction.log):
                if self._breaks is not None and self._sent >= self._breaks.events:
                    await self._break(self._breaks.how)
                    return False
                await self._send(interaction.log[self._place])
            if interaction.ended:
                return True
            await interaction.change()

    async def _send(self, event: Event) -> None:
        self._place += 1
        self._sent += 1
        await self._response.write(frame(self._interaction, event))
        self._on_event(event)

    async def _break(self, how: Cut | None) -> None:
        if how is None:
            await anyio.sleep_forever()
        elif how == "json_array":
            await self._response.write(TAIL)
        elif how == "gateway_timeout":
            await self._response.write(sse("error", TIMEOUT) + DONE)
        elif how == "gateway_timeout_no_done":
            await self._response.write(sse("error", TIMEOUT))
        elif how == "not_found":
            await self._response.write(sse("error", NOT_FOUND))
        elif how == "mid_event":
            whole = frame(self._interaction, self._interaction.log[self._place])
            await self._response.write(whole[: len(whole) // 2])
        elif how == "abort" and self._request.transport is not None:
            self._request.transport.abort()
