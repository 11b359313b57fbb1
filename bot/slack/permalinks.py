"""Addresses that open a message or a file in Slack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import SlackError
from bot.slack.memory import Remembered

if TYPE_CHECKING:
    from bot.domain.letters import Address, Contents
    from bot.ports import Clock
    from bot.slack.web import SlackWeb

URL_SECONDS = 3600.0


class Permalinks:
    """Makes the links of contents. One that Slack does not tell is left out: nothing waits for a link."""

    def __init__(self, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._urls: Remembered[str, str] = Remembered(clock, URL_SECONDS)

    async def of(self, address: Address, contents: Contents) -> dict[int, str]:
        """An address for each place of `contents` that was told (Slack docs: auth.test, files.info)."""
        used = {entry.place for entry in contents.entries}
        try:
            url = await self._urls.get(address.team_id, lambda: self._workspace_url(address.team_id))
            return {
                place: await self._of(url, address, told)
                for place, told in contents.told.items()
                if place in used
            }
        except SlackError:
            return {}

    async def of_thread(self, address: Address) -> str:
        """The address of a thread; empty where there is none, or Slack does not tell."""
        if address.thread_ts is None:
            return ""
        try:
            url = await self._urls.get(address.team_id, lambda: self._workspace_url(address.team_id))
        except SlackError:
            return ""
        return to_message(url, address.channel_id, address.thread_ts)

    async def to(self, address: Address, ts: str) -> str:
        """The address of a message of ours in its thread."""
        url = await self._urls.get(address.team_id, lambda: self._workspace_url(address.team_id))
        return to_message(url, address.channel_id, ts, address.thread_ts)

    async def _of(self, url: str, address: Address, told: str) -> str:
        if "." in told:
            return to_message(url, address.channel_id, told, address.thread_ts)
        answer = await self._web.call(address.team_id, "files.info", file=told)
        return str(answer["file"]["permalink"])

    async def _workspace_url(self, team_id: str) -> str:
        answer = await self._web.call(team_id, "auth.test")
        return str(answer.get("url") or "https://slack.com/")


def to_message(workspace_url: str, channel_id: str, ts: str, thread_ts: str | None = None) -> str:
    """The address of a message, in a thread if it stands in one (Slack docs: chat.getPermalink shows the form)."""
    in_thread = f"?thread_ts={thread_ts}&cid={channel_id}" if thread_ts and thread_ts != ts else ""
    return f"{workspace_url}archives/{channel_id}/p{ts.replace('.', '')}{in_thread}"
