"""How fast commands are acknowledged: one after the other, and all at once; and whether their rows are there."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import anyio

from bench.figures import percentile
from bench.processes import bare_acks, sandbox
from bot.sandbox.slack import payloads

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sandbox.slack import Ack, SimulatedSlack

COMMANDS = 500
SERIAL = 25
SERIAL_PAUSE = 0.4
"""Seconds between two single commands: the bot is done with the one before by then."""


@dataclass(frozen=True, slots=True)
class Burst:
    """The acks of one burst, in seconds from the sending of each envelope; `whole` from the first to the last."""

    seconds: tuple[float, ...]
    whole: float
    rows: int

    def milliseconds(self, share: float) -> float:
        """A percentile."""
        return percentile(self.seconds, share) * 1000


async def burst(profile: Path | None = None, module: str = "bot") -> Burst:
    """500 commands of 500 people at once to a bot that has just started. It is killed with SIGKILL at the last ack;
    then its rows are counted.
    """
    async with sandbox(profile, module) as world:
        acks, whole = await _all_at_once(world.slack)
        if profile is None:
            world.process.kill()
            await world.process.wait()
        rows = world.rows("SELECT count(DISTINCT request_key) FROM research")[0][0]
    return _judged(acks, whole, rows)


async def bare_burst(module: str = "bench.bare") -> Burst:
    """The same burst to a peer that only acknowledges."""
    async with bare_acks(module) as slack:
        acks, whole = await _all_at_once(slack)
    return _judged(acks, whole, COMMANDS)


async def serial() -> list[float]:
    """Milliseconds of each of some single commands to a bot that has nothing else to do."""
    milliseconds = []
    async with sandbox() as world:
        for payload in _commands(world.slack, SERIAL):
            await anyio.sleep(SERIAL_PAUSE)
            milliseconds.append((await _send(world.slack, payload)).seconds * 1000)
    return milliseconds


async def _all_at_once(slack: SimulatedSlack) -> tuple[list[Ack], float]:
    acks: list[Ack] = []

    async def one(payload: dict[str, Any]) -> None:
        acks.append(await _send(slack, payload))

    commands = _commands(slack, COMMANDS)
    began = perf_counter()
    async with anyio.create_task_group() as tasks:
        for number, payload in enumerate(commands):
            tasks.start_soon(one, payload, name=f"command {number}")
    return acks, perf_counter() - began


async def _send(slack: SimulatedSlack, payload: dict[str, Any]) -> Ack:
    return await slack.delivery.interact("slash_commands", payload, accepts_response=True)


def _commands(slack: SimulatedSlack, count: int) -> list[dict[str, Any]]:
    """Made before the clock starts: writing payloads is Slack's work."""
    channel = slack.workspace.channel("research")
    people = [slack.workspace.add_person(f"person{number}") for number in range(count)]
    return [
        payloads.slash_command(slack, person, channel, "/research", f"What is number {number} good for?")
        for number, person in enumerate(people)
    ]


def _judged(acks: list[Ack], whole: float, rows: int) -> Burst:
    unacked = sum(not ack.acked for ack in acks)
    if unacked or rows != COMMANDS:
        raise RuntimeError(f"{unacked} commands not acknowledged, {rows} of {COMMANDS} rows in the database")
    return Burst(tuple(ack.seconds for ack in acks), whole, rows)
