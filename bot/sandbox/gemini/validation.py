"""What the service refuses in a create request: pure checks, each giving a Refusal with its recorded text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from .faults import ENVELOPES

AGENTS = frozenset({"deep-research-preview-04-2026", "deep-research-max-preview-04-2026"})
"""Agents alive in November 2026; deep-research-pro-preview-12-2025 was shut down on 2026-10-23."""

SHARED = frozenset(
    {
        "input",
        "background",
        "store",
        "stream",
        "previous_interaction_id",
        "tools",
        "system_instruction",
        "response_format",
        "service_tier",
        "webhook_config",
        "continuation_token",
        "environment",
    }
)
KNOWN = SHARED | {"agent", "agent_config", "model", "generation_config", "labels", "safety_settings"}
VERTEX_ONLY = ("labels", "safety_settings")
NOT_FOR_AGENTS = ("system_instruction", "response_format", "generation_config", "environment")
TOOLS = frozenset({"google_search", "url_context", "code_execution", "mcp_server", "file_search"})
MODEL_TOOLS = TOOLS | {"function", "google_maps", "computer_use"}
AGENT_CONFIG: dict[str, tuple[object, ...]] = {
    "type": ("deep-research",),
    "thinking_summaries": ("auto", "none"),
    "visualization": ("auto", "off"),
    "collaborative_planning": (True, False),
}
GENERATION_CONFIG: dict[str, tuple[object, ...]] = {
    "thinking_level": ("minimal", "low", "medium", "high", "xhigh"),
    "thinking_summaries": ("auto", "none"),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status with the code and message of its envelope."""

    status: int
    code: str
    message: str

    @classmethod
    def usual(cls, status: int) -> Refusal:
        """The refusal recorded for this status."""
        return cls(status, *ENVELOPES[status])


def _invalid(message: str) -> Refusal:
    return Refusal(400, "invalid_request", message)


def _unknown(name: str) -> Refusal:
    return Refusal(400, "parameter_unknown", f"Unknown parameter '{name}'.")


def check_create(body: Mapping[str, object], status_of: Callable[[str], str | None]) -> Refusal | None:
    """Why this create is refused, or None.

    ``status_of`` gives the status of an earlier interaction by id, None if there is no such interaction.
    """
    return next(_refusals(body, status_of), None)


def _refusals(body: Mapping[str, object], status_of: Callable[[str], str | None]) -> Iterator[Refusal]:
    for name in body:
        if name not in KNOWN:
            yield _unknown(name)
    for name in VERTEX_ONLY:
        if name in body:
            yield _invalid(
                f"'{name}' is not available on the Gemini API but is available on the Gemini Enterprise Agent Platform."
            )
    yield from _bad_types(body)
    if ("agent" in body) == ("model" in body):
        yield _invalid("Exactly one of 'model' or 'agent' must be set.")
    if "agent" in body:
        yield from _bad_agent(body)
    else:
        yield from _bad_model(body)
    if not body.get("input") and not body.get("continuation_token"):
        yield _invalid("'input' is required.")
    yield from _bad_background(body)
    yield from _bad_tools(body)
    yield from _bad_previous(body, status_of)


def _bad_types(body: Mapping[str, object]) -> Iterator[Refusal]:
    for name in ("store", "stream", "background"):
        if not isinstance(body.get(name, False), bool):
            yield _invalid(f"The value at '{name}' must be a boolean.")
    for name in ("agent", "model", "previous_interaction_id", "system_instruction"):
        if not isinstance(body.get(name, ""), str):
            yield _invalid(f"The value at '{name}' must be a string.")
    for name in ("agent_config", "generation_config", "webhook_config"):
        if not isinstance(body.get(name, {}), dict):
            yield _invalid(f"The value at '{name}' must be an object.")
    if not isinstance(body.get("input", ""), str | list | dict):
        yield _invalid("The value at 'input' must be a string, an object or a list.")


def _bad_agent(body: Mapping[str, object]) -> Iterator[Refusal]:
    agent = body["agent"]
    if agent not in AGENTS:
        yield Refusal(404, "model_not_found", f"Agent {agent} was not found.")
    for name in NOT_FOR_AGENTS:
        if name in body:
            yield _invalid(f"'{name}' is not supported for the {agent} agent.")
    if body.get("background") is not True:
        yield _invalid(f"background=true is required for the {agent} agent.")
    yield from _bad_choices("agent_config", body.get("agent_config", {}), AGENT_CONFIG, closed=True)


def _bad_model(body: Mapping[str, object]) -> Iterator[Refusal]:
    model = str(body["model"])
    if model in AGENTS:
        yield _invalid(f"{model} is an agent; pass it as 'agent'.")
    if not model.startswith("gemini-"):
        yield Refusal(404, "model_not_found", f"Model {model} was not found.")
    if "agent_config" in body:
        yield _invalid("'agent_config' requires 'agent'.")
    yield from _bad_choices(
        "generation_config", body.get("generation_config", {}), GENERATION_CONFIG, closed=False
    )


def _bad_choices(
    where: str, given: object, choices: Mapping[str, tuple[object, ...]], *, closed: bool
) -> Iterator[Refusal]:
    if not isinstance(given, dict):
        return
    for name, value in given.items():
        if name not in choices:
            if closed:
                yield _unknown(f"{where}.{name}")
        elif value not in choices[name]:
            yield _invalid(f"The value '{value}' is not supported for '{name}' at '{where}'.")


def _bad_background(body: Mapping[str, object]) -> Iterator[Refusal]:
    background = body.get("background") is True
    if background and body.get("store", True) is False:
        yield _invalid("store=true is required for background interactions.")
    if "webhook_config" in body and not background:
        yield _invalid("webhook_config requires background=true.")


def _bad_tools(body: Mapping[str, object]) -> Iterator[Refusal]:
    tools = body.get("tools", [])
    if not isinstance(tools, list):
        yield _invalid("The value at 'tools' must be a list.")
        return
    allowed = TOOLS if "agent" in body else MODEL_TOOLS
    kinds = [tool.get("type") if isinstance(tool, dict) else None for tool in tools]
    for place, kind in enumerate(kinds):
        if kind not in allowed:
            yield _invalid(f"The value '{kind}' is not supported for 'type' at 'tools[{place}]'.")
    if "file_search" in kinds and {"google_search", "url_context"} & set(kinds):
        yield _invalid("file_search cannot be combined with google_search or url_context.")


def _bad_previous(body: Mapping[str, object], status_of: Callable[[str], str | None]) -> Iterator[Refusal]:
    previous = body.get("previous_interaction_id")
    if not isinstance(previous, str):
        return
    status = status_of(previous)
    if status is None:
        yield Refusal.usual(404)
    elif status in ("in_progress", "queued"):
        yield Refusal(400, "failed_precondition", "The previous interaction is still in progress.")
