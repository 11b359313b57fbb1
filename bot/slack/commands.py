"""The two slash commands: parse, call the desk, ack. The row is committed before the ack."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.policy import Depth
from bot.slack import administering, looking, personal, status_words
from bot.slack.asking import open_from_command
from bot.slack.front import FAILED, SLOW, literal, spoken
from bot.slack.help import NOT_WRITTEN, SLOWLY_WRITTEN, help_message, receipt_message
from bot.slack.words import Ask, Cancel, Help, ListMine, Nothing, Unclear, understand
from bot.work.desk import Request

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.elements import Message
    from bot.slack.front import Front
    from bot.work.reply import Reply

Command = dict[str, Any]


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners of both commands."""

    async def on_research(ack: AsyncAck, command: Command) -> None:
        answer = await research(front, command)
        await (ack() if answer is None else ack(**private(answer)))

    async def on_status(ack: AsyncAck, command: Command) -> None:
        answer = status(front, command)
        await (ack() if answer is None else ack(**private(answer)))

    app.command("/research")(on_research)
    app.command("/research-status")(on_status)


def status(front: Front, command: Command) -> Message | None:
    """What `/research-status …` answers at once; None where the answer comes behind the ack."""
    match status_words.understand(command.get("text") or ""):
        case status_words.Unknown(sentence=sentence):
            return literal(sentence)
        case status_words.EraseOf(person_id=whose):
            return personal.erasure_offer(whose)
        case status_words.Settings():
            administering.open_settings(front, command)
        case status_words.LiftFor(person_id=for_whom):
            administering.lift(front, command, for_whom)
        case status_words.ExportOf(person_id=whose):
            personal.send_own(front, command, whose)
        case meant:
            looking.look(front, command, meant)
    return None


def private(message: Message) -> dict[str, Any]:
    """An ack that only its person sees (Slack docs: slash commands)."""
    return {"response_type": "ephemeral", "text": message.text, "blocks": message.blocks}


async def research(front: Front, command: Command) -> Message | None:
    """What `/research …` answers at once; None where the answer comes behind the ack."""
    team_id, person_id = command["team_id"], command["user_id"]
    match understand(command.get("text") or ""):
        case Nothing():
            open_from_command(front, command)
            return None
        case Help():
            return help_message()
        case Unclear(sentence=sentence):
            return literal(sentence)
        case ListMine():
            looking.show_own(front, command)
            return None
        case Cancel(research_id=research_id):
            work = partial(front.desk.cancel, research_id, team_id, person_id)
            late = partial(_tell_late, front, command["response_url"])
            reply = await front.in_time(work, slow=SLOW, failed=FAILED, late=late)
            return spoken(reply.sentence)
        case Ask() as asked:
            return await _ask(front, command, asked)


async def _ask(front: Front, command: Command, asked: Ask) -> Message:
    request = Request(
        team_id=command["team_id"],
        channel_id=command["channel_id"],
        asker_id=command["user_id"],
        request_key=command["trigger_id"],
        question=asked.question,
        depth=asked.depth,
        depth_is_default=asked.depth is Depth.STANDARD,
        response_url=command["response_url"],
        plan=asked.plan,
    )
    return await front.in_time(
        partial(_written, front, request),
        slow=literal(SLOWLY_WRITTEN),
        failed=literal(NOT_WRITTEN),
        late=lambda answer: front.whisper(answer, request.response_url),
    )


async def _written(front: Front, request: Request) -> Message:
    return receipt_message(await front.desk.ask(request))


async def _tell_late(front: Front, response_url: str, reply: Reply) -> None:
    await front.whisper(spoken(reply.sentence), response_url)
