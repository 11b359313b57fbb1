"""What `/research-status` shows, as values: a query, a page of lines, one research in full, and what it all cost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.feedback import Feedback
from bot.domain.house import Limits
from bot.domain.letters import View
from bot.domain.permits import Kind

PAGE_LENGTH = 10


class Lens(StrEnum):
    """Which researches, by how they stand."""

    RUNNING = "running"
    QUEUED = "queued"
    STUCK = "stuck"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The research at the edge of a page; the next page begins behind it, whatever has come on top since."""

    asked_at: datetime
    research_id: str
    newer: bool = False
    """The page lies above it, not below."""


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """Which researches. Without `asker_id` everybody's of the workspace."""

    team_id: str
    asker_id: str = ""
    page: int = 0
    lens: Lens | None = None
    channel_id: str = ""
    days: int = 0
    cursor: Cursor | None = None

    def since(self, now: datetime) -> datetime | None:
        """Asked after; None from the beginning."""
        return now - timedelta(days=self.days) if self.days else None


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One research of the list. `undelivered` says why Slack does not take what it must be told."""

    view: View
    channel_id: str
    channel_kind: Kind
    thread_ts: str | None
    undelivered: str
    liked: int = 0
    disliked: int = 0
    """How many found its report useful, and how many did not."""
    is_veiled: bool = False
    """It is of a conversation that the reader is not in, so it comes without what was asked there, and where."""

    def veiled(self) -> StatusLine:
        """What an admin may know of it: that it exists, whose it is, how it stands, and what it costs."""
        view = replace(self.view, question="", trouble=None)
        return replace(self, view=view, is_veiled=True, channel_id="", thread_ts=None, undelivered="")


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Lines, newest first, of `total`; `running` of all, not only of this page."""

    query: StatusQuery
    lines: tuple[StatusLine, ...]
    total: int
    running: int
    now: datetime
    counts: dict[Lens, int] = field(default_factory=dict)
    """Of all that the query could show without its lens."""

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE_LENGTH))

    @property
    def first(self) -> Cursor | None:
        """The edge above which newer ones are."""
        return _edge(self.lines[0], newer=True) if self.lines else None

    @property
    def last(self) -> Cursor | None:
        """The edge below which older ones are."""
        return _edge(self.lines[-1]) if self.lines else None


def _edge(line: StatusLine, *, newer: bool = False) -> Cursor:
    return Cursor(line.view.asked_at, line.view.research_id, newer)


@dataclass(frozen=True, slots=True)
class Call:
    """One create at Gemini."""

    turn: int
    attempt: int
    at: datetime
    agent: str
    interaction_id: str
    status: str
    micros: int
    spent: str


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery that is not where it should be, or why it was given up."""

    part: str
    state: str
    tries: int
    error: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """One research in full."""

    line: StatusLine
    timeline: tuple[tuple[datetime, str], ...]
    calls: tuple[Call, ...]
    sent: int
    posts: tuple[Post, ...]
    """What is not sent."""
    now: datetime
    feedback: tuple[Feedback, ...] = ()
    """What readers said of its report, newest first."""


@dataclass(frozen=True, slots=True)
class Total:
    """What one person, channel, agent or month cost."""

    name: str
    runs: int
    micros: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What researches cost since a moment, and how much room is left."""

    since: datetime
    now: datetime
    spent: int
    """Millionths of a dollar, reserved ones included."""
    runs: int
    people: tuple[Total, ...]
    channels: tuple[Total, ...]
    agents: tuple[Total, ...]
    months: tuple[Total, ...]
    """Of the twelve months until now."""
    limits: Limits = field(default_factory=Limits)
    running: int = 0
    waiting: int = 0
    paused: tuple[tuple[str, datetime], ...] = ()
    """Methods of Slack that it asked us to wait with, and until when."""
