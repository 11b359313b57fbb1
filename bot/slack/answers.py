"""A quick answer, in the one message where it is written and then stands. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.letters import Part
from bot.domain.policy import OFFERS
from bot.domain.progress import elapsed
from bot.domain.research import State
from bot.slack import buttons
from bot.slack.elements import Block, Message, context, person, rich_text, section, text
from bot.slack.parts import blocks_of
from bot.slack.sentences import begin, duration, headline
from bot.slack.text import escape, shortened

if TYPE_CHECKING:
    from bot.domain.letters import Answer, View

DRAFT_LENGTH = 6_000
DRAFT_BLOCKS = 30
"""What is shown while it is written; the whole answer follows in as many messages as it needs."""


def answer_message(answer: Answer) -> Message:
    """What is written so far, and that it goes on; the end replaces it by the first part of the answer."""
    view = answer.view
    words = _standing(answer)
    blocks: list[Block] = [rich_text(section(person(view.asker_id), text(f" {words}")))]
    if answer.draft.strip():
        blocks += blocks_of(shortened(answer.draft, DRAFT_LENGTH))[:DRAFT_BLOCKS]
    if view.state.is_open and answer.is_current:
        offer = OFFERS[view.depth]
        blocks.append(context(f"{offer.name} · {elapsed(begin(view), answer.at)} so far · {offer.line}"))
        if view.state is not State.CANCELLING:
            blocks.append(buttons.row(view.research_id, buttons.cancel(view.research_id)))
    return Message(f"<@{view.asker_id}> {escape(words)}", blocks)


def introduced(view: View, first: Part) -> Part:
    """The first part of a finished answer, with whom it is for, how long it took and what it rests on above it."""
    sources = f", with {view.sources} sources" if view.sources else ""
    words = f" here is what I found, after {duration(view, view.asked_at)}{sources}."
    above = rich_text(section(person(view.asker_id), text(words)))
    return Part(f"<@{view.asker_id}>{escape(words)} {first.text}", [above, *first.blocks])


def _standing(answer: Answer) -> str:
    view = answer.view
    if not answer.is_current:
        return "that did not work out."
    match view.state:
        case State.QUEUED | State.CANCELLING:
            return f"{headline(view).lower()}…"
        case State.STARTING | State.RUNNING:
            return "this is what I find:" if answer.draft.strip() else "looking it up…"
        case State.COMPLETED:
            return "this is what I found:"
        case State.CANCELLED:
            return "stopped."
        case _:
            return "that did not work out."
