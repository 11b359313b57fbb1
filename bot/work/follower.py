"""Following one interaction to its end: a stream for what is new, looks for what is true, a clock for our patience.

One task hears the stream and writes down what it says. Beside it, whenever the timetable of the process says so or
somebody asks, a look starts: one GET, and what it means. GET is the truth: a stream never ends a research, it only makes
us look. A third task tells Gemini to stop, from when on somebody wants that.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import anyio

from bot.domain.interaction import Ended, Phase, Snapshot, StreamTrouble, TextGrew
from bot.domain.pacing import RESUMES_IN_A_ROW, backoff, poll_delay
from bot.domain.policy import Depth
from bot.domain.research import DeadlinePassed, Progressed, Thought
from bot.errors import GeminiBusy, GeminiError, GeminiNotFound
from bot.work.verdict import conclude

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.abc import TaskGroup

    from bot.domain.errands import Held
    from bot.domain.interaction import Signal
    from bot.work.bench import Bench
    from bot.work.timetable import Plan

YOUNG = 30.0
"""Seconds during which Gemini may not know an interaction that it just created."""
GONE_AFTER = 5
"""So many 404s in a row after that mean that the interaction is gone."""
CANCEL_AGAIN = 30.0
"""Longest wait, in seconds, before Gemini is told again to stop a run that goes on; the first is about 2."""
LAST_LOOKS = 300.0
"""Seconds past the deadline during which a look that fails is repeated: nothing expires unseen in a bad minute."""
CANCEL_PATIENCE = 600.0
"""Seconds that we wait for Gemini to confirm that it stopped."""
CATCH_UP = 2.0
"""Seconds that the stream of an ended run gets to tell what we have not heard; a replay takes far less."""
LATE_FIRST = (0.3, 1.0)
"""Which part of a slow poll a research waits for its first look after a takeover: streams come first, and the looks of a
thousand researches do not come together.
"""


class Follower:
    """Follows one interaction under one lease."""

    __slots__ = (
        "_after", "_beat", "_bench", "_changed", "_draft", "_drafted", "_end", "_heard_end", "_hears", "_held", "_id",
        "_is_over", "_is_rung", "_look_plan", "_missing", "_started", "_tasks", "_unheard", "_wished",
    )  # fmt: skip

    def __init__(self, bench: Bench, held: Held, interaction_id: str) -> None:
        now = bench.clock.now()
        self._bench = bench
        self._held = held
        self._id = interaction_id
        self._tasks: TaskGroup | None = None
        self._look_plan: Plan | None = None
        self._is_rung = False
        self._after = held.last_event_id
        self._hears = self._is_over = self._heard_end = False
        self._unheard = self._missing = 0
        self._started = held.started_at or now
        self._changed = held.changed_at or now
        self._beat = now
        self._wished: datetime | None = None
        self._end: Snapshot | None = None
        self._draft = ""
        self._drafted = now

    async def follow(self, signals: AsyncIterator[Signal] | None) -> None:
        """Until the research has ended; `signals` continue the stream of the POST where there is one."""
        self._hears = signals is not None
        try:
            async with anyio.create_task_group() as self._tasks:
                self._plan_look(self._first_pause())
                if self._wished is not None:
                    self._tasks.start_soon(self._keep_stopping, name=self._named("stop"))
                if self._bench.policy.stream:
                    await self._listen(signals)
                await anyio.sleep_forever()
        finally:
            self._tasks = None
            if self._look_plan is not None:
                self._look_plan.call_off()
        assert self._end is not None
        if self._end.phase is Phase.ALIVE:
            await self._expire()
        else:
            await conclude(self._bench, self._held, self._end)

    def stop(self) -> None:
        """Somebody who may wants it stopped; the row says so already."""
        if self._wished is None:
            self._wished = self._bench.clock.now()
            if self._tasks is not None:
                self._tasks.start_soon(self._keep_stopping, name=self._named("stop"))

    def look(self) -> None:
        """There may be news: a look now, or one more if one is under way."""
        self._is_rung = True
        if self._look_plan is not None and self._look_plan.call_off():
            self._plan_look(0.0)

    # --- what the stream says

    async def _listen(self, signals: AsyncIterator[Signal] | None) -> None:
        """Hears the stream and takes it up again when it is cut, a few times in a row; then with each slow poll."""
        if signals is not None:
            await self._hear(signals)
        silent = 0
        while True:
            if self._is_over or silent > RESUMES_IN_A_ROW:
                self._hears = self._is_over = False
                await self._bench.clock.sleep(self._bench.policy.slow_poll)
                silent = RESUMES_IN_A_ROW
            elif silent:
                await self._bench.clock.sleep(backoff(silent - 1, self._bench.chance, base=0.5))
            heard = False
            try:
                if self._after is None:
                    self._draft = ""  # it is told from its beginning
                async with self._bench.researcher.listen(self._id, self._after) as more:
                    self._hears = True
                    heard = await self._hear(more)
            except GeminiError as error:
                self._note("interaction.listen_failed", error)
            silent = 1 if heard else silent + 1
            if not heard:
                self._hears = False
                self.look()

    async def _grew(self, text: str) -> None:
        """What a model writes is shown while it does, no oftener than Slack may be told."""
        if self._held.depth is not Depth.QUICK:
            return
        self._draft += text
        now = self._bench.clock.now()
        if now - self._drafted >= timedelta(seconds=self._bench.policy.card_interval):
            self._drafted = now
            await self._bench.ledger.write(self._held.research_id, self._held.fence, self._draft)
            self._bench.deliveries.ring()

    async def _hear(self, signals: AsyncIterator[Signal]) -> bool:
        """Writes down the thoughts of one stream; whether it brought anything but trouble. A word of the end makes us look;
        a cut does not, in whatever words, since the next stream goes on behind it.
        """
        heard = False
        async for signal in signals:
            self._after = signal.event_id or self._after
            if isinstance(signal, StreamTrouble):
                continue
            heard = self._hears = True
            if isinstance(signal, Thought):
                await self._progressed((signal,), signal.event_id)
            elif isinstance(signal, TextGrew):
                await self._grew(signal.text)
            elif isinstance(signal, Ended):
                self._is_over = self._heard_end = True
                if self._end is not None:
                    self._ends(self._end)
                self.look()
        return heard

    # --- what looks find

    async def _look(self) -> None:
        """One GET and what it means: the end, or that it goes on; then the next look is planned."""
        self._is_rung = False
        self._unheard = 0 if self._hears else self._unheard + 1
        seen, patience = await self._fetch()
        if seen is not None and (seen.phase is not Phase.ALIVE or self._is_overdue()):
            self._ends(seen)
            return
        if seen is not None and seen.thoughts and not self._bench.policy.stream:
            await self._progressed(seen.thoughts, None)
        await self._keep_alive()
        self._plan_look(0.0 if self._is_rung else max(patience, self._pause()))

    async def _fetch(self) -> tuple[Snapshot | None, float]:
        """What Gemini shows, if it shows anything; and how long it wants to be left alone."""
        try:
            seen = await self._bench.researcher.fetch(self._id)
        except GeminiNotFound:
            self._missing += 0 if self._is_young() else 1
            if self._missing < GONE_AFTER:
                return None, 0.0
            words = "Google no longer knows this interaction."
            return Snapshot(self._id, "gone", Phase.BROKEN, trouble=words), 0.0
        except GeminiError as error:
            self._note("interaction.fetch_failed", error)
            if self._is_overdue(LAST_LOOKS):
                return Snapshot(self._id, "unreachable", Phase.ALIVE), 0.0
            return None, (error.retry_after if isinstance(error, GeminiBusy) else None) or 0.0
        self._missing = 0
        return seen, 0.0

    def _ends(self, seen: Snapshot) -> None:
        """Nothing comes after `seen` but what the stream still has to tell of a run that has ended, for a moment only: a
        look that was faster, or that came first after a restart, must not cost the card its last thoughts.
        """
        assert self._tasks is not None
        self._end = seen
        if seen.phase is Phase.ALIVE or self._heard_end or not self._bench.policy.stream:
            self._tasks.cancel_scope.cancel()
        else:
            self._tasks.cancel_scope.deadline = anyio.current_time() + CATCH_UP

    async def _progressed(self, thoughts: tuple[Thought, ...], event_id: str | None) -> None:
        self._changed = self._bench.clock.now()
        await self._bench.record(self._held, Progressed(thoughts, event_id))

    async def _keep_alive(self) -> None:
        """Shows once a minute that it is alive, and from when on nothing has changed for suspiciously long."""
        now = self._bench.clock.now()
        if now - self._beat < timedelta(seconds=self._bench.policy.slow_poll * 0.9):
            return
        self._beat = now
        is_stuck = now - self._changed >= timedelta(seconds=self._bench.policy.stuck_after)
        await self._bench.ledger.heartbeat(
            self._held.research_id, self._held.fence, stuck_at=self._changed if is_stuck else None
        )
        self._bench.deliveries.ring()

    def _is_overdue(self, by: float = 0.0) -> bool:
        """Whether our patience ended, at least `by` seconds ago."""
        now = self._bench.clock.now() - timedelta(seconds=by)
        if now - self._started >= timedelta(seconds=self._bench.policy.deadline):
            return True
        return self._wished is not None and now - self._wished >= timedelta(seconds=CANCEL_PATIENCE)

    def _plan_look(self, seconds: float) -> None:
        assert self._tasks is not None
        self._look_plan = self._bench.looks.plan(seconds, self._tasks, self._look, self._named("look"))

    def _first_pause(self) -> float:
        policy = self._bench.policy
        if self._held.interaction_id is None or not policy.stream:
            return self._pause()
        return policy.slow_poll * self._bench.chance.uniform(*LATE_FIRST)

    def _pause(self) -> float:
        """Slow beside a stream that speaks, else 2, 4, 8, 10, 10 … seconds."""
        policy, chance = self._bench.policy, self._bench.chance
        if self._hears and self._wished is None:
            return policy.slow_poll * chance.uniform(1.0, 1.3)
        return poll_delay(self._unheard, policy.poll_initial, policy.poll_max, chance)

    def _is_young(self) -> bool:
        return self._bench.clock.now() - self._started < timedelta(seconds=YOUNG)

    # --- how it is stopped

    async def _keep_stopping(self) -> None:
        """Tells Gemini to stop, and again while it goes on; looks say what came of it."""
        for attempt in count():
            await self._cancel()
            self.look()
            await self._bench.clock.sleep(
                backoff(attempt, self._bench.chance, base=3.0, ceiling=CANCEL_AGAIN)
            )

    async def _expire(self) -> None:
        """The look that found it alive was the last one: stop it at Gemini as well as we can, and say so."""
        await self._cancel()
        await self._bench.record(self._held, DeadlinePassed())

    async def _cancel(self) -> None:
        try:
            await self._bench.researcher.cancel(self._id)
        except GeminiError as error:
            self._note("interaction.cancel_failed", error)

    def _note(self, event: str, error: GeminiError) -> None:
        self._bench.journal.note(event, research_id=self._held.research_id, error=error.detail)

    def _named(self, what: str) -> str:
        return f"{what} {self._held.research_id}"
