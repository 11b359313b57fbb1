"""What a person can request: ask, cancel, retry, move, a file. Each is one transaction; rights are checked here.

Listeners parse and call; the desk decides and writes. What it gives back is an answer for that one person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.errands import Answer, Granted, Question, Receipt
from bot.domain.letters import Form
from bot.domain.permits import Action
from bot.domain.policy import Depth
from bot.domain.research import CancelAsked, Retried, State
from bot.errors import IllegalEvent, SlackError
from bot.work.reply import Reply
from bot.work.rights import GONE, entitled

if TYPE_CHECKING:
    from bot.domain.background import ThreadRef
    from bot.domain.errands import Held, Wish
    from bot.work.bench import Bench

_FILES = {Form.PDF: "PDF", Form.WORD: "Word file"}
_GRANTED = {
    Granted.ORDERED: "The {file} is being made. It comes into this thread in a moment.",
    Granted.KNOWN: "The {file} is in this thread already, or will be in a moment.",
    Granted.FORGOTTEN: "This report is not kept any more, so no {file} can be made. What stands in the thread stays.",
}
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Request:
    """A question as it came in. `request_key` is Slack's name for the request (its trigger id)."""

    team_id: str
    channel_id: str
    asker_id: str
    request_key: str
    question: str
    depth: Depth = Depth.STANDARD
    depth_is_default: bool = False
    """Nobody chose it, so the workspace's own holds."""
    response_url: str = ""
    plan: bool = False
    """Its plan is shown first, and no research runs before somebody who may presses Start."""
    anchor_ts: str | None = None
    """The thread that it was asked in; without it, its root begins one."""
    thread_along: ThreadRef | None = None
    """The thread that its asker wants to go along to Google as background."""


class Desk:
    """The one place where what a person wants becomes a row."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def ask(self, request: Request) -> Receipt:
        """Writes the question down; durable when it returns. A second copy of the same request changes nothing."""
        return await ask(
            self._bench,
            Question(
                research_id=new_id(self._bench),
                team_id=request.team_id,
                channel_id=request.channel_id,
                asker_id=request.asker_id,
                request_key=request.request_key,
                question=request.question,
                depth=request.depth,
                depth_is_default=request.depth_is_default,
                asked_at=self._bench.clock.now(),
                response_url=request.response_url,
                plan_first=request.plan,
                anchor_ts=request.anchor_ts,
                thread_along=str(request.thread_along or ""),
            ),
        )

    async def cancel(self, research_id: str, team_id: str, person_id: str) -> Reply:
        """The wish to stop a research: written down at once, carried out by whoever follows it."""
        held, refusal = await self._entitled(research_id, team_id, person_id, Action.CANCEL)
        if held is None:
            return refusal
        if held.state is State.CANCELLING:
            return Reply(True, "This research is already being stopped.")
        try:
            state = await self._bench.ledger.record(
                research_id, None, CancelAsked(person_id), self._bench.clock.now()
            )
        except IllegalEvent:
            return Reply(False, await self._too_late(research_id))
        self._bench.journal.note("research.cancelasked", research_id=research_id, state=state.value)
        self._ring()
        if state is State.CANCELLED:
            spent = "Nothing was spent." if held.planned_at is None else "Only its plan was paid for."
            return Reply(True, f"Stopped before it started. {spent}")
        return Reply(True, "Stopping. The thread will say when it has stopped.")

    async def cancel_thread(self, team_id: str, channel_id: str, thread_ts: str, person_id: str) -> Reply:
        """The same for whoever pressed Slack's own Stop, which knows only the thread."""
        research_id = await self._bench.ledger.of_thread(team_id, channel_id, thread_ts)
        if research_id is None:
            return Reply(False, GONE)
        reply = await self.cancel(research_id, team_id, person_id)
        if not reply.done:
            await self._bench.ledger.show_again(research_id, self._bench.clock.now())
            self._bench.deliveries.ring()
        return reply

    async def retry(self, research_id: str, team_id: str, person_id: str, attempt: int = 0) -> Reply:
        """A new attempt of an ended research, because a person pressed the button below `attempt`."""
        held, refusal = await self._entitled(research_id, team_id, person_id, Action.RETRY)
        if held is None:
            return refusal
        try:
            event = Retried(person_id, attempt)
            await self._bench.ledger.record(research_id, None, event, self._bench.clock.now())
        except IllegalEvent:
            return Reply(
                False, "There is nothing to retry: it was retried already, it runs, or it has its report."
            )
        self._bench.journal.note("research.retried", research_id=research_id)
        self._ring()
        return Reply(True, "Started once more, in the same thread.")

    async def move(
        self, research_id: str, team_id: str, person_id: str, response_url: str, *, to_direct: bool
    ) -> Reply:
        """A research that found no place is looked at again where it was asked, or goes to the asker's direct
        message with us.
        """
        held, refusal = await self._entitled(research_id, team_id, person_id, Action.MOVE)
        if held is None:
            return refusal
        channel_id = held.channel_id
        if to_direct:
            try:
                channel_id = await self._bench.directory.direct_channel(team_id, person_id)
            except SlackError:
                return Reply(False, "Slack did not open our direct message. Please try again in a moment.")
        moved = await self._bench.ledger.move(research_id, channel_id, response_url, self._bench.clock.now())
        if not moved:
            return Reply(False, "This research does not wait for a place any more.")
        self._bench.researches.ring()
        where = "in our direct message" if to_direct else "here"
        return Reply(True, f"Starting {where}, if it works this time.")

    async def show_all(self, research_id: str, team_id: str, person_id: str, attempt: int) -> Reply:
        """All of a report that came in brief, into its thread, because a person pressed the button below it."""
        held, refusal = await self._entitled(research_id, team_id, person_id, Action.SEE)
        if held is None:
            return refusal
        if not await self._bench.outbox.show_report(research_id, attempt, self._bench.clock.now()):
            return Reply(False, "It is in this thread already, or it has been deleted here by now.")
        self._bench.journal.note("report.shown_in_full", research_id=research_id)
        self._bench.deliveries.ring()
        return Reply(True, "The whole report follows in this thread.")

    async def insist(self, research_id: str, team_id: str, person_id: str) -> Reply:
        """It is researched although the same question was asked before, because its asker says so."""
        held, refusal = await self._entitled(research_id, team_id, person_id, Action.MOVE)
        if held is None:
            return refusal
        if not await self._bench.ledger.insist(research_id, self._bench.clock.now()):
            return Reply(False, "This research does not wait for that any more.")
        self._bench.journal.note("research.insisted", research_id=research_id)
        self._bench.researches.ring()
        return Reply(True, "It is researched anew. Its thread appears in a moment.")

    async def export(self, wish: Wish, team_id: str) -> Reply:
        """A file of a report, made once and posted into the thread, for whoever may see it."""
        held, refusal = await self._entitled(wish.research_id, team_id, wish.by, Action.EXPORT)
        if held is None:
            return refusal
        granted = await self._bench.outbox.export(wish, self._bench.clock.now())
        self._bench.journal.note(
            "export.asked", research_id=wish.research_id, form=wish.form.value, granted=granted.value
        )
        self._bench.deliveries.ring()
        return Reply(granted is not Granted.FORGOTTEN, _GRANTED[granted].format(file=_FILES[wish.form]))

    async def _entitled(
        self, research_id: str, team_id: str, person_id: str, action: Action
    ) -> tuple[Held | None, Reply]:
        """The research if the person may do that; else nothing and the reply that says why."""
        held, reason = await entitled(self._bench, research_id, team_id, person_id, action)
        return held, Reply(held is not None, reason)

    async def _too_late(self, research_id: str) -> str:
        held = await self._bench.ledger.held(research_id)
        if held is not None and held.state is State.COMPLETED:
            return "Too late to stop: it has just completed. The report is in the thread."
        return "This research has already ended."

    def _ring(self) -> None:
        self._bench.researches.ring()
        self._bench.wishes.ring()
        self._bench.deliveries.ring()


async def ask(bench: Bench, question: Question) -> Receipt:
    """The one way in for everything that costs money: within the quotas, once per request key."""
    daily, monthly = bench.policy.daily_per_user, bench.policy.monthly_budget_usd
    span = bench.tracer.span("research.ask", research_id=question.research_id)
    with bench.lull.busy(), span as traceparent:
        asked = replace(question, daily_limit=daily, monthly_budget_usd=monthly, traceparent=traceparent)
        receipt = await bench.ledger.ask(asked)
    if receipt.answer is Answer.ACCEPTED:
        bench.journal.note("research.asked", research_id=receipt.research_id)
        bench.researches.ring()
    return receipt


def new_id(bench: Bench) -> str:
    """An opaque id of ours."""
    return "r_" + "".join(bench.chance.choices(_ALPHABET, k=_ID_LENGTH))
