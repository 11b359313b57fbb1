"""The seams between the work and the database: the Ledger of researches, its Outbox, and who installed the app.

Each has one implementation, in `bot/store`, on SQLite and PostgreSQL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.domain.errands import Errand, Granted, Held, Question, Receipt, Relation, Wish
    from bot.domain.installation import Installation
    from bot.domain.interaction import Usage
    from bot.domain.letters import Content, Whisper
    from bot.domain.permits import Place
    from bot.domain.research import Event, State


class Ledger(Protocol):
    """The researches. Each method is one transaction; every write of a runner carries the fence of its lease.

    Raises `StoreError`; writes with a fence raise `LeaseLost` when the lease is somebody else's by now.
    """

    async def ask(self, question: Question) -> Receipt:
        """Writes a question down, once per request key, if its quotas allow. Durable when it returns."""
        ...

    async def claim(self, me: str, now: datetime, lease: float, limit: int) -> list[Held]:
        """Takes up to `limit` open researches that are due and not leased by anybody alive; each fence grows."""
        ...

    async def renew(self, me: str, now: datetime, lease: float) -> Mapping[str, tuple[int, State]]:
        """Prolongs all leases of this process in one statement and gives (fence, state) of each still held."""
        ...

    async def release(self, research_id: str, fence: int, due_at: datetime) -> None:
        """Gives a research back, to be looked at again at `due_at`. Says nothing if it was lost already."""
        ...

    async def record(self, research_id: str, fence: int | None, event: Event, now: datetime) -> State:
        """Advances a research and writes everything that this causes. `fence` is None for what a person asked.

        Raises `IllegalEvent` where the table of states has no such edge; nothing is changed then.
        """
        ...

    async def wait_for(
        self, research_id: str, fence: int, waiting: str, now: datetime, whisper: Content | None = None
    ) -> None:
        """Notes why a queued research does not start yet (see `letters.Waiting`), and what its asker is told."""
        ...

    async def settle_place(
        self, research_id: str, fence: int, place: Place, asker_name: str, background: str = ""
    ) -> None:
        """Notes in which conversation a research lives, of what kind that is, what its asker is called, and what the
        thread says that goes along.
        """
        ...

    async def mark(
        self, research_id: str, fence: int, now: datetime, *, per_user: int, total: int, agent: str = ""
    ) -> bool:
        """The write-ahead mark of the one POST, which will be charged as `agent`; False where as many run as may, and
        its place in the line written down. The workspace's settings may lower both limits.
        """
        ...

    async def held(self, research_id: str) -> Held | None:
        """A research as it stands, without taking it."""
        ...

    async def heartbeat(self, research_id: str, fence: int, *, stuck_at: datetime | None) -> None:
        """Has card and status line shown anew though nothing happened; `stuck_at` since when nothing did."""
        ...

    async def note_usage(self, research_id: str, fence: int, usage: Usage, now: datetime) -> None:
        """Adds figures that came after the end. Nobody takes an ended research over, so its fence does not grow: the
        lease itself must still last.
        """
        ...

    async def move(self, research_id: str, channel_id: str, response_url: str, now: datetime) -> bool:
        """Gives a research that waits for a place another one; False where it does not wait (any more)."""
        ...

    async def earlier(self, held: Held, now: datetime) -> Sequence[Held]:
        """The researches with the same question that run, or whose report is fresh, newest first."""
        ...

    async def offer_earlier(
        self, research_id: str, fence: int, same_as: str, whisper: Whisper, now: datetime
    ) -> None:
        """Lets a research wait for its asker, who is told of an earlier one."""
        ...

    async def insist(self, research_id: str, now: datetime) -> bool:
        """Lets a research go on that waits for that; False where it does not (any more)."""
        ...

    async def tried(self, research_id: str, fence: int) -> None:
        """Counts one more try of what comes before the start."""
        ...

    async def wishes(self, me: str) -> frozenset[str]:
        """Which of the researches leased by this process somebody wants stopped."""
        ...

    async def of_thread(self, team_id: str, channel_id: str, thread_ts: str) -> str | None:
        """The id of the research that lives in a thread."""
        ...

    async def last_answered(self, team_id: str, channel_id: str, thread_ts: str) -> str | None:
        """The id of the research in a thread whose report is the newest: what a follow-up is about."""
        ...

    async def report_of(self, research_id: str) -> str | None:
        """The newest report of a research, or its plan where it has none yet, as Markdown; None once it is forgotten."""
        ...

    async def ended_children(self, research_id: str, relation: Relation) -> int:
        """How many researches about this one, in this relation, have ended."""
        ...

    async def write(self, research_id: str, fence: int, draft: str) -> None:
        """What a model has written so far, to be shown."""
        ...

    async def share(self, question: Question, asker_name: str, channel_kind: str) -> Receipt:
        """The report of `question.parent_id` told once more, elsewhere; once per request key."""
        ...

    async def of_interaction(self, interaction_id: str) -> str | None:
        """The id of the research that an interaction of Gemini belongs to."""
        ...

    async def show_again(self, research_id: str, now: datetime) -> None:
        """Has card, status line and session shown anew, because Slack changed what is shown."""
        ...

    async def forget(self, before: datetime, limit: int, team_id: str = "") -> int:
        """Takes the words (question, thoughts, report, what was sent) of researches that ended before a moment (of one
        workspace where `team_id` is given), at most `limit` of them, and gives how many there were.
        """
        ...

    async def drop_response_urls(self, before: datetime) -> None:
        """Takes the response URLs of what was asked before a moment: Slack accepts them no more."""
        ...


class Outbox(Protocol):
    """What Slack must still be told. Each method is one transaction; writes carry the fence of the errand."""

    async def claim(
        self, me: str, now: datetime, lease: float, limit: int, room: Mapping[str, int] | None = None
    ) -> tuple[list[Errand], datetime | None]:
        """Takes what is due and has its turn under Slack's limits, in order per thread, and says when the next is.

        `room` says how many more of a workspace may be under way here, where it is not all of `pacing.PER_TEAM`.

        A post is marked as being sent in the same transaction: that mark is the write-ahead.
        """
        ...

    async def sent(self, errand: Errand, ts: str, now: datetime) -> None:
        """Slack confirmed it."""
        ...

    async def shown(self, errand: Errand, due_at: datetime) -> None:
        """Slack confirmed an edit; the next is due at `due_at` at the earliest."""
        ...

    async def kept(self, errand: Errand, until: datetime) -> None:
        """Slack confirmed what it forgets by itself: it is shown anew at `until`, or when it changes."""
        ...

    async def forgo(self, errand: Errand, error: str, until: datetime) -> None:
        """The workspace does not have this method: whatever needs it there goes without until then."""
        ...

    async def again(self, errand: Errand, due_at: datetime, error: str) -> None:
        """It was certainly not applied; it is tried again."""
        ...

    async def unsettled(self, errand: Errand, due_at: datetime, error: str) -> None:
        """It may have been applied; it is read back at `due_at` before anything is sent again."""
        ...

    async def dead(self, errand: Errand, error: str) -> None:
        """It cannot be told, and what follows it goes on without it."""
        ...

    async def expand(self, errand: Errand, contents: Sequence[Content], now: datetime) -> None:
        """Replaces it by its parts, in its place in the order."""
        ...

    async def stored_file(self, errand: Errand, file_id: str) -> None:
        """The bytes of a file are at Slack under this id, not yet shared."""
        ...

    async def pause(self, team_id: str, method: str, until: datetime) -> None:
        """Slack asked to wait with this method in this workspace."""
        ...

    async def redirect(self, errand: Errand, channel_id: str, error: str, now: datetime) -> None:
        """Moves the whole thread of an errand to `channel_id`, under a new root, with what was told already."""
        ...

    async def park(self, errand: Errand, error: str, until: datetime) -> None:
        """There is no way to tell it now: kept, shown as undelivered, tried again at `until`."""
        ...

    async def show_report(self, research_id: str, attempt: int, now: datetime) -> bool:
        """All of the report of an attempt (0: the newest) is told in its thread; False where it is already, or there
        is none.
        """
        ...

    async def export(self, wish: Wish, now: datetime) -> Granted:
        """Has a file made of a report and posted behind everything else, once; again only where that failed."""
        ...

    async def whisper(self, research_id: str, content: Content, now: datetime) -> None:
        """Something for one person only."""
        ...


class Installations(Protocol):
    """Who installed the app, where there are many workspaces. Each method is one transaction; raises `StoreError`."""

    async def save(self, installation: Installation, now: datetime) -> None:
        """A new installation, or the same one again: what was revoked works from now on."""
        ...

    async def of(self, team_id: str) -> Installation | None:
        """The installation that serves a workspace: its own, else its organisation's. None where there is none."""
        ...

    async def note_workspace(self, team_id: str, enterprise_id: str) -> None:
        """A workspace has the app through its organisation."""
        ...

    async def lease_refresh(self, home: str, version: int, now: datetime, until: datetime) -> bool:
        """Whether the caller may exchange the refresh token of this version: one at a time, until `until`."""
        ...

    async def refreshed(self, installation: Installation) -> None:
        """Slack gave a new token for `installation.version`."""
        ...

    async def revoke(self, home: str, at: datetime) -> bool:
        """Its tokens are worth nothing since a moment, and are forgotten; False where that was known, or it was
        installed again since: events may come late.
        """
        ...

    async def issue_state(self, state: str, until: datetime, now: datetime) -> None:
        """A state was given to a browser; good for one use until `until`."""
        ...

    async def consume_state(self, state: str, now: datetime) -> bool:
        """Whether a state was given and not used before; it is used now."""
        ...
