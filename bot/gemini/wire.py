"""The JSON of an interaction -> `Snapshot`. Tolerant: what it does not know passes by, what is missing is empty."""

from __future__ import annotations

from typing import Any

from bot.domain.interaction import Phase, Snapshot
from bot.domain.research import Thought
from bot.errors import GeminiUncertain
from bot.gemini.faults import envelope
from bot.gemini.findings import findings_of
from bot.gemini.jsons import as_object, as_objects, as_text, cleaned, parsed
from bot.gemini.novelties import Novelties
from bot.gemini.statuses import KNOWN, phase_of
from bot.gemini.usage import usage_of

_FIELDS = frozenset({
    "id", "status", "object", "agent", "model", "created", "updated", "steps", "outputs", "usage", "errors", "error",
    "previous_interaction_id", "service_tier", "webhook_config", "agent_config", "input", "environment_id",
    "environment", "continuation_token", "labels", "system_instruction", "tools", "response_format",
    "generation_config", "response_modalities", "response_mime_type", "background", "store", "stream", "role",
    "cached_content", "safety_settings", "name",
})  # fmt: skip
_STEPS = frozenset({"user_input", "model_output", "thought", "tool_call", "tool_result"})
_TOOL_STEPS = ("_call", "_result")


def snapshot(
    body: bytes,
    interaction_id: str = "",
    novelties: Novelties | None = None,
    secrets: tuple[str, ...] = (),
) -> Snapshot:
    """Reads one Interaction resource. `interaction_id` is the one asked for, where the body should not name it.

    Raises `GeminiUncertain` when the body is no interaction at all.
    """
    novelties = novelties or Novelties()
    value = parsed(body)
    status = as_text(as_object(value).get("status"))
    own_id = as_text(as_object(value).get("id")) or interaction_id
    if not status or not own_id:
        said = envelope(value, secrets)
        raise GeminiUncertain(said.message or "an answer that is no interaction", status=said.status)
    for name in value.keys() - _FIELDS:
        novelties.note("field", name)
    if status not in KNOWN:
        novelties.note("status", status)
    steps = _steps(value, novelties)
    phase = phase_of(status)
    return Snapshot(
        interaction_id=own_id,
        status=status,
        phase=phase,
        thoughts=_thoughts(steps),
        findings=findings_of(
            [_contents(step) for step in steps if step.get("type") == "model_output"], novelties
        ),
        usage=usage_of(value.get("usage")),
        trouble=_trouble(value, steps, secrets) if phase is Phase.BROKEN else "",
        raw=body,
    )


def continuation_token(body: bytes) -> str:
    """The token with which an unfinished model call goes on; empty where there is none."""
    return as_text(as_object(parsed(body)).get("continuation_token"))


def _steps(value: dict[str, Any], novelties: Novelties) -> list[dict[str, Any]]:
    """The timeline; bodies from before June 2026 have `outputs` instead, which are read as one model output."""
    steps = as_objects(value.get("steps"))
    for step in steps:
        kind = as_text(step.get("type"))
        if kind not in _STEPS and not kind.endswith(_TOOL_STEPS):
            novelties.note("step", kind)
    outputs = as_objects(value.get("outputs"))
    if any(step.get("type") == "model_output" for step in steps) or not outputs:
        return steps
    thoughts = [item for item in outputs if item.get("type") == "thought"]
    contents = [item for item in outputs if item.get("type") != "thought"]
    return [*steps, *thoughts, {"type": "model_output", "content": contents}]


def _contents(step: dict[str, Any]) -> list[dict[str, Any]]:
    content = step.get("content")
    return [content] if isinstance(content, dict) else as_objects(content)


def _thoughts(steps: list[dict[str, Any]]) -> tuple[Thought, ...]:
    """Thinking summaries, keyed by place like those of a stream without event ids (which has no `user_input`)."""
    thoughts: list[Thought] = []
    for index, step in enumerate(step for step in steps if step.get("type") != "user_input"):
        if step.get("type") == "thought":
            texts = [as_text(summary.get("text")) for summary in as_objects(step.get("summary"))]
            told = [text for text in texts if text]
            thoughts += [Thought(f"{index}.{number}", text) for number, text in enumerate(told)]
    return tuple(thoughts)


def _trouble(value: dict[str, Any], steps: list[dict[str, Any]], secrets: tuple[str, ...]) -> str:
    """Gemini's own words: `errors[]`, else the error of a step, else a single `error`."""
    errors = as_objects(value.get("errors"))
    errors = errors or [step["error"] for step in steps if isinstance(step.get("error"), dict)]
    errors = errors or as_objects([value.get("error")])
    words = []
    for error in errors:
        said = envelope({"error": error}, secrets)
        words.append(": ".join(part for part in (said.code, said.message) if part))
    if not words and isinstance(value.get("error"), str):
        words = [value["error"]]
    return cleaned("; ".join(word for word in words if word), secrets)
