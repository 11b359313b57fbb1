"""What a person can ask about a report: a follow-up, a deeper research, the same once more, the same for a channel.

Each becomes a research of its own, so that it is marked, paid for and told exactly once like any other. Of two presses
one counts: the request key of a button says how many such researches about the same report have ended before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errands import Answer, Question, Relation
from bot.domain.permits import Action
from bot.domain.policy import OFFERS, Depth
from bot.domain.research import State
from bot.errors import SlackError
from bot.work.desk import ask, new_id
from bot.work.orders import deeper
from bot.work.reply import Reply
from bot.work.rights import UNKNOWN, entitled, verdict_on

if TYPE_CHECKING:
    from bot.domain.errands import Held, Receipt
    from bot.work.bench import Bench

NOT_YET = "The report is not there yet. Please ask again when it is."
NOTHING = "There is no report in this thread that I could answer from. Ask anew with /research."

_REFUSALS = {
    Answer.OVER_DAILY_LIMIT: "You have asked as many questions as are allowed within 24 hours. Nothing was started.",
    Answer.OVER_BUDGET: "This month’s research budget of the workspace is used up. Nothing was started.",
    Answer.FORGOTTEN: "This report is not kept here any more.",
}


class Conversation:
    """The desk for what comes after a report."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def follow_up(
        self, team_id: str, channel_id: str, thread_ts: str, person_id: str, request_key: str, text: str
    ) -> Reply | None:
        """A question about the newest report of a thread, answered below it by a model; None if no research of ours
        lives there. `request_key` is Slack's name for the message, so that its twin event changes nothing.
        """
        ledger = self._bench.ledger
        research_id = await ledger.of_thread(team_id, channel_id, thread_ts)
        held = await ledger.held(research_id) if research_id else None
        if held is None:
            return None
        verdict = await verdict_on(self._bench, held, team_id, person_id, Action.FOLLOW_UP)
        if not verdict:
            return Reply(False, verdict.reason)
        answered_id = await ledger.last_answered(team_id, channel_id, thread_ts)
        answered = await ledger.held(answered_id) if answered_id else None
        if answered is None:
            return Reply(False, NOT_YET if held.state.is_open else NOTHING)
        question = self._about(answered, Relation.FOLLOW_UP, person_id, request_key, text, Depth.QUICK)
        return _reply(await ask(self._bench, question), "")

    async def deeper(self, research_id: str, team_id: str, person_id: str) -> Reply:
        """The agent goes on from a report, in the same thread."""
        held, reason = await self._reported(research_id, team_id, person_id)
        if held is None:
            return Reply(False, reason)
        key = await self._key(held, Relation.DEEPER)
        depth = Depth.STANDARD if held.depth is Depth.QUICK else held.depth
        question = self._about(held, Relation.DEEPER, person_id, key, held.question, depth)
        receipt = await ask(self._bench, question)
        return _reply(receipt, f"Researching deeper, below in this thread: {OFFERS[depth].line}.")

    async def again(self, research_id: str, team_id: str, person_id: str) -> Reply:
        """The same question once more, from the beginning, in a thread of its own."""
        held, reason = await self._reported(research_id, team_id, person_id)
        if held is None:
            return Reply(False, reason)
        key = await self._key(held, Relation.AGAIN)
        question = self._about(held, Relation.AGAIN, person_id, key, held.question, held.depth)
        receipt = await ask(self._bench, question)
        return _reply(receipt, f"Asked once more, in a new thread here: {OFFERS[held.depth].line}.")

    async def share(self, research_id: str, team_id: str, person_id: str, channel_id: str) -> Reply:
        """The same report in a channel that the person is in, told there once."""
        bench = self._bench
        held, reason = await entitled(bench, research_id, team_id, person_id, Action.SHARE)
        if held is None:
            return Reply(False, reason)
        if held.state is not State.COMPLETED:
            return Reply(False, NOT_YET)
        try:
            person = await bench.directory.person(team_id, person_id)
            place = await bench.directory.place(team_id, channel_id)
            is_member = await bench.directory.is_member(team_id, channel_id, person_id)
        except SlackError:
            return Reply(False, UNKNOWN)
        if not is_member:
            return Reply(False, "You are not in that channel, so I do not post there for you.")
        if not place.is_open_to_us:
            return Reply(
                False, "I cannot post there. Add me with /invite @Deep Research, or choose another one."
            )
        key = f"share:{research_id}:{channel_id}"
        question = self._about(held, Relation.SHARE, person_id, key, held.question, held.depth, channel_id)
        receipt = await bench.ledger.share(question, person.name[:80], place.kind)
        bench.deliveries.ring()
        if receipt.answer is Answer.KNOWN:
            return Reply(False, "This report was shared there already.")
        return _reply(receipt, f"Shared to <#{channel_id}>, in your name.")

    async def may_share(self, research_id: str, team_id: str, person_id: str) -> Reply:
        """Whether it is worth asking where to."""
        held, reason = await entitled(self._bench, research_id, team_id, person_id, Action.SHARE)
        return Reply(held is not None, reason)

    async def _reported(self, research_id: str, team_id: str, person_id: str) -> tuple[Held | None, str]:
        """A research with its report, if this person may ask about it."""
        held, reason = await entitled(self._bench, research_id, team_id, person_id, Action.FOLLOW_UP)
        if held is not None and not held.question:
            return None, _REFUSALS[Answer.FORGOTTEN]
        if held is not None and held.state is not State.COMPLETED:
            return None, NOT_YET
        return held, reason

    async def _key(self, held: Held, relation: Relation) -> str:
        ended = await self._bench.ledger.ended_children(held.research_id, relation)
        return f"{relation}:{held.research_id}:{ended}"

    def _about(
        self,
        held: Held,
        relation: Relation,
        person_id: str,
        request_key: str,
        text: str,
        depth: Depth,
        channel_id: str = "",
    ) -> Question:
        """A question about a research. What goes on from it lives in its thread, anything else begins one."""
        return Question(
            research_id=new_id(self._bench),
            team_id=held.team_id,
            channel_id=channel_id or held.channel_id,
            asker_id=person_id,
            request_key=request_key,
            question=text,
            depth=depth,
            asked_at=self._bench.clock.now(),
            relation=relation,
            parent_id=held.research_id,
            thread_ts=held.thread_ts if relation.goes_on else None,
            words=deeper(text) if relation is Relation.DEEPER else "",
            previous_interaction_id=_goes_on_from(held) if relation is not Relation.AGAIN else "",
        )


def _goes_on_from(held: Held) -> str:
    """Gemini's id of a report; of one that was shared, that of the original."""
    return held.interaction_id or held.previous_interaction_id


def _reply(receipt: Receipt, done: str) -> Reply:
    """What the person is told; a follow-up is told by its answer."""
    if receipt.answer in _REFUSALS:
        return Reply(False, _REFUSALS[receipt.answer])
    if receipt.answer is Answer.KNOWN:
        return Reply(not done, "That is being researched already." if done else "")
    return Reply(True, done)
