"""One research from the command to the last part of its report, with the moment of everything that is visible."""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import anyio

if TYPE_CHECKING:
    from bench.processes import Sandbox
    from bot.sandbox.gemini import SimulatedInteraction
    from bot.sandbox.slack.message import Message

STATUS = ("assistant.threads.setStatus",)
CARD = ("chat.update", "chat.postMessage")
QUIET_SECONDS = 3.5
"""Longer than a card waits between two edits: what is measured next is not paced by what came before."""
TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A research under way, and when its first signs were visible, in seconds after the command."""

    root: Message
    interaction: SimulatedInteraction
    ack: float
    first_sign: float


@dataclass(frozen=True, slots=True)
class Ending:
    """Seconds after Gemini completed at which outcome and report were visible; `messages` of the whole ending."""

    outcome: float
    first_part: float
    last: float
    messages: int
    characters: int

    @property
    def over(self) -> float:
        """How much longer than a second per message the whole took."""
        return self.last - self.messages


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds from the sending of a thought until it was visible: anywhere, in the card, in the status line."""

    anywhere: float
    card: float | None
    status: float | None


async def ask(world: Sandbox, question: str) -> Asked:
    """Asks, and returns once the first card is there and all is quiet."""
    slack, gemini = world.slack, world.gemini
    before, created = len(_roots(world)), len(gemini.creates)
    began = slack.clock.now()
    await slack.people.command("ada", "research", "/research", question)
    acked = slack.clock.now() - began
    await slack.until(lambda: len(_roots(world)) > before and len(gemini.creates) > created, timeout=TIMEOUT)
    root = _roots(world)[before]
    await slack.until(lambda: len(root.replies) > 0, timeout=TIMEOUT)
    await anyio.sleep(QUIET_SECONDS)
    return Asked(root, gemini.creates[created], acked, max(acked, float(root.ts) - began))


async def think(world: Sandbox, asked: Asked, clumps: int, chance: Random) -> list[Seen]:
    """Lets Gemini send thoughts in clumps of one to three, 1–6 s apart; when each was first visible."""
    slack, sent = world.slack, dict[str, float]()
    calls = len(slack.calls)
    for _ in range(clumps):
        titles = [f"Examining aspect {len(sent) + n + 1:03d}" for n in range(chance.randint(1, 3))]
        world.gemini.think(asked.interaction.id, *(f"**{title}**\n\nIt has two sides." for title in titles))
        sent |= dict.fromkeys(titles, slack.clock.now())
        await anyio.sleep(chance.uniform(1, 6))
    await anyio.sleep(2 * QUIET_SECONDS)
    shown = [(call.method, call.at, json.dumps(call.args)) for call in slack.calls[calls:] if call.ok]

    def first(title: str, methods: tuple[str, ...]) -> float | None:
        moments = (at - sent[title] for method, at, said in shown if method in methods and title in said)
        return min(moments, default=None)

    seen = []
    for title in sent:
        anywhere = first(title, (*CARD, *STATUS))
        if anywhere is None:
            raise RuntimeError(f"{title} was never visible")
        seen.append(Seen(anywhere, first(title, CARD), first(title, STATUS)))
    return seen


async def finish(world: Sandbox, asked: Asked, text: str | None = None) -> Ending:
    """Completes the run with a text, or with the report that its question deserves; returns once all of it is there
    and the channel is quiet again.
    """
    slack = world.slack
    before = len(asked.root.replies)
    began = slack.clock.now()
    world.gemini.finish(asked.interaction.id, text)
    await slack.until(lambda: _part(asked.root, "report.1.1") is not None, timeout=TIMEOUT)
    await slack.until(lambda: not _undelivered(world), timeout=TIMEOUT)
    await anyio.sleep(QUIET_SECONDS)
    messages = asked.root.replies[before:]
    outcome, first = _part(asked.root, "outcome.1"), _part(asked.root, "report.1.1")
    assert outcome is not None
    assert first is not None
    return Ending(
        outcome=float(outcome.ts) - began,
        first_part=float(first.ts) - began,
        last=max(float(message.ts) for message in messages) - began,
        messages=len(messages),
        characters=len(asked.interaction.text),
    )


def _roots(world: Sandbox) -> list[Message]:
    roots = world.slack.workspace.messages("research")
    return [message for message in roots if message.bot and not message.ephemeral_to]


def _part(root: Message, name: str) -> Message | None:
    for message in root.replies:
        if message.metadata and message.metadata["event_payload"]["part"] == name:
            return message
    return None


def _undelivered(world: Sandbox) -> int:
    waiting = "SELECT count(*) FROM delivery WHERE open AND kind IN ('outcome', 'whole', 'part', 'file')"
    return int(world.rows(waiting)[0][0])
