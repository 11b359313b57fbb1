"""Mentions and direct messages: the same words as after the command, answered in the thread where they stand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.errands import Answer
from bot.domain.policy import Depth
from bot.domain.status import StatusQuery
from bot.slack.console import status_message
from bot.slack.front import FAILED, SLOW, literal, spoken
from bot.slack.hearing import hear, is_small_talk
from bot.slack.help import (
    NOT_WRITTEN,
    UNREADABLE,
    conversation_help_message,
    receipt_message,
)
from bot.slack.words import Ask, Cancel, Help, ListMine, Nothing, Unclear, understand
from bot.work.desk import Request

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

    from bot.domain.errands import Receipt
    from bot.slack.elements import Message
    from bot.slack.front import Front
    from bot.slack.hearing import Heard

Body = dict[str, Any]

NOT_ADDRESSED = "To ask me something, begin the message with my name. Nothing was started."
TOO_SHORT = "That is too short for a research, so nothing was started. Ask a whole question, or write “help” to see what I do."
ONE_A_THREAD = (
    "This thread has its research already, and I answer one question a thread. Ask this one outside of it. Nothing was "
    "started."
)


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners of mentions and of messages; both may bring the same message."""

    async def on_message(ack: AsyncAck, body: Body, context: AsyncBoltContext) -> None:
        heard = hear(body, context.bot_user_id or "")
        answer = await answered(front, heard) if heard is not None else None
        if heard is not None and answer is not None:
            front.after_ack("answer", partial(tell, front, heard, answer))
        await ack()

    app.event("app_mention")(on_message)
    app.event("message")(on_message)


async def answered(front: Front, heard: Heard) -> Message | None:
    """What is said at once to whoever wrote; None where the thread says it."""
    if not heard.is_addressed:
        return literal(NOT_ADDRESSED)
    match understand(heard.words):
        case Nothing() | Help():
            return conversation_help_message()
        case Unclear(sentence=sentence):
            return literal(sentence)
        case ListMine():
            return await front.in_time(
                partial(_listed, front, heard), slow=literal(UNREADABLE), failed=literal(UNREADABLE)
            )
        case Cancel(research_id=research_id):
            work = partial(front.desk.cancel, research_id, heard.team_id, heard.person_id)
            return spoken((await front.in_time(work, slow=SLOW, failed=FAILED)).sentence)
        case Ask() as asked:
            return await front.in_time(
                partial(_asked, front, heard, asked),
                slow=None,
                failed=literal(NOT_WRITTEN),
                late=partial(_tell_late, front, heard),
            )


async def _listed(front: Front, heard: Heard) -> Message:
    page = await front.console.page(StatusQuery(heard.team_id, heard.person_id), heard.person_id)
    return status_message(page, await front.workspace_url(heard.team_id))


async def _asked(front: Front, heard: Heard, asked: Ask) -> Message | None:
    """In the thread of a report a question is about it; anywhere else it begins a research."""
    if asked.depth is Depth.STANDARD and is_small_talk(asked.question):
        return literal(TOO_SHORT)
    place = (heard.team_id, heard.channel_id, heard.anchor_ts)
    reply = await front.conversation.follow_up(*place, heard.person_id, heard.key, asked.question)
    if reply is not None:
        return None if reply.done else spoken(reply.sentence)
    receipt = await front.desk.ask(
        Request(
            team_id=heard.team_id,
            channel_id=heard.channel_id,
            asker_id=heard.person_id,
            request_key=heard.key,
            question=asked.question,
            depth=asked.depth,
            depth_is_default=asked.depth is Depth.STANDARD,
            anchor_ts=heard.anchor_ts,
            plan=asked.plan,
        )
    )
    return _about(receipt)


def _about(receipt: Receipt) -> Message | None:
    match receipt.answer:
        case Answer.KNOWN:
            return None
        case Answer.ACCEPTED if not receipt.nearing:
            return None
        case Answer.IN_THREAD:
            return literal(ONE_A_THREAD)
        case _:
            return receipt_message(receipt)


async def _tell_late(front: Front, heard: Heard, answer: Message | None) -> None:
    if answer is not None:
        await tell(front, heard, answer)


async def tell(front: Front, heard: Heard, answer: Message) -> None:
    """In our direct message a reply in its thread; elsewhere for the one person only, where they wrote."""
    if heard.is_direct:
        await front.say(answer, heard.team_id, heard.channel_id, heard.anchor_ts)
    else:
        await front.say_privately(answer, heard.team_id, heard.channel_id, heard.person_id, heard.thread_ts)
