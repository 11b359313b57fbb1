"""The states of a research and the one table of how it moves between them.

Theory of operation
-------------------
A question is a row before Slack hears an answer: ``queued``. While it is queued it may wait for a *place* (a channel
we can post in), for *rights* to be looked up, or for one of its asker's other researches to end; those are columns,
not states, because they change nothing about what may happen next.

``starting`` is a write-ahead mark. Gemini has no idempotency key and no list call, and a run costs dollars, so the
mark is committed before the one POST. What comes back decides: an id (``Started``), a proof that nothing was started
(``Postponed``, ``Refused``), or neither (``StartLost``), which is a question to the asker and never a second POST.

From ``running`` on only Gemini's own word ends a research: ``Completed``, ``Failed``, ``Stopped``; and our own
deadline, after one last look. ``cancelling`` is the wish to stop, written down before Gemini is told; the run may
still complete (then the report is delivered) or fail. A report that turns up after ``failed``, ``expired`` or
``cancelled`` is delivered all the same: it was paid for. ``Retried`` puts an ended research back into the queue as a
new attempt, because a person pressed the button.

Turns
-----
A *turn* is one create at Gemini that a person asked for: the question, a plan, a changed plan, the start of what was
planned, a retry. A research whose plan comes first runs twice under one row. Its first turn asks for a plan and ends
with ``Planned``, which is no end: the research is ``queued`` again and *waits for approval*, a column like the other
waits, with the day on which it lapses as the moment when it is due. ``Approved`` begins the turn that researches,
``Revised`` one that plans anew; both go on from the interaction of the plan. A wish to stop that a finished plan
overtakes ends there: nobody wants it any more.

What is asked *about* a report (a follow-up, a deeper research, the same question again) is a research of its own, with
its own row, mark, lease and outcome. It names the research it is about and, where it goes on from it, Gemini's id of
that one; it lives in the same thread. So every kind of create has the same one way to be paid for exactly once, and
nothing about a finished research ever changes.

Rule: everything that decides where a research goes next is in ``TRANSITIONS``. An event that has no entry raises
``IllegalEvent`` and changes nothing. What an edge *causes* is a tuple of effects that the store turns into rows in
the same transaction; nothing here performs anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.errors import IllegalEvent

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.interaction import Usage
    from bot.domain.report import Report


class State(StrEnum):
    """Where a research is."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self in OPEN

    @property
    def is_active(self) -> bool:
        """Whether it takes one of the places that RESEARCH_MAX_ACTIVE counts."""
        return self in ACTIVE


OPEN = frozenset({State.QUEUED, State.STARTING, State.RUNNING, State.CANCELLING})
ACTIVE = frozenset({State.STARTING, State.RUNNING, State.CANCELLING})
ENDED = frozenset(State) - OPEN


class Effect(StrEnum):
    """What an edge causes; rows in the transaction that records it."""

    ANNOUNCE = "announce"  # the root message and the progress card exist from now on
    REFRESH = "refresh"  # root, card and status line show something older than the row
    TELL = "tell"  # one new message in the thread says how it ended
    DELIVER = "deliver"  # the report goes out behind it
    PROPOSE = "propose"  # the plan goes out, and a message that asks whether to start


@dataclass(frozen=True, slots=True)
class Thought:
    """One thinking summary. `key` is its identity within the interaction, so that a replay adds nothing.

    A stream names a thought by its event, a look (and a stream without ids) by its place in the timeline, as in `0.3`.
    Where both told of the same run, words are what they have in common.
    """

    key: str
    text: str
    event_id: str | None = None

    def is_told_otherwise(self, key: str) -> bool:
        """Whether `key` is of the other way of naming, so that the same words under it are this thought."""
        return bool(_PLACE.fullmatch(key)) != bool(_PLACE.fullmatch(self.key))


_PLACE = re.compile(r"\d+\.\d+")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a research did not end well. `code` chooses the sentence; `detail` is what the other side said."""

    code: str
    detail: str = ""


CONTEXT_GONE = "context_gone"
"""The trouble of a start that named an interaction which Gemini no longer has; our own copy goes along next time."""
START_LOST = "start_lost"
"""The trouble whose question to the asker is: may we start it once more, though the first may be running?"""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The asker may, and there is a place to post."""


@dataclass(frozen=True, slots=True)
class Marked:
    """The write-ahead mark of the one POST. `agent` is what it will be charged as."""

    agent: str = ""


@dataclass(frozen=True, slots=True)
class Started:
    """Gemini gave an interaction id."""

    interaction_id: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """The POST proved to have started nothing; it is tried again at `until`."""

    until: datetime
    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Refused:
    """It will not be started: no right, or an answer that proves that asking again does not help."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class StartLost:
    """The POST was made, and whether it started anything is unknown."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class Progressed:
    """Gemini showed signs of life: new thoughts, or a poll that found it running."""

    thoughts: tuple[Thought, ...] = ()
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """Gemini delivered a report."""

    report: Report
    usage: Usage | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Planned:
    """Gemini delivered the plan that was asked for; nothing is researched before a person says so."""

    plan: Report
    usage: Usage | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Failed:
    """Gemini gave up; what it had found so far is kept."""

    trouble: Trouble
    partial: Report | None = None
    usage: Usage | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class Stopped:
    """Gemini confirmed that the run is cancelled."""

    partial: Report | None = None
    usage: Usage | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Somebody who may wants it stopped."""

    by: str


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """Our own deadline went by and a last look found it still running."""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """It waited for a place, or for its plan's approval, until nobody can be expected to care."""


@dataclass(frozen=True, slots=True)
class Retried:
    """A person pressed Retry, knowing what it may cost."""

    by: str
    attempt: int = 0
    """The attempt that the button stands below, so that one press is one new attempt; 0 where it is not known."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A person pressed Start below the plan of a turn."""

    by: str
    turn: int


@dataclass(frozen=True, slots=True)
class Revised:
    """A person wants the plan of a turn changed, in their words."""

    by: str
    turn: int
    change: str


Event = (
    Admitted | Marked | Started | Postponed | Refused | StartLost | Progressed | Planned | Completed | Failed | Stopped
    | CancelAsked | DeadlinePassed | Lapsed | Retried | Approved | Revised
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """Where an event leads and what it causes."""

    state: State
    effects: tuple[Effect, ...] = ()


_QUIET = ()
_SHOW = (Effect.REFRESH,)
_END = (Effect.REFRESH, Effect.TELL)
_REPORT = (Effect.REFRESH, Effect.TELL, Effect.DELIVER)
_PLAN = (Effect.REFRESH, Effect.PROPOSE)

TRANSITIONS: dict[State, dict[type[Event], Step]] = {
    State.QUEUED: {
        Admitted: Step(State.QUEUED, (Effect.ANNOUNCE,)),
        Marked: Step(State.STARTING, _QUIET),
        Refused: Step(State.FAILED, _END),
        CancelAsked: Step(State.CANCELLED, _END),
        Lapsed: Step(State.EXPIRED, _END),
        Approved: Step(State.QUEUED, _SHOW),
        Revised: Step(State.QUEUED, _SHOW),
    },
    State.STARTING: {
        Started: Step(State.RUNNING, _SHOW),
        Postponed: Step(State.QUEUED, _SHOW),
        Refused: Step(State.FAILED, _END),
        StartLost: Step(State.FAILED, _END),
        CancelAsked: Step(State.CANCELLING, _SHOW),
    },
    State.RUNNING: {
        Progressed: Step(State.RUNNING, _SHOW),
        Planned: Step(State.QUEUED, _PLAN),
        Completed: Step(State.COMPLETED, _REPORT),
        Failed: Step(State.FAILED, _REPORT),
        Stopped: Step(State.CANCELLED, _REPORT),
        CancelAsked: Step(State.CANCELLING, _SHOW),
        DeadlinePassed: Step(State.EXPIRED, _END),
    },
    State.CANCELLING: {
        Started: Step(State.CANCELLING, _QUIET),
        Postponed: Step(State.CANCELLED, _END),
        Refused: Step(State.CANCELLED, _END),
        StartLost: Step(State.CANCELLED, _END),
        Progressed: Step(State.CANCELLING, _SHOW),
        Planned: Step(State.CANCELLED, _END),
        Completed: Step(State.COMPLETED, _REPORT),
        Failed: Step(State.FAILED, _REPORT),
        Stopped: Step(State.CANCELLED, _REPORT),
        CancelAsked: Step(State.CANCELLING, _QUIET),
        DeadlinePassed: Step(State.EXPIRED, _END),
    },
    State.COMPLETED: {},
    State.FAILED: {Completed: Step(State.COMPLETED, _REPORT), Retried: Step(State.QUEUED, _SHOW)},
    State.CANCELLED: {Completed: Step(State.COMPLETED, _REPORT), Retried: Step(State.QUEUED, _SHOW)},
    State.EXPIRED: {Completed: Step(State.COMPLETED, _REPORT), Retried: Step(State.QUEUED, _SHOW)},
}


def check(event: Event, *, turn: int, attempt: int, awaits_approval: bool) -> None:
    """What the table cannot say, because it depends on columns: a plan is decided on once, by the button of its own
    turn, and nothing starts before; one press of Retry is one attempt. Raises `IllegalEvent`.
    """
    match event:
        case Approved(turn=decided) | Revised(turn=decided) if not awaits_approval or decided != turn:
            raise IllegalEvent(f"{type(event).__name__}: there is no plan of turn {decided} to decide on")
        case Marked() | Admitted() if awaits_approval:
            raise IllegalEvent(f"{type(event).__name__} before the plan is approved")
        case Retried(attempt=tried) if tried not in (0, attempt):
            raise IllegalEvent(f"Retried: attempt {tried} has been retried already")


def advance(state: State, event: Event) -> Step:
    """The step that `event` makes from `state`; `IllegalEvent` (and nothing changed) where the table has none."""
    step = TRANSITIONS[state].get(type(event))
    if step is None:
        raise IllegalEvent(f"{type(event).__name__} in {state}")
    return step
