"""What is to be done later, for all researches of a process: one heap and one sleeper instead of a task asleep for each."""

from __future__ import annotations

from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING

from bot.work.bell import Bell

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from contextvars import Context

    from anyio.abc import TaskGroup

    from bot.ports import Clock

    Work = Callable[[], Coroutine[None, None, None]]

AT_ONCE = 100
"""So many are under way at the same time; what is due besides waits, so that a bad hour opens no thousand connections."""
MOMENT = 0.001
"""Seconds too short to sleep for."""
LONG = 3600.0


@dataclass(slots=True, order=True)
class Plan:
    """Something that starts at `due`, in the task group of whoever planned it."""

    due: float
    number: int
    name: str = field(compare=False)
    _start: tuple[TaskGroup, Work, Context] | None = field(compare=False)

    def take(self) -> tuple[TaskGroup, Work, Context] | None:
        """What there is to start, once: nothing where it was started or called off before."""
        found, self._start = self._start, None
        return found

    def call_off(self) -> bool:
        """Whether it was still time for that."""
        return self.take() is not None


class Timetable:
    """Starts plans when they are due, in that order. Call a plan off before its task group closes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plans: list[Plan] = []
        self._numbers = count()
        self._news = Bell(clock)
        self._under_way = 0

    def plan(self, seconds: float, tasks: TaskGroup, work: Work, name: str) -> Plan:
        """Has `work` started as a task of `tasks` in so many seconds."""
        plan = Plan(
            self._clock.monotonic() + seconds, next(self._numbers), name, (tasks, work, copy_context())
        )
        heappush(self._plans, plan)
        if self._plans[0] is plan:
            self._news.ring()
        return plan

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = self._pause()
            if pause > MOMENT:
                await self._news.wait(pause)
                continue
            plan = heappop(self._plans)
            found = plan.take()
            if found is not None:
                tasks, work, context = found
                self._under_way += 1
                # As what it was planned for: its log lines and spans belong there, not to this sleeper.
                context.run(partial(tasks.start_soon, self._carry_out, work, name=plan.name))

    def _pause(self) -> float:
        if not self._plans or self._under_way >= AT_ONCE:
            return LONG
        return self._plans[0].due - self._clock.monotonic()

    async def _carry_out(self, work: Work) -> None:
        try:
            await work()
        finally:
            self._under_way -= 1
            self._news.ring()
