"""What a person decides about a plan: start what it says, or have it changed. Each is one transaction.

A button or form names the turn whose plan it stands below, so that of two presses one decides, and one that comes from
an older plan decides nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.letters import Waiting
from bot.domain.permits import Action
from bot.domain.policy import OFFERS, PLAN
from bot.domain.research import Approved, Revised, State
from bot.errors import IllegalEvent
from bot.work.reply import Reply
from bot.work.rights import entitled

if TYPE_CHECKING:
    from bot.domain.errands import Held
    from bot.work.bench import Bench


class Plans:
    """The desk for plans."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def start(self, research_id: str, team_id: str, person_id: str, turn: int) -> Reply:
        """The research begins as its plan says."""
        held, reason = await entitled(self._bench, research_id, team_id, person_id, Action.DECIDE)
        if held is None:
            return Reply(False, reason)
        done = Reply(True, f"The research starts as planned: {OFFERS[held.depth].line}.")
        return await self._decide(held, Approved(person_id, turn), done)

    async def change(self, research_id: str, team_id: str, person_id: str, turn: int, words: str) -> Reply:
        """Another plan is made, different as the person says."""
        held, reason = await entitled(self._bench, research_id, team_id, person_id, Action.DECIDE)
        if held is None:
            return Reply(False, reason)
        done = Reply(True, f"A new plan is being made, usually {PLAN.price}. It will be below.")
        return await self._decide(held, Revised(person_id, turn, words), done)

    async def is_open(self, research_id: str, team_id: str, person_id: str, turn: int) -> Reply:
        """Whether the plan of that turn can still be changed by this person."""
        held, reason = await entitled(self._bench, research_id, team_id, person_id, Action.DECIDE)
        if held is None:
            return Reply(False, reason)
        if held.waiting != Waiting.APPROVAL or held.turn != turn:
            return Reply(False, _too_late(held))
        return Reply(True, "")

    async def _decide(self, held: Held, event: Approved | Revised, done: Reply) -> Reply:
        bench = self._bench
        try:
            await bench.ledger.record(held.research_id, None, event, bench.clock.now())
        except IllegalEvent:
            return Reply(False, _too_late(await bench.ledger.held(held.research_id) or held))
        bench.journal.note(f"research.{type(event).__name__.lower()}", research_id=held.research_id)
        bench.researches.ring()
        bench.deliveries.ring()
        return done


def _too_late(held: Held) -> str:
    match held.state:
        case State.EXPIRED if held.started_at is None:
            return "This plan has lapsed: nobody started it within a day. Please ask again."
        case State.CANCELLED if not held.approved_by:
            return "This research was stopped, so its plan is not started."
        case State.QUEUED | State.STARTING | State.RUNNING if held.is_planning:
            return "This plan is being changed already; the new one will be below."
        case _:
            return "This plan was started already."
