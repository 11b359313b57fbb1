"""The few Block Kit pieces that our own messages are built of, as raw dicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One Slack message: blocks, and the plain text for notifications and screen readers."""

    text: str
    blocks: list[Block]


def plain_text(words: str) -> Block:
    """A plain_text object."""
    return {"type": "plain_text", "text": words, "emoji": False}


def context(words: str) -> Block:
    """A small grey line, not parsed by Slack."""
    return {"type": "context", "elements": [plain_text(words)]}


def rich_text(*elements: Block) -> Block:
    """A rich_text block: the only one in which nothing is ever markup."""
    return {"type": "rich_text", "elements": list(elements)}


def section(*elements: Block) -> Block:
    """A run of text in a rich_text block."""
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, *, bold: bool = False) -> Block:
    """Literal text; Slack refuses an empty one."""
    element: Block = {"type": "text", "text": words or " "}
    return element | ({"style": {"bold": True}} if bold else {})


def person(user_id: str) -> Block:
    """A mention that we mean."""
    return {"type": "user", "user_id": user_id}


def date(moment: datetime, fallback: str) -> Block:
    """A moment, shown in the reader's own time zone."""
    return {
        "type": "date",
        "timestamp": int(moment.timestamp()),
        "format": "{date_short_pretty} at {time}",
        "fallback": fallback,
    }
