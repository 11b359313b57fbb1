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

from bot.domain.background import with_background
from bot.domain.house import styled
from bot.domain.pacing import start_delay
from bot.domain.policy import Depth
from bot.domain.research import START_LOST, Postponed, Refused, Started, StartLost, State, Trouble
from bot.errors import GeminiBusy, GeminiError, GeminiUnreachable
from bot.ports import Order, Work
from bot.work.admission import admit
from bot.work.follower import Follower

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from bot.domain.errands import Held
    from bot.domain.house import Style
    from bot.domain.interaction import Signal
    from bot.work.bench import Bench

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
            if not held.admitted:
                again = await admit(self._bench, held)
                if again is not None:
                    return again
                await self._read_again()
            return await self._start()
        if held.interaction_id is None:
            await self._bench.record(held, StartLost(Trouble(START_LOST, "interrupted")))
        else:
            await self._follow(held.interaction_id, None)
        return self._bench.clock.now()

    async def _read_again(self) -> None:
        """What admission wrote into the row; the fence stays the one of our own lease."""
        row = await self._bench.ledger.held(self._held.research_id) if self._held.thread_along else None
        if row is not None:
            self._held = replace(row, fence=self._held.fence)

    async def _start(self) -> datetime:
        bench, held = self._bench, self._held
        policy = bench.policy
        house = await bench.office.house(held.team_id)
        now = bench.clock.now()
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
        async with AsyncExitStack() as stack:
            try:
                interaction_id, signals = await self._post(stack, house.style)
            except GeminiError as error:
                return await self._not_started(error)
            await self._follow(interaction_id, signals if policy.stream else None)
        return bench.clock.now()

    async def _post(self, stack: AsyncExitStack, style: Style) -> tuple[str, AsyncIterator[Signal]]:
        """The one POST and the row that keeps its id, not interrupted between the two."""
        held, policy = self._held, self._bench.policy
        work = Work.ANSWER if held.depth is Depth.QUICK else Work.RESEARCH
        words = held.question if work is Work.ANSWER else styled(held.question, style)
        question = with_background(words, held.background, held.research_id)
        order = Order(question, policy.agents[held.depth], streamed=policy.stream, work=work)
        self._posting = anyio.CancelScope(shield=True)
        with self._posting:
            interaction_id, signals = await stack.enter_async_context(self._bench.researcher.start(order))
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
        if isinstance(error, GeminiBusy | GeminiUnreachable):
            until = now + timedelta(seconds=start_delay(held.tries, error.retry_after, bench.chance))
            await bench.record(held, Postponed(until, trouble))
            return until
        if error.may_have_started:
            await bench.record(held, StartLost(Trouble(START_LOST, f"{error.code}: {error.detail}")))
        else:
            await bench.record(held, Refused(trouble))
        return now

    async def _follow(self, interaction_id: str, signals: AsyncIterator[Signal] | None) -> None:
        self._follower = Follower(self._bench, self._held, interaction_id)
        if self._is_unwanted:
            self._follower.stop()
        await self._follower.follow(signals)


def turn_pause(place: int) -> float:
    """Seconds until a research at this place in the line looks again."""
    return TURN_PAUSE if place <= IN_FRONT else TURN_PAUSE_BEHIND
