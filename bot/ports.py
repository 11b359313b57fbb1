"""The seams between the work and the world: Clock, Journal, Researcher, Directory, Courier. Those to the database are in
`bot/keeping.py`.

Each has one implementation; where a test needs a double, the sandbox's servers or `tests/fakes.py` are it.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from bot.domain.background import Said, ThreadRef
    from bot.domain.interaction import Signal, Snapshot
    from bot.domain.letters import Content, Export, Letter
    from bot.domain.permits import Person, Place


class Clock(Protocol):
    """Time, as an argument."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back, also counts while the process is stopped."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits; cancellable."""
        ...


class Journal(Protocol):
    """Where the work writes down what happened: logs and metrics in one. Never a question's or report's text."""

    def note(self, event: str, **facts: object) -> None:
        """One past-tense event (`research.started`) with ids and figures."""
        ...

    def about(self, research_id: str) -> AbstractContextManager[object]:
        """Whatever is noted inside, by whomever, is about this research."""
        ...

    def trouble(self, event: str, error: BaseException, **facts: object) -> None:
        """A bug: the same with where it happened, for whoever mends it."""
        ...


class Work(StrEnum):
    """What a create call asks for."""

    RESEARCH = "research"  # of an agent: minutes, dollars
    PLAN = "plan"  # of an agent: how it would go about it, and nothing else
    ANSWER = "answer"  # of a model that searches the web: seconds, cents


@dataclass(frozen=True, slots=True)
class Order:
    """One create call: what is researched and how. `agent` names the model where a model answers."""

    question: str
    agent: str
    streamed: bool = True
    previous_interaction_id: str | None = None
    work: Work = Work.RESEARCH


class Researcher(Protocol):
    """Gemini's Interactions API, as far as following one research needs it.

    Every method raises only `GeminiError`s; whether a failed `start` may have started something is
    `error.may_have_started`.
    """

    def start(self, order: Order) -> AbstractAsyncContextManager[tuple[str, AsyncIterator[Signal]]]:
        """Makes the one POST (never repeated here) and gives the interaction id and the signals that follow.

        Without streaming the iterator is empty. Errors of the POST are raised on entering; a stream that breaks
        afterwards just ends.
        """
        ...

    def listen(
        self, interaction_id: str, after: str | None
    ) -> AbstractAsyncContextManager[AsyncIterator[Signal]]:
        """Signals of a run from the event `after` on (None: from the start). Ends when the stream ends, is cut or
        is silent for 30 s; an end without `Ended` says nothing about the run.
        """
        ...

    async def fetch(self, interaction_id: str) -> Snapshot:
        """The truth: one GET."""
        ...

    async def cancel(self, interaction_id: str) -> None:
        """Asks to stop the run. Any answer, 4xx included, means "go and look" and returns; no answer raises."""
        ...

    async def resolve(self, addresses: Sequence[str]) -> Mapping[str, str]:
        """The pages that redirects of Google lead to, as far as they are known within a moment. Never raises."""
        ...

    async def delete(self, interaction_id: str) -> None:
        """Removes the record at Gemini (not a running run). Unknown ids are fine."""
        ...


class Directory(Protocol):
    """Who somebody is and what a channel is, asked of Slack, remembered for a few minutes.

    Raises `SlackError`; a caller that decides rights denies when it does.
    """

    async def person(self, team_id: str, user_id: str) -> Person:
        """Flags of a person (Slack docs: users.info, Tier 4)."""
        ...

    async def place(self, team_id: str, channel_id: str) -> Place:
        """Whether we can post and read there (Slack docs: conversations.info, Tier 3)."""
        ...

    async def is_member(self, team_id: str, channel_id: str, user_id: str) -> bool:
        """Whether the person is in the channel (Slack docs: conversations.members, Tier 4)."""
        ...

    async def people_of(self, team_id: str, group_id: str) -> frozenset[str]:
        """The ids of the people in a user group."""
        ...

    async def direct_channel(self, team_id: str, user_id: str) -> str:
        """The id of our direct message with a person (Slack docs: conversations.open, Tier 3)."""
        ...

    async def thread(self, team_id: str, thread: ThreadRef) -> Sequence[Said]:
        """What people said in a thread, oldest first, at most 100 messages (Slack docs: conversations.replies, Tier 3)."""
        ...

    async def permalink(self, team_id: str, channel_id: str, ts: str) -> str:
        """The address of a message (Slack docs: chat.getPermalink)."""
        ...


class Courier(Protocol):
    """Tells Slack. Raises the `SlackError` tree, where the class says whether the call was applied."""

    async def post(self, letter: Letter) -> str:
        """Posts one message (or completes one file) and gives its `ts`. Never repeats a call by itself."""
        ...

    async def edit(self, letter: Letter, ts: str) -> None:
        """Replaces a message; safe to repeat."""
        ...

    async def find(self, letter: Letter, since: datetime) -> str | None:
        """Reads back whether this letter is there already (by its metadata), and its `ts` if so."""
        ...

    async def store(self, letter: Letter) -> str:
        """Brings the bytes of a file to Slack, not yet visible to anybody, and gives its file id."""
        ...

    async def show_status(self, letter: Letter) -> None:
        """The thread's status line from a card; an ended research clears it (Slack docs:
        assistant.threads.setStatus, 600 a minute).
        """
        ...

    async def show_session(self, letter: Letter) -> None:
        """Slack's agent session of the thread, with its own Stop (Slack docs: agents.sessions.setStatus, Tier 3)."""
        ...

    async def complete_step(self, letter: Letter) -> None:
        """Tells a workflow how its step ended; nothing more where it waits no more (Slack docs: functions.completeSuccess,
        functions.completeError, Tier 3).
        """
        ...

    def cut(self, content: Content) -> list[Content]:
        """The parts of a report, each what one message or one file carries. Pure and maybe slow (100 ms)."""
        ...

    async def make(self, export: Export) -> list[Content]:
        """The file that a report is made into, or the words that say why there is none. May take four minutes."""
        ...

    def recut(self, content: Content) -> list[Content]:
        """A part that Slack refused, as smaller ones; empty when nothing smaller is possible."""
        ...
