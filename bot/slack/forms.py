"""The form that asks, as Slack modals: the fields, the overview of several questions, what came of them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.domain.errands import Answer
from bot.domain.policy import OFFERS, Depth
from bot.slack.drafts import (
    ALONG,
    CONVERSATION,
    DEPTH,
    LINES,
    OPTIONS,
    PLAN,
    QUESTION,
    WHERE,
    Origin,
    Where,
    write_origin,
)
from bot.slack.elements import Block, context, plain_text, rich_text, section, text
from bot.slack.help import receipt_message
from bot.slack.text import one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.errands import Receipt
    from bot.slack.drafts import Draft

View = dict[str, Any]

CALLBACK = "research_form"
LONGEST_INPUT = 3_000
"""Characters that a field takes (Slack docs: plain_text_input)."""
LINE_LENGTH = 300

_NAMES = {Depth.QUICK: "Quick answer", Depth.STANDARD: "Standard", Depth.MAX: "Thorough"}
_DISCLOSURE = "Questions go to Google. Reports are written by an AI model and may be wrong."


@dataclass(frozen=True, slots=True)
class Filled:
    """What the fields hold when a form is shown."""

    question: str = ""
    depth: Depth = Depth.STANDARD
    plan: bool = False
    by_line: bool = True
    along: bool = False
    where: Where = Where.CONVERSATION
    conversation: str = ""


def empty_form(channel_id: str = "", *, is_direct: bool = False, depth: Depth = Depth.STANDARD) -> View:
    """Opened by a command or the global shortcut; without a channel it proposes the one that is open."""
    where = Where.DIRECT if is_direct else Where.CONVERSATION
    return _form(Filled(depth=depth, where=where, conversation=channel_id), Origin(channel_id), [])


def message_form(question: str, channel_id: str, thread_ts: str, *, depth: Depth = Depth.STANDARD) -> View:
    """Opened from a message: its text is one question, to be edited, and the answer goes into its thread."""
    words = shortened(question, LONGEST_INPUT)
    filled = Filled(words, depth, by_line=False, where=Where.THREAD, conversation=channel_id)
    return _form(filled, Origin(channel_id, thread_ts), [])


def overview(draft: Draft, typed: str) -> View:
    """The same form, with every question, its price and the total above it; what is changed is shown once more."""
    offer = OFFERS[draft.depth]
    count = len(draft.questions)
    lines = [section(text(shortened(one_line(question), LINE_LENGTH))) for question in draft.questions]
    above = [
        rich_text(
            section(
                text(f"{count} researches, together {offer.price_of(count)}.", bold=True),
                text(f" Each is a {offer.name} of its own ({offer.line}), in a thread of its own."),
            ),
            {"type": "rich_text_list", "style": "ordered", "elements": lines},
        ),
        {"type": "divider"},
    ]
    filled = Filled(
        typed,
        draft.depth,
        plan=draft.plan,
        by_line=True,
        along=draft.along,
        where=draft.where,
        conversation=draft.conversation,
    )
    view = _form(filled, draft.origin, above)
    return view | {
        "title": plain_text(f"Start {count} researches?"),
        "submit": plain_text(f"Start {count} researches"),
    }


def partly_refused(questions: Sequence[str], receipts: Sequence[Receipt]) -> View:
    """Several questions of which some were not taken: which, and why."""
    refused = [
        (question, receipt_message(receipt).text)
        for question, receipt in zip(questions, receipts, strict=True)
        if receipt.answer not in (Answer.ACCEPTED, Answer.KNOWN)
    ]
    begun = len(questions) - len(refused)
    lines = [section(text(shortened(one_line(question), LINE_LENGTH))) for question, _ in refused]
    why = " ".join(dict.fromkeys(reason for _, reason in refused))
    return {
        "type": "modal",
        "title": plain_text(f"{begun} of {len(questions)} started"),
        "close": plain_text("Close"),
        "blocks": [
            rich_text(
                section(text("Not started:", bold=True)),
                {"type": "rich_text_list", "style": "bullet", "elements": lines},
            ),
            rich_text(section(text(why))),
        ],
    }


def _form(filled: Filled, origin: Origin, above: list[Block]) -> View:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": write_origin(origin),
        "title": plain_text("New research"),
        "submit": plain_text("Start research"),
        "close": plain_text("Cancel"),
        "blocks": [
            *above,
            _question(filled.question),
            _depth(filled.depth),
            _options(filled, is_about_message=bool(origin.thread_ts)),
            _where(filled.where, is_about_message=bool(origin.thread_ts)),
            _conversation(filled.conversation),
            context(_DISCLOSURE),
        ],
    }


def _question(words: str) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "multiline": True,
        "max_length": LONGEST_INPUT,
        "placeholder": plain_text("What would you like to know?"),
    }
    return _field(QUESTION, "Question", element | ({"initial_value": words} if words else {}))


def _depth(depth: Depth) -> Block:
    options = {one: _option(one, name, _first_upper(OFFERS[one].line)) for one, name in _NAMES.items()}
    element = {"type": "radio_buttons", "options": list(options.values()), "initial_option": options[depth]}
    return _field(DEPTH, "Depth", element)


def _options(filled: Filled, *, is_about_message: bool) -> Block:
    plan = _option(PLAN, "Show me the plan first", "Nothing is researched before you press Start below it.")
    lines = _option(LINES, "Each line is a question of its own", "Up to ten; you see the total price first.")
    along = _option(
        ALONG, "Send this thread along", "What people wrote in it goes to Google too, as background."
    )
    offered = [
        (plan, filled.plan),
        (lines, filled.by_line),
        *([(along, filled.along)] if is_about_message else []),
    ]
    ticked = [option for option, is_ticked in offered if is_ticked]
    element: Block = {"type": "checkboxes", "options": [option for option, _ in offered]}
    return _field(
        OPTIONS, "Options", element | ({"initial_options": ticked} if ticked else {}), optional=True
    )


def _where(where: Where, *, is_about_message: bool) -> Block:
    options = {
        Where.CONVERSATION: _option(
            Where.CONVERSATION, "Everyone in the conversation below", "In a thread of its own there."
        ),
        Where.DIRECT: _option(
            Where.DIRECT, "Only me, until I share it", "The report comes to our direct message."
        ),
    }
    if is_about_message:
        thread = _option(Where.THREAD, "Everyone here", "In the thread of that message.")
        options = {Where.THREAD: thread, **options}
    element = {"type": "radio_buttons", "options": list(options.values()), "initial_option": options[where]}
    return _field(WHERE, "Who sees it", element)


def _conversation(channel_id: str) -> Block:
    element: Block = {
        "type": "conversations_select",
        "placeholder": plain_text("Choose a conversation"),
        "filter": {"include": ["public", "private", "mpim"], "exclude_bot_users": True},
    }
    chosen = {"initial_conversation": channel_id} if channel_id else {"default_to_current_conversation": True}
    return _field(CONVERSATION, "Conversation", element | chosen, optional=True)


def _field(block_id: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain_text(label),
        "element": {**element, "action_id": block_id},
        "optional": optional,
    }


def _option(value: str, words: str, description: str) -> Block:
    return {"text": plain_text(words), "value": str(value), "description": plain_text(description)}


def _first_upper(words: str) -> str:
    return words[:1].upper() + words[1:]
