"""What passes between the work and the database: questions, held researches, errands. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.house import House
from bot.domain.letters import Form, Letter
from bot.domain.policy import Depth
from bot.domain.research import State


class Relation(StrEnum):
    """What a research has to do with the one that it is about; the words stand in its row."""

    NONE = ""  # it is about none
    FOLLOW_UP = "follow up"  # a quick answer about a report, in its thread
    DEEPER = "deeper"  # the agent goes on from a report, in its thread
    AGAIN = "again"  # the same question once more, in a thread of its own
    SHARE = "share"  # no run at all: the same report, told in another channel

    @property
    def goes_on(self) -> bool:
        """Whether Gemini has to know the research that it is about."""
        return self in (Relation.FOLLOW_UP, Relation.DEEPER)


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
    relation: Relation = Relation.NONE
    parent_id: str = ""
    thread_ts: str | None = None
    """The thread that it belongs into; without one it begins a thread."""
    words: str = ""
    previous_interaction_id: str = ""
    daily_limit: int = 0
    monthly_budget_usd: float = 0.0
    """Both as the environment allows; the workspace's settings may lower them."""
    traceparent: str = ""
    """The span in which it was asked, where that is traced."""


class Answer(StrEnum):
    """What became of a question in the transaction that wrote it down."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    NOT_WRITTEN = "not written"
    IN_THREAD = "in a thread that has its research"
    OVER_DAILY_LIMIT = "over daily limit"
    OVER_BUDGET = "over budget"
    OVER_OWN_BUDGET = "over own budget"
    FORGOTTEN = "forgotten"


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
    turn: int = 1
    plan_first: bool = False
    planned_at: datetime | None = None
    approved_by: str = ""
    words: str = ""
    """What the next create says, where that is not the question."""
    previous_interaction_id: str = ""
    """Which interaction the next create goes on from."""
    is_step: bool = False
    """A workflow waits for it, so that nobody sits before a screen and could be asked anything."""
    relation: Relation = Relation.NONE
    parent_id: str = ""
    traceparent: str = ""
    house: House = field(default_factory=House)
    """The settings of its workspace at the moment when it was taken to be started."""

    @property
    def is_planning(self) -> bool:
        """Whether what is asked for now is a plan."""
        return self.plan_first and not self.approved_by

    @property
    def lacks_context(self) -> bool:
        """Whether what the next create goes on from is gone at Gemini, so that our own copy has to go along."""
        goes_on = self.relation.goes_on or self.planned_at is not None
        return goes_on and not self.previous_interaction_id


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
    traceparent: str = ""
