"""Following one interaction to its end: a stream for what is new, polls for what is true, a clock for our patience.

Three small tasks fill one inbox (what the stream says, what polls find, that somebody wants it stopped); one loop
empties it and is the only one that writes. GET is the truth: a stream never ends a research, it only makes us look.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import anyio

from bot.domain.interaction import Ended, Phase, Snapshot, StreamTrouble
from bot.domain.pacing import RESUMES_IN_A_ROW, backoff, poll_delay
from bot.domain.research import DeadlinePassed, Progressed, Thought
from bot.errors import GeminiBusy, GeminiError, GeminiNotFound
from bot.work.verdict import conclude

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from bot.domain.errands import Held
    from bot.domain.interaction import Signal
    from bot.work.bell import Bell
    from bot.work.bench import Bench

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
INBOX = 64


class Follower:
    """Follows one interaction under one lease."""

    def __init__(self, bench: Bench, held: Held, interaction_id: str, wish: anyio.Event, look: Bell) -> None:
        self._bench = bench
        self._held = held
        self._id = interaction_id
        self._wish = wish
        self._after = held.last_event_id
        self._hears = False
        self._is_over = False
        self._heard_end = False
        self._look = look
        self._began = bench.clock.now()
        self._started = held.started_at or self._began
        self._changed = held.changed_at or self._began
        self._beat = self._began
        self._wished: datetime | None = None

    async def follow(self, signals: AsyncIterator[Signal] | None) -> None:
        """Until the research has ended; `signals` continue the stream of the POST where there is one."""
        send, inbox = anyio.create_memory_object_stream[Thought | Snapshot](INBOX)
        async with anyio.create_task_group() as tasks, send, inbox:
            if self._bench.policy.stream:
                tasks.start_soon(self._listen, send, signals, name=f"listen {self._held.research_id}")
            tasks.start_soon(self._poll, send, name=f"poll {self._held.research_id}")
            tasks.start_soon(self._stop_when_wished, name=f"stop {self._held.research_id}")
            async for seen in inbox:
                if isinstance(seen, Thought):
                    await self._progressed((seen,), seen.event_id)
                elif seen.phase is not Phase.ALIVE:
                    await self._catch_up(inbox)
                    break
                elif self._is_overdue():
                    break
                else:
                    await self._still_alive(seen)
            tasks.cancel_scope.cancel()
        assert isinstance(seen, Snapshot)
        if seen.phase is Phase.ALIVE:
            await self._expire()
        else:
            await conclude(self._bench, self._held, seen)

    async def _catch_up(self, inbox: MemoryObjectReceiveStream[Thought | Snapshot]) -> None:
        """What the stream still has to tell of a run that has ended, for a moment only: a poll that was faster, or
        that came first after a restart, must not cost the card its last thoughts.
        """
        if not self._bench.policy.stream:
            return
        with anyio.move_on_after(CATCH_UP):
            while not self._heard_end or inbox.statistics().current_buffer_used:
                more = await inbox.receive()
                if isinstance(more, Thought):
                    await self._progressed((more,), more.event_id)

    async def _still_alive(self, seen: Snapshot) -> None:
        if seen.thoughts and not self._bench.policy.stream:
            await self._progressed(seen.thoughts, None)
        await self._keep_alive()

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

    async def _expire(self) -> None:
        """The look that found it alive was the last one: stop it at Gemini as well as we can, and say so."""
        try:
            await self._bench.researcher.cancel(self._id)
        except GeminiError as error:
            self._bench.journal.note(
                "interaction.cancel_failed", research_id=self._held.research_id, error=error.detail
            )
        await self._bench.record(self._held, DeadlinePassed())

    async def _listen(
        self, send: MemoryObjectSendStream[Thought | Snapshot], signals: AsyncIterator[Signal] | None
    ) -> None:
        """Hears the stream and takes it up again when it is cut, a few times in a row; then with each slow poll."""
        if signals is not None:
            await self._hear(signals, send)
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
                async with self._bench.researcher.listen(self._id, self._after) as more:
                    self._hears = True
                    heard = await self._hear(more, send)
            except GeminiError as error:
                self._bench.journal.note(
                    "interaction.listen_failed", research_id=self._held.research_id, error=error.detail
                )
            silent = 1 if heard else silent + 1
            if not heard:
                self._hears = False
                self._look.ring()

    async def _hear(
        self, signals: AsyncIterator[Signal], send: MemoryObjectSendStream[Thought | Snapshot]
    ) -> bool:
        """Passes on the thoughts of one stream; whether it brought anything at all. A word of the end makes the poll
        look; a mere cut does not, since the next stream goes on behind it.
        """
        heard = False
        async for signal in signals:
            heard = self._hears = True
            self._after = signal.event_id or self._after
            if isinstance(signal, Thought):
                await send.send(signal)
            elif isinstance(signal, Ended | StreamTrouble):
                self._is_over = isinstance(signal, Ended)
                self._heard_end = self._heard_end or self._is_over
                self._look.ring()
        return heard

    async def _poll(self, send: MemoryObjectSendStream[Thought | Snapshot]) -> None:
        """GET, slowly beside a stream that speaks, else 2, 4, 8, 10, 10 … seconds apart; at once when asked to."""
        attempt = missing = 0
        pause = self._first_pause()
        while True:
            await self._look.wait(pause)
            attempt = 0 if self._hears else attempt + 1
            try:
                snapshot = await self._bench.researcher.fetch(self._id)
            except GeminiNotFound:
                missing += 0 if self._is_young() else 1
                if missing >= GONE_AFTER:
                    snapshot = Snapshot(
                        self._id, "gone", Phase.BROKEN, trouble="Google no longer knows this interaction."
                    )
                    await send.send(snapshot)
                pause = self._pause(attempt)
            except GeminiError as error:
                self._bench.journal.note(
                    "interaction.fetch_failed", research_id=self._held.research_id, error=error.detail
                )
                waited = error.retry_after if isinstance(error, GeminiBusy) else None
                pause = max(waited or 0.0, self._pause(attempt))
                if self._is_overdue(LAST_LOOKS):
                    await send.send(Snapshot(self._id, "unreachable", Phase.ALIVE))
            else:
                missing = 0
                await send.send(snapshot)
                pause = self._pause(attempt)

    def _first_pause(self) -> float:
        """After a takeover streams come first, and the polls of a thousand researches do not come together."""
        if self._held.interaction_id is None:
            return self._pause(0)
        return (
            self._bench.chance.uniform(0, self._bench.policy.slow_poll) if self._bench.policy.stream else 0.0
        )

    def _pause(self, attempt: int) -> float:
        policy = self._bench.policy
        if self._hears and self._wished is None:
            return policy.slow_poll
        return poll_delay(attempt, policy.poll_initial, policy.poll_max, self._bench.chance)

    def _is_young(self) -> bool:
        return self._bench.clock.now() - self._started < timedelta(seconds=YOUNG)

    async def _stop_when_wished(self) -> None:
        """Tells Gemini to stop once somebody wants it, and again while it goes on; polls say what came of it."""
        await self._wish.wait()
        self._wished = self._bench.clock.now()
        for attempt in count():
            try:
                await self._bench.researcher.cancel(self._id)
            except GeminiError as error:
                self._bench.journal.note(
                    "interaction.cancel_failed", research_id=self._held.research_id, error=error.detail
                )
            self._look.ring()
            await self._bench.clock.sleep(
                backoff(attempt, self._bench.chance, base=3.0, ceiling=CANCEL_AGAIN)
            )
