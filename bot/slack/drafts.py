"""What stands in a submitted form, as questions to ask, or what is wrong with it, by field. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from bot.domain.policy import Depth
from bot.slack.words import Ask, one_question, readable

MOST_QUESTIONS = 10

QUESTION, DEPTH, OPTIONS, WHERE, CONVERSATION = "question", "depth", "options", "where", "conversation"
"""Block ids of the form's fields; each has one element, with the same action id."""

PLAN, LINES, ALONG = "plan", "lines", "along"
"""Options that can be ticked: the plan comes first; each line is a question; the thread goes along as background."""


class Where(StrEnum):
    """Who is to see it, and so where it is posted."""

    THREAD = "thread"  # the thread of the message that the form was opened from
    CONVERSATION = "conversation"
    DIRECT = "direct"  # our direct message with the asker


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form was opened, kept in the view itself; no right follows from it. `agreed` names what the asker has
    seen the price of.
    """

    channel_id: str = ""
    thread_ts: str = ""
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form that can be asked: every question becomes a research of its own."""

    questions: tuple[str, ...]
    depth: Depth
    where: Where
    conversation: str
    origin: Origin
    along: bool = False
    plan: bool = False

    @property
    def is_agreed(self) -> bool:
        """Whether it may start: one question does at once, several once their price was seen."""
        return len(self.questions) == 1 or self.origin.agreed == self.mark

    @property
    def mark(self) -> str:
        """Stands for what the overview says, so that whatever is changed in it is shown once more."""
        shown = json.dumps([self.questions, self.depth, self.plan])
        return hashlib.sha256(shown.encode()).hexdigest()[:16]

    def key(self, view_id: str, question: str) -> str:
        """Makes a second submission of the same view, or the same line twice, the same research."""
        return f"form:{view_id}:{hashlib.sha256(question.encode()).hexdigest()[:16]}"


Errors = dict[str, str]


def write_origin(origin: Origin) -> str:
    """As the view's private metadata."""
    return json.dumps(asdict(origin))


def read_origin(private_metadata: str) -> Origin:
    """From a view's private metadata; an older form's is read as far as it goes."""
    try:
        found = json.loads(private_metadata)
    except ValueError:
        return Origin()
    known = found if isinstance(found, dict) else {}
    return Origin(**{name: str(known.get(name) or "") for name in Origin.__dataclass_fields__})


def read_draft(view: dict[str, Any]) -> Draft | Errors:
    """A submitted view (Slack docs: view_submission) as a draft, or a sentence for each field that is at fault."""
    fields = _Fields(view["state"]["values"])
    origin = read_origin(view.get("private_metadata") or "")
    options = fields.ticked(OPTIONS)
    depth, where = Depth(fields.chosen(DEPTH)), Where(fields.chosen(WHERE))
    questions, errors = _questions(fields.text(QUESTION), by_line=LINES in options)
    if PLAN in options and depth is Depth.QUICK:
        errors[OPTIONS] = "A quick answer has no plan: choose another depth, or do without."
    conversation = fields.conversation(CONVERSATION)
    if where is Where.CONVERSATION and not conversation:
        errors[CONVERSATION] = "Choose where to post it, or let only you see it."
    if where is Where.THREAD and not (origin.channel_id and origin.thread_ts):
        errors[WHERE] = "That thread is not known any more. Choose another place."
    if errors:
        return errors
    return Draft(questions, depth, where, conversation, origin, ALONG in options, PLAN in options)


def agreed(draft: Draft) -> Draft:
    """The same with its price seen."""
    return replace(draft, origin=replace(draft.origin, agreed=draft.mark))


def _questions(typed: str, *, by_line: bool) -> tuple[tuple[str, ...], Errors]:
    lines = [line.strip() for line in readable(typed).splitlines()] if by_line else [readable(typed).strip()]
    asked = list(dict.fromkeys(line for line in lines if line))
    if not asked:
        return (), {QUESTION: "Please write a question."}
    if len(asked) > MOST_QUESTIONS:
        return (), {QUESTION: f"These are {len(asked)} lines; at most {MOST_QUESTIONS} questions go at once."}
    for number, line in enumerate(asked, start=1):
        meaning = one_question(line)
        if not isinstance(meaning, Ask):
            which = f"Line {number}: " if len(asked) > 1 else ""
            return (), {QUESTION: f"{which}{meaning.sentence}"}
    return tuple(asked), {}


class _Fields:
    """`view.state.values`, by block id; every block has one element."""

    def __init__(self, values: dict[str, dict[str, Any]]) -> None:
        self._values = values

    def text(self, block: str) -> str:
        return str(self._one(block).get("value") or "")

    def chosen(self, block: str) -> str:
        return str((self._one(block).get("selected_option") or {}).get("value") or "")

    def ticked(self, block: str) -> set[str]:
        return {str(option["value"]) for option in self._one(block).get("selected_options") or ()}

    def conversation(self, block: str) -> str:
        return str(self._one(block).get("selected_conversation") or "")

    def _one(self, block: str) -> dict[str, Any]:
        return next(iter(self._values.get(block, {}).values()), {})
