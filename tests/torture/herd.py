"""The bots as real processes: started, killed, stopped, paused, and started again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import deque
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from random import Random

    from anyio.abc import Process

    from tests.torture.plan import Plan
    from tests.torture.tally import Tally

ROOT = Path(__file__).parent.parent.parent
STOPS_WITHIN = 10.0
AGE = 0.02
"""Seconds between two looks at a process."""


async def once(condition: Callable[[], object]) -> None:
    """Returns when the condition holds; processes tell nobody when they change."""
    while not condition():  # noqa: ASYNC110
        await anyio.sleep(AGE)


def _can_be_harmed(bot: Bot, *, early: bool) -> bool:
    return not bot.is_stopping and (bot.is_alive if early else bot.is_up)


class Bot:
    """One place in the herd; whoever dies there has a successor."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pid = 0
        self.code: int | None = None
        self.log = Path()
        self.lives = 0
        self.is_paused = False
        self.is_stopping = False

    @property
    def is_alive(self) -> bool:
        return self.pid != 0 and self.code is None

    @property
    def is_up(self) -> bool:
        """Whether it has said that it is ready."""
        return self.is_alive and self.log.exists() and b'"app.ready"' in self.log.read_bytes()

    def send(self, number: signal.Signals) -> None:
        """A signal, unless it has ended, which the nursery may not have told yet."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def gone(self) -> None:
        """Until this life of it has ended; its successor may be there already."""
        life = self.lives
        await once(lambda: not self.is_alive or self.lives != life)


class Herd:
    """All bots of a run. Open it with `Herd.open`."""

    def __init__(
        self,
        plan: Plan,
        environ: dict[str, str],
        folder: Path,
        chance: Random,
        tally: Tally,
        nursery: Process,
    ) -> None:
        self.bots = [Bot(number) for number in range(plan.processes)]
        self.is_calm = False
        self._plan = plan
        self._environ = environ
        self._folder = folder
        self._chance = chance
        self._tally = tally
        self._nursery = nursery
        self._unborn: deque[Bot] = deque()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, plan: Plan, environ: dict[str, str], folder: Path, chance: Random, tally: Tally
    ) -> AsyncIterator[Herd]:
        """A herd without bots; nothing of it is left running at the end."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        whole = {**inherited, "PYTHONPATH": str(ROOT)}
        hurry = json.dumps(plan.hurry.as_dict())
        async with (
            await anyio.open_process(
                [sys.executable, "-m", "tests.torture.nursery", hurry],
                env=whole,
                cwd=folder,
                stderr=subprocess.DEVNULL,
            ) as nursery,
            anyio.create_task_group() as listening,
        ):
            herd = cls(plan, {**whole, **environ}, folder, chance, tally, nursery)
            listening.start_soon(herd._listen, name="nursery")
            try:
                yield herd
            finally:
                herd.is_calm = True
                for bot in herd.bots:
                    bot.send(signal.SIGKILL)
                listening.cancel_scope.cancel()
                if nursery.returncode is None:
                    nursery.kill()

    @property
    def kills(self) -> int:
        """So many processes were killed, stopped or paused so far."""
        return self._tally.kills.total()

    async def start(self, bot: Bot) -> None:
        """Has a bot born; it need not be ready when this returns."""
        bot.lives += 1
        bot.pid, bot.code = 0, None
        bot.log = self._folder / f"bot{bot.number}-{bot.lives:04d}.log"
        wish = {"log": str(bot.log), "folder": str(self._folder), "environ": self._environ}
        self._unborn.append(bot)
        assert self._nursery.stdin is not None
        await self._nursery.stdin.send(f"{json.dumps(wish)}\n".encode())
        await once(lambda: bot.pid)
        bot.is_paused = bot.is_stopping = False

    async def _listen(self) -> None:
        assert self._nursery.stdout is not None
        rest = b""
        async for piece in self._nursery.stdout:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                self._hear(json.loads(line))

    def _hear(self, said: dict[str, Any]) -> None:
        if "born" in said:
            self._unborn.popleft().pid = said["born"]
        for bot in self.bots:
            if bot.pid and said.get("dead") == bot.pid:
                bot.code = said["code"]

    def kill_one(self) -> bool:
        """SIGKILL for one of those that live, at once; False where none lives or enough have died."""
        living = [bot for bot in self.bots if bot.is_alive and not bot.is_paused]
        if self.is_calm or not living or self.kills >= self._plan.kills:
            return False
        self._chance.choice(living).send(signal.SIGKILL)
        self._tally.kills["SIGKILL at a call"] += 1
        return True

    async def keep(self, bot: Bot) -> None:
        """Starts a bot, and a successor for whoever has ended, after a moment."""
        while True:
            await self.start(bot)
            await bot.gone()
            if bot.code != -signal.SIGKILL and not bot.is_stopping:
                self._tally.unexpected_ends.append(f"{bot.log.name}: {bot.code}")
            await anyio.sleep(0 if self.is_calm else self._chance.choice((0.0, 0.0, 0.1, 0.5)))

    async def torment(self) -> None:
        """Deals out deaths and pauses until there were enough, or it has taken long enough."""
        with anyio.move_on_after(self._plan.longest):
            async with anyio.create_task_group() as tormentors:
                for bot in self.bots:
                    tormentors.start_soon(self._torment, bot, name=f"tormentor of bot {bot.number}")
        self.is_calm = True
        for bot in self.bots:
            bot.send(signal.SIGCONT)

    async def _torment(self, bot: Bot) -> None:
        """Mostly lets it work for a while first; sometimes harms it while it is being born."""
        least, most = self._plan.gap
        while self.kills < self._plan.kills:
            early = self._chance.random() < 0.1
            pause = (
                self._chance.uniform(0.02, least)
                if self._chance.random() < 0.25
                else self._chance.uniform(least, most)
            )
            how = self._chance.random()
            await once(partial(_can_be_harmed, bot, early=early))
            await anyio.sleep(min(pause, 0.5) if early else pause)
            if bot.is_alive and self.kills < self._plan.kills:
                await self._harm(bot, how)

    async def _harm(self, bot: Bot, how: float) -> None:
        if how < 0.75:
            self._tally.kills["SIGKILL"] += 1
            bot.send(signal.SIGKILL)
            await bot.gone()
        elif how < 0.87:
            self._tally.kills["SIGTERM"] += 1
            await self._stop(bot)
        else:
            self._tally.kills["SIGSTOP, SIGCONT"] += 1
            await self._pause(bot)

    async def _stop(self, bot: Bot) -> None:
        bot.is_stopping = True
        life, began = bot.lives, time.monotonic()
        bot.send(signal.SIGTERM)
        while bot.is_alive and bot.lives == life:
            await anyio.sleep(AGE)
            if time.monotonic() - began > STOPS_WITHIN + 2:
                bot.send(signal.SIGKILL)
        if (took := time.monotonic() - began) > STOPS_WITHIN:
            self._tally.slow_stops.append(round(took, 1))

    async def _pause(self, bot: Bot) -> None:
        """Asleep for longer than a lease, mostly; it does not know when it wakes."""
        bot.is_paused = True
        bot.send(signal.SIGSTOP)
        await anyio.sleep(self._plan.hurry.lease * self._chance.uniform(0.3, 1.8))
        bot.send(signal.SIGCONT)
        bot.is_paused = False
