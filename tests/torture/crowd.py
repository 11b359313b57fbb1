"""The people: they ask, cancel, press Retry where a start was lost, and note what they were promised."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from bot.domain.errands import Answer
from bot.slack.buttons import CANCEL, MOVE_DIRECT, RETRY
from bot.slack.help import ANSWERS
from tests.torture.seen import says, shown

if TYPE_CHECKING:
    from random import Random

    from bot.sandbox.slack import SimulatedSlack
    from bot.sandbox.slack.message import Message
    from tests.torture.places import Places
    from tests.torture.plan import Plan
    from tests.torture.rows import Outsider
    from tests.torture.tally import Tally

PLACES = (("ada", "C0RESEARCH"), ("ben", "C0RESEARCH"), ("ben", "C0GENERAL"), ("cleo", "C0GENERAL"),
          ("ada", "C0SECRET"), ("ada", "D0ADA"), ("cleo", "D0CLEO"))  # fmt: skip
WORDS = (
    *[""] * 8,
    *["demo:quick"] * 8,
    *["demo:images"] * 3,
    *["demo:table"] * 3,
    "demo:long demo:quick",
    "demo:atlas demo:quick",
    "demo:cut",
    "demo:cut demo:images",
    "demo:silent",
    "demo:fail",
    "demo:mute",
    "demo:incomplete",
    "demo:empty",
    "demo:late",
    "demo:lag",
    "demo:lost demo:quick",
    "demo:lost demo:quick",
    "demo:busy",
    "demo:queued",
    "demo:noids",
    "demo:partial",
    "demo:legacy",
    "demo:nousage",
    "demo:unknown",
    "demo:hostile",
)
LOST = "it is unknown whether Google"
MOST_PRESSES = 20


@dataclass(slots=True)
class Promises:
    """What people did and were told, by question and by research."""

    accepted: set[str] = field(default_factory=set)
    """Questions whose asker read that the research begins."""
    asked: int = 0
    presses: Counter[str] = field(default_factory=Counter)
    """How often somebody pressed Retry, by research; also where Slack could not say whether it arrived."""


class Crowd:
    """Keeps `at_once` researches under way as long as it lasts."""

    def __init__(
        self,
        plan: Plan,
        slack: SimulatedSlack,
        places: Places,
        outsider: Outsider,
        chance: Random,
        tally: Tally,
    ) -> None:
        self.promises = Promises()
        self._plan = plan
        self._slack = slack
        self._places = places
        self._outsider = outsider
        self._chance = chance
        self._tally = tally
        self._pressed: set[tuple[str, str]] = set()
        self._taken: Counter[str] = Counter()

    async def ask_on(self) -> None:
        """Asks whenever fewer than `at_once` researches are under way, until cancelled."""
        while self.promises.asked < self._plan.most:
            await anyio.sleep(self._chance.uniform(0.05, 0.8))
            is_heard = self._slack.socket.connections > 0
            if is_heard and (await self._outsider.left())[0] < self._plan.at_once:
                await self._ask()

    async def meddle(self) -> None:
        """Cancels some, retries what was lost, until cancelled."""
        while True:
            await anyio.sleep(self._chance.uniform(0.5, 2.0))
            await self._slack.until(lambda: self._slack.socket.connections > 0, timeout=60)
            if self._chance.random() < 0.15:
                await self._cancel()
            else:
                await self._retry()

    async def take_offers(self) -> None:
        """Whoever is told that there is no place takes the direct message, until cancelled."""
        while True:
            await anyio.sleep(1.0)
            workspace = self._slack.workspace
            has_thread = {one.research for one in shown(self._slack)}
            for person in ("ada", "ben", "cleo"):
                direct = workspace.messages(workspace.dm(person).id)
                for message in (*workspace.ephemerals_of(person), *direct):
                    if (offer := _value(message, MOVE_DIRECT)) and offer not in has_thread:
                        await self._take(person, message, offer)

    async def _take(self, person: str, message: Message, research: str) -> None:
        """Presses until a thread appears: nobody may have heard it, or Slack may not have opened the direct message."""
        if self._taken[research] == MOST_PRESSES:
            return
        try:
            where = message.ephemeral_id or message.ts
            ack = await self._slack.people.click(person, message.channel, where, MOVE_DIRECT)
        except LookupError:
            return  # they see it no more
        self._taken[research] += ack.acked
        self._tally.deeds["offer taken" if ack.acked else f"offer taken, {ack.error}"] += 1

    async def shake_sockets(self) -> None:
        """Drops and refreshes connections, duplicates envelopes, until cancelled."""
        slack = self._slack
        while True:
            await anyio.sleep(self._chance.uniform(1.0, 6.0))
            kind = self._chance.choice(
                ("dropped", "refreshed", "warned", "duplicate", "duplicate", "same envelope twice")
            )
            self._tally.faults[f"socket: {kind}"] += 1
            match kind:
                case "dropped":
                    await slack.socket.drop()
                case "refreshed":
                    await slack.socket.refresh()
                case "warned":
                    await slack.socket.warn()
                case _:
                    slack.socket.duplicate_next(same_envelope=kind != "duplicate")

    async def _ask(self) -> None:
        person, channel = self._chance.choice(PLACES)
        if not self._places.is_open(channel):
            return  # people do not ask where they see that nobody is there
        self.promises.asked += 1
        question = f"Question {self.promises.asked:04d}: what is known about it? {self._chance.choice(WORDS)}".strip()
        ack = await self._slack.people.command(person, channel, "/research", question)
        words = (ack.payload or {}).get("text", "")
        if ack.acked and words in (ANSWERS[Answer.ACCEPTED], ANSWERS[Answer.KNOWN]):
            self.promises.accepted.add(question)
        self._tally.deeds["asked" if ack.acked else f"asked, {ack.error}"] += 1

    async def _cancel(self) -> None:
        cards = [
            one.message for one in shown(self._slack) if one.part == "card" and _has(one.message, CANCEL)
        ]
        if cards:
            await self._press(self._chance.choice(cards), CANCEL, "cancel pressed")

    async def _retry(self) -> None:
        lost = [
            one
            for one in shown(self._slack)
            if one.part.startswith("outcome.")
            and (one.research, one.part) not in self._pressed
            and _has(one.message, RETRY)
            and LOST in says(one.message)
        ]
        if not lost:
            return
        chosen = self._chance.choice(lost)
        self._pressed.add((chosen.research, chosen.part))
        if self._chance.random() < 0.8:
            self.promises.presses[chosen.research] += 1
            await self._press(chosen.message, RETRY, "retry pressed")

    async def _press(self, message: Message, action: str, deed: str) -> None:
        channel = self._slack.workspace.channels[message.channel]
        person = next(
            name
            for name in ("cleo", "ada", "ben")
            if self._slack.workspace.sees(f"U0{name.upper()}", channel)
        )
        try:
            ack = await self._slack.people.click(person, message.channel, message.ts, action)
        except LookupError:
            return  # the button went while they moved their hand
        self._tally.deeds[deed if ack.acked else f"{deed}, {ack.error}"] += 1


def _has(message: Message, action: str) -> bool:
    return bool(_value(message, action))


def _value(message: Message, action: str) -> str:
    """What a button carries; empty where there is none."""
    elements = [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
    return next((str(one.get("value", "")) for one in elements if one.get("action_id") == action), "")
