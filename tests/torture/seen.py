"""The workspace as people see it, sorted by what the bot's messages say they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.world import visible

if TYPE_CHECKING:
    from bot.sandbox.slack import SimulatedSlack
    from bot.sandbox.slack.message import Message


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of ours. Files carry no metadata, so their part is empty."""

    research: str
    part: str
    message: Message


def identity(message: Message) -> tuple[str, str]:
    """Which part of which research a message says it is."""
    payload = (message.metadata or {}).get("event_payload", {})
    return str(payload.get("research", "")), str(payload.get("part", ""))


def shown(slack: SimulatedSlack) -> list[Shown]:
    """Every message of the bot in every channel, threads included, oldest first in each."""
    found = []
    for log in slack.workspace.logs.values():
        for root in log.roots:
            research = identity(root)[0]
            for message in (root, *root.replies):
                if message.bot and not message.deleted and message.subtype != "channel_join":
                    own = identity(message)
                    found.append(Shown(own[0] or research, own[1], message))
    return found


def says(message: Message) -> str:
    """All that a reader reads in it."""
    return visible(message)
