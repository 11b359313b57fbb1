"""How an interaction looks on the wire: the resource in its moments, and its events as server-sent bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from .interactions import Event, SimulatedInteraction, stamp
from .library import Report

Json = dict[str, object]
DONE = b"event: done\ndata: [DONE]\n\n"
ECHOED = ("previous_interaction_id", "webhook_config")


def resource(interaction: SimulatedInteraction, *, whole: bool) -> Json:
    """The Interaction as GET (``whole``: the full timeline) or POST (output steps only) gives it."""
    body = _head(interaction)
    if interaction.model is not None:
        body["service_tier"] = interaction.request.get("service_tier", "standard")
    for name in ECHOED:
        if name in interaction.request:
            body[name] = interaction.request[name]
    if interaction.ended and interaction.script.legacy:
        body["outputs"] = _output_content(interaction)
    elif interaction.ended or whole:
        body["steps"] = steps(interaction, whole=whole)
    if interaction.errors:
        body["errors"] = interaction.errors
    if interaction.usage is not None and interaction.ended:
        body["usage"] = interaction.usage
    return body


def brief(interaction: SimulatedInteraction) -> Json:
    """The interaction as ``interaction.completed`` carries it: no steps; usage only once it is known."""
    body = _head(interaction)
    if interaction.errors:
        body["errors"] = interaction.errors
    if interaction.usage is not None:
        body["usage"] = interaction.usage
    return body


def opening(interaction: SimulatedInteraction) -> Json:
    """The interaction as ``interaction.created`` carries it."""
    return {
        "id": interaction.id,
        "status": "in_progress",
        "object": "interaction",
        **_who(interaction),
    }


def steps(interaction: SimulatedInteraction, *, whole: bool) -> list[Json]:
    """The timeline: empty until the end (BIG), then user_input, thoughts and the output, as recorded."""
    script = interaction.script
    if not interaction.ended and not script.partial:
        return []
    if interaction.status == "failed" and not interaction.errors and script.ending != "failed_in_step":
        return []
    user: Json = {"type": "user_input", "content": [{"type": "text", "text": interaction.question}]}
    timeline = [user] if whole else []
    if interaction.status == "failed" and script.ending == "failed_in_step":
        error = {"code": 13, "message": "Internal error", "details": []}
        timeline.append({"type": "model_output", "content": [], "error": error})
    if interaction.status in ("cancelled", "failed"):
        return timeline
    if interaction.model is not None:
        timeline.append({"type": "thought", "signature": "sig_b64"})
    elif interaction.thoughts:
        summary = [{"type": "text", "text": thought} for thought in interaction.thoughts]
        timeline.append({"type": "thought", "summary": summary, "signature": ""})
    if script.unknown:
        timeline.append({"type": "hologram_call", "id": "h_1", "arguments": {"depth": 3}})
    if interaction.status == "requires_action":
        timeline.append({"type": "function_call", "id": "fc_1", "name": "lookup_label", "arguments": {}})
    content = _output_content(interaction)
    timeline += search_steps(interaction.search)
    if content:
        timeline.append({"type": "model_output", "content": content})
    return timeline


def search_steps(query: str) -> list[Json]:
    """A search of a model as it was recorded: what it asked, and a snippet of HTML without any address."""
    if not query:
        return []
    snippet = {"search_suggestions": '<style>…</style><div class="container">…</div>'}
    return [
        {
            "type": "google_search_call",
            "id": "f41lxz9r",
            "search_type": "web_search",
            "arguments": {"queries": [query]},
            "signature": "sig_b64",
        },
        {
            "type": "google_search_result",
            "call_id": "f41lxz9r",
            "is_error": False,
            "result": [snippet],
            "signature": "sig_b64",
        },
    ]


def frame(interaction: SimulatedInteraction, event: Event) -> bytes:
    """One event as it is sent: the event line, one line of JSON, a blank line."""
    data: Json = {"event_type": event.event_type, **event.payload}
    if event.event_type == "interaction.completed":
        data["interaction"] = brief(interaction)
    if event.event_id is not None:
        data["event_id"] = event.event_id
    return sse(event.event_type, data)


def sse(event_type: str, data: Mapping[str, object]) -> bytes:
    """Any event as bytes."""
    compact = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event_type}\ndata: {compact}\n\n".encode()


def _head(interaction: SimulatedInteraction) -> Json:
    # Finished runs have both stamps set at finalization (BIG kb): durations cannot be read off them.
    moment = stamp(interaction.ended_at or interaction.created_at)
    return {
        "id": interaction.id,
        "status": interaction.status,
        "object": "interaction",
        "created": moment,
        "updated": moment,
        **_who(interaction),
    }


def _who(interaction: SimulatedInteraction) -> Json:
    return {"agent": interaction.agent} if interaction.agent else {"model": interaction.model}


def _output_content(interaction: SimulatedInteraction) -> list[Json]:
    report: Report | None = interaction.report
    if report is None or interaction.status not in ("completed", "incomplete"):
        return []
    if interaction.script.ending == "empty":
        return []
    return report.content
