"""What passed between the app and the simulated Gemini: a bounded list for tests, entries for the demo's panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .interactions import Event, SimulatedInteraction

KEPT = 20_000
SHOWN = 4_000
"""Characters of a body that the panel gets."""

Entry = dict[str, object]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its status is 0 where the connection was dropped or the client left; ``at`` is Unix time."""

    method: str
    path: str
    query: dict[str, str]
    status: int
    at: float


class Traffic:
    """Records calls, and reports them to ``on_traffic``. The key travels in a header and is never recorded."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.on_traffic: Callable[[Entry], None] | None = None

    def note_call(self, call: Call, seconds: float, summary: str, request: str, response: str) -> None:
        """Remembers a request and its answer."""
        if len(self.calls) >= KEPT:
            del self.calls[: KEPT // 2]
        self.calls.append(call)
        self._tell(
            {
                "from": "app",
                "name": f"{call.method} {call.path}",
                "ok": 200 <= call.status < 300,
                "ms": round(seconds * 1000, 1),
                "summary": summary or (str(call.status) if call.status else "connection dropped"),
                "request": request[:SHOWN],
                "response": response[:SHOWN],
            }
        )

    def note_event(self, interaction: SimulatedInteraction, event: Event) -> None:
        """Reports an event that was just sent on a stream."""
        if self.on_traffic is None:
            return
        self._tell(
            {
                "from": "gemini",
                "name": event.event_type,
                "ok": event.event_type != "error",
                "ms": 0,
                "summary": _gist(event),
                "request": interaction.id,
                "response": str(dict(event.payload))[:SHOWN],
            }
        )

    def note_delivery(self, url: str, status: int, seconds: float, body: str) -> None:
        """Reports a webhook delivery; status 0 means nobody answered."""
        self._tell(
            {
                "from": "gemini",
                "name": f"POST {url}",
                "ok": 200 <= status < 300,
                "ms": round(seconds * 1000, 1),
                "summary": f"webhook, {status or 'no answer'}",
                "request": body[:SHOWN],
                "response": str(status),
            }
        )

    def _tell(self, entry: Entry) -> None:
        if self.on_traffic is not None:
            self.on_traffic({"kind": "http", **entry})


def _gist(event: Event) -> str:
    delta = event.payload.get("delta")
    if not isinstance(delta, dict):
        return str(event.payload.get("status", ""))
    content = delta.get("content")
    text = content.get("text", "") if isinstance(content, dict) else delta.get("text", delta.get("type", ""))
    return str(text).splitlines()[0][:80] if text else ""
