"""SSE events of one stream -> the signals that the runner reads; unknown kinds pass by."""

from __future__ import annotations

from typing import Any

from bot.domain.interaction import Created, Ended, Signal, StatusChanged, StreamTrouble, TextGrew
from bot.domain.research import Thought
from bot.gemini.faults import envelope
from bot.gemini.jsons import as_count, as_object, as_objects, as_text, parsed
from bot.gemini.novelties import Novelties
from bot.gemini.sse import Event
from bot.gemini.statuses import KNOWN, phase_of
from bot.gemini.usage import usage_of

_SILENT_DELTAS = frozenset({
    "thought_signature", "text_annotation_delta", "arguments_delta", "image", "audio", "video", "document",
})  # fmt: skip
_TOOL_DELTAS = ("_call", "_result")


class Reader:
    """Reads one stream, from its start or from behind the event `after`.

    A thought's key is its event's id. Where Gemini sends none (model streams do), the key is its place: step and
    number within the step, counted from the last event that had an id, so that a replay from any point gives every
    thought the key it had before. `0.1` is thus the second thought of step 0 in a stream without ids.
    """

    __slots__ = (
        "_anchor", "_counts", "_novelties", "_secrets", "_steps", "continuation_token", "done", "interaction_id"
    )  # fmt: skip

    def __init__(
        self, after: str | None = None, novelties: Novelties | None = None, secrets: tuple[str, ...] = ()
    ) -> None:
        self._anchor = after
        self._secrets = secrets
        self._novelties = novelties or Novelties()
        self._counts: dict[int, int] = {}
        self._steps: dict[int, str] = {}
        self.interaction_id = ""
        self.continuation_token = ""
        self.done = False

    def read(self, event: Event) -> list[Signal]:
        """The signals of one event, mostly none or one."""
        if event.data.strip() == "[DONE]":
            self.done = True
            return []
        body = parsed(event.data)
        if not isinstance(body, dict):
            return self.last_words(event.data)
        event_id = as_text(body.get("event_id")) or None
        if event_id is not None:
            self._anchor, self._counts = event_id, {}
        kind = as_text(body.get("event_type")) or event.name
        family, _, verb = kind.partition(".")
        if family == "interaction":
            return self._interaction(verb, body, event_id)
        if family in ("step", "content"):
            return self._step(verb, body, event_id)
        if kind == "error":
            return self._trouble(body, event_id)
        self._novelties.note("event", kind)
        return []

    def last_words(self, stray: str) -> list[Signal]:
        """What stood outside of every event: the JSON (array) that Gemini appends when it cuts a stream."""
        body = parsed(stray)
        return self._trouble(body, None) if isinstance(body, dict | list) else []

    def _interaction(self, verb: str, body: dict[str, Any], event_id: str | None) -> list[Signal]:
        inner = as_object(body.get("interaction"))
        self.interaction_id = (
            self.interaction_id or as_text(inner.get("id")) or as_text(body.get("interaction_id"))
        )
        token = as_text(body.get("continuation_token")) or as_text(inner.get("continuation_token"))
        self.continuation_token = token or self.continuation_token
        status = as_text(inner.get("status")) or as_text(body.get("status"))
        if verb in ("created", "start"):
            return [Created(self.interaction_id, event_id)] if self.interaction_id else []
        if verb in ("completed", "complete"):
            return self._ended(status or "completed", inner, body, event_id)
        if verb == "error":
            return self._trouble(body, event_id)
        if verb == "status_update" or verb in KNOWN:
            return self._changed(status or verb, event_id)
        self._novelties.note("event", f"interaction.{verb}")
        return []

    def _changed(self, status: str, event_id: str | None) -> list[Signal]:
        if status not in KNOWN:
            self._novelties.note("status", status)
        return [StatusChanged(status, phase_of(status), event_id)]

    def _ended(
        self, status: str, inner: dict[str, Any], body: dict[str, Any], event_id: str | None
    ) -> list[Signal]:
        self.done = True
        usage = usage_of(inner.get("usage")) or usage_of(body.get("usage"))
        return [Ended(status, phase_of(status), usage, event_id)]

    def _step(self, verb: str, body: dict[str, Any], event_id: str | None) -> list[Signal]:
        index = as_count(body.get("index")) or 0
        if verb == "start":
            step = as_object(body.get("step")) or as_object(body.get("content"))
            self._steps[index] = as_text(step.get("type"))
            return self._thoughts(index, as_objects(step.get("summary")), event_id)
        if verb == "delta":
            return self._delta(index, as_object(body.get("delta")), event_id)
        if verb != "stop":
            self._novelties.note("event", f"step.{verb}")
        return []

    def _delta(self, index: int, delta: dict[str, Any], event_id: str | None) -> list[Signal]:
        kind = as_text(delta.get("type"))
        if kind in ("thought_summary", "thought"):
            return self._thoughts(index, [as_object(delta.get("content")) or delta], event_id)
        text = as_text(delta.get("text"))
        if kind == "text" or (not kind and text):
            if self._steps.get(index) == "thought":
                return self._thoughts(index, [delta], event_id)
            return [TextGrew(text, event_id)] if text else []
        if kind not in _SILENT_DELTAS and not kind.endswith(_TOOL_DELTAS):
            self._novelties.note("delta", kind)
        return []

    def _thoughts(self, index: int, summaries: list[dict[str, Any]], event_id: str | None) -> list[Signal]:
        """Each summary that has a text; several in one event are told apart by their number."""
        texts = [text for summary in summaries if (text := as_text(summary.get("text")))]
        if event_id is not None:
            keys = [event_id, *(f"{event_id}+{number}" for number in range(1, len(texts)))]
        else:
            keys = [self._place(index) for _ in texts]
        return [Thought(key, text, event_id) for key, text in zip(keys, texts, strict=False)]

    def _place(self, index: int) -> str:
        number = self._counts.get(index, 0)
        self._counts[index] = number + 1
        place = f"{index}.{number}"
        return place if self._anchor is None else f"{self._anchor}+{place}"

    def _trouble(self, body: Any, event_id: str | None) -> list[Signal]:
        """An error that says something; Gemini also sends empty ones in the middle of a healthy stream."""
        found = envelope(body, self._secrets)
        if not found.code and not found.message:
            return []
        return [StreamTrouble(found.code, found.message, event_id)]
