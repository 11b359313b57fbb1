"""One research, from its question to its end. Speaks to Gemini and to the row, never to Slack.

``run`` looks at where the row stands and does what comes next: admission, the one POST, following, or settling what a
dead process left behind. Every write goes through the fence of the lease, so a runner that lost it stops.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio

from bot.domain.letters import Waiting
from bot.domain.pacing import start_delay
from bot.domain.policy import PLAN_PATIENCE
from bot.domain.research import (
    CONTEXT_GONE,
    START_LOST,
    Lapsed,
    Postponed,
    Refused,
    Started,
    StartLost,
    State,
    Trouble,
)
from bot.errors import GeminiBusy, GeminiError, GeminiNotFound, GeminiUnreachable
from bot.work.admission import admit
from bot.work.follower import Follower
from bot.work.orders import order_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from bot.domain.errands import Held
    from bot.domain.interaction import Signal
    from bot.ports import Order
    from bot.work.bench import Bench

NOT_IMPLEMENTED = 501
TURN_PAUSE, TURN_PAUSE_BEHIND, IN_FRONT = 5.0, 30.0, 10
"""Seconds before a research that waits for its turn looks again, in front of the line and behind; the end of another
one wakes those in front.
"""


class Runner:
    """Carries one held research as far as this process can."""

    __slots__ = ("_bench", "_follower", "_held", "_is_unwanted", "_posting")

    def __init__(self, bench: Bench, held: Held) -> None:
        self._bench = bench
        self._held = held
        self._is_unwanted = held.state is State.CANCELLING
        self._follower: Follower | None = None
        self._posting: anyio.CancelScope | None = None

    def wish_stop(self) -> None:
        """Somebody who may wants it stopped; the row says so already."""
        self._is_unwanted = True
        if self._follower is not None:
            self._follower.stop()

    def look(self) -> None:
        """There may be news at Gemini: fetch now."""
        if self._follower is not None:
            self._follower.look()

    def hurry(self, seconds: float) -> None:
        """The process is stopping: a POST under way has this long left, so that its id is not lost lightly."""
        if self._posting is not None:
            self._posting.deadline = anyio.current_time() + seconds

    async def run(self) -> datetime:
        """Works until the research ends or has to wait; gives the moment when it should be looked at again."""
        held = self._held
        if held.state is State.QUEUED:
            if held.waiting == Waiting.APPROVAL:
                return await self._lapse()
            if not held.admitted:
                with self._bench.tracer.span("research.admit"):
                    again = await admit(self._bench, held)
                if again is not None:
                    return again
                await self._read_again()
            return await self._start()
        if held.interaction_id is None:
            await self._bench.record(held, StartLost(Trouble(START_LOST, "interrupted")))
        else:
            return await self._follow(held.interaction_id, None)
        return self._bench.clock.now()

    async def _read_again(self) -> None:
        """What admission wrote into the row; the fence stays the one of our own lease."""
        row = await self._bench.ledger.held(self._held.research_id) if self._held.thread_along else None
        if row is not None:
            self._held = replace(row, fence=self._held.fence, house=self._held.house)

    async def _lapse(self) -> datetime:
        """A plan that nobody started in time is not started any more."""
        ends = (self._held.planned_at or self._held.asked_at) + PLAN_PATIENCE
        if self._bench.clock.now() >= ends:
            await self._bench.record(self._held, Lapsed())
        return ends

    async def _start(self) -> datetime:
        bench, held = self._bench, self._held
        policy = bench.policy
        now, began = bench.clock.now(), bench.clock.monotonic()
        if not await bench.ledger.mark(
            held.research_id,
            held.fence,
            now,
            per_user=policy.max_active_per_user,
            total=policy.max_active,
            agent=policy.agents[held.depth],
        ):
            bench.deliveries.ring()
            return now + timedelta(seconds=turn_pause(held.place_in_line))
        bench.journal.note("research.start_marked", research_id=held.research_id)
        context = await self._context()
        if context is None:
            await bench.record(held, Refused(Trouble(CONTEXT_GONE)))
            return now
        if bench.clock.monotonic() - began > policy.renew_every:
            # Asleep in between, or the database was: the lease may be over, and somebody else may be asking by now
            # whether this has started. It has not; it is begun anew under a fresh lease, if it is still ours.
            now = bench.clock.now()
            await bench.record(held, Postponed(now, Trouble("overslept")))
            return now
        async with AsyncExitStack() as stack:
            try:
                interaction_id, signals = await self._post(
                    stack, order_of(held, policy, held.house.style, context)
                )
            except GeminiError as error:
                return await self._not_started(error)
            return await self._follow(interaction_id, signals if policy.stream else None)

    async def _context(self) -> str | None:
        """Our own copy of what this goes on from, where Gemini has none any more; None where we have none either."""
        held = self._held
        if not held.lacks_context:
            return ""
        return await self._bench.ledger.report_of(
            held.parent_id if held.relation.goes_on else held.research_id
        )

    async def _post(self, stack: AsyncExitStack, order: Order) -> tuple[str, AsyncIterator[Signal]]:
        """The one POST and the row that keeps its id, not interrupted between the two."""
        self._posting = anyio.CancelScope(shield=True)
        with self._posting:
            with self._bench.tracer.span("gemini.create", agent=order.agent):
                started = self._bench.researcher.start(order)
                interaction_id, signals = await stack.enter_async_context(started)
            await self._bench.record(self._held, Started(interaction_id))
        if self._posting.cancelled_caught:
            # Out of time while the process stops: whoever takes over finds the mark and asks.
            await anyio.sleep_forever()
        return interaction_id, signals

    async def _not_started(self, error: GeminiError) -> datetime:
        """What an answer to the POST means: later, no, or unknown. Unknown is asked, never repeated."""
        bench, held = self._bench, self._held
        trouble = Trouble(error.code, error.detail)
        now = bench.clock.now()
        if held.previous_interaction_id and _has_forgotten(error):
            await bench.record(held, Postponed(now, Trouble(CONTEXT_GONE)))
            return now
        if isinstance(error, GeminiBusy | GeminiUnreachable):
            until = now + timedelta(seconds=start_delay(held.tries, error.retry_after, bench.chance))
            await bench.record(held, Postponed(until, trouble))
            return until
        if error.may_have_started:
            await bench.record(held, StartLost(Trouble(START_LOST, f"{error.code}: {error.detail}")))
        else:
            await bench.record(held, Refused(trouble))
        return now

    async def _follow(self, interaction_id: str, signals: AsyncIterator[Signal] | None) -> datetime:
        """To the end of this interaction; a plan then waits for a person."""
        self._follower = Follower(self._bench, self._held, interaction_id)
        if self._is_unwanted:
            self._follower.stop()
        with self._bench.tracer.span("gemini.follow"):
            await self._follower.follow(signals)
        now = self._bench.clock.now()
        return now + PLAN_PATIENCE if self._held.is_planning else now


def _has_forgotten(error: GeminiError) -> bool:
    """Whether Gemini no longer has what the create goes on from, or cannot go on from it (seen as 501 after an
    interaction that used tools). Either proves that nothing was started.
    """
    return isinstance(error, GeminiNotFound) or error.status == NOT_IMPLEMENTED


def turn_pause(place: int) -> float:
    """Seconds until a research at this place in the line looks again."""
    return TURN_PAUSE if place <= IN_FRONT else TURN_PAUSE_BEHIND
