"""What a message event says to us, if it does: an allowlist, since edits, bots and our own words come the same way.

Pure. Slack docs: app_mention, message.im; a mention may come as `message` too, of which only direct messages count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

SUBTYPES = (None, "file_share")
"""What a person says anew, with files or without; all other subtypes tell of something that was said before."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A person's words to us. `thread_ts` is the thread that they stand in, None for one that they may begin."""

    team_id: str
    channel_id: str
    person_id: str
    ts: str
    thread_ts: str | None
    words: str
    is_direct: bool
    is_addressed: bool
    """Whether the words are meant for us: in a channel they begin with our name."""

    @property
    def anchor_ts(self) -> str:
        """The thread in which it is answered."""
        return self.thread_ts or self.ts

    @property
    def key(self) -> str:
        """The same for every event that Slack makes of this message."""
        return f"message:{self.channel_id}:{self.ts}"


def hear(body: dict[str, Any], bot_user_id: str) -> Heard | None:
    """What was said to us; None for everything that is not a person's new words to us."""
    event = body.get("event") or {}
    is_direct = event.get("channel_type") == "im" or str(event.get("channel", "")).startswith("D")
    if event.get("type") != "app_mention" and not is_direct:
        return None
    if (
        event.get("subtype") not in SUBTYPES
        or event.get("bot_id")
        or event.get("edited")
        or event.get("hidden")
    ):
        return None
    person_id = str(event.get("user") or "")
    if not person_id or person_id == bot_user_id:
        return None
    words, is_addressed = _to_us(str(event.get("text") or ""), bot_user_id)
    thread_ts = event.get("thread_ts")
    return Heard(
        team_id=str(body["team_id"]),
        channel_id=str(event["channel"]),
        person_id=person_id,
        ts=str(event["ts"]),
        thread_ts=str(thread_ts) if thread_ts and thread_ts != event["ts"] else None,
        words=words,
        is_direct=is_direct,
        is_addressed=is_direct or is_addressed,
    )


def is_small_talk(words: str) -> bool:
    """Greetings and thanks: one or two words, no question. Only where words are known by the spaces between them."""
    return words.isascii() and "?" not in words and len(words.split()) < 3


def _to_us(text: str, bot_user_id: str) -> tuple[str, bool]:
    """The words without our name before them, and whether it stood there."""
    name = re.compile(rf"\s*<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>[\s,:;—–-]*")
    named = name.match(text)
    return (text[named.end() :], True) if named else (text, False)
