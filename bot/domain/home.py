"""What a person's Home tab shows, as values: what runs, what was, their settings, what is left; for admins, the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.house import Limits
from bot.domain.policy import Depth
from bot.domain.status import StatusLine, StatusPage

PAGE_LENGTH = 8
MOST_RUNNING = 10
LONGEST_SEARCH = 80
FRESH = 3600.0
"""Seconds for which a Home tab that was opened is kept up to date."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person set for themselves."""

    depth: Depth | None = None
    """What `/research <question>` means without a prefix; None leaves it to the workspace."""
    notify: bool = False
    """Whether they get a direct message too when a research of theirs ends in a channel."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A person's own researches: what runs or waits, and a page of what has ended, newest first."""

    running: tuple[StatusLine, ...]
    open: int
    """How many run or wait in all."""
    history: tuple[StatusLine, ...]
    page: int
    total: int
    """Of what has ended and holds the words searched for."""
    search: str
    asked_today: int
    spent: int
    """Millionths of a dollar of this month, reserved ones included."""

    @property
    def pages(self) -> int:
        """How many pages of history there are; at least one."""
        return max(1, -(-self.total // PAGE_LENGTH))


@dataclass(frozen=True, slots=True)
class HomeTab:
    """Everything that one person's Home tab shows. `workspace` is there for admins."""

    shelf: Shelf
    preferences: Preferences
    default: Depth
    """The workspace's own depth."""
    limits: Limits
    workspace: StatusPage | None
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenTab:
    """A Home tab that shows something older than the rows, as its keeper took it. `seen` is Slack's hash of it."""

    team_id: str
    person_id: str
    page: int
    search: str
    seen: str
    revision: int
    tries: int
