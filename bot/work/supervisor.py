"""Claims researches that are due, keeps one runner task for each, renews their leases, hands over on stop."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import anyio

from bot.errors import LeaseLost, StoreError
from bot.work.runner import Runner

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from datetime import datetime

    from anyio.abc import TaskGroup

    from bot.domain.errands import Held
    from bot.work.bench import Bench

AT_ONCE = 50
"""Claimed by one statement; more wait for the next round, which follows at once."""
LOOK_EVERY = 1.0
"""Seconds between looks for work of other processes; our own rings the bell."""
PEOPLE_FIRST = 0.3
"""Seconds that claims wait at most while questions are being written down: a burst of them is acknowledged first."""
WISHES_EVERY = 2.0
LAST_WORDS = 4.5
"""Seconds that a POST under way gets when the process stops."""


class Supervisor:
    """All researches of this process."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._running: dict[str, tuple[Held, Runner, anyio.CancelScope]] = {}
        self._is_hurrying = False

    async def run(self) -> None:
        """Until cancelled; then every research is handed back at once."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._bench.looks.run, name="timetable of looks")
            tasks.start_soon(self._renew, name="lease renewals")
            tasks.start_soon(self._pass_on_wishes, name="wishes to stop")
            while True:
                await self._bench.lull.wait(PEOPLE_FIRST)
                claimed = 0 if self._is_hurrying else await self._claim(tasks)
                if claimed < AT_ONCE:
                    await self._bench.researches.wait(LOOK_EVERY)

    async def look(self, interaction_id: str) -> None:
        """Somebody says that an interaction has news: whoever follows it here looks at once. Others poll anyway."""
        research_id = await self._bench.ledger.of_interaction(interaction_id)
        if research_id in self._running:
            self._running[research_id][1].look()

    def hurry(self) -> None:
        """The process is about to stop: nothing more is claimed, and POSTs under way get `LAST_WORDS` seconds."""
        self._is_hurrying = True
        for _, runner, _ in self._running.values():
            runner.hurry(LAST_WORDS)

    async def _claim(self, tasks: TaskGroup) -> int:
        bench = self._bench
        try:
            claimed = await bench.ledger.claim(bench.me, bench.clock.now(), bench.policy.lease, AT_ONCE)
        except StoreError as error:
            bench.journal.note("research.claim_failed", error=error.detail)
            return 0
        for held in claimed:
            bench.journal.note("research.claimed", research_id=held.research_id, state=held.state.value)
            tasks.start_soon(self._carry, held, name=f"research {held.research_id}")
        return len(claimed)

    async def _carry(self, held: Held) -> None:
        """One runner, and the research given back when it is done with it, however that came about."""
        bench = self._bench
        runner = Runner(bench, held)
        due_at = bench.clock.now()
        with anyio.CancelScope() as scope:
            self._running[held.research_id] = (held, runner, scope)
            try:
                with bench.journal.about(held.research_id), self._span(held):
                    due_at = await runner.run()
            except* LeaseLost:
                bench.journal.note("research.lease_lost", research_id=held.research_id)
            except* StoreError as errors:
                due_at = self._later()
                bench.journal.note(
                    "research.interrupted", research_id=held.research_id, error=str(errors.exceptions[0])
                )
            except* Exception as errors:  # noqa: BLE001  # one research's trouble must not stop the others
                due_at = self._later()
                bench.journal.trouble("research.runner_failed", errors, research_id=held.research_id)
            finally:
                if self._running.get(held.research_id, (None,))[0] is held:
                    del self._running[held.research_id]
                await self._release(held, due_at)
        bench.researches.ring()

    def _span(self, held: Held) -> AbstractContextManager[str]:
        """Below the question, in whichever process that was asked."""
        facts: dict[str, str | int] = {
            "research_id": held.research_id,
            "state": held.state.value,
            "attempt": held.attempt,
        }
        return self._bench.tracer.span("research.carry", held.traceparent, **facts)

    def _later(self) -> datetime:
        return self._bench.clock.now() + timedelta(seconds=self._bench.policy.poll_max)

    async def _release(self, held: Held, due_at: datetime) -> None:
        with anyio.CancelScope(shield=True):
            try:
                await self._bench.ledger.release(held.research_id, held.fence, due_at)
            except StoreError as error:
                # The lease runs out by itself; whoever claims it next takes over.
                self._bench.journal.note(
                    "research.release_failed", research_id=held.research_id, error=error.detail
                )

    async def _renew(self) -> None:
        """Prolongs all leases in one statement; a runner whose lease is gone is stopped, and so are all when
        renewing has not worked until shortly before the end of the leases.
        """
        bench, policy = self._bench, self._bench.policy
        renewed_at = bench.clock.monotonic()
        while True:
            await bench.clock.sleep(policy.renew_every)
            begun_at = bench.clock.monotonic()
            try:
                still_ours = await bench.ledger.renew(bench.me, bench.clock.now(), policy.lease)
            except StoreError as error:
                bench.journal.note("research.renewal_failed", error=error.detail)
                if begun_at - renewed_at > policy.lease - policy.renew_every / 2:
                    self._stop_all_but({})
                continue
            renewed_at = begun_at
            self._stop_all_but({research_id: fence for research_id, (fence, _) in still_ours.items()})

    def _stop_all_but(self, ours: dict[str, int]) -> None:
        for research_id, (held, _, scope) in list(self._running.items()):
            if ours.get(research_id) != held.fence:
                scope.cancel()

    async def _pass_on_wishes(self) -> None:
        """Tells runners what a person pressed in this process or another one."""
        bench = self._bench
        while True:
            await bench.wishes.wait(WISHES_EVERY)
            if not self._running:
                continue
            try:
                wishes = await bench.ledger.wishes(bench.me)
            except StoreError:
                continue  # the next round asks again
            for research_id in wishes & self._running.keys():
                self._running[research_id][1].wish_stop()
