"""Empties the outbox: tells Slack what the rows say, in order per thread, and notes what Slack confirmed.

Never speaks to Gemini. A post was marked as being sent when it was claimed; what may have been applied without an
answer is read back before anything is sent again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from bot.domain.letters import (
    Answer,
    Card,
    Export,
    File,
    Notice,
    Outcome,
    Part,
    Proposal,
    Root,
    Session,
    StepEnd,
    Whisper,
    Whole,
)
from bot.domain.pacing import PER_TEAM, backoff
from bot.domain.sessions import KEEP_ALIVE, SessionStatus
from bot.errors import (
    LeaseLost,
    Remedy,
    SlackBusy,
    SlackError,
    SlackRefused,
    SlackUncertain,
    StoreError,
)

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from anyio.abc import TaskGroup

    from bot.domain.errands import Errand
    from bot.work.bench import Bench

AT_ONCE = 256
"""Calls under way in this process, of all workspaces; each may have `pacing.PER_TEAM`."""
LOOK_EVERY = 1.0
"""Seconds between looks for deliveries of other processes; our own ring the bell."""
MARGIN = 25.0
"""Seconds that a lease must still last when a call begins: longer than the call may take."""
LAST_CALLS = 4.5
"""Seconds that calls under way get when the process stops."""
PARKED = (60.0, 600.0)
"""Seconds before what is parked is tried again, at first and at most."""
MAKING_PAUSE = 2.0
"""Seconds until it is looked again whether another file can be made."""
FORGONE = 86_400.0
"""Seconds after which a workspace is asked anew for what it did not have."""
TRIES = 20
"""After so many passing failures a message is parked, so that an operator sees it."""
WHISPERS = 5
"""Words for one person leave no trace to look for: rather twice than never, but given up after so many tries."""


class Dispatcher:
    """All deliveries of this process."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._under_way: Counter[str] = Counter()
        self._is_draining = False
        self._is_making = False

    async def run(self) -> None:
        """Until cancelled; calls under way are finished by whoever settles them."""
        bench = self._bench
        async with anyio.create_task_group() as tasks:
            while not self._is_draining:
                next_at = await self._claim(tasks)
                pause = LOOK_EVERY
                if next_at is not None:
                    pause = min(pause, max(0.0, (next_at - bench.clock.now()).total_seconds()))
                await bench.deliveries.wait(pause)

    async def drain(self) -> None:
        """Claims nothing more and lets the calls under way finish, at most `LAST_CALLS` seconds."""
        self._is_draining = True
        with anyio.move_on_after(LAST_CALLS):
            while self._under_way.total():
                await self._bench.deliveries.wait(LOOK_EVERY)

    async def _claim(self, tasks: TaskGroup) -> datetime | None:
        bench = self._bench
        free = AT_ONCE - self._under_way.total()
        if free <= 0:
            return None
        room = {team_id: PER_TEAM - calls for team_id, calls in self._under_way.items()}
        try:
            errands, next_at = await bench.outbox.claim(
                bench.me, bench.clock.now(), bench.policy.lease, free, room
            )
        except StoreError as error:
            bench.journal.note("delivery.claim_failed", error=error.detail)
            return None
        for errand in errands:
            self._under_way[errand.letter.address.team_id] += 1
            tasks.start_soon(
                self._carry, errand, name=f"delivery {errand.letter.research_id} {errand.letter.part}"
            )
        return next_at

    async def _carry(self, errand: Errand) -> None:
        bench, letter = self._bench, errand.letter
        try:
            with bench.journal.about(letter.research_id), self._span(errand):
                if bench.clock.now() + timedelta(seconds=MARGIN) < errand.leased_until:
                    await self._tell(errand)
        except LeaseLost:
            bench.journal.note("delivery.lease_lost", research_id=letter.research_id)
        except StoreError as error:
            # Nothing was noted, so the lease runs out and the next one reads back what this call did.
            bench.journal.note("delivery.note_failed", research_id=letter.research_id, error=error.detail)
        except Exception as error:  # noqa: BLE001  # one delivery's trouble must not stop the others
            bench.journal.trouble("delivery.carrier_failed", error, research_id=letter.research_id)
        finally:
            self._under_way -= Counter([letter.address.team_id])  # drops what is zero
            bench.deliveries.ring()

    def _span(self, errand: Errand) -> AbstractContextManager[str]:
        letter = errand.letter
        facts: dict[str, str | int] = {
            "research_id": letter.research_id,
            "part": letter.part,
            "method": errand.method,
        }
        return self._bench.tracer.span("slack.deliver", errand.traceparent, **facts)

    async def _tell(self, errand: Errand) -> None:
        try:
            await self._deliver(errand)
        except SlackBusy as error:
            until = self._in(max(1.0, error.retry_after))
            await self._bench.outbox.pause(errand.letter.address.team_id, error.method, until)
            await self._not_applied(errand, until, error)
        except SlackUncertain as error:
            await self._unknown(errand, error)
        except SlackRefused as error:
            await self._refused(errand, error)
        except SlackError as error:
            await self._not_applied(errand, self._in(self._backoff(errand)), error)

    async def _deliver(self, errand: Errand) -> None:
        bench, letter = self._bench, errand.letter
        match letter.content:
            case Whole():
                parts = await anyio.to_thread.run_sync(bench.courier.cut, letter.content)
                await bench.outbox.expand(errand, parts, bench.clock.now())
            case Export() as export:
                await self._make(errand, export)
            case Card() if letter.part == "status":
                await bench.courier.show_status(letter)
                await bench.outbox.shown(errand, self._in(1.0))
            case Session() | StepEnd() as content:
                await self._signal(errand, content)
            case Root() | Card() | Answer() | Outcome() | Proposal() | Part() if errand.is_edit:
                assert errand.ts is not None
                await bench.courier.edit(letter, errand.ts)
                await bench.outbox.shown(errand, self._in(bench.policy.card_interval))
            case Whisper() if errand.is_unsettled and errand.tries >= WHISPERS:
                await bench.outbox.dead(errand, "it may have been shown")
            case Whisper() if errand.is_unsettled:
                await bench.outbox.again(errand, bench.clock.now(), "")
            case _ if errand.is_unsettled:
                await self._settle(errand)
            case File(file_id=""):
                file_id = await bench.courier.store(letter)
                await bench.outbox.stored_file(errand, file_id)
                await bench.outbox.again(errand, bench.clock.now(), "")
            case _:
                await self._sent(errand, await bench.courier.post(letter))

    async def _signal(self, errand: Errand, content: Session | StepEnd) -> None:
        """What is no message. Slack forgets by itself that we work, so that it is told again; a step ends once, whoever
        says so twice.
        """
        courier, outbox = self._bench.courier, self._bench.outbox
        match content:
            case StepEnd():
                await courier.complete_step(errand.letter)
                await self._sent(errand, "")
            case Session(status=SessionStatus.PROCESSING):
                await courier.show_session(errand.letter)
                await outbox.kept(errand, self._in(KEEP_ALIVE))
            case Session():
                await courier.show_session(errand.letter)
                await outbox.shown(errand, self._bench.clock.now())

    async def _make(self, errand: Errand, export: Export) -> None:
        """One file after the other: each takes a core for seconds, and waiting ones must not keep messages waiting."""
        if self._is_making:
            await self._bench.outbox.again(errand, self._in(MAKING_PAUSE), "")
            return
        bench, begun = self._bench, self._bench.clock.monotonic()
        self._is_making = True
        try:
            made = await bench.courier.make(export)
        finally:
            self._is_making = False
        seconds = bench.clock.monotonic() - begun
        event = "export.made" if any(isinstance(one, File) for one in made) else "export.failed"
        bench.journal.note(
            event, research_id=errand.letter.research_id, form=export.form.value, seconds=seconds
        )
        await bench.outbox.expand(errand, made, bench.clock.now())

    async def _sent(self, errand: Errand, ts: str) -> None:
        now = self._bench.clock.now()
        await self._bench.outbox.sent(errand, ts, now)
        self._bench.journal.note(
            "delivery.sent",
            research_id=errand.letter.research_id,
            part=errand.letter.part,
            seconds=(now - errand.sending_since).total_seconds(),
        )

    async def _settle(self, errand: Errand) -> None:
        """Looks whether it is there already; only if it is not, it waits for its turn to be sent again.

        What is edited later, and is there, shows its research as it was when it was sent, so it is shown anew.
        """
        ts = await self._bench.courier.find(errand.letter, errand.sending_since)
        if ts is not None:
            self._bench.journal.note(
                "delivery.adopted", research_id=errand.letter.research_id, part=errand.letter.part
            )
            is_shown_anew = isinstance(errand.letter.content, Root | Card | Answer | Outcome | Proposal)
            await self._sent(replace(errand, revision=0) if is_shown_anew else errand, ts)
        else:
            await self._bench.outbox.again(errand, self._bench.clock.now(), "")

    async def _not_applied(self, errand: Errand, due_at: datetime, error: SlackError) -> None:
        self._note(errand, error)
        if errand.is_unsettled:
            await self._bench.outbox.unsettled(errand, due_at, str(error))
        elif errand.tries >= TRIES and not isinstance(error, SlackBusy):
            await self._park(errand, str(error))
        else:
            await self._bench.outbox.again(errand, due_at, str(error))

    async def _unknown(self, errand: Errand, error: SlackError) -> None:
        """It may be there, or come. Once it cannot come any more edits are repeated (an older one that came after a
        newer one would stay), and posts are read back.
        """
        self._note(errand, error)
        if errand.is_edit:
            due_at = self._in(max(self._bench.policy.settle_pause, self._backoff(errand)))
            await self._bench.outbox.again(errand, due_at, str(error))
        elif errand.is_unsettled:
            await self._bench.outbox.unsettled(errand, self._in(self._backoff(errand)), str(error))
        else:
            due_at = self._in(self._bench.policy.settle_pause)
            await self._bench.outbox.unsettled(errand, due_at, str(error))

    async def _refused(self, errand: Errand, error: SlackRefused) -> None:
        self._note(errand, error)
        outbox, letter = self._bench.outbox, errand.letter
        match error.remedy:
            case Remedy.RETRY:
                await self._not_applied(errand, self._in(self._backoff(errand)), error)
            case _ if isinstance(letter.content, Notice):
                # The thread tells everything; nobody misses anything without it.
                await outbox.dead(errand, str(error))
            case Remedy.REFORMAT if smaller := self._bench.courier.recut(letter.content):
                await outbox.expand(errand, smaller, self._bench.clock.now())
            case Remedy.REDIRECT | Remedy.RENEW if not errand.is_edit and not isinstance(
                letter.content, Whisper
            ):
                await self._redirect(errand, error)
            case Remedy.FORGO:
                await outbox.forgo(errand, str(error), self._in(FORGONE))
            case Remedy.PARK:
                await self._park(errand, str(error))
            case _ if isinstance(letter.content, Root) and not errand.is_edit:
                # Without a root there is no thread, so that giving it up would be silence about all of it.
                await self._park(errand, str(error))
            case _:
                await outbox.dead(errand, str(error))

    async def _redirect(self, errand: Errand, error: SlackRefused) -> None:
        """The place is closed to us, or the thread is gone: it goes on in our direct message with the asker; if even
        that is closed, it is kept.
        """
        address = errand.letter.address
        try:
            channel_id = await self._bench.directory.direct_channel(address.team_id, errand.asker_id)
        except SlackRefused as closed:
            await self._park(errand, f"{error}; {closed}")
            return
        except SlackError as passing:
            pause = max(passing.retry_after, self._backoff(errand))
            await self._not_applied(errand, self._in(pause), passing)
            return
        if channel_id == address.channel_id and error.remedy is not Remedy.RENEW:
            await self._park(errand, str(error))
            return
        self._bench.journal.note("delivery.moved", research_id=errand.letter.research_id)
        await self._bench.outbox.redirect(errand, channel_id, str(error), self._bench.clock.now())

    async def _park(self, errand: Errand, error: str) -> None:
        first, longest = PARKED
        pause = backoff(errand.tries, self._bench.chance, base=first, ceiling=longest)
        self._bench.journal.note(
            "delivery.parked", research_id=errand.letter.research_id, part=errand.letter.part
        )
        await self._bench.outbox.park(errand, error, self._in(pause))

    def _note(self, errand: Errand, error: SlackError) -> None:
        self._bench.journal.note(
            "delivery.failed",
            research_id=errand.letter.research_id,
            part=errand.letter.part,
            method=error.method,
            error=error.code or type(error).__name__,
        )

    def _backoff(self, errand: Errand) -> float:
        return backoff(errand.tries, self._bench.chance)

    def _in(self, seconds: float) -> datetime:
        return self._bench.clock.now() + timedelta(seconds=seconds)
