"""Gemini's words for where an interaction is, and what each means for us."""

from __future__ import annotations

from bot.domain.interaction import Phase

CONTINUES = "requires_continuation"
"""A model call reached the limit of one request and goes on with its `continuation_token`."""

_PHASES = {
    "completed": Phase.COMPLETED,
    "cancelled": Phase.STOPPED,
    "failed": Phase.BROKEN,
    "incomplete": Phase.BROKEN,
    "budget_exceeded": Phase.BROKEN,
    "requires_action": Phase.BROKEN,  # a deep research offers no function to answer with
    "in_progress": Phase.ALIVE,
    "queued": Phase.ALIVE,
    CONTINUES: Phase.ALIVE,
}

KNOWN = frozenset(_PHASES)


def phase_of(status: str) -> Phase:
    """What `status` means; a status that nobody has told us about is no end (Gemini docs: statuses are open)."""
    return _PHASES.get(status, Phase.ALIVE)
