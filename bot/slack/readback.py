"""Finding a message of ours again by its metadata, after a send whose end nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.errors import SlackRefused, SlackUncertain
from bot.slack.memory import Remembered

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.letters import Letter
    from bot.ports import Clock
    from bot.slack.web import SlackWeb

EVENT_TYPE = "deep_research"
MARGIN_SECONDS = 60.0  # our clock and Slack's are not the same one
PAGE = 200
MOST_PAGES = 20
SELF_SECONDS = 3600.0
_NOTHING_THERE = ("thread_not_found", "message_not_found")


def metadata(letter: Letter) -> dict[str, Any]:
    """What makes a message findable: (research, part). Ids only, every app in the workspace can read it.

    Slack docs: message metadata; the event type is of [a-z0-9_].
    """
    return {"event_type": EVENT_TYPE, "event_payload": {"research": letter.research_id, "part": letter.part}}


class Readback:
    """Reads a thread, or for a root the channel, from the moment of sending on."""

    def __init__(self, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._self: Remembered[str, frozenset[str]] = Remembered(clock, SELF_SECONDS)

    async def find(self, letter: Letter, since: datetime) -> str | None:
        """The `ts` of our message with the letter's metadata, or None if Slack shows none.

        Slack docs: conversations.history and conversations.replies, Tier 3, payloads only with
        include_all_metadata. Raises SlackUncertain if there is more than 4,000 messages to read.
        """
        team_id = letter.address.team_id
        ours = await self._self.get(team_id, lambda: self._who_we_are(team_id))
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            answer = await self._page(letter, since, cursor)
            for message in answer.get("messages", ()):
                if _carries(message, letter) and ours & {message.get("bot_id"), message.get("user")}:
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return None
        raise SlackUncertain("conversations.replies", "too_much_to_read")

    async def _page(self, letter: Letter, since: datetime, cursor: str | None) -> dict[str, Any]:
        address = letter.address
        try:
            return await self._web.call(
                address.team_id,
                "conversations.replies" if address.thread_ts else "conversations.history",
                channel=address.channel_id,
                ts=address.thread_ts,
                oldest=f"{since.timestamp() - MARGIN_SECONDS:.6f}",
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
            )
        except SlackRefused as refused:
            if refused.code in _NOTHING_THERE:
                return {}
            raise

    async def _who_we_are(self, team_id: str) -> frozenset[str]:
        answer = await self._web.call(team_id, "auth.test")
        return frozenset(str(answer[name]) for name in ("bot_id", "user_id") if answer.get(name))


def _carries(message: dict[str, Any], letter: Letter) -> bool:
    found = message.get("metadata") or {}
    payload = found.get("event_payload") or {}
    identity = (payload.get("research"), payload.get("part"))
    return found.get("event_type") == EVENT_TYPE and identity == (letter.research_id, letter.part)
