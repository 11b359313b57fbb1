"""A Slack that does to each call what the model check says, and what each research must have told in the end."""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import anyio

from bot.domain.letters import Card, File, Outcome, Part, Root, Whisper, Whole
from bot.domain.research import State
from bot.errors import (
    Remedy,
    SlackBusy,
    SlackRefused,
    SlackUncertain,
    SlackUnreachable,
)
from bot.work.dispatcher import WHISPERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.domain.errands import Errand
    from bot.domain.letters import Content, Letter
    from tests.clocks import HandClock

LATE = 14.0
"""Seconds after which a call without an answer is applied at the latest: less than the settle pause."""
TOO_LATE = 40.0
"""Longer than the settle pause: the one window that no design can close."""


class Fate(StrEnum):
    """What becomes of one call."""

    CONFIRMED = "applied, and Slack says so"
    DROPPED = "applied, without an answer"
    LOST = "not applied, without an answer"
    LATE = "applied a while after the connection broke"
    TOO_LATE = "applied when nobody can expect it any more"
    UNREACHABLE = "no connection"
    BUSY = "429"
    RETRY = "refused in passing"
    REFORMAT = "the content is refused"
    REDIRECT = "the place is refused"
    REDIRECT_CLOSED = "the place is refused, and the direct message too"
    REDIRECT_BUSY = "the place is refused, and no direct message can be opened now"
    RENEW = "the thread is gone"
    PARK = "the workspace refuses"
    GIVE_UP = "this message is refused"


_REMEDIES = {
    Fate.RETRY: Remedy.RETRY,
    Fate.REFORMAT: Remedy.REFORMAT,
    Fate.REDIRECT: Remedy.REDIRECT,
    Fate.REDIRECT_CLOSED: Remedy.REDIRECT,
    Fate.REDIRECT_BUSY: Remedy.REDIRECT,
    Fate.RENEW: Remedy.RENEW,
    Fate.PARK: Remedy.PARK,
    Fate.GIVE_UP: Remedy.GIVE_UP,
}
_REFUSES_AN_EDIT = {
    Fate.GIVE_UP,
    Fate.REFORMAT,
    Fate.REDIRECT,
    Fate.REDIRECT_CLOSED,
    Fate.REDIRECT_BUSY,
    Fate.RENEW,
}
_NOT_OF_A_READ = {Fate.REFORMAT, Fate.GIVE_UP, Fate.DROPPED, Fate.LATE, Fate.TOO_LATE}


@dataclass(eq=False)
class Carrier:
    """One errand under way: its call arrives at Slack, waits at the gate, and is answered when the test says so."""

    errand: Errand
    fate: Fate
    quiet: anyio.Event = field(default_factory=anyio.Event)
    gate: anyio.Event = field(default_factory=anyio.Event)
    done: anyio.Event = field(default_factory=anyio.Event)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)


CARRIER: ContextVar[Carrier] = ContextVar("carrier")


@dataclass(eq=False)
class Seen:
    """One message as a reader sees it."""

    channel: str
    thread: str | None
    research: str
    part: str
    leaf: str
    ts: str
    at: datetime
    state: State | None = None
    current: str = ""


def leaf_of(letter: Letter) -> str:
    """What a message is to a reader: its own words where it has some, else its part."""
    content = letter.content
    if isinstance(content, Part):
        return content.text
    return content.name if isinstance(content, File) else letter.part


class ModelSlack:
    """Courier and Directory in one. A call's effect is decided when it arrives, its answer comes later."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self._count = 0
        self._late: list[tuple[datetime, Callable[[], object]]] = []
        self.seen: list[Seen] = []
        self.given_up: set[tuple[str, str]] = set()
        """Leaves whose post Slack refused for good: they may be missing."""
        self.unedited: set[tuple[str, str]] = set()
        """Parts whose newest edit Slack refused for good: they may be old."""
        self.window: set[tuple[str, str]] = set()
        """Parts for which the window that nobody can close was opened."""

    # --- Courier

    async def post(self, letter: Letter) -> str:
        return await self._call(letter, "chat.postMessage", lambda: self._add(letter))

    async def edit(self, letter: Letter, ts: str) -> None:
        await self._call(letter, "chat.update", lambda: self._replace(letter, ts))

    async def show_status(self, letter: Letter) -> None:
        await self._call(letter, "assistant.threads.setStatus", lambda: "")

    async def complete_step(self, letter: Letter) -> None:
        await self._call(letter, "functions.completeSuccess", lambda: "")

    async def show_session(self, letter: Letter) -> None:
        await self._call(letter, "agents.sessions.setStatus", lambda: "")

    async def store(self, letter: Letter) -> str:
        return await self._call(letter, "files.getUploadURLExternal", lambda: f"F{letter.part}")

    async def find(self, letter: Letter, since: datetime) -> str | None:
        address = letter.address
        carrier = CARRIER.get()
        if carrier.fate in _NOT_OF_A_READ:
            carrier.fate = Fate.CONFIRMED
        return (
            await self._call(
                letter,
                "conversations.replies",
                lambda: next(
                    (
                        one.ts
                        for one in self.seen
                        if (one.channel, one.thread) == (address.channel_id, address.thread_ts)
                        and (one.research, one.part) == (letter.research_id, letter.part)
                        and one.at >= since
                    ),
                    "",
                ),
            )
            or None
        )

    def cut(self, content: Content) -> list[Content]:
        """A report `a 3` is made of `a 1/3`, `a 2/3`, `a 3/3`; every fourth one is a file."""
        assert isinstance(content, Whole)
        name, count = content.report.markdown.split()
        return [_piece(f"{name} {number}/{count}", number) for number in range(1, int(count) + 1)]

    def recut(self, content: Content) -> list[Content]:
        """Whole parts can be halved once."""
        if isinstance(content, Part) and content.text.count(" ") == 1:
            return [Part(f"{content.text} {half}", []) for half in "xy"]
        return []

    # --- Directory

    async def people_of(self, team_id: str, group_id: str) -> frozenset[str]:
        return frozenset()

    async def direct_channel(self, team_id: str, user_id: str) -> str:
        fate = CARRIER.get().fate
        if fate is Fate.REDIRECT_CLOSED:
            raise SlackRefused("conversations.open", "user_disabled", remedy=Remedy.GIVE_UP)
        if fate is Fate.REDIRECT_BUSY:
            raise SlackBusy("conversations.open", "ratelimited", retry_after=5)
        return f"D {user_id}"

    # --- what happens there

    def catch_up(self) -> None:
        """Applies what was under way until now."""
        due = [one for one in self._late if one[0] <= self._clock.now()]
        self._late = [one for one in self._late if one[0] > self._clock.now()]
        for _, effect in sorted(due, key=lambda one: one[0]):
            effect()

    async def _call(self, letter: Letter, method: str, effect: Callable[[], str]) -> str:
        carrier = CARRIER.get()
        fate, name = carrier.fate, (letter.research_id, letter.part)
        result = effect() if fate in (Fate.CONFIRMED, Fate.DROPPED) else ""
        if fate in (Fate.LATE, Fate.TOO_LATE):
            self._schedule(LATE if fate is Fate.LATE else TOO_LATE, effect)
        if fate is Fate.TOO_LATE:
            self.window.add(name)
        if carrier.errand.is_edit and fate in _REFUSES_AN_EDIT:
            self.unedited.add(name)
        elif fate is Fate.GIVE_UP or (fate is Fate.REFORMAT and not self.recut(letter.content)):
            self.given_up.add((letter.research_id, leaf_of(letter)))
        carrier.quiet.set()
        await carrier.gate.wait()
        _raise(fate, method)
        return result

    def _schedule(self, seconds: float, effect: Callable[[], object]) -> None:
        self._late.append((self._clock.now() + timedelta(seconds=seconds), effect))

    def _add(self, letter: Letter) -> str:
        self._count += 1
        ts = f"{self._count}.0" if not isinstance(letter.content, Whisper) else ""
        where = (letter.address.channel_id, letter.address.thread_ts)
        if isinstance(letter.content, Whisper):
            where = ("to one person", None)
        seen = Seen(
            *where, letter.research_id, letter.part, leaf_of(letter), ts,
            self._clock.now(),
        )  # fmt: skip
        _show(seen, letter.content)
        self.seen.append(seen)
        return ts

    def _replace(self, letter: Letter, ts: str) -> str:
        for one in self.seen:
            if one.ts == ts:
                _show(one, letter.content)
                self.unedited.discard((one.research, one.part))
        return ts


def _piece(text: str, number: int) -> Content:
    return File(text, text, "image/png", "") if number % 4 == 2 else Part(text, [])


def _show(seen: Seen, content: Content) -> None:
    if isinstance(content, Root | Card | Outcome):
        seen.state = content.view.state
    if isinstance(content, Card):
        seen.current = content.progress.current


def _raise(fate: Fate, method: str) -> None:
    if fate in (Fate.DROPPED, Fate.LOST, Fate.LATE, Fate.TOO_LATE):
        raise SlackUncertain(method, "timed out")
    if fate is Fate.UNREACHABLE:
        raise SlackUnreachable(method, "no connection")
    if fate is Fate.BUSY:
        raise SlackBusy(method, "ratelimited", retry_after=7)
    if remedy := _REMEDIES.get(fate):
        raise SlackRefused(method, remedy.value, remedy=remedy)


@dataclass
class Told:
    """What one research must have told: the leaves in their order, and what root and card show at last."""

    research_id: str
    asker: str
    script: list[str] = field(default_factory=list)
    state: State = State.QUEUED
    admitted: bool = False
    current: str = ""
    thoughts: int = 0
    ran: bool = False
    """Whether it ever ran, so that a report may come late."""
    ends: int = 0
    reports: int = 0

    def announce(self) -> None:
        self.admitted = True
        self.script += ["root", "card"]

    def end(self, state: State, parts: int = 0) -> None:
        """It ended, with a report of so many parts."""
        self.state = state
        if not self.admitted:
            return
        self.ends += 1
        self.script.append(f"outcome.{self.ends}")
        if parts:
            self.reports += 1
            self.script += [f"{self.report_name} {number}/{parts}" for number in range(1, parts + 1)]

    @property
    def report_name(self) -> str:
        """Of the newest report."""
        return f"{self.research_id}-{self.reports}"

    def place_of(self, leaf: str) -> tuple[int, str]:
        """Where a leaf stands in the order; halves behind each other where the whole would stand."""
        words = leaf.split(" ")
        return self.script.index(" ".join(words[:2])), " ".join(words[2:])


def problems_now(slack: ModelSlack, told: Told) -> list[str]:
    """What a reader of the threads of a research could complain about at this moment."""
    mine = [one for one in slack.seen if one.research == told.research_id]
    threads: dict[tuple[str, str | None], list[Seen]] = {}
    for one in mine:
        threads.setdefault((one.channel, one.thread), []).append(one)
    found = []
    for (channel, thread), messages in threads.items():
        closed = [one for one in messages if (one.research, one.part) not in slack.window]
        counts = Counter(one.part for one in closed)
        twice = [
            part
            for part, number in counts.items()
            if number > (WHISPERS + 1 if part.startswith("whisper") else 1)
        ]
        found += [f"{part} is twice in {channel} {thread}" for part in twice]
        leaves = [one.leaf for one in closed if not one.part.startswith("whisper")]
        places = [told.place_of(leaf) for leaf in leaves]
        if sorted(places) != places:
            found.append(f"out of order in {channel} {thread}: {leaves}")
        bare = {place for place, half in places if not half}
        found += [f"{leaf} is there whole and in halves" for leaf in leaves
                  if told.place_of(leaf)[1] and told.place_of(leaf)[0] in bare]  # fmt: skip
        if thread is not None and not any(one.ts == thread and one.part == "root" for one in mine):
            found.append(f"a thread without its root: {leaves}")
    return found


def problems_at_the_end(slack: ModelSlack, told: Told, channel: str, thread: str | None) -> list[str]:
    """What a reader could complain about when everything should have been told; the thread is the current one."""
    mine = [one for one in slack.seen if one.research == told.research_id]
    seen = {one.leaf for one in mine if (one.channel, one.thread) in ((channel, None), (channel, thread))}
    refused = {leaf for name, leaf in slack.given_up if name == told.research_id}
    there = seen | (refused - {"root"})
    found = [f"{leaf} is missing" for leaf in told.script if not ({leaf} <= there or _halves(leaf) <= there)]
    for part, at in (("root", (channel, None)), ("card", (channel, thread))):
        exempt = {(told.research_id, part)} & (slack.given_up | slack.unedited | slack.window)
        if not told.admitted or exempt:
            continue
        here = [one for one in mine if one.part == part and (one.channel, one.thread) == at]
        shown = [(one.state, one.current) for one in here]
        if shown != [(told.state, told.current if part == "card" else "")]:
            found.append(f"the {part} shows {shown}, not {told.state} {told.current}")
    return found


def _halves(leaf: str) -> set[str]:
    return {f"{leaf} x", f"{leaf} y"}
