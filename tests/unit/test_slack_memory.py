"""What was looked up is remembered: for a while, not too much of it, and asked once."""

from __future__ import annotations

import anyio

from bot.errors import SlackUnreachable
from bot.slack.memory import Remembered


class Hand:
    """A clock that a test sets."""

    def __init__(self):
        self.at = 0.0

    def now(self):
        raise NotImplementedError

    def monotonic(self):
        return self.at

    async def sleep(self, seconds):
        raise NotImplementedError


class Slack:
    """Counts look-ups; each waits for `open` if it is given."""

    def __init__(self, gate=None):
        self.asked = 0
        self.gate = gate
        self.error = None

    async def look(self):
        self.asked += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.asked


async def test_an_answer_is_kept_until_its_time_is_over():
    hand, slack = Hand(), Slack()
    memory = Remembered(hand, 60)
    answers = [await memory.get("a", slack.look)]
    hand.at = 59.9
    answers.append(await memory.get("a", slack.look))
    hand.at = 60.0
    answers.append(await memory.get("a", slack.look))

    assert answers == [1, 1, 2]


async def test_the_oldest_answer_goes_when_there_are_too_many():
    slack = Slack()
    memory = Remembered(Hand(), 60, most=2)
    for key in "abc":
        await memory.get(key, slack.look)

    assert await memory.get("c", slack.look) == 3
    assert await memory.get("b", slack.look) == 2
    assert await memory.get("a", slack.look) == 4


async def test_an_answer_that_is_not_to_be_kept_is_asked_for_again():
    slack = Slack()
    memory = Remembered(Hand(), 60, keep=lambda answer: answer > 1)

    assert [await memory.get("a", slack.look) for _ in range(3)] == [1, 2, 2]


async def test_many_who_ask_at_once_share_one_look():
    gate = anyio.Event()
    slack = Slack(gate)
    memory = Remembered(Hand(), 60)
    answers = []

    async def ask():
        answers.append(await memory.get("a", slack.look))

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        gate.set()

    assert answers == [1] * 10


async def test_an_error_is_shared_by_those_who_wait_and_not_kept():
    gate = anyio.Event()
    slack = Slack(gate)
    slack.error = SlackUnreachable("users.info")
    memory = Remembered(Hand(), 60)
    errors = []

    async def ask():
        try:
            await memory.get("a", slack.look)
        except SlackUnreachable as error:
            errors.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        gate.set()
    slack.error = None

    assert (len(errors), slack.asked) == (3, 1)
    assert await memory.get("a", slack.look) == 2


async def test_who_waits_looks_for_himself_when_the_one_who_looked_was_cancelled():
    gate = anyio.Event()
    slack = Slack(gate)
    memory = Remembered(Hand(), 60)
    answers = []

    async def ask():
        answers.append(await memory.get("a", slack.look))

    async with anyio.create_task_group() as group:
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as first:
                first.start_soon(ask)
                await anyio.wait_all_tasks_blocked()
                group.start_soon(ask)
                await anyio.wait_all_tasks_blocked()
                scope.cancel()
        gate.set()

    assert answers == [2]
