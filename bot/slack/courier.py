"""Tells Slack (`ports.Courier`): letters become calls, and an error says whether the call was applied.

The dispatcher is the only caller. Nothing is sent twice here, except what Slack refused: a refusal proves that
nothing was applied.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from bot.domain.letters import Card, Contents, Export, File, Notice, Part, Session, StepEnd, Whisper, Whole
from bot.errors import Remedy, SlackRefused
from bot.slack import buttons, cards, packing
from bot.slack.completing import complete, completion
from bot.slack.contents import contents_message
from bot.slack.elements import Message
from bot.slack.memory import MOST
from bot.slack.notices import Notices
from bot.slack.permalinks import Permalinks
from bot.slack.readback import Readback, metadata
from bot.slack.text import clean, one_line, shortened
from bot.slack.uploads import Uploads
from bot.slack.web import text_at, unless
from bot.slack.whispers import Whispers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.domain.letters import Content, Letter
    from bot.ports import Clock
    from bot.slack.elements import Block
    from bot.slack.web import SlackWeb

EDIT_BYTES = 4000  # of `text` in chat.update, UTF-8, measured (chat.postMessage takes 40,000 characters)
TITLE_LENGTH = 80
_PLAIN = re.compile(r"[A-Za-z0-9 ,.?!'()%-]+")
_TORN = re.compile(r"(?:<[^<>]*|&\w{0,4})$")


class SlackCourier:
    """Posts, edits, finds and uploads over one `SlackWeb`. Reports of up to `whole_parts` messages are cut whole, with 0
    all of them.
    """

    def __init__(self, web: SlackWeb, clock: Clock, whole_parts: int = 0) -> None:
        self._web = web
        self._clock = clock
        self._whole_parts = whole_parts
        self._permalinks = Permalinks(web, clock)
        self._uploads = Uploads(web, clock)
        self._readback = Readback(web, clock)
        self._whispers = Whispers(web)
        self._plain: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._notices = Notices(web, clock, self._permalinks)

    async def post(self, letter: Letter) -> str:
        """Posts one message (Slack docs: chat.postMessage, about 1/s per channel), completes one stored file, or
        whispers. Gives the `ts`, "" for a whisper; a file's only once the file is in its thread.
        """
        with unless(partial(self._is_stale, letter)):
            return await self._put(letter)

    async def _put(self, letter: Letter) -> str:
        match letter.content:
            case Whole() | Export() | Session() | StepEnd() as content:
                raise ValueError(f"a {content.kind} is never posted as it is")
            case File() as file:
                return await self._uploads.share(letter.address, file)
            case Whisper() as whisper:
                await self._whispers.say(letter, whisper, cards.render(whisper))
                return ""
            case Notice() as notice:
                direct = await self._notices.addressed(letter, notice)
                return await self._post(direct, await self._notices.message(letter, notice))
            case Part(text=text, blocks=blocks):
                return await self._rated(letter, Message(text, blocks), partial(self._post, letter))
            case Contents() as contents:
                links = await self._permalinks.of(letter.address, contents)
                message = contents_message(contents, links)
                return await self._rated(letter, message, partial(self._post, letter))
            case content:
                return await self._rendered(letter, content, lambda message: self._post(letter, message))

    async def edit(self, letter: Letter, ts: str) -> None:
        """Replaces a message (Slack docs: chat.update, Tier 3); its metadata stays as it is."""
        with unless(partial(self._is_stale, letter)):
            match letter.content:
                case (
                    Whole()
                    | Export()
                    | File()
                    | Contents()
                    | Whisper()
                    | Session()
                    | Notice()
                    | StepEnd() as content
                ):
                    raise ValueError(f"a {content.kind} is never edited")
                case Part(text=text, blocks=blocks):
                    await self._rated(letter, Message(text, blocks), partial(self._update, letter, ts))
                case content:
                    await self._rendered(letter, content, lambda message: self._update(letter, ts, message))

    async def find(self, letter: Letter, since: datetime) -> str | None:
        """Looks for a letter sent at `since` or later; a whisper is never found, it leaves no trace."""
        match letter.content:
            case Whisper():
                return None
            case File() as file:
                return await self._uploads.find(letter.address, file)
            case Notice() as notice:
                return await self._readback.find(await self._notices.addressed(letter, notice), since)
            case _:
                return await self._readback.find(letter, since)

    async def store(self, letter: Letter) -> str:
        """Brings a file's bytes to Slack and gives its file id; nobody sees it yet, so it is safe to repeat."""
        if not isinstance(letter.content, File):
            raise TypeError("only files are stored")
        return await self._uploads.store(letter.address.team_id, letter.content)

    async def show_status(self, letter: Letter) -> None:
        """Sets the thread's status line, or clears it (Slack docs: assistant.threads.setStatus, 600 a minute, gone
        after 2 minutes); where there is no thread yet nothing is sent.
        """
        if letter.address.thread_ts is None:
            return
        content = letter.content
        await self._web.call(
            letter.address.team_id,
            "assistant.threads.setStatus",
            channel_id=letter.address.channel_id,
            thread_ts=letter.address.thread_ts,
            status=cards.status_line(content) if isinstance(content, Card) else "",
        )

    async def show_session(self, letter: Letter) -> None:
        """Says whether we work in a thread (Slack docs: agents.sessions.setStatus, about Tier 3; `processing` shows
        Slack's Stop and ends by itself after an hour); where there is no thread yet nothing is sent.
        """
        if not isinstance(letter.content, Session):
            raise TypeError("only a session shows a session")
        if letter.address.thread_ts is None:
            return
        await self._web.call(
            letter.address.team_id,
            "agents.sessions.setStatus",
            channel_id=letter.address.channel_id,
            thread_ts=letter.address.thread_ts,
            status=letter.content.status.value,
            title=session_title(letter.content.question) or None,
        )

    async def complete_step(self, letter: Letter) -> None:
        """Ends a workflow's step (Slack docs: functions.completeSuccess, functions.completeError, Tier 3)."""
        if not isinstance(letter.content, StepEnd):
            raise TypeError("only the end of a step completes one")
        address, end = letter.address, letter.content
        with unless(partial(self._is_stale, letter)):
            link = await self._permalinks.to(address, end.told) if end.told else ""
            await complete(self._web, address.team_id, completion(end, link))

    def cut(self, content: Content) -> list[Content]:
        """A whole report as its parts and files; anything else is its own only part."""
        return packing.pack(content, self._whole_parts) if isinstance(content, Whole) else [content]

    async def make(self, export: Export) -> list[Content]:
        """The file that a report is made into, by a process of its own; words where none can be made."""
        return await packing.make(export)

    def recut(self, content: Content) -> list[Content]:
        """A part in smaller ones, contents without links; empty for anything else, which cannot be cut."""
        return packing.repack(content) if isinstance(content, Part | Contents) else []

    def _is_stale(self, letter: Letter) -> bool:
        """Somebody else may have taken it over: this process was asleep since it looked at its lease."""
        return letter.good_until is not None and self._clock.now() >= letter.good_until

    async def _post(self, letter: Letter, message: Message) -> str:
        answer = await self._web.call(
            letter.address.team_id,
            "chat.postMessage",
            channel=letter.address.channel_id,
            thread_ts=letter.address.thread_ts,
            text=message.text,
            blocks=message.blocks or None,
            metadata=metadata(letter),
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )
        return text_at(answer, "chat.postMessage", "ts")

    async def _update(self, letter: Letter, ts: str, message: Message) -> str:
        await self._web.call(
            letter.address.team_id,
            "chat.update",
            channel=letter.address.channel_id,
            ts=ts,
            text=within(message.text, EDIT_BYTES),
            blocks=message.blocks or None,
            parse="none",  # chat.update's own default would link names
        )
        return ts

    async def _rated(self, letter: Letter, rich: Message, send: Callable[[Message], Awaitable[str]]) -> str:
        """Sends what may end with Slack's own thumbs."""
        plain = Message(rich.text, without_thumbs(rich.blocks))
        return await self._first_taken(letter, [rich, plain], send, learns=True)

    async def _rendered(
        self,
        letter: Letter,
        content: cards.Rendered,
        send: Callable[[Message], Awaitable[str]],
    ) -> str:
        """Sends what is made when it is sent: where Slack refuses its blocks with plainer ones, in the end as words alone."""
        rich, plain = cards.render(content), cards.render(content, plain=True)
        forms = [rich, plain, Message(rich.text, [])]
        return await self._first_taken(letter, forms, send, learns=isinstance(content, Card))

    async def _first_taken(
        self, letter: Letter, forms: list[Message], send: Callable[[Message], Awaitable[str]], *, learns: bool
    ) -> str:
        """Sends the first form that Slack takes. A workspace that takes only the second of a kind is remembered."""
        key = (letter.address.team_id, letter.content.kind)
        rich, plain, *_ = forms
        for form in forms[1:] if rich == plain or key in self._plain else forms:
            try:
                ts = await send(form)
            except SlackRefused as refused:
                if refused.remedy is not Remedy.REFORMAT or form is forms[-1]:
                    raise
            else:
                if learns and form is plain and rich != plain:
                    self._remember_as_plain(key)
                return ts
        raise AssertionError("the last form returns or raises")

    def _remember_as_plain(self, key: tuple[str, str]) -> None:
        self._plain[key] = None
        while len(self._plain) > MOST:
            self._plain.popitem(last=False)


def without_thumbs(blocks: list[Block]) -> list[Block]:
    """The same blocks with buttons in place of Slack's own thumbs."""
    return [buttons.plain_thumbs(block) if block["type"] == "context_actions" else block for block in blocks]


def session_title(question: str) -> str:
    """A title that Slack takes: its own words for odd characters differ, so that only plain ones are used; else none."""
    words = one_line(clean(question))
    return shortened(words, TITLE_LENGTH).rstrip("…").rstrip() if _PLAIN.fullmatch(words) else ""


def within(text: str, limit: int) -> str:
    """`text` in at most `limit` bytes of UTF-8, with "…" for what is missing and no token of Slack's torn."""
    if len(text.encode()) <= limit:
        return text
    head = text.encode()[: limit - len("…".encode())].decode(errors="ignore")
    return _TORN.sub("", head) + "…"
