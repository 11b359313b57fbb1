"""What oauth.v2.access hands out: codes good for one use, and tokens that rotate where the app says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.sandbox.slack.clock import SandboxClock
    from bot.sandbox.slack.mint import Mint

LIFETIME = 43_200.0
"""Seconds that a rotating token lasts (Slack docs: using token rotation)."""


@dataclass
class Grants:
    """The bot tokens of one workspace. `rotates` can be switched on, as in an app's settings."""

    clock: SandboxClock
    mint: Mint
    rotates: bool = False
    refreshes: int = 0
    """How often a refresh token was exchanged."""
    _ends: dict[str, float] = field(default_factory=dict)
    _refresh_tokens: set[str] = field(default_factory=set)

    def works(self, token: str) -> bool | None:
        """Whether a rotating token is good now; None for one that was not handed out here."""
        ends = self._ends.get(token)
        return None if ends is None else self.clock.now() < ends

    def grant(self) -> tuple[str, str]:
        """A new token and what it can be exchanged with; the ones before work until they end."""
        token, refresh_token = f"xoxe.xoxb-sandbox-{self.mint.secret()}", f"xoxe-sandbox-{self.mint.secret()}"
        self._ends[token] = self.clock.now() + LIFETIME
        self._refresh_tokens.add(refresh_token)
        return token, refresh_token

    def knows_refresh(self, refresh_token: str) -> bool:
        """Whether it may still be exchanged here."""
        return refresh_token in self._refresh_tokens

    def exchange(self, refresh_token: str) -> tuple[str, str]:
        """A new pair for a refresh token, which is good for one use."""
        self._refresh_tokens.remove(refresh_token)
        self.refreshes += 1
        return self.grant()
