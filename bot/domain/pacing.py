"""When: polls, pauses and Slack's limits as pure functions of (attempt, moment, chance)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
    """Seconds between two calls of a method in the long run, in a whole workspace and in one channel of it.

    Slack counts by the minute, so a workspace that was quiet may have `burst` calls at once before they are spread out:
    never more than `burst + 60 / team` within a minute.
    """

    team: float
    channel: float = 0.0
    burst: int = 1

    @property
    def early(self) -> timedelta:
        """How long before its time the last call of a burst may go."""
        return timedelta(seconds=self.team * (self.burst - 1))


RATES: Mapping[str, Rate] = {
    # Slack docs: 1/s per channel, and "several hundred" a minute in a workspace, which we take for 500
    "chat.postMessage": Rate(team=0.125, channel=1.05, burst=15),
    "chat.update": Rate(team=1.25),  # Tier 3, 50 a minute
    "chat.postEphemeral": Rate(team=0.65),  # Tier 4, 100 a minute
    "assistant.threads.setStatus": Rate(team=0.12),  # 600 a minute
    "agents.sessions.setStatus": Rate(team=1.25),  # about Tier 3, measured by others
    "views.publish": Rate(team=0.65, burst=5),  # Tier 4
    "functions.completeSuccess": Rate(team=1.25),  # Tier 3
    "files.getUploadURLExternal": Rate(team=0.65),  # Tier 4
    "files.completeUploadExternal": Rate(team=0.65, channel=1.05),  # Tier 4, and it posts
    "conversations.history": Rate(team=1.25),  # Tier 3
    "conversations.replies": Rate(team=1.25),  # Tier 3
    "files.info": Rate(team=0.65),  # Tier 4
}
ROOTS_FIRST = Rate(team=3 * 0.125, channel=3 * 1.05)
"""How often a root, by which people see that a question was heard, goes before outcomes and reports: at most each third
post is one, so that neither waits for all of the other.
"""
AFTER_ANSWER = 0.9
"""Seconds between Slack's answer to a post and the next post in that channel. Slack counts a post when it arrives, at
some moment between its leaving and its answer: with `RATES`, no four of them arrive within 3 s.
"""

PER_TEAM = 16
"""Calls of one workspace under way at once, so that one whose Slack does not answer holds up no other."""

PaceKey = tuple[str, str, str]
"""(team, method, channel); the channel is empty where the whole team is meant."""


def turn_of(method: str) -> str:
    """Under whose turn a method goes: a file that is shared is a post like any other."""
    return "chat.postMessage" if method == "files.completeUploadExternal" else method


def pause_of(team_id: str, method: str, until: datetime) -> tuple[PaceKey, datetime]:
    """What keeps a method from being called in a workspace before `until`, even as one of a burst."""
    turn = turn_of(method)
    return (team_id, turn, ""), until + (RATES[turn].early if turn in RATES else timedelta())


def after_answer(team_id: str, channel_id: str, method: str, at: datetime) -> tuple[PaceKey, datetime]:
    """What keeps the next post of a channel from coming too soon after one that was answered at `at`."""
    return (team_id, turn_of(method), channel_id), at + timedelta(seconds=AFTER_ANSWER)


@dataclass(frozen=True, slots=True)
class Call:
    """One call that waits for its turn; with `is_root` it begins a thread."""

    delivery_id: int
    team_id: str
    channel_id: str
    method: str
    is_root: bool = False

    @property
    def keys(self) -> tuple[PaceKey, PaceKey]:
        """What the call uses up: the workspace's turn, and the channel's."""
        return self._keys(turn_of(self.method))

    @property
    def first_keys(self) -> tuple[PaceKey, PaceKey]:
        """What a root uses up besides, when it goes before outcomes and reports."""
        return self._keys("roots first")

    def _keys(self, turn: str) -> tuple[PaceKey, PaceKey]:
        return (self.team_id, turn, ""), (self.team_id, turn, self.channel_id)


@dataclass(frozen=True, slots=True)
class Turns:
    """Who may call now, what that uses up, and when the next of those who wait can go."""

    go: tuple[Call, ...]
    paces: Mapping[PaceKey, datetime]
    next_at: datetime | None


def take_turns(
    calls: Sequence[Call],
    paces: Mapping[PaceKey, datetime],
    now: datetime,
    limit: int,
    room: Mapping[str, int] | None = None,
) -> Turns:
    """Gives turns to at most `limit` calls within `RATES`, in their order but for some roots (see `ROOTS_FIRST`).

    `paces` says when the next call of a key is due that keeps to its rate; one of a burst may go before. `room` says how
    many calls of a workspace may go, where some are under way already; `PER_TEAM` of any other.
    """
    turns = _Turns(dict(paces), now, limit, dict(room or {}))
    for call in calls:
        if call.is_root and turns.free_at(call.first_keys, ROOTS_FIRST) <= now and turns.take(call):
            turns.use(call.first_keys, ROOTS_FIRST)
    left = [call for call in calls if call not in turns.go and not turns.take(call)]
    # A workspace without room is looked at again when one of its calls has ended, not at some moment.
    later = [turns.turn_at(call) for call in left if turns.has_room(call)]
    return Turns(tuple(turns.go), turns.used, min(later, default=None))


class _Turns:
    """Turns while they are given away."""

    def __init__(
        self, paces: dict[PaceKey, datetime], now: datetime, limit: int, room: dict[str, int]
    ) -> None:
        self._paces = paces
        self._now = now
        self._limit = limit
        self._room = room
        self.go: list[Call] = []
        self.used: dict[PaceKey, datetime] = {}

    def free_at(self, keys: tuple[PaceKey, PaceKey], rate: Rate) -> datetime:
        """From when on something that uses up these keys may go."""
        team, channel = (self._paces.get(key, self._now) for key in keys)
        return max(self._now, team - rate.early, channel)

    def turn_at(self, call: Call) -> datetime:
        """From when on this call may go."""
        return self.free_at(call.keys, RATES[turn_of(call.method)])

    def has_room(self, call: Call) -> bool:
        """Whether its workspace has not too many calls under way."""
        return self._room.get(call.team_id, PER_TEAM) > 0

    def take(self, call: Call) -> bool:
        """Gives it its turn, if it is free and there is room."""
        if len(self.go) == self._limit or not self.has_room(call) or self.turn_at(call) > self._now:
            return False
        self._room[call.team_id] = self._room.get(call.team_id, PER_TEAM) - 1
        self.use(call.keys, RATES[call.method])
        self.go.append(call)
        return True

    def use(self, keys: tuple[PaceKey, PaceKey], rate: Rate) -> None:
        """The next call of these keys is due that much later than this one was, or than now."""
        for key, seconds in zip(keys, (rate.team, rate.channel), strict=True):
            if seconds:
                due = max(self._now, self._paces.get(key, self._now)) + timedelta(seconds=seconds)
                self._paces[key] = self.used[key] = due
