"""What the next create of a research asks for. Pure: everything that it depends on stands in the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.background import with_background
from bot.domain.house import styled
from bot.domain.policy import Depth
from bot.ports import Order, Work

if TYPE_CHECKING:
    from bot.domain.errands import Held
    from bot.domain.house import Style
    from bot.domain.policy import Policy

APPROVAL = "The plan looks good. Please carry it out."


def order_of(held: Held, policy: Policy, style: Style, context: str = "") -> Order:
    """The order of the turn that a research is in; `context` is our own copy of what Gemini has forgotten.

    A quick answer is a model's and has no plan. The plan of a turn, a changed plan and the research that was planned
    all go on from the interaction before; only the first says the question itself.
    """
    words = _told_again(held, context) if context else _words(held)
    if held.depth is not Depth.QUICK:
        words = styled(words, style)
    if not held.previous_interaction_id:
        words = with_background(words, held.background, held.research_id)
    by_agent = Work.PLAN if held.is_planning else Work.RESEARCH
    work = Work.ANSWER if held.depth is Depth.QUICK else by_agent
    return Order(
        words,
        policy.agents[held.depth],
        streamed=policy.stream,
        previous_interaction_id=held.previous_interaction_id or None,
        work=work,
    )


def deeper(question: str) -> str:
    """What an agent is told that goes on from a report."""
    return (
        "Go deeper than this report: check its main claims against further primary sources, fill the gaps that it "
        f"names, and write a new, more thorough report on the same question.\n\nThe question: {question}"
    )


def _words(held: Held) -> str:
    return held.words or (APPROVAL if held.approved_by else held.question)


def _told_again(held: Held, context: str) -> str:
    """The same, with what was written before: a report, or a plan."""
    if held.relation.goes_on:
        return f"This is a report that was written before:\n\n{context}\n\n---\n\nAbout this report: {_words(held)}"
    if held.approved_by:
        return f"{held.question}\n\nFollow this plan:\n\n{context}"
    return f"{held.question}\n\nThis was the plan:\n\n{context}\n\nMake a new plan, changed like this: {held.words}"
