"""What somebody who reads along may do: say what a report was worth, and ask to be told when a research ends.

Each is one transaction; rights are checked here, as at the desk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot.domain.feedback import Feedback
from bot.domain.permits import Action
from bot.work.reply import Reply
from bot.work.rights import GONE, verdict_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.feedback import Reason
    from bot.work.bench import Bench

THANKS = "Thank you. The admins of this bot can see it."
TOLD_ANYWAY = "You asked, so you are told in any case when it ends."


class Opinions(Protocol):
    """The rows of what readers said and wish. Raises `StoreError`."""

    async def rate(self, feedback: Feedback, now: datetime) -> None:
        """Keeps one person's word about one research; it replaces what they said before."""
        ...

    async def watch(self, research_id: str, person_id: str, now: datetime) -> bool | None:
        """Whether the person will be told from now on when it ends: the other way round than before.

        None where it has ended already.
        """
        ...


class Readers:
    """The one place where what a reader says becomes a row."""

    def __init__(self, bench: Bench, opinions: Opinions) -> None:
        self._bench = bench
        self._opinions = opinions

    async def rate(
        self,
        research_id: str,
        team_id: str,
        person_id: str,
        *,
        is_good: bool,
        reasons: Sequence[Reason] = (),
        words: str = "",
    ) -> Reply:
        """Keeps what somebody thinks of a report."""
        refusal = await self._refusal(research_id, team_id, person_id)
        if refusal:
            return Reply(False, refusal)
        feedback = Feedback(research_id, person_id, is_good, tuple(reasons), words)
        await self._opinions.rate(feedback, self._bench.clock.now())
        self._bench.journal.note("feedback.given", research_id=research_id, good=is_good)
        return Reply(True, THANKS)

    async def watch(self, research_id: str, team_id: str, person_id: str) -> Reply:
        """Has somebody mentioned once when a research ends; pressed again, not any more."""
        refusal = await self._refusal(research_id, team_id, person_id)
        if refusal:
            return Reply(False, refusal)
        held = await self._bench.ledger.held(research_id)
        if held is not None and held.asker_id == person_id:
            return Reply(True, TOLD_ANYWAY)
        is_told = await self._opinions.watch(research_id, person_id, self._bench.clock.now())
        if is_told is None:
            return Reply(False, "It has ended already.")
        if is_told:
            return Reply(
                True, "You will be mentioned here once, when it ends. Press again to take that back."
            )
        return Reply(True, "Taken back: you will not be mentioned when it ends.")

    async def _refusal(self, research_id: str, team_id: str, person_id: str) -> str:
        """Why a person may not speak about a research; empty if they may."""
        held = await self._bench.ledger.held(research_id)
        if held is None:
            return GONE
        return (await verdict_on(self._bench, held, team_id, person_id, Action.SEE)).reason
