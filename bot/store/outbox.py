"""The Outbox on SQLite and PostgreSQL: what is due is claimed together with its turn under Slack's limits."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, delete, func, or_, select, update

from bot.domain.errands import Errand
from bot.domain.letters import Outcome
from bot.domain.pacing import after_answer, pause_of
from bot.errors import LeaseLost
from bot.store import undelivered
from bot.store.candidates import save_paces
from bot.store.claiming import claim
from bot.store.effects import EDITS, OUTCOMES_FIRST, SEQ_STEP, enqueue, enqueue_content, enqueue_whisper
from bot.store.exports import order
from bot.store.rows import DELIVERY, RESEARCH
from bot.store.sessions import note_lack, repeat_session
from bot.store.showing import enqueue_text
from bot.store.tabs import touch_tab
from bot.store.threads import begin_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.errands import Granted, Wish
    from bot.domain.letters import Content
    from bot.store.database import Database

UNBROKEN = 5
"""So many parts of a report are due together with it: who ended first is told whole first. Each one more is due when
Slack takes it at best, a second after the one before, so that a very long report lets others of its channel in between.
"""


class SqlOutbox:
    """Implements `keeping.Outbox`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, me: str, now: datetime, lease: float, limit: int, room: Mapping[str, int] | None = None
    ) -> tuple[list[Errand], datetime | None]:
        """See `keeping.Outbox`."""
        work = partial(claim, me=me, now=now, lease=lease, limit=limit, room=room)
        return await self._database.write(work)

    async def sent(self, errand: Errand, ts: str, now: datetime) -> None:
        """See `keeping.Outbox`. A root that is there gives its thread to the research, if it is not in one itself."""

        def work(connection: Connection) -> None:
            row = _change(
                connection,
                errand,
                state="sent",
                ts=ts,
                sent_at=now,
                shown=errand.revision,
                priority=EDITS,
                tries=0,
                error="",
            )
            _count_from_answer(connection, errand, now)
            if row.kind == "root":
                _note(connection, row, thread_ts=func.coalesce(RESEARCH.c.anchor_ts, ts))
                touch_tab(connection, row.team_id, errand.asker_id, now)
            undelivered.told(connection, row, errand.tries)

        await self._database.write(work)

    async def shown(self, errand: Errand, due_at: datetime) -> None:
        """See `keeping.Outbox`."""

        def work(connection: Connection) -> None:
            row = _change(connection, errand, shown=errand.revision, tries=0, error="", due_at=due_at)
            undelivered.told(connection, row, errand.tries)

        await self._database.write(work)

    async def kept(self, errand: Errand, until: datetime) -> None:
        """See `keeping.Outbox`."""
        is_newest = DELIVERY.c.wanted == errand.revision
        values = {
            "shown": errand.revision,
            "wanted": case((is_newest, DELIVERY.c.wanted + 1), else_=DELIVERY.c.wanted),
            "due_at": case((is_newest, until), else_=DELIVERY.c.due_at),
        }

        def work(connection: Connection) -> None:
            row = _change(connection, errand, tries=0, error="", **values)
            undelivered.told(connection, row, errand.tries)

        await self._database.write(work)

    async def forgo(self, errand: Errand, error: str, until: datetime) -> None:
        """See `keeping.Outbox`."""

        def work(connection: Connection) -> None:
            row = _change(connection, errand, state="dead", error=error)
            note_lack(connection, row.team_id, errand.method, until)

        await self._database.write(work)

    async def again(self, errand: Errand, due_at: datetime, error: str) -> None:
        """See `keeping.Outbox`."""
        state = "sent" if errand.is_edit else "pending"
        await self._write(errand, state=state, due_at=due_at, error=error, tries=errand.tries + 1)

    async def unsettled(self, errand: Errand, due_at: datetime, error: str) -> None:
        """See `keeping.Outbox`."""
        await self._write(errand, state="sending", due_at=due_at, error=error, tries=errand.tries + 1)

    async def dead(self, errand: Errand, error: str) -> None:
        """See `keeping.Outbox`. What a reader misses by it is shown in the list as not delivered; where an outcome that is
        there cannot be edited nothing is, only its cost stays an estimate.
        """

        def work(connection: Connection) -> None:
            if errand.is_edit and isinstance(errand.letter.content, Outcome):
                row = _change(connection, errand, shown=errand.revision, tries=0, error="")
                undelivered.told(connection, row, errand.tries)
                return
            row = _change(connection, errand, state="dead", error=error)
            undelivered.given_up(connection, row, error)

        await self._database.write(work)

    async def expand(self, errand: Errand, contents: Sequence[Content], now: datetime) -> None:
        """See `keeping.Outbox`."""

        def work(connection: Connection) -> None:
            row = _change(connection, errand, state="sent", sent_at=now, shown=errand.revision)
            research = connection.execute(
                select(RESEARCH).where(RESEARCH.c.id == row.research_id).with_for_update()
            ).one()
            rest = begin_answer(connection, research, contents)
            step = _room(connection, row, len(rest)) // (len(rest) + 1)
            for number, content in enumerate(rest, start=1):
                part = f"{row.part}.{number}"
                due_at = row.due_at + timedelta(seconds=number if number > UNBROKEN else 0)
                enqueue_content(
                    connection, research, part, content, now, seq=row.seq + number * step, due_at=due_at
                )

        await self._database.write(work)

    async def stored_file(self, errand: Errand, file_id: str) -> None:
        """See `keeping.Outbox`."""
        await self._database.write(lambda connection: _fenced(connection, errand, {"file_id": file_id}))

    async def pause(self, team_id: str, method: str, until: datetime) -> None:
        """See `keeping.Outbox`."""
        await self._database.write(partial(save_paces, paces=dict([pause_of(team_id, method, until)])))

    async def redirect(self, errand: Errand, channel_id: str, error: str, now: datetime) -> None:
        """See `keeping.Outbox`. Everything is told anew, so that the new thread is whole; the status line follows it.

        What was replaced by its parts stays replaced; what was whispered, or may have been, is not repeated. Who is
        told in a direct message now needs no notice there of what happened elsewhere.
        """
        research_id = errand.letter.research_id
        of_research = and_(
            DELIVERY.c.research_id == research_id, DELIVERY.c.kind.not_in(("whisper", "notice"))
        )
        is_there = and_(
            DELIVERY.c.state == "sent", DELIVERY.c.ts.is_not(None), DELIVERY.c.kind.not_in(("status", "step"))
        )

        def work(connection: Connection) -> None:
            _fenced(connection, errand, {"error": error})
            connection.execute(
                update(RESEARCH)
                .where(RESEARCH.c.id == research_id)
                .values(
                    channel_id=channel_id,
                    channel_kind="direct",
                    thread_ts=None,
                    anchor_ts=None,
                    undelivered="",
                )
            )
            connection.execute(
                update(DELIVERY)
                .where(of_research, or_(DELIVERY.c.kind.in_(("root", "card")), is_there))
                .values(state="pending", open=True, ts=None, priority=OUTCOMES_FIRST, **_free(now, error))
            )
            connection.execute(
                update(DELIVERY)
                .where(of_research, DELIVERY.c.state.in_(("pending", "sending")))
                .values(state="pending", **_free(now, error))
            )
            no_notice = (DELIVERY.c.research_id == research_id, DELIVERY.c.kind == "notice")
            connection.execute(delete(DELIVERY).where(*no_notice, DELIVERY.c.state == "pending"))
            # What stood in somebody else's thread begins one of its own.
            research = connection.execute(select(RESEARCH).where(RESEARCH.c.id == research_id)).one()
            enqueue(connection, research, "root", "root", now, priority=OUTCOMES_FIRST, seq=0)
            repeat_session(connection, research_id, now)

        await self._database.write(work)

    async def park(self, errand: Errand, error: str, until: datetime) -> None:
        """See `keeping.Outbox`."""

        def work(connection: Connection) -> None:
            state = "sent" if errand.is_edit else "sending" if errand.is_unsettled else "pending"
            row = _change(connection, errand, state=state, due_at=until, error=error, tries=errand.tries + 1)
            undelivered.note(connection, row, error)

        await self._database.write(work)

    async def export(self, wish: Wish, now: datetime) -> Granted:
        """See `keeping.Outbox`."""
        return await self._database.write(partial(order, wish=wish, now=now))

    async def whisper(self, research_id: str, content: Content, now: datetime) -> None:
        """See `keeping.Outbox`."""
        await self._database.write(
            partial(enqueue_whisper, research_id=research_id, content=content, now=now)
        )

    async def show_report(self, research_id: str, attempt: int, now: datetime) -> bool:
        """See `keeping.Outbox`."""
        return await self._database.write(
            lambda connection: enqueue_text(connection, research_id, attempt, now)
        )

    async def _write(self, errand: Errand, **values: Any) -> None:
        await self._database.write(partial(_change, errand=errand, **values))


def _free(now: datetime, error: str) -> dict[str, Any]:
    """Told anew by whoever claims it next; a call under way can note nothing any more."""
    fence = DELIVERY.c.fence + 1
    lease = {"leased_by": None, "leased_until": None, "fence": fence}
    return {"due_at": now, "error": error, "file_id": "", "tries": 0, **lease}


def _note(connection: Connection, row: Row[Any], **values: Any) -> None:
    """Writes into the row of the research."""
    connection.execute(update(RESEARCH).where(RESEARCH.c.id == row.research_id).values(**values))


def _fenced(connection: Connection, errand: Errand, values: dict[str, Any]) -> Row[Any]:
    """The one way in which an errand's row is written: only under its fence."""
    row = connection.execute(
        update(DELIVERY)
        .where(DELIVERY.c.id == errand.delivery_id, DELIVERY.c.fence == errand.fence)
        .values(**values)
        .returning(DELIVERY)
    ).one_or_none()
    if row is None:
        raise LeaseLost(f"delivery {errand.delivery_id}")
    return row


def _count_from_answer(connection: Connection, errand: Errand, now: datetime) -> None:
    """Slack counts a post when it arrives, perhaps long after it left here: the next one waits from the answer on."""
    if not errand.is_unsettled:
        address = errand.letter.address
        save_paces(connection, dict([after_answer(address.team_id, address.channel_id, errand.method, now)]))


def _change(connection: Connection, errand: Errand, **values: Any) -> Row[Any]:
    """Writes a result and gives the errand back; `open` follows from what is left to do."""
    row = _fenced(connection, errand, {**values, "leased_by": None, "leased_until": None})
    is_open = row.state in ("pending", "sending") or (row.state == "sent" and row.shown < row.wanted)
    if is_open != row.open:
        connection.execute(update(DELIVERY).where(DELIVERY.c.id == row.id).values(open=is_open))
    return row


def _room(connection: Connection, row: Row[Any], parts: int) -> int:
    """How many numbers are free behind a delivery before the next one of its research, which moves on if need be."""
    behind = and_(DELIVERY.c.research_id == row.research_id, DELIVERY.c.seq > row.seq)
    first = connection.execute(select(func.min(DELIVERY.c.seq)).where(behind)).scalar()
    room = int(first - row.seq) if first is not None else SEQ_STEP
    if room <= parts:
        more = SEQ_STEP + parts
        connection.execute(update(DELIVERY).where(behind).values(seq=DELIVERY.c.seq + more))
        return room + more
    return room
