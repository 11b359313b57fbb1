"""A file for one person, in their direct message with us."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.slack.uploads import COMPLETE, Uploads
from bot.slack.web import text_at

if TYPE_CHECKING:
    from bot.domain.letters import File
    from bot.slack.front import Front


async def hand_over(front: Front, team_id: str, person_id: str, file: File, words: str) -> None:
    """Uploads it and posts it there with some words. Raises `SlackError`; asked for again, it comes twice."""
    opened = await front.web.call(team_id, "conversations.open", users=person_id)
    file_id = await Uploads(front.web, front.clock).store(team_id, file)
    await front.web.call(
        team_id,
        COMPLETE,
        files=[{"id": file_id, "title": file.title}],
        channel_id=text_at(opened, "conversations.open", "channel", "id"),
        initial_comment=words,
    )
