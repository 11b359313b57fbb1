"""What `/research-status` shows, as values: a query, and a page of lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.letters import View
from bot.domain.permits import Kind

PAGE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class StatusQuery:
    """Which researches. Without `asker_id` everybody's of the workspace."""

    team_id: str
    asker_id: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One research of the list. `undelivered` says why Slack does not take what it must be told."""

    view: View
    channel_id: str
    channel_kind: Kind
    thread_ts: str | None
    undelivered: str
    is_veiled: bool = False
    """Its question is of a channel that the reader is not in, so the line comes without it."""


@dataclass(frozen=True, slots=True)
class StatusPage:
    """Lines, newest first, of `total`; `running` of all, not only of this page."""

    query: StatusQuery
    lines: tuple[StatusLine, ...]
    total: int
    running: int
    now: datetime

    @property
    def pages(self) -> int:
        """How many pages there are; at least one."""
        return max(1, -(-self.total // PAGE_LENGTH))
