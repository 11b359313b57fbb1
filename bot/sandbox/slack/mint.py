"""Mints what Slack hands out: timestamps, object ids, trigger ids and secrets in URLs."""

from __future__ import annotations

import secrets

from bot.sandbox.slack.clock import SandboxClock

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Mint:
    """Unique ids of one workspace."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._last_micros = 0
        self._count = 36**3

    def ts(self) -> str:
        """A message timestamp: seconds and six decimals, strictly increasing within the workspace."""
        micros = max(int(self._clock.now() * 1_000_000), self._last_micros + 1)
        self._last_micros = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def id(self, prefix: str) -> str:
        """An object id such as `F0SB0000001K`."""
        self._count += 1
        return f"{prefix}0SB{self._base36(self._count):0>8}"

    def short(self) -> str:
        """A short id, as Slack gives to blocks that came without one."""
        self._count += 1
        return self._base36(self._count)

    def secret(self) -> str:
        """A part of a URL or trigger that cannot be guessed."""
        return secrets.token_hex(12)

    @staticmethod
    def _base36(number: int) -> str:
        digits = ""
        while number:
            number, rest = divmod(number, 36)
            digits = ALPHABET[rest] + digits
        return digits
