"""A database with tables and the two ports on it, and the shortest ways to a research in some state."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from bot.domain.errands import Question
from bot.domain.letters import Part
from bot.domain.permits import Kind, Place
from bot.domain.policy import Depth
from bot.domain.report import Report
from bot.domain.research import Admitted, Completed, Started
from bot.store.database import Database
from bot.store.ledger import SqlLedger
from bot.store.office import SqlOffice
from bot.store.outbox import SqlOutbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from bot.domain.errands import Errand, Held
    from bot.domain.research import Event

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEASE = 60.0
REPORT = Report("# Found\n\nThe answer.")


def at(seconds: float) -> datetime:
    """A moment after (or before) the one at which every test begins."""
    return NOW + timedelta(seconds=seconds)


def question(name: str, **values: Any) -> Question:
    """A question whose id and request key are its name."""
    defaults = {
        "research_id": name,
        "team_id": "T1",
        "channel_id": "C1",
        "asker_id": "U1",
        "request_key": f"key {name}",
        "question": f"Why {name}?",
        "depth": Depth.STANDARD,
        "asked_at": NOW,
    }
    return Question(**{**defaults, **values})


def place(kind: str) -> Place:
    """Where every question of these tests was asked, once it is known what kind of conversation that is."""
    return Place("T1", "C1", Kind(kind), is_member=True)


def parts(*texts: str) -> list[Part]:
    return [Part(words, []) for words in texts]


def names(errands: Sequence[Errand]) -> list[str]:
    return [errand.letter.part for errand in errands]


@dataclass
class Store:
    """The ports, and what a test does with them again and again."""

    database: Database
    ledger: SqlLedger = field(init=False)
    outbox: SqlOutbox = field(init=False)
    office: SqlOffice = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = SqlLedger(self.database)
        self.outbox = SqlOutbox(self.database)
        self.office = SqlOffice(self.database)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Store]:
        async with Database.open(url) as database:
            yield cls(database)

    async def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        """What a SELECT of the test's own finds."""
        return await self.database.read(lambda connection: connection.execute(text(statement), values).all())

    async def change(self, statement: str, **values: Any) -> None:
        """A change behind the ports' back."""
        await self.database.write(lambda connection: connection.execute(text(statement), values))

    async def take(self, me: str = "me", now: datetime = NOW) -> Held:
        """The one research that is due."""
        (held,) = await self.ledger.claim(me, now, LEASE, 10)
        return held

    async def ask(self, name: str = "r", **values: Any) -> Held:
        """A question asked, and taken by the process `me`."""
        await self.ledger.ask(question(name, **values))
        (held,) = [h for h in await self.ledger.claim("me", NOW, LEASE, 50) if h.research_id == name]
        return held

    async def record(self, held: Held, *events: Event, now: datetime = NOW) -> None:
        for event in events:
            await self.ledger.record(held.research_id, held.fence, event, now)

    async def admitted(self, name: str = "r", **values: Any) -> Held:
        """A research that is announced: root, card and status line are to be told."""
        held = await self.ask(name, **values)
        await self.record(held, Admitted())
        return held

    async def running(self, name: str = "r", agent: str = "", **values: Any) -> Held:
        """A research that Gemini works on."""
        held = await self.admitted(name, **values)
        assert await self.ledger.mark(name, held.fence, NOW, per_user=0, total=0, agent=agent)
        await self.begun(held)
        return held

    async def begun(self, held: Held) -> None:
        """Gemini named the interaction of a research that was marked."""
        await self.record(held, Started(f"interaction {held.research_id}"))

    async def completed(self, name: str = "r", **values: Any) -> Held:
        """A research whose report is to be told."""
        held = await self.running(name, **values)
        await self.record(held, Completed(REPORT))
        return held

    async def claim(self, now: datetime = NOW, me: str = "me", limit: int = 50) -> list[Errand]:
        errands, _ = await self.outbox.claim(me, now, LEASE, limit)
        return errands

    async def only(self, now: datetime = NOW, me: str = "me") -> Errand:
        """The one errand that is due, besides what Slack's session has to say."""
        (errand,) = [one for one in await self.claim(now, me) if one.letter.part != "session"]
        return errand

    async def posts(self, now: datetime = NOW) -> list[Errand]:
        """What is to be posted, without the edits that are due besides."""
        return [errand for errand in await self.claim(now) if not errand.is_edit]

    async def post(self, now: datetime = NOW) -> Errand:
        (errand,) = await self.posts(now)
        return errand

    async def posted(self, *names_of_parts: str) -> None:
        """Has these parts posted already, of all researches."""
        for name in names_of_parts:
            await self.change(
                "UPDATE delivery SET state = 'sent', shown = wanted, ts = :ts, open = :no WHERE part = :part",
                ts=f"ts {name}",
                part=name,
                no=False,
            )
        if "root" in names_of_parts:
            await self.change("UPDATE research SET thread_ts = 'ts root'")

    async def tell(self, now: datetime, me: str = "me") -> list[str]:
        """Claims once and confirms everything; gives the parts that were posted."""
        posted = []
        for errand in await self.claim(now, me):
            if errand.is_edit:
                await self.outbox.shown(errand, now)
            elif errand.letter.content.kind == "whole":
                await self.outbox.expand(errand, parts("one", "two", "three"), now)
            else:
                await self.outbox.sent(errand, f"ts {errand.letter.part}", now)
                posted.append(errand.letter.part)
        return posted

    async def tell_all(self, start: datetime = NOW, seconds: int = 30) -> list[str]:
        """Everything that can be told within so many seconds."""
        posted = []
        for second in range(0, seconds, 2):
            posted += await self.tell(start + timedelta(seconds=second))
        return posted
