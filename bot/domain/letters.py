"""What Slack can be told, as values: the dispatcher decides that, `slack/cards.py` decides how it looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from bot.domain.interaction import Usage
from bot.domain.policy import Depth
from bot.domain.prices import Cost
from bot.domain.progress import Progress
from bot.domain.report import Report
from bot.domain.research import State, Trouble
from bot.domain.sameness import Earlier
from bot.domain.sessions import SessionStatus


class Waiting:
    """Why a queued research does not start yet; the words stand in its row."""

    PLACE = "place"  # we cannot post where it was asked
    SAME = "same"  # the same question was asked before, and its asker is asked whether that one will do
    TURN = "turn"  # its asker, or the workspace, has as many running as allowed
    APPROVAL = "approval"  # its plan is there, and nobody has said yet that it should start
    GEMINI = "gemini"  # Google takes no more requests right now, or cannot be reached


@dataclass(frozen=True, slots=True)
class Address:
    """Where a letter goes. Without `thread_ts` it is the root of a thread to be."""

    team_id: str
    channel_id: str
    thread_ts: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """Everything of a research that a message about it may show."""

    research_id: str
    question: str
    team_id: str
    asker_id: str
    depth: Depth
    state: State
    asked_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    waiting: str = ""
    cancelled_by: str = ""
    trouble: Trouble | None = None
    stuck_since: datetime | None = None
    quiet_since: datetime | None = None
    attempt: int = 1
    maybe_billed: bool = False
    """A POST was made, so that money may have been spent."""
    plan_first: bool = False
    planned_at: datetime | None = None
    """When its plan was there; a plan was paid for then, whatever became of it."""
    approved: bool = False
    relation: str = ""
    """What it has to do with another research (`errands.Relation`)."""
    is_direct: bool = False
    """Whether it lives in a direct message with us."""
    asker_name: str = ""
    has_background: bool = False
    """A thread goes along with the question."""
    sources: int | None = None
    usage: Usage | None = None
    cost: Cost | None = None
    """Of all that has ended of it; None while nothing has."""
    place_in_line: int = 0
    """While it waits for its turn: 1 is next; 0 where there is no line."""


@dataclass(frozen=True, slots=True)
class Root:
    """The message in the channel that the thread hangs on: who asked what, and its state. Edited in place."""

    view: View
    kind: Literal["root"] = "root"


@dataclass(frozen=True, slots=True)
class Card:
    """The progress card in the thread. Edited in place."""

    view: View
    progress: Progress
    at: datetime
    kind: Literal["card"] = "card"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: a new message, so that it notifies; the asker is mentioned once, the answer comes first. Edited where
    Google says only later what it cost.
    """

    view: View
    summary: str = ""
    follows: bool = False
    """Whether the report follows in the next messages."""
    partial: bool = False
    """Whether what follows is only what had been found when it ended."""
    words: int = 0
    """How long what follows is."""
    watchers: tuple[str, ...] = ()
    """Who asked to be told, besides the asker."""
    kind: Literal["outcome"] = "outcome"


@dataclass(frozen=True, slots=True)
class Answer:
    """A quick answer while it is written. Edited in place; in the end the first part of the answer stands there."""

    view: View
    draft: str
    at: datetime
    is_current: bool = True
    """Whether it is that of the newest attempt."""
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Below a plan: what starting it costs, and the buttons. Edited in place once somebody has decided."""

    view: View
    turn: int
    is_open: bool
    """Whether it can still be decided."""
    is_changed: bool
    """Whether another plan was asked for instead."""
    lapses_at: datetime
    kind: Literal["proposal"] = "proposal"


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole report, still to be cut into parts."""

    view: View
    report: Report
    in_full: bool = False
    """Whether somebody asked for all of it in the thread, where its contents and files are already."""
    is_plan: bool = False
    kind: Literal["whole"] = "whole"


class Form(StrEnum):
    """What a report can be made into when somebody asks for it."""

    PDF = "pdf"
    WORD = "docx"


@dataclass(frozen=True, slots=True)
class Export:
    """A report still to be made into a file, because somebody asked for it."""

    view: View
    report: Report
    form: Form
    kind: Literal["export"] = "export"


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a report: blocks as they go out, and their plain text."""

    text: str
    blocks: list[dict[str, Any]]
    kind: Literal["part"] = "part"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a report. `file_id` is what Slack called it once its bytes are there."""

    name: str
    title: str
    mime_type: str
    alt: str
    content: bytes = field(repr=False, default=b"")
    file_id: str = ""
    kind: Literal["file"] = "file"


@dataclass(frozen=True, slots=True)
class Entry:
    """One heading of a report. `place` numbers the letter that holds it among those of its report."""

    title: str
    level: int
    place: int


@dataclass(frozen=True, slots=True)
class Contents:
    """What a long report consists of. Each entry leads to the message or file that was told before under its place.

    `told` is where each of them came to be: a message's `ts`, or a file's id. It is found when this is sent, since
    nobody knows it before.
    """

    entries: tuple[Entry, ...]
    about: str = ""
    end: tuple[dict[str, Any], ...] = ()
    """Blocks that follow the list."""
    told: dict[int, str] = field(default_factory=dict)
    kind: Literal["contents"] = "contents"


@dataclass(frozen=True, slots=True)
class Whisper:
    """Words for one person only, shown where they are; lost on reload, so never the only copy of anything."""

    person_id: str
    text: str
    research_id: str = ""
    view: View | None = None
    response_url: str = field(repr=False, default="")
    offers_place: bool = False
    earlier: Earlier | None = None
    """The same question, asked before: whether that one will do is asked with it."""
    kind: Literal["whisper"] = "whisper"


@dataclass(frozen=True, slots=True)
class Session:
    """What Slack's agent session of the thread shows; its title counts when Slack makes it."""

    status: SessionStatus
    question: str
    kind: Literal["session"] = "session"


@dataclass(frozen=True, slots=True)
class Notice:
    """A direct message to the asker that a research has ended in its channel, with the way there."""

    view: View
    kind: Literal["notice"] = "notice"


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How a research ended, for the workflow whose step waits for it. `told` is the message that tells it in Slack, ""
    where there is none; it is found when this is sent.
    """

    execution_id: str
    view: View
    summary: str = ""
    told: str = ""
    kind: Literal["step"] = "step"


Content = (
    Root | Card | Answer | Outcome | Proposal | Whole | Export | Part | File | Contents | Whisper | Session | Notice
    | StepEnd
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """One delivery as the courier sees it. (research id, part) is its identity in Slack's metadata; after `good_until`
    somebody else sees to it, and nothing of it leaves us any more.
    """

    address: Address
    research_id: str
    part: str
    content: Content
    good_until: datetime | None = None
