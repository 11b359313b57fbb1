"""Slack's rate limits: sliding one-minute windows per method, and one per channel for posting."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass

from bot.sandbox.slack.clock import SandboxClock

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL = {
    "chat.postMessage": 500,  # "several hundred"
    "assistant.threads.setStatus": 600,
    "auth.test": 600,
    "chat.getPermalink": 600,
}
POSTS_PER_CHANNEL, POST_WINDOW = 3, 3.0
UNLISTED = frozenset({"conversations.history", "conversations.replies"})
MINUTE = 60.0


@dataclass(frozen=True)
class TooMany:
    """A 429 that was handed out: `retry_after` in whole seconds."""

    method: str
    channel: str | None
    at: float
    retry_after: int


class Pacing:
    """Counts accepted calls (Slack docs: rate limits; Tier 1 1, Tier 2 20, Tier 3 50, Tier 4 100 a minute;
    chat.postMessage about one a second per channel, here at most 3 within 3 s). `budgets` overrides a method's
    number of calls a minute.
    """

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._windows: dict[str, deque[float]] = defaultdict(deque)
        self.budgets: dict[str, int] = dict(SPECIAL)
        self.ledger: list[TooMany] = []

    def admit(self, method: str, tier: int, channel: str | None, *, unlisted: bool = False) -> int:
        """0 if the call may pass and is counted, otherwise the Retry-After in seconds."""
        now = self._clock.now()
        budget = self.budgets.get(method, TIERS.get(tier, TIERS[3]))
        if unlisted and method in UNLISTED:
            budget = 1
        windows = [(method, budget, MINUTE)]
        if method == "chat.postMessage" and channel:
            windows.append((f"{method} {channel}", POSTS_PER_CHANNEL, POST_WINDOW))
        wait = max(self._wait(key, most, length, now) for key, most, length in windows)
        if wait > 0:
            retry_after = max(1, math.ceil(wait))
            self.ledger.append(TooMany(method, channel, now, retry_after))
            return retry_after
        for key, _, _ in windows:
            self._windows[key].append(now)
        return 0

    def _wait(self, key: str, most: int, length: float, now: float) -> float:
        window = self._windows[key]
        while window and window[0] <= now - length:
            window.popleft()
        return window[0] + length - now if len(window) >= most else 0.0
