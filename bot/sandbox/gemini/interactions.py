"""SimulatedInteraction: the state of one run, its event log, and everybody who waits for either to change."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from string import ascii_letters, digits
from typing import NamedTuple

import anyio

from .library import Report
from .script import Script

TOKEN = ascii_letters + digits + "-_"

USAGE: dict[str, object] = {
    "total_tokens": 1117031,
    "total_input_tokens": 428865,
    "total_cached_tokens": 301204,
    "total_output_tokens": 22294,
    "total_thought_tokens": 26213,
    "total_tool_use_tokens": 639659,
    "input_tokens_by_modality": [{"modality": "text", "tokens": 428865}],
    "output_tokens_by_modality": [{"modality": "text", "tokens": 22294}],
    "grounding_tool_count": [{"type": "google_search", "count": 41}],
}
"""The recorded usage of a finished deep research."""
PLAN_USAGE: dict[str, object] = {
    "total_tokens": 5120,
    "total_input_tokens": 900,
    "total_output_tokens": 420,
    "total_thought_tokens": 3800,
}
"""The recorded usage of a plan."""
MODEL_USAGE: dict[str, object] = {
    "input_tokens_by_modality": [{"modality": "text", "tokens": 14}],
    "raw_prompt_token": 39,
    "total_cached_tokens": 0,
    "total_input_tokens": 14,
    "total_output_tokens": 34,
    "total_thought_tokens": 222,
    "total_tokens": 270,
    "total_tool_use_tokens": 0,
}


class Event(NamedTuple):
    """One server-sent event; the id is the resume token, None where the service sends none."""

    event_type: str
    payload: Mapping[str, object]
    event_id: str | None


def new_id(rng: random.Random) -> str:
    """``v1_`` and the base64url of a small protobuf that holds the same token twice, as recorded."""
    token = "".join(rng.choices(TOKEN, k=23)).encode()
    return "v1_" + base64.urlsafe_b64encode(b"\x0a\x17" + token + b"\x12\x17" + token).decode().rstrip("=")


def stamp(seconds: float) -> str:
    """Unix time as the service writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True, eq=False)
class SimulatedInteraction:
    """One interaction; tests read it, only the conductor changes it."""

    id: str
    question: str
    request: dict[str, object]
    script: Script
    created_at: float
    agent: str | None = None
    model: str | None = None
    status: str = "in_progress"
    thoughts: list[str] = field(default_factory=list)
    report: Report | None = None
    """What it will end, or has ended, with."""
    errors: list[dict[str, str]] = field(default_factory=list)
    ended_at: float | None = None
    cancel_asked: bool = False
    deleted: bool = False
    streamed: bool = False
    usage_ready: bool = False
    search: str = ""
    """What a model with google_search looked for."""
    planned: bool = False
    """Its output is a research plan, not a report."""
    connections: int = 0
    """How many streams of it were ever opened."""
    on_change: Callable[[], None] | None = None
    log: list[Event] = field(default_factory=list)
    _changed: anyio.Event | None = None

    @property
    def ended(self) -> bool:
        """Whether it has come to any end; an unknown status is not one."""
        return self.ended_at is not None

    @property
    def cancelled(self) -> bool:
        """Whether a cancel was accepted for it (it may have completed nevertheless)."""
        return self.cancel_asked

    @property
    def text(self) -> str:
        """The final report's text; empty while it runs, or when it ended without."""
        return self.report.text if self.report and self.status in ("completed", "incomplete") else ""

    @property
    def usage(self) -> dict[str, object] | None:
        """What it used, once the service knows."""
        if not self.usage_ready:
            return None
        searched = {"grounding_tool_count": [{"type": "google_search", "count": 1}]} if self.search else {}
        if self.agent:
            return PLAN_USAGE if self.planned else USAGE
        return MODEL_USAGE | searched

    def emit(self, event_type: str, *, numbered: bool = True, **payload: object) -> None:
        """Appends an event to the log and wakes the streams; model runs send no ids (recorded)."""
        with_id = numbered and self.agent is not None and self.script.event_ids
        event_id = f"evt_{len(self.log) + 1:06d}" if with_id else None
        self.log.append(Event(event_type, payload, event_id))
        self.touch()

    def touch(self) -> None:
        """Wakes everybody who waits for a change."""
        if self._changed is not None:
            self._changed.set()
            self._changed = None
        if self.on_change is not None:
            self.on_change()

    async def change(self) -> None:
        """Returns after the next change."""
        if self._changed is None:
            self._changed = anyio.Event()
        await self._changed.wait()

    def after(self, event_id: str | None) -> int:
        """Where in the log a stream resumes: behind ``event_id``, or at the start if that is unknown."""
        for place, event in enumerate(self.log):
            if event_id is not None and event.event_id == event_id:
                return place + 1
        return 0
