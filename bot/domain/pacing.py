"""When: polls, pauses and Slack's limits as pure functions of (attempt, moment, chance)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

RESUMES_IN_A_ROW = 3
"""How often a cut stream is taken up again before the slow poll decides; any event resets the count."""

_POLL_STEPS = (1.0, 2.0, 4.0, 5.0)


def poll_delay(attempt: int, initial: float, maximum: float, chance: Random) -> float:
    """Seconds before poll number `attempt` (from 0): 2, 4, 8, 10, 10 … for 2 and 10, each ±10 % so that many
    researches do not poll in step. Never above `maximum` by more than the jitter.
    """
    factor = _POLL_STEPS[min(attempt, len(_POLL_STEPS) - 1)]
    base = maximum if attempt >= len(_POLL_STEPS) else min(maximum, initial * factor)
    return base * chance.uniform(0.9, 1.1)


def backoff(attempt: int, chance: Random, *, base: float = 1.0, ceiling: float = 60.0) -> float:
    """Seconds before try number `attempt` (from 0) of something that failed in passing: doubling, fully jittered
    upper half.
    """
    step: float = min(ceiling, base * 2 ** min(attempt, 16))
    return step * chance.uniform(0.5, 1.0)


def start_delay(attempt: int, retry_after: float | None, chance: Random) -> float:
    """Seconds before a start that proved to have started nothing is tried again: what Google says, or 5, 10, 20 …
    up to 5 min.
    """
    return retry_after or backoff(attempt, chance, base=10.0, ceiling=300.0)


@dataclass(frozen=True, slots=True)
class Rate:
    """Least seconds between two calls of a method, for a whole workspace and for one channel of it."""

    team: float
    channel: float = 0.0


RATES: Mapping[str, Rate] = {
    "chat.postMessage": Rate(team=0.2, channel=1.05),  # Slack docs: 1/s per channel, several hundred a minute
    "chat.update": Rate(team=1.25),  # Tier 3, 50 a minute
    "chat.postEphemeral": Rate(team=0.65),  # Tier 4, 100 a minute
    "assistant.threads.setStatus": Rate(team=0.12),  # 600 a minute
    "files.getUploadURLExternal": Rate(team=0.65),  # Tier 4
    "files.completeUploadExternal": Rate(team=0.65, channel=1.05),  # Tier 4, and it posts
    "conversations.history": Rate(team=1.25),  # Tier 3
    "conversations.replies": Rate(team=1.25),  # Tier 3
    "files.info": Rate(team=0.65),  # Tier 4
}

PaceKey = tuple[str, str, str]
"""(team, method, channel); the channel is empty where the whole team is meant."""


def turn_of(method: str) -> str:
    """Under whose turn a method goes: a file that is shared is a post like any other."""
    return "chat.postMessage" if method == "files.completeUploadExternal" else method


@dataclass(frozen=True, slots=True)
class Call:
    """One call that waits for its turn."""

    delivery_id: int
    team_id: str
    channel_id: str
    method: str

    @property
    def keys(self) -> tuple[PaceKey, PaceKey]:
        """What the call uses up: the workspace's turn, and the channel's."""
        method = turn_of(self.method)
        return (self.team_id, method, ""), (self.team_id, method, self.channel_id)


@dataclass(frozen=True, slots=True)
class Turns:
    """Who may call now, what that uses up, and when the next of those who wait can go."""

    go: tuple[Call, ...]
    paces: Mapping[PaceKey, datetime]
    next_at: datetime | None


def take_turns(calls: Iterable[Call], paces: Mapping[PaceKey, datetime], now: datetime, limit: int) -> Turns:
    """Gives turns to at most `limit` calls, in their order, within `RATES`; `paces` says from when on a key is free."""
    state = dict(paces)
    used: dict[PaceKey, datetime] = {}
    go: list[Call] = []
    later: list[datetime] = []
    for call in calls:
        team_key, channel_key = call.keys
        free = max(state.get(team_key, now), state.get(channel_key, now))
        if free > now or len(go) == limit:
            later.append(free)
            continue
        rate = RATES[call.method]
        for key, seconds in ((team_key, rate.team), (channel_key, rate.channel)):
            if seconds:
                state[key] = used[key] = now + timedelta(seconds=seconds)
        go.append(call)
    return Turns(tuple(go), used, min(later, default=None))
