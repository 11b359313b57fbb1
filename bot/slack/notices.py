"""Direct messages to an asker that a research has ended in its channel, with the way there: posted once, found again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.letters import Address
from bot.slack.elements import Message, rich_text, section, text
from bot.slack.memory import Remembered
from bot.slack.sentences import headline
from bot.slack.text import clean, escape, one_line, shortened
from bot.slack.web import text_at

if TYPE_CHECKING:
    from bot.domain.letters import Letter, Notice
    from bot.ports import Clock
    from bot.slack.permalinks import Permalinks
    from bot.slack.web import SlackWeb

QUESTION_LENGTH = 160
DIRECT_SECONDS = 3600.0


class Notices:
    """A notice stands in the direct message, which has to be known by its id, since only that can be read back."""

    def __init__(self, web: SlackWeb, clock: Clock, permalinks: Permalinks) -> None:
        self._web = web
        self._permalinks = permalinks
        self._direct: Remembered[tuple[str, str], str] = Remembered(clock, DIRECT_SECONDS)

    async def addressed(self, letter: Letter, notice: Notice) -> Letter:
        """The letter as it goes out: to the asker instead of into the thread that it tells of."""
        key = (letter.address.team_id, notice.view.asker_id)
        direct = await self._direct.get(key, lambda: self._open(*key))
        return replace(letter, address=Address(letter.address.team_id, direct))

    async def message(self, letter: Letter, notice: Notice) -> Message:
        """Short: how it ended, which one, and where it is."""
        return notice_message(notice, await self._permalinks.of_thread(letter.address))

    async def _open(self, team_id: str, person_id: str) -> str:
        opened = await self._web.call(team_id, "conversations.open", users=person_id)
        return text_at(opened, "conversations.open", "channel", "id")


def notice_message(notice: Notice, link: str) -> Message:
    """Without `link` the words alone."""
    question = shortened(one_line(clean(notice.view.question)), QUESTION_LENGTH)
    words = [text(f"{headline(notice.view)}: ", bold=True), text(f"“{question}” ")]
    if link:
        words.append({"type": "link", "url": link, "text": "Open the thread"})
    return Message(f"{headline(notice.view)}: “{escape(question)}”", [rich_text(section(*words))])
