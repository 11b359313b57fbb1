"""The tokens of an interaction as Gemini counts them, under the names of today and of before June 2026."""

from __future__ import annotations

from typing import Any

from bot.domain.interaction import Usage
from bot.gemini.jsons import as_count, as_objects


def usage_of(value: Any) -> Usage | None:
    """The usage object of an interaction or event; None where there is none or nothing in it is a number.

    `total_tokens` is Gemini's own sum; it is not input plus output (tool use and thoughts are counted besides).
    """
    if not isinstance(value, dict):
        return None
    usage = Usage(
        input_tokens=_first(value, "total_input_tokens", "input_tokens"),
        cached_tokens=_first(value, "total_cached_tokens", "cached_tokens"),
        output_tokens=_first(value, "total_output_tokens", "output_tokens"),
        thought_tokens=_first(value, "total_thought_tokens", "total_reasoning_tokens", "reasoning_tokens"),
        tool_tokens=_first(value, "total_tool_use_tokens", "tool_use_tokens"),
        total_tokens=_first(value, "total_tokens"),
        searches=_searches(value),
    )
    return None if usage == Usage() else usage


def _first(value: dict[str, Any], *names: str) -> int | None:
    return next((count for name in names if (count := as_count(value.get(name))) is not None), None)


def _searches(value: dict[str, Any]) -> int | None:
    counts = [
        as_count(tool.get("count"))
        for tool in as_objects(value.get("grounding_tool_count"))
        if tool.get("type") == "google_search"
    ]
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
