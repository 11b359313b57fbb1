"""What every actor works with: the ports, the policy, chance, bells and timetable. Made once in `bot/app.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from bot.domain.pacing import backoff
from bot.errors import StoreError
from bot.traces import Untraced
from bot.work.bell import Bell
from bot.work.lull import Lull
from bot.work.timetable import Timetable

if TYPE_CHECKING:
    from bot.domain.errands import Held
    from bot.domain.policy import Policy
    from bot.domain.research import Event, State
    from bot.keeping import Ledger, Outbox
    from bot.offices import Office
    from bot.ports import Clock, Courier, Directory, Journal, Researcher
    from bot.traces import Tracer


@dataclass(slots=True)
class Bench:
    """The ports and what goes with them. `me` names this process in leases."""

    me: str
    clock: Clock
    ledger: Ledger
    outbox: Outbox
    office: Office
    researcher: Researcher
    directory: Directory
    courier: Courier
    policy: Policy
    journal: Journal
    chance: Random = field(default_factory=Random)
    tracer: Tracer = field(default_factory=Untraced)
    researches: Bell = field(init=False)
    deliveries: Bell = field(init=False)
    wishes: Bell = field(init=False)
    looks: Timetable = field(init=False)
    lull: Lull = field(init=False)

    def __post_init__(self) -> None:
        self.researches = Bell(self.clock)
        self.deliveries = Bell(self.clock)
        self.wishes = Bell(self.clock)
        self.looks = Timetable(self.clock)
        self.lull = Lull()

    async def record(self, held: Held, event: Event) -> State:
        """Records an event of a held research under its fence and wakes the dispatcher.

        A database that is locked or full is waited for, since what happened at Gemini cannot be asked for twice;
        `LeaseLost` ends that, once somebody else has taken over.
        """
        attempt = 0
        while True:
            try:
                state = await self.ledger.record(held.research_id, held.fence, event, self.clock.now())
            except StoreError as error:
                self.journal.note("research.record_failed", research_id=held.research_id, error=error.detail)
                await self.clock.sleep(backoff(attempt, self.chance, base=0.5, ceiling=10.0))
                attempt += 1
                continue
            self.journal.note(
                f"research.{type(event).__name__.lower()}", research_id=held.research_id, state=state.value
            )
            self.deliveries.ring()
            return state
