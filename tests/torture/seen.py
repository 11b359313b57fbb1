"""The workspace as people see it, sorted by what the bot's messages say they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.world import visible

if TYPE_CHECKING:
    from bot.sandbox.slack import SimulatedSlack
    from bot.sandbox.slack.message import Message


Place = tuple[str, str]
"""Channel and ts of the root."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of ours in its thread. Files carry no metadata, so their part is empty."""

    research: str
    part: str
    message: Message
    place: Place


def identity(message: Message) -> tuple[str, str]:
    """Which part of which research a message says it is."""
    payload = (message.metadata or {}).get("event_payload", {})
    return str(payload.get("research", "")), str(payload.get("part", ""))


def shown(slack: SimulatedSlack) -> list[Shown]:
    """Every message of the bot in every channel, threads included, oldest first in each.

    Without what only one person was to be told and what nobody can say of any more to which research it belongs: a file
    in a thread whose other messages are deleted.
    """
    found = []
    for log in slack.workspace.logs.values():
        for root in log.roots:
            thread = [
                message
                for message in (root, *root.replies)
                if message.bot and not message.deleted and message.subtype != "channel_join"
            ]
            research = next((known for message in thread if (known := identity(message)[0])), "")
            parts = [(message, identity(message)[1]) for message in thread]
            found += [
                Shown(research, part, message, (message.channel, root.ts))
                for message, part in parts
                if research and not part.startswith("whisper.")
            ]
    return found


def says(message: Message) -> str:
    """All that a reader reads in it."""
    return visible(message)
