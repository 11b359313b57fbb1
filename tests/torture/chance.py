"""Faults by chance: each call of either service may go wrong, as a seeded Random says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.gemini.faults import CUTS
from bot.sandbox.gemini.faults import Fault as GeminiFault
from bot.sandbox.gemini.faults import Faults as GeminiFaults
from bot.sandbox.slack.faults import Fault as SlackFault
from bot.sandbox.slack.faults import Faults as SlackFaults

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from bot.sandbox.gemini.faults import Operation
    from tests.torture.tally import Tally

WRITES = ("chat.postMessage", "files.completeUploadExternal", "files.getUploadURLExternal", "upload")
"""Calls after which a death hurts most."""
SPARED = ("apps.connections.open",)
"""Without a socket there is nothing to torment."""


class Chances:
    """One likelihood for all calls, which can be set to nothing."""

    def __init__(
        self, chance: Random, likelihood: float, kill: Callable[[], bool], at_calls: float, tally: Tally
    ) -> None:
        self.chance = chance
        self.likelihood = likelihood
        self._kill = kill
        self._at_calls = at_calls
        self._tally = tally

    def stop(self) -> None:
        """From now on all goes well."""
        self.likelihood = self._at_calls = 0.0

    def hits(self) -> bool:
        """Whether this call goes wrong."""
        return self.chance.random() < self.likelihood

    def deadly(self) -> bool:
        """Whether a process dies while this call is answered; it is dead when this returns."""
        return self.chance.random() < self._at_calls and self._kill()

    def note(self, kind: str) -> None:
        self._tally.faults[kind] += 1


class SlackChances(SlackFaults):
    """Takes the place of `slack.faults`."""

    def __init__(self, chances: Chances, call_seconds: float) -> None:
        super().__init__()
        self._chances = chances
        self._call_seconds = call_seconds

    def take(self, method: str, args: dict[str, Any]) -> SlackFault | None:
        chances = self._chances
        if method in SPARED:
            return None
        if method in WRITES and chances.deadly():
            before = chances.chance.random() < 0.3
            chances.note("slack: caller killed, not applied" if before else "slack: caller killed, applied")
            return SlackFault.drop_before() if before else None
        if not chances.hits():
            return None
        kind, fault = self._pick()
        chances.note(f"slack: {kind}")
        return fault

    def _pick(self) -> tuple[str, SlackFault]:
        chance, seconds = self._chances.chance, self._call_seconds
        return chance.choice(
            (
                ("429", SlackFault.rate_limited(chance.choice((1, 1, 2, 3)))),
                ("5xx JSON", SlackFault.status(chance.choice((500, 503)))),
                ("5xx HTML", SlackFault.status(chance.choice((502, 503)), html=True)),
                ("internal_error", SlackFault.error("internal_error")),
                ("dropped before", SlackFault.drop_before()),
                ("applied, then dropped", SlackFault.drop_after()),
                ("applied, then dropped", SlackFault.drop_after()),
                ("applied, answered late", SlackFault.delay(chance.uniform(0.1, seconds))),
                ("applied, answered too late", SlackFault.delay(chance.uniform(1.1, 1.6) * seconds)),
            )
        )


class GeminiChances(GeminiFaults):
    """Takes the place of `gemini.faults`."""

    __slots__ = ("_chances", "_pace")

    def __init__(self, chances: Chances, pace: float) -> None:
        super().__init__()
        self._chances = chances
        self._pace = pace

    def take(self, operation: Operation, *, of_stream: bool = False) -> GeminiFault | None:
        chances = self._chances
        if operation == "create" and chances.deadly():
            before = chances.chance.random() < 0.3
            chances.note("gemini: caller killed, not created" if before else "gemini: caller killed, created")
            return GeminiFault.drop_before() if before else None
        if not chances.hits():
            return None
        kind, fault = self._of_stream() if of_stream else self._pick(operation)
        chances.note(f"gemini: {operation} {kind}")
        return fault

    def _of_stream(self) -> tuple[str, GeminiFault]:
        chance = self._chances.chance
        after = chance.randint(0, 8)
        how = chance.choice(CUTS)
        return chance.choice(
            (
                (f"cut {how}", GeminiFault.cut(how, after)),
                (f"cut {how}", GeminiFault.cut(how, after)),
                ("silence", GeminiFault.silence(after)),
                ("replayed", GeminiFault.replay()),
            )
        )

    def _pick(self, operation: Operation) -> tuple[str, GeminiFault]:
        chance = self._chances.chance
        passing = [
            ("5xx", GeminiFault.status(chance.choice((500, 503, 504)))),
            ("5xx HTML", GeminiFault.html(502)),
            ("5xx text", GeminiFault.text(503, "upstream connect error")),
            ("dropped before", GeminiFault.drop_before()),
        ]
        busy = [("429", GeminiFault.rate_limited(1)), ("429 gRPC", GeminiFault.grpc_429(1))]
        done = [
            ("done, then dropped", GeminiFault.drop_after()),
            ("done, then 5xx", GeminiFault.status(500, executed=True)),
        ]
        match operation:
            case (
                "create"
            ):  # mostly what leaves an id: a torture of questions alone would be no torture of reports
                late = ("late", GeminiFault.delay(chance.uniform(0.1, 1.5) / self._pace))
                return chance.choice([*busy, *busy, *busy, late, late, *done, *passing])
            case "cancel":
                refused = [("404", GeminiFault.unrouted()), ("404", GeminiFault.status(404, executed=True))]
                return chance.choice([*passing, *refused, *done])
            case _:
                late = ("late", GeminiFault.delay(chance.uniform(0.1, 1.5) / self._pace))
                return chance.choice([*passing, *busy, ("404", GeminiFault.status(404)), late])
