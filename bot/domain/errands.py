"""What passes between the work and the database: questions, held researches, errands. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.letters import Form, Letter
from bot.domain.policy import Depth
from bot.domain.research import State


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks, before it is a research. `request_key` makes a second copy of it the same one."""

    research_id: str
    team_id: str
    channel_id: str
    asker_id: str
    request_key: str
    question: str
    depth: Depth
    asked_at: datetime
    response_url: str = ""
    plan_first: bool = False
    anchor_ts: str | None = None
    depth_is_default: bool = False
    """Nobody chose the depth, so that of the workspace's settings holds."""
    thread_along: str = ""
    daily_limit: int = 0
    monthly_budget_usd: float = 0.0
    """Both as the environment allows; the workspace's settings may lower them."""


class Answer(StrEnum):
    """What became of a question in the transaction that wrote it down."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    NOT_WRITTEN = "not written"
    IN_THREAD = "in a thread that has its research"
    OVER_DAILY_LIMIT = "over daily limit"
    OVER_BUDGET = "over budget"
    OVER_OWN_BUDGET = "over own budget"


@dataclass(frozen=True, slots=True)
class Nearing:
    """How much of a limit is used, where it is most of it: questions of a day, or dollars of a month."""

    answer: Answer
    """What the next question may be told."""
    used: float
    limit: float


@dataclass(frozen=True, slots=True)
class Lift:
    """One question that an admin allowed beyond the limits set in Slack."""

    lift_id: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer, and the research that it is about (empty where there is none)."""

    answer: Answer
    research_id: str = ""
    opens_at: datetime | None = None
    """When a limit that refused it opens again."""
    nearing: tuple[Nearing, ...] = ()


@dataclass(frozen=True, slots=True)
class Wish:
    """The report of an attempt (0: the newest) as a file, wished for by somebody who may have it."""

    research_id: str
    attempt: int
    form: Form
    by: str


class Granted(StrEnum):
    """What became of a wish for a file in the transaction that wrote it down."""

    ORDERED = "ordered"
    KNOWN = "known"  # it is there, or being made
    FORGOTTEN = "forgotten"  # retention has taken the report


@dataclass(frozen=True, slots=True)
class Held:
    """A research as its runner took it."""

    research_id: str
    fence: int
    team_id: str
    channel_id: str
    channel_kind: str
    thread_ts: str | None
    asker_id: str
    question: str
    depth: Depth
    response_url: str
    state: State
    attempt: int
    admitted: bool
    waiting: str
    asked_at: datetime
    started_at: datetime | None
    changed_at: datetime | None
    stuck_at: datetime | None
    interaction_id: str | None
    last_event_id: str | None
    tries: int
    thread_along: str = ""
    """The thread that its asker wants to go along as background (`background.ThreadRef`)."""
    background: str = ""
    same_as: str = ""
    """The earlier research with the same question that its asker was told of."""
    place_in_line: int = 0


@dataclass(frozen=True, slots=True)
class Errand:
    """A delivery as the dispatcher took it."""

    delivery_id: int
    fence: int
    leased_until: datetime
    letter: Letter
    method: str
    is_edit: bool
    is_unsettled: bool
    """Found in `sending`: it may be there already."""
    ts: str | None
    revision: int
    tries: int
    sending_since: datetime
    asker_id: str
