"""The whole product for a test: simulated Slack, simulated Gemini, the real bot between them, a database of its own."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot import app
from bot.sandbox.gemini import SimulatedGemini
from bot.sandbox.slack import SimulatedSlack
from bot.settings import load
from tests.clocks import HurriedClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import Running
    from bot.sandbox.slack import Ack
    from bot.sandbox.slack.message import Message

RESEARCH = "C0RESEARCH"
SPEED = 15.0


@dataclass
class World:
    """What a test looks at. `environ` may be changed before the bot is started."""

    slack: SimulatedSlack
    gemini: SimulatedGemini
    clock: HurriedClock
    environ: dict[str, str]
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def open(cls, database_url: str, speed: float = SPEED) -> AsyncIterator[World]:
        clock = HurriedClock(speed)
        async with (
            SimulatedSlack.serve(clock=clock.for_slack()) as slack,
            SimulatedGemini.serve(pace=1 / speed) as gemini,
        ):
            # Seconds of the machine, as the patience of our acks: however hurried, a process opens no form faster.
            slack.permissions.trigger_lifetime *= speed
            environ = {
                "SLACK_BOT_TOKEN": slack.bot_token,
                "SLACK_APP_TOKEN": slack.app_token,
                "SLACK_API_URL": slack.api_url,
                "GEMINI_API_KEY": gemini.api_key,
                "GOOGLE_GEMINI_BASE_URL": gemini.url,
                "DATABASE_URL": database_url,
                "PORT": "0",
            }
            yield cls(slack, gemini, clock, environ)

    @asynccontextmanager
    async def bot(self, **environ: str) -> AsyncIterator[Running]:
        """A bot process, in this event loop; stops cleanly at the end."""
        async with app.running(load({**self.environ, **environ}), clock=self.clock) as running:
            yield running

    async def ask(self, question: str, person: str = "ada", channel: str = "research") -> Ack:
        """`/research <question>`, and what came back at once."""
        return await self.slack.people.command(person, channel, "/research", question)

    def roots(self, channel: str = RESEARCH) -> list[Message]:
        """The bot's root messages in a channel, oldest first."""
        return [
            message
            for message in self.slack.workspace.messages(channel)
            if message.metadata and message.metadata["event_payload"]["part"] == "root"
        ]

    def thread(self, root: Message) -> list[Message]:
        """What stands under a root, in order."""
        return self.slack.workspace.messages(root.channel, root.ts)[1:]

    def part(self, root: Message, name: str) -> Message | None:
        """One message of a thread by its part, e.g. `card`, `outcome.1`, `report.1.1`."""
        for message in self.thread(root):
            if message.metadata and message.metadata["event_payload"]["part"] == name:
                return message
        return None

    def said(self, root: Message, words: str) -> bool:
        """Whether the thread or its root says these words."""
        return any(words in visible(message) for message in [root, *self.thread(root)])

    async def root(self, number: int = 0, channel: str = RESEARCH, within: float = 30) -> Message:
        """The n-th root message, once it is there."""
        await self.slack.until(lambda: len(self.roots(channel)) > number, timeout=within)
        return self.roots(channel)[number]

    async def outcome(self, root: Message, number: int = 1, within: float = 60) -> Message:
        """The message that says how it ended, once it is there."""
        await self.slack.until(lambda: self.part(root, f"outcome.{number}") is not None, timeout=within)
        found = self.part(root, f"outcome.{number}")
        assert found is not None
        return found


def visible(message: Message) -> str:
    """All text of a message that a reader sees, blocks included."""
    return "\n".join([message.text, *_texts(message.blocks or [])])


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        own = [value[key] for key in ("text", "title") if isinstance(value.get(key), str)]
        return own + [
            text for key, item in value.items() if isinstance(item, dict | list) for text in _texts(item)
        ]
    return []
