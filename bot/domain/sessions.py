"""What Slack's agent session of a thread shows: that we work there (with Slack's own Stop), wait for a person, or do not."""

from __future__ import annotations

from enum import StrEnum

from bot.domain.research import State

KEEP_ALIVE = 2700.0
"""Seconds after which `processing` is said again; Slack ends it by itself after an hour."""


class SessionStatus(StrEnum):
    """Slack's words (Slack docs: agents.sessions.setStatus)."""

    PROCESSING = "processing"
    SUSPENDED = "suspended"
    ACTIVE = "active"


def session_status(state: State, *, waits_for_a_person: bool) -> SessionStatus:
    """What the session of a research says: we work and can be stopped, somebody has to decide, or neither."""
    if not state.is_open:
        return SessionStatus.ACTIVE
    return SessionStatus.SUSPENDED if waits_for_a_person else SessionStatus.PROCESSING
