"""The Ledger on SQLite and PostgreSQL: asking, claiming, renewing, recording. Each method is one transaction."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, or_, select, update

from bot.domain.errands import Held, Question, Receipt, Relation
from bot.domain.letters import Waiting
from bot.domain.research import Marked, State
from bot.errors import LeaseLost
from bot.store import repeats, threads
from bot.store.asking import ask, research_row
from bot.store.bringing import brought_by
from bot.store.codec import dump_usage
from bot.store.effects import enqueue_whisper, refresh, reprice
from bot.store.forgetting import drop_response_urls, forget
from bot.store.houses import load_house
from bot.store.recording import record
from bot.store.rows import INTERACTION, RESEARCH, held_of, interaction_of, interactions_of
from bot.store.sessions import repeat_session, show_session
from bot.store.spending import settle
from bot.store.tabs import touch_tab
from bot.store.waiting import takes_its_turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.domain.errands import Held, Question, Receipt
    from bot.domain.interaction import Usage
    from bot.domain.letters import Content, Whisper
    from bot.domain.permits import Place
    from bot.domain.research import Event
    from bot.store.database import Database


MARK_LOCK = 7265736501


class SqlLedger:
    """Implements `keeping.Ledger`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, question: Question) -> Receipt:
        """See `keeping.Ledger`. Questions that wait together are written by one statement."""
        return await self._database.write_many(ask, question)

    async def claim(self, me: str, now: datetime, lease: float, limit: int) -> list[Held]:
        """See `keeping.Ledger`."""
        return await self._database.write(partial(_claim, me=me, now=now, lease=lease, limit=limit))

    async def renew(self, me: str, now: datetime, lease: float) -> Mapping[str, tuple[int, State]]:
        """See `keeping.Ledger`. A lease that ran out is not renewed: somebody may be about to take it."""
        statement = (
            update(RESEARCH)
            .where(RESEARCH.c.leased_by == me, RESEARCH.c.leased_until > now)
            .values(leased_until=now + timedelta(seconds=lease))
            .returning(RESEARCH.c.id, RESEARCH.c.fence, RESEARCH.c.state)
        )
        rows = await self._database.write(lambda connection: connection.execute(statement).all())
        return {row.id: (row.fence, State(row.state)) for row in rows}

    async def release(self, research_id: str, fence: int, due_at: datetime) -> None:
        """See `keeping.Ledger`."""
        statement = (
            update(RESEARCH)
            .where(RESEARCH.c.id == research_id, RESEARCH.c.fence == fence)
            .values(leased_by=None, leased_until=None, due_at=due_at)
        )
        await self._database.write(lambda connection: connection.execute(statement))

    async def record(self, research_id: str, fence: int | None, event: Event, now: datetime) -> State:
        """See `keeping.Ledger`."""
        brought = await brought_by(event)
        work = partial(record, research_id=research_id, fence=fence, event=event, now=now, brought=brought)
        return await self._database.write(work)

    async def mark(
        self, research_id: str, fence: int, now: datetime, *, per_user: int, total: int, agent: str = ""
    ) -> bool:
        """See `keeping.Ledger`."""
        work = partial(_mark, now=now, per_user=per_user, total=total, agent=agent)
        return await self._database.write(partial(work, research_id=research_id, fence=fence))

    async def wait_for(
        self, research_id: str, fence: int, waiting: str, now: datetime, whisper: Content | None = None
    ) -> None:
        """See `keeping.Ledger`."""

        def work(connection: Connection) -> None:
            held = (RESEARCH.c.id == research_id, RESEARCH.c.fence == fence)
            named = (RESEARCH.c.waiting, RESEARCH.c.team_id, RESEARCH.c.asker_id)
            before = connection.execute(select(*named).where(*held).with_for_update()).first()
            if before is None:
                raise LeaseLost(research_id)
            if before.waiting != waiting:
                changed = update(RESEARCH).where(*held).values(waiting=waiting).returning(RESEARCH)
                show_session(connection, connection.execute(changed).one(), now)
                refresh(connection, research_id, ("root", "card"))
                touch_tab(connection, before.team_id, before.asker_id, now)
                if whisper is not None:
                    enqueue_whisper(connection, research_id, whisper, now)

        await self._database.write(work)

    async def settle_place(
        self, research_id: str, fence: int, place: Place, asker_name: str, background: str = ""
    ) -> None:
        """See `keeping.Ledger`."""
        where = {"channel_id": place.channel_id, "channel_kind": place.kind.value}
        values = {**where, "asker_name": asker_name[:80], "background": background, "waiting": ""}
        await self._database.write(lambda connection: _fenced(connection, research_id, fence, **values))

    async def held(self, research_id: str) -> Held | None:
        """See `keeping.Ledger`."""
        return await self._database.read(partial(_held, research_id=research_id))

    async def heartbeat(self, research_id: str, fence: int, *, stuck_at: datetime | None) -> None:
        """See `keeping.Ledger`."""

        def work(connection: Connection) -> None:
            _fenced(connection, research_id, fence, stuck_at=stuck_at)
            refresh(connection, research_id, ("card", "status"))

        await self._database.write(work)

    async def note_usage(self, research_id: str, fence: int, usage: Usage, now: datetime) -> None:
        """See `keeping.Ledger`."""
        statement = (
            update(RESEARCH)
            .where(RESEARCH.c.id == research_id, RESEARCH.c.fence == fence, RESEARCH.c.leased_until > now)
            .values(usage=dump_usage(usage))
            .returning(RESEARCH)
        )

        def work(connection: Connection) -> None:
            row = connection.execute(statement).first()
            if row is None:
                raise LeaseLost(research_id)
            settle(connection, row, usage)
            refresh(connection, research_id, ("card", "proposal"))
            reprice(connection, research_id)
            if not row.open:
                touch_tab(connection, row.team_id, row.asker_id, now)

        await self._database.write(work)

    async def move(self, research_id: str, channel_id: str, response_url: str, now: datetime) -> bool:
        """See `keeping.Ledger`. The fence grows, so that whoever holds it begins anew."""
        statement = (
            update(RESEARCH)
            .where(
                RESEARCH.c.id == research_id,
                RESEARCH.c.state == State.QUEUED,
                RESEARCH.c.waiting == Waiting.PLACE,
            )
            .values(
                channel_id=channel_id,
                channel_kind="unknown",
                anchor_ts=case((RESEARCH.c.channel_id == channel_id, RESEARCH.c.anchor_ts)),
                response_url=response_url,
                waiting="",
                due_at=now,
                leased_by=None,
                leased_until=None,
                fence=RESEARCH.c.fence + 1,
            )
            .returning(RESEARCH.c.id)
        )
        return await self._database.write(
            lambda connection: connection.execute(statement).first() is not None
        )

    async def earlier(self, held: Held, now: datetime) -> Sequence[Held]:
        """See `keeping.Ledger`."""
        return await self._database.read(partial(repeats.earlier, held=held, now=now))

    async def offer_earlier(
        self, research_id: str, fence: int, same_as: str, whisper: Whisper, now: datetime
    ) -> None:
        """See `keeping.Ledger`."""
        offer = partial(
            repeats.offer, research_id=research_id, fence=fence, same_as=same_as, whisper=whisper, now=now
        )
        await self._database.write(offer)

    async def insist(self, research_id: str, now: datetime) -> bool:
        """See `keeping.Ledger`. The fence grows, so that whoever holds it begins anew."""
        return await self._database.write(partial(repeats.insist, research_id=research_id, now=now))

    async def tried(self, research_id: str, fence: int) -> None:
        """See `keeping.Ledger`."""
        await self._database.write(
            lambda connection: _fenced(connection, research_id, fence, tries=RESEARCH.c.tries + 1)
        )

    async def wishes(self, me: str) -> frozenset[str]:
        """See `keeping.Ledger`."""
        query = select(RESEARCH.c.id).where(
            RESEARCH.c.open, RESEARCH.c.leased_by == me, RESEARCH.c.state == State.CANCELLING
        )
        return frozenset(
            await self._database.read(lambda connection: connection.execute(query).scalars().all())
        )

    async def of_thread(self, team_id: str, channel_id: str, thread_ts: str) -> str | None:
        """See `keeping.Ledger`."""
        place = (team_id, channel_id, thread_ts)
        return await self._database.read(lambda connection: threads.of_thread(connection, *place))

    async def last_answered(self, team_id: str, channel_id: str, thread_ts: str) -> str | None:
        """See `keeping.Ledger`."""
        place = (team_id, channel_id, thread_ts)
        return await self._database.read(lambda connection: threads.last_answered(connection, *place))

    async def report_of(self, research_id: str) -> str | None:
        """See `keeping.Ledger`."""
        return await self._database.read(partial(threads.report_of, research_id=research_id))

    async def ended_children(self, research_id: str, relation: Relation) -> int:
        """See `keeping.Ledger`."""
        work = partial(threads.ended_children, research_id=research_id, relation=relation)
        return await self._database.read(work)

    async def write(self, research_id: str, fence: int, draft: str) -> None:
        """See `keeping.Ledger`."""
        work = partial(threads.write, research_id=research_id, fence=fence, draft=draft)
        await self._database.write(work)

    async def share(self, question: Question, asker_name: str, channel_kind: str) -> Receipt:
        """See `keeping.Ledger`."""
        told = {"state": State.COMPLETED.value, "open": False, "admitted": True}
        row = {name: value for name, value in research_row(question).items() if name != "research_id"}
        values = row | told | {"asker_name": asker_name, "channel_kind": channel_kind}
        return await self._database.write(partial(threads.told_elsewhere, question=question, values=values))

    async def of_interaction(self, interaction_id: str) -> str | None:
        """See `keeping.Ledger`."""
        query = select(INTERACTION.c.research_id).where(INTERACTION.c.interaction_id == interaction_id)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def show_again(self, research_id: str, now: datetime) -> None:
        """See `keeping.Ledger`."""

        def work(connection: Connection) -> None:
            refresh(connection, research_id, ("card", "status"))
            repeat_session(connection, research_id, now)

        await self._database.write(work)

    async def forget(self, before: datetime, limit: int, team_id: str = "") -> int:
        """See `keeping.Ledger`."""
        return await self._database.write(partial(forget, before=before, limit=limit, team_id=team_id))

    async def drop_response_urls(self, before: datetime) -> None:
        """See `keeping.Ledger`."""
        await self._database.write(partial(drop_response_urls, before=before))


def _fenced(connection: Connection, research_id: str, fence: int, **values: Any) -> None:
    """One write under a lease; `LeaseLost` where somebody else has it by now."""
    statement = (
        update(RESEARCH)
        .where(RESEARCH.c.id == research_id, RESEARCH.c.fence == fence)
        .values(**values)
        .returning(RESEARCH.c.id)
    )
    if connection.execute(statement).first() is None:
        raise LeaseLost(research_id)


def _claim(connection: Connection, me: str, now: datetime, lease: float, limit: int) -> list[Held]:
    due = (
        select(RESEARCH.c.id)
        .where(
            RESEARCH.c.open,
            RESEARCH.c.due_at <= now,
            or_(RESEARCH.c.leased_until.is_(None), RESEARCH.c.leased_until < now),
        )
        .order_by(RESEARCH.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    statement = (
        update(RESEARCH)
        .where(RESEARCH.c.id.in_(select(due.c.id)))
        .values(leased_by=me, leased_until=now + timedelta(seconds=lease), fence=RESEARCH.c.fence + 1)
        .returning(RESEARCH)
    )
    rows = connection.execute(statement).all()
    current = interactions_of(connection, rows)
    before = {row.team_id for row in rows if row.state == State.QUEUED}
    houses = {team_id: load_house(connection, team_id) for team_id in before}
    return [held_of(row, current.get(row.id), houses.get(row.team_id)) for row in rows]


def _held(connection: Connection, research_id: str) -> Held | None:
    row = connection.execute(select(RESEARCH).where(RESEARCH.c.id == research_id)).one_or_none()
    return (
        held_of(row, interaction_of(connection, row.id, row.turn, row.attempt)) if row is not None else None
    )


def _mark(
    connection: Connection,
    research_id: str,
    fence: int,
    now: datetime,
    per_user: int,
    total: int,
    agent: str,
) -> bool:
    if connection.dialect.name == "postgresql":
        # Two processes that count at once would both find room: counting and marking are one at a time.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MARK_LOCK})")
    row = connection.execute(
        select(RESEARCH).where(RESEARCH.c.id == research_id, RESEARCH.c.fence == fence).with_for_update()
    ).one_or_none()
    if row is None:
        raise LeaseLost(research_id)
    if not takes_its_turn(connection, row, per_user, total):
        return False
    record(connection, research_id, fence, Marked(agent), now)
    return True
