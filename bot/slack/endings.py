"""How the messages look that are posted once: the outcome of a research, and words for one person. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.length import length
from bot.domain.letters import Outcome, View, Whisper
from bot.domain.policy import OFFERS, PLAN
from bot.domain.research import START_LOST, State
from bot.slack import buttons
from bot.slack.elements import Block, Message, context, person, rich_text, section, text
from bot.slack.parts import blocks_of
from bot.slack.plain import plain_text as shown
from bot.slack.sentences import cost, duration, explain, headline, is_unclear
from bot.slack.text import clean, escape, one_line, shortened

if TYPE_CHECKING:
    from bot.domain.sameness import Earlier

SUMMARY_BLOCKS = 30
SPOKEN_LENGTH = 600
QUESTION_LENGTH = 160


def outcome_message(outcome: Outcome, *, plain: bool = False) -> Message:
    """How it ended: the asker mentioned once, then why or the answer first (`plain`: in one block, unadorned), then what
    can be done.

    The plain text says as much in short, for those who see a notification or hear a screen reader.
    """
    view = outcome.view
    announced = _announcement(outcome)
    blocks: list[Block] = [rich_text(section(person(view.asker_id), text(f" {announced}")))]
    spoken = [announced]
    if facts := _facts(outcome):
        blocks.append(context(facts))
        spoken.append(f"({facts})")
    if outcome.watchers:
        told = section(text("For those who asked to be told: "), *_people(outcome.watchers))
        blocks.append(rich_text(told))
    explanation = explain(view) if _needs_reason(view) else None
    if explanation is not None:
        blocks.append(rich_text(section(text(explanation.text))))
        spoken.append(explanation.text)
    if outcome.partial:
        blocks.append(rich_text(section(text("What had been found until then follows.", bold=True))))
    if outcome.summary:
        answer = blocks_of(outcome.summary)[:SUMMARY_BLOCKS]
        blocks.extend([rich_text(section(text(shown(answer))))] if plain else answer)
        spoken.append(shortened(shown(answer), SPOKEN_LENGTH))
    if outcome.follows and not outcome.partial:
        blocks.append(context("The report follows."))
    if _offers_retry(view, retry=explanation is None or explanation.retry):
        retry = buttons.retry(view.research_id, view.depth)
        blocks.append(buttons.row(view.research_id, retry, attempt=view.attempt))
    return Message(f"<@{view.asker_id}> {escape(' '.join(spoken))}", blocks)


def _facts(outcome: Outcome) -> str:
    """How long the report is, what it rests on, how long it took and what it cost."""
    view = outcome.view
    if view.state is not State.COMPLETED:
        return ""
    facts = [length(outcome.words)] if outcome.words else []
    if view.sources:
        facts.append(f"{view.sources} source{'s' if view.sources > 1 else ''}")
    return " · ".join([*facts, f"took {duration(view, view.asked_at)}", cost(view)])


def _people(ids: tuple[str, ...]) -> list[Block]:
    return [one for person_id in ids for one in (person(person_id), text(" "))]


def _announcement(outcome: Outcome) -> str:
    view = outcome.view
    match view.state:
        case State.COMPLETED:
            late = " It was finished before it could be stopped." if view.cancelled_by else ""
            return f"your report is ready.{late}"
        case State.CANCELLED if _needs_reason(view):
            return "your research was stopped while it was being started."
        case State.CANCELLED if view.started_at is None and view.planned_at is not None:
            return f"your research was stopped before it started. Only its plan was paid for, usually {PLAN.price}."
        case State.CANCELLED if view.started_at is None:
            return "your research was stopped before it started. Nothing was spent."
        case State.CANCELLED:
            return "okay, your research is stopped. Google charges for what it used until then."
        case State.EXPIRED:
            return "your research ended without a report."
        case State.FAILED if is_unclear(view):
            return "your research needs a decision of yours."
        case _:
            return "your research did not work out."


def why_not(view: View) -> str:
    """Why a research brought no report, for somebody who does not see its thread."""
    announced = _announcement(Outcome(view))
    sentences = [announced[0].upper() + announced[1:]]
    if _needs_reason(view):
        sentences.append(explain(view).text)
    return " ".join(sentences)


def _needs_reason(view: View) -> bool:
    """Whether its trouble is why it ended; somebody's wish is reason enough, unless the start got lost meanwhile."""
    if view.trouble is None or view.state is State.COMPLETED:
        return False
    return view.state is not State.CANCELLED or view.trouble.code == START_LOST


def _offers_retry(view: View, *, retry: bool) -> bool:
    return retry and view.state in (State.FAILED, State.CANCELLED, State.EXPIRED)


def whisper_message(whisper: Whisper) -> Message:
    """Words for one person: what they pressed did, or why their question has to wait or was refused."""
    if whisper.offers_place:
        return _place_offer(whisper)
    if whisper.earlier is not None:
        return _earlier_offer(whisper.research_id, whisper.earlier)
    words = clean(whisper.text)
    if not words and whisper.view is not None:
        words = _about(whisper.view)
    return Message(escape(words), [rich_text(section(text(words)))])


def _about(view: View) -> str:
    """How a research ended that never got a thread: its question tells its asker which one is meant."""
    question = shortened(one_line(clean(view.question)), QUESTION_LENGTH)
    if view.state is State.CANCELLED:
        return f"“{question}” was stopped before it started. Nothing was spent."
    return f"“{question}”: {explain(view).text if view.trouble else headline(view)}"


def _place_offer(whisper: Whisper) -> Message:
    """Where it was asked we cannot post: a choice, with the question kept."""
    archived = whisper.text == "archived"
    why = "This channel is archived" if archived else "I am not in this conversation"
    how = "" if archived else " Add me with /invite @Deep Research and press “Try here again”, or have"
    words = (
        f"{why}, so I cannot answer here yet. Your question is kept, nothing was started and nothing is spent."
        f"{how or ' Have'} the report in our direct message."
    )
    direct = buttons.button(
        "Run in our direct message", buttons.MOVE_DIRECT, whisper.research_id, style="primary"
    )
    here = buttons.button("Try here again", buttons.MOVE_HERE, whisper.research_id)
    choices = buttons.row(whisper.research_id, *([direct] if archived else [direct, here]))
    return Message(escape(words), [rich_text(section(text(words))), choices])


def _earlier_offer(research_id: str, earlier: Earlier) -> Message:
    """The same question was asked before: where that one is, and whether it will do."""
    who = clean(earlier.asker_name) or "Somebody"
    stands = "is being researched" if earlier.is_open else "has its report"
    before = f"Before anything starts: {who} asked the same question ({OFFERS[earlier.depth].name}), and it {stands}."
    after = "Yours is kept; nothing was started and nothing is spent."
    words = [text(f"{before} ")]
    if earlier.link:
        see = "Follow it in its thread" if earlier.is_open else "Read the report"
        words += [{"type": "link", "url": earlier.link, "text": see}, text(". ")]
    words.append(text(after))
    leave = buttons.button("That one will do", buttons.LEAVE, research_id, style="primary")
    insist = buttons.button("Research it anyway", buttons.INSIST, research_id)
    choices = buttons.row(research_id, leave, insist)
    return Message(escape(f"{before} {after}"), [rich_text(section(*words)), choices])
