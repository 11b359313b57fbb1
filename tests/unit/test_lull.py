"""People first: what nobody looks at waits for a lull, and not for ever."""

from __future__ import annotations

import anyio

from bot.work.lull import Lull


async def test_without_anything_under_way_nobody_waits():
    with anyio.fail_after(1):
        await Lull().wait(60)


async def test_the_end_of_the_last_one_wakes_whoever_waits():
    lull, seen = Lull(), []

    async def patient() -> None:
        await lull.wait(60)
        seen.append("lull")

    async with anyio.create_task_group() as tasks:
        with lull.busy():
            with lull.busy():
                tasks.start_soon(patient)
                await anyio.wait_all_tasks_blocked()
            await anyio.wait_all_tasks_blocked()
            seen.append("one left")

    assert seen == ["one left", "lull"]


async def test_what_never_ends_is_not_waited_for_longer_than_that():
    lull = Lull()
    with lull.busy(), anyio.fail_after(5):
        await lull.wait(0.01)
