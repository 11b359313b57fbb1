"""How a research stands and what went wrong, in the words of a person: what happened, what it cost, what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.letters import Waiting
from bot.domain.policy import OFFERS, PLAN, Depth
from bot.domain.progress import elapsed
from bot.domain.research import CONTEXT_GONE, START_LOST, State
from bot.errors import (
    GeminiBusy,
    GeminiError,
    GeminiRefused,
    GeminiUncertain,
    GeminiUnreachable,
    NoAccess,
    NoCredit,
    NotConfirmed,
    UnknownAgent,
    WrongKey,
)
from bot.slack.text import clean, one_line, shortened

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.letters import View

DETAIL_LENGTH = 300
_CODE = re.compile(r"(?<!\S)[a-z]+(?:_[a-z]+)+:\s")
"""Google's own name of an error before its sentence."""

_CREDIT = "Google charges for what a run used until then."
_GEMINI: dict[str, type[GeminiError]] = {
    kind.code: kind
    for kind in (
        GeminiBusy,
        GeminiRefused,
        GeminiUncertain,
        GeminiUnreachable,
        NoAccess,
        NoCredit,
        NotConfirmed,
        NotConfirmed,
        UnknownAgent,
        WrongKey,
    )
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A sentence or two, and whether the Retry button belongs beside it."""

    text: str
    retry: bool = True


_RUNS: dict[str, Explanation] = {
    "empty": Explanation(f"Google says that the research is complete, but its report is empty. {_CREDIT} You can retry it."),
    "failed": Explanation(f"Google’s research agent gave up on this question. {_CREDIT} You can retry it."),
    "incomplete": Explanation(f"Google’s research agent reached its limit before the report was complete. {_CREDIT} "
                              "A narrower question usually fits."),
    "budget_exceeded": Explanation(f"Google’s research agent used up its token budget before the end. {_CREDIT} "
                                   "A narrower question usually fits."),
    "requires_action": Explanation(f"Google’s research agent asked for something that this bot cannot give. {_CREDIT}"),
    "gone": Explanation("Google no longer knows this research, so its result cannot be fetched. "
                        "What it used until then is charged."),
    "deadline": Explanation("The research did not end in time, although Google allows an hour at most. It was asked to stop. "
                            f"{_CREDIT} You can retry it."),
    "lapsed": Explanation("Nobody said in time what to do with this research, so it was not started. Nothing was spent.", retry=False),
    "look_up_failed": Explanation("Slack did not tell whether you may start a research here, so it was not started. "
                                  "Nothing was spent. Please ask again in a few minutes.", retry=False),
}  # fmt: skip


_CONTEXT_GONE = (
    "Google keeps a research for some weeks, and our own copy of its report is gone too, so there is nothing to go on "
    "from. Nothing was spent. Ask anew with /research."
)
_PLAN_LAPSED = (
    f"Nobody started the research within a day, so its plan has lapsed. Only the plan was paid for, usually {PLAN.price}. "
    "Please ask again if you still want to know."
)


def headline(view: View) -> str:
    """The state of a research in a few words."""
    match view.state:
        case State.QUEUED:
            return "Waiting: " + waiting(view) if view.waiting else "Getting ready"
        case State.STARTING:
            return "Starting"
        case State.RUNNING if is_planning(view) and not view.stuck_since:
            return "Making a plan"
        case State.RUNNING:
            return "Stuck: nothing new from Google for a while" if view.stuck_since else "Researching"
        case State.CANCELLING:
            return "Stopping"
        case State.COMPLETED:
            return "Answered" if view.depth is Depth.QUICK else "Report ready"
        case State.FAILED:
            return "Unclear whether it was started" if is_unclear(view) else "Failed"
        case State.CANCELLED:
            return "Stopped"
        case State.EXPIRED:
            return "Ended without a report"


def is_unclear(view: View) -> bool:
    """Whether nobody knows if Google is running it, so that a person has to decide."""
    return view.trouble is not None and view.trouble.code == START_LOST


def is_planning(view: View) -> bool:
    """Whether what is asked for, or was asked for last, is only a plan."""
    return view.plan_first and not view.approved


def waiting(view: View) -> str:
    """Why a queued research does not run yet."""
    return {
        Waiting.PLACE: "it has no place to post yet",
        Waiting.SAME: "the same question was asked before; its asker decides whether that one will do",
        Waiting.TURN: _in_line(view.place_in_line),
        Waiting.APPROVAL: "its plan is in the thread; nothing is researched before somebody presses Start",
        Waiting.GEMINI: "Google takes no more requests right now; trying again by itself",
    }.get(view.waiting, "about to start")


def _in_line(place: int) -> str:
    words = "as many researches run as are allowed at once; this one starts by itself"
    return f"{words}, as number {place} in line" if place else words


def duration(view: View, now: datetime) -> str:
    """How long it took, or takes until `now`."""
    return elapsed(begin(view), view.ended_at or now)


def cost(view: View) -> str:
    """What it cost at Google; where no price is known, what one of its kind usually costs, called so."""
    price = PLAN.price if is_planning(view) else OFFERS[view.depth].price
    if is_unclear(view):
        return f"nothing, or {price}"
    if view.planned_at is not None and view.started_at is None:
        paid = view.cost.words if view.cost else f"usually {PLAN.price}"
        return f"only the plan was paid for, {paid} at Google"
    if view.cost is not None:
        return f"{view.cost.words} at Google"
    return f"usually {price} at Google" if view.maybe_billed else "nothing spent"


def begin(view: View) -> datetime:
    """From when on its time counts: the start at Google, or the question before that."""
    return view.started_at or view.asked_at


def explain(view: View) -> Explanation:
    """Why a research did not end well (`view.trouble` is set)."""
    assert view.trouble is not None
    code, detail = view.trouble.code, _quoted(view.trouble.detail)
    if code == "not_allowed":
        return Explanation(view.trouble.detail, retry=False)
    if code == START_LOST:
        return _start_lost(view)
    if code == CONTEXT_GONE:
        return Explanation(_CONTEXT_GONE, retry=False)
    if code == "lapsed" and view.planned_at is not None:
        return Explanation(_PLAN_LAPSED, retry=False)
    if code in _GEMINI:
        sentence = _GEMINI[code]().sentence
        said = f" Google says: {detail}" if detail and code == GeminiRefused.code else ""
        return Explanation(sentence + said)
    known = _RUNS.get(code, _RUNS["failed"])
    is_googles = bool(detail) and code != "look_up_failed"
    return Explanation(f"{known.text} Google says: {detail}" if is_googles else known.text, known.retry)


def _start_lost(view: View) -> Explanation:
    price = PLAN.price if is_planning(view) else OFFERS[view.depth].price
    found = "plan" if is_planning(view) else "report"
    return Explanation(
        "The connection broke at the very moment when the research was being started, so it is unknown whether Google "
        f"is running it. If so, it costs {price} and its {found} cannot be fetched. It was not started again by "
        "itself: press Retry if it should be, knowing that it may then be paid twice."
    )


def _quoted(detail: str) -> str:
    words = shortened(one_line(_CODE.sub("", clean(detail))), DETAIL_LENGTH)
    return f"“{words}”" if words else ""
