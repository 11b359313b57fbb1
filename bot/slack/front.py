"""What every listener works with: the desk, the way out to Slack, and a place for what comes after the ack."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from bot.errors import SlackError, StoreError
from bot.slack.elements import Message, rich_text, section, text
from bot.work.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from anyio.abc import TaskGroup

    from bot.ports import Clock, Journal
    from bot.slack.identity import Workspaces
    from bot.slack.web import SlackWeb
    from bot.work.administration import Administration
    from bot.work.console import Console
    from bot.work.conversation import Conversation
    from bot.work.desk import Desk
    from bot.work.homes import Keeper
    from bot.work.plans import Plans
    from bot.work.readers import Readers
    from bot.work.steps import Steps

T = TypeVar("T")
S = TypeVar("S")

PATIENCE = 2.2
"""Seconds for what must be known before the ack; Slack waits 3 (Slack docs: handling user interaction)."""

SLOW = Reply(False, "That takes longer than usual. Please press again in a moment.")
FAILED = Reply(False, "That could not be written down just now. Please press again in a moment.")


@dataclass(slots=True)
class Front:
    """Made once by the composition root."""

    desk: Desk
    plans: Plans
    conversation: Conversation
    administration: Administration
    console: Console
    keeper: Keeper
    readers: Readers
    steps: Steps
    web: SlackWeb
    clock: Clock
    journal: Journal
    tasks: TaskGroup
    workspaces: Workspaces

    async def workspace_url(self, team_id: str) -> str:
        """What begins the links to threads of a workspace (`https://….slack.com/`)."""
        return (await self.workspaces.identity(team_id)).workspace_url

    def after_ack(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Does what may take longer than Slack waits. Lost with the process, so only answers that a person can ask
        for again belong here.
        """
        self.tasks.start_soon(self._quietly, name, work, name=name)

    async def in_time(
        self,
        work: Callable[[], Awaitable[T]],
        *,
        slow: S,
        failed: S,
        late: Callable[[T | S], Awaitable[None]] | None = None,
    ) -> T | S:
        """What `work` gives; `failed` where the database does not take it; `slow` when Slack would not wait any
        longer: the work goes on then, since a write cannot be broken off, and `late` tells what came of it.
        """
        answer: T | S = slow
        done = anyio.Event()
        is_too_late = False

        async def carry() -> None:
            nonlocal answer
            try:
                answer = await work()
            except StoreError:
                answer = failed
            except Exception as error:  # noqa: BLE001  # one answer's trouble must not stop the others
                self.journal.trouble("answer.failed", error)
                answer = failed
            finally:
                done.set()
            if is_too_late and late is not None:
                await self._quietly("late answer", partial(late, answer))

        self.tasks.start_soon(carry, name="answer")
        with anyio.move_on_after(PATIENCE):
            await done.wait()
        is_too_late = not done.is_set()
        return answer

    async def whisper(self, message: Message, response_url: str, *, replace: bool = False) -> None:
        """Shows a message to the one person whose click or command carried `response_url`."""
        payload: dict[str, Any] = {
            "response_type": "ephemeral",
            "replace_original": replace,
            "text": message.text,
            "blocks": message.blocks,
        }
        await self.web.respond(response_url, payload)

    async def whisper_in_thread(
        self,
        words: str,
        team_id: str,
        channel_id: str,
        person_id: str,
        thread_ts: str | None,
        response_url: str,
    ) -> None:
        """Says something to one person where they pressed: in the thread, else wherever Slack shows it."""
        message = spoken(words)
        try:
            await self.say_privately(message, team_id, channel_id, person_id, thread_ts)
        except SlackError:
            if response_url:
                await self.whisper(message, response_url)

    async def say_privately(
        self, message: Message, team_id: str, channel_id: str, person_id: str, thread_ts: str | None
    ) -> None:
        """Shows a message to one person (Slack docs: chat.postEphemeral); in a thread only where it is one already."""
        await self.web.call(
            team_id,
            "chat.postEphemeral",
            channel=channel_id,
            user=person_id,
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.blocks,
        )

    async def say(self, message: Message, team_id: str, channel_id: str, thread_ts: str) -> None:
        """Answers in a thread of our direct message, where nobody else is."""
        await self.web.call(
            team_id,
            "chat.postMessage",
            channel=channel_id,
            thread_ts=thread_ts,
            text=message.text,
            blocks=message.blocks,
            parse="none",
            unfurl_links=False,
            unfurl_media=False,
        )

    async def _quietly(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except SlackError as error:
            self.journal.note("answer.lost", task=name, method=error.method, error=error.code)


def spoken(words: str) -> Message:
    """A sentence as a message, with nothing in it parsed but mentions that we wrote ourselves."""
    return Message(words, [{"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}])


def literal(words: str) -> Message:
    """A sentence that may hold other people's words: nothing in it is parsed."""
    return Message(words.replace("&", "&amp;").replace("<", "&lt;"), [rich_text(section(text(words)))])
