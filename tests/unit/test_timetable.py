"""One timer for everything that a process has to do later."""

from __future__ import annotations

from contextvars import ContextVar

import anyio
import pytest

from bot.work.timetable import AT_ONCE, Timetable
from tests.clocks import HandClock


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
async def timetable(clock):
    made = Timetable(clock)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(made.run, name="timetable")
        yield made
        tasks.cancel_scope.cancel()


class Works:
    """What was started, and a door that holds it open."""

    def __init__(self):
        self.started = []
        self.door = anyio.Event()

    def named(self, name):
        async def work():
            self.started.append(name)
            await self.door.wait()

        return work


@pytest.fixture
async def works():
    return Works()


async def test_what_is_due_first_is_started_first_and_nothing_before_its_time(clock, timetable, works):
    async with anyio.create_task_group() as tasks:
        for seconds in (30, 10, 20):
            timetable.plan(seconds, tasks, works.named(seconds), f"after {seconds}")
        started = [await _after(clock, seconds, works) for seconds in (9, 1, 10, 10)]
        works.door.set()

    assert started == [[], [10], [10, 20], [10, 20, 30]]


async def test_a_plan_that_is_called_off_is_not_started_and_a_started_one_cannot_be(clock, timetable, works):
    async with anyio.create_task_group() as tasks:
        early = timetable.plan(5, tasks, works.named("early"), "early")
        late = timetable.plan(10, tasks, works.named("late"), "late")
        await _after(clock, 5, works)
        outcome = early.call_off(), late.call_off(), late.call_off()
        await _after(clock, 20, works)
        works.door.set()

    assert outcome == (False, True, False)
    assert works.started == ["early"]


async def test_what_is_planned_while_it_sleeps_wakes_it_in_time(clock, timetable, works):
    async with anyio.create_task_group() as tasks:
        timetable.plan(60, tasks, works.named("slow"), "slow")
        await _after(clock, 1, works)
        timetable.plan(0, tasks, works.named("now"), "now")
        started = await _after(clock, 0, works)
        works.door.set()
        tasks.cancel_scope.cancel()

    assert started == ["now"]


async def test_what_comes_at_once_waits_for_room(clock, timetable, works):
    async with anyio.create_task_group() as tasks:
        for number in range(AT_ONCE + 2):
            timetable.plan(1, tasks, works.named(number), f"number {number}")
        before = len(await _after(clock, 1, works))
        works.door.set()
        await _after(clock, 0, works)

    assert before == AT_ONCE
    assert works.started == list(range(AT_ONCE + 2))


async def test_a_plan_lives_and_dies_with_its_task_group(clock, timetable, works):
    with pytest.raises(ExceptionGroup) as caught:
        await _planned_to_fail(clock, timetable)
    async with anyio.create_task_group() as tasks:
        timetable.plan(1, tasks, works.named("next"), "next")
        await _after(clock, 1, works)
        works.door.set()

    assert caught.group_contains(ZeroDivisionError)
    assert works.started == ["next"]


async def _planned_to_fail(clock, timetable):
    async def fails():
        raise ZeroDivisionError

    async with anyio.create_task_group() as tasks:
        timetable.plan(1, tasks, fails, "fails")
        clock.move(1)
        await anyio.sleep_forever()


async def _after(clock, seconds, works):
    """What had been started once so much time has passed and everybody had their turn."""
    await anyio.wait_all_tasks_blocked()
    clock.move(seconds)
    await anyio.wait_all_tasks_blocked()
    return list(works.started)


async def test_what_is_planned_runs_as_what_it_was_planned_for(clock, timetable):
    """Its log lines and its spans are those of the research that planned it."""
    about = ContextVar("about", default="nobody")
    seen, done = [], anyio.Event()

    async def work():
        seen.append(about.get())
        done.set()

    async with anyio.create_task_group() as tasks:
        token = about.set("r_1")
        timetable.plan(1, tasks, work, "a look")
        about.reset(token)
        clock.move(2)
        with anyio.fail_after(5):
            await done.wait()

    assert seen == ["r_1"]
