"""Words for one person only, by whatever way is open: where they clicked, in the channel, or in our direct message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.errors import Remedy, SlackRefused
from bot.slack.readback import metadata
from bot.slack.web import text_at

if TYPE_CHECKING:
    from bot.domain.letters import Letter, Whisper
    from bot.slack.elements import Message
    from bot.slack.web import SlackWeb


class Whispers:
    """Tries the response_url, then chat.postEphemeral, then a direct message.

    Only a refusal opens the next way: it proves that nothing was shown.
    """

    def __init__(self, web: SlackWeb) -> None:
        self._web = web

    async def say(self, letter: Letter, whisper: Whisper, message: Message) -> None:
        """Raises SlackRefused only with PARK, RETRY or GIVE_UP: the thread does not move because of a whisper."""
        if whisper.response_url and await self._respond(whisper, message):
            return
        if await self._ephemeral(letter, whisper, message):
            return
        try:
            await self._direct(letter, whisper, message)
        except SlackRefused as refused:
            remedy = refused.remedy if refused.remedy in (Remedy.PARK, Remedy.RETRY) else Remedy.GIVE_UP
            raise SlackRefused(refused.method, refused.code, remedy=remedy) from None

    async def _respond(self, whisper: Whisper, message: Message) -> bool:
        payload = {"response_type": "ephemeral", "replace_original": False, **_body(message)}
        try:
            await self._web.respond(whisper.response_url, payload)
        except SlackRefused:
            return False
        return True

    async def _ephemeral(self, letter: Letter, whisper: Whisper, message: Message) -> bool:
        """Slack docs: chat.postEphemeral, Tier 4; the person must be in the channel."""
        try:
            await self._web.call(
                letter.address.team_id,
                "chat.postEphemeral",
                channel=letter.address.channel_id,
                user=whisper.person_id,
                thread_ts=letter.address.thread_ts,
                parse="none",
                **_body(message),
            )
        except SlackRefused as refused:
            if refused.remedy is Remedy.PARK:
                raise
            return False
        return True

    async def _direct(self, letter: Letter, whisper: Whisper, message: Message) -> None:
        team_id = letter.address.team_id
        opened = await self._web.call(team_id, "conversations.open", users=whisper.person_id)
        await self._web.call(
            team_id,
            "chat.postMessage",
            channel=text_at(opened, "conversations.open", "channel", "id"),
            metadata=metadata(letter),
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
            **_body(message),
        )


def _body(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": message.blocks} if message.blocks else {"text": message.text}
