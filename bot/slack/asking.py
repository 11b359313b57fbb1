"""The form's way in: shortcuts and the bare command open it, its submission becomes rows before the ack."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import anyio

from bot.domain.background import ThreadRef
from bot.domain.errands import Answer, Receipt
from bot.domain.policy import Depth
from bot.errors import SlackError, StoreError
from bot.slack.drafts import QUESTION, Draft, Where, agreed, read_draft
from bot.slack.forms import CALLBACK, empty_form, message_form, overview, partly_refused
from bot.slack.front import literal
from bot.slack.help import NOT_WRITTEN, SLOWLY_WRITTEN_FORM, help_message, receipt_message
from bot.slack.words import readable
from bot.work.desk import Request

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.elements import Message
    from bot.slack.forms import View
    from bot.slack.front import Front

Body = dict[str, Any]

NEW, ABOUT_MESSAGE = "research_new", "research_message"
"""Callback ids of the global and of the message shortcut, as in manifest.yml."""

READING = 1.0
"""Seconds for what a form proposes; Slack takes the trigger that opens it for 3."""

NOT_OPENED = "Slack did not open the form in time. Please try again."


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners of both shortcuts and of the form."""

    async def on_new(ack: AsyncAck, body: Body) -> None:
        open_form(front, opener_of(body), empty_form)
        await ack()

    async def on_message(ack: AsyncAck, body: Body) -> None:
        open_form(front, opener_of(body), form_about(body), body.get("response_url") or "")
        await ack()

    async def on_submission(ack: AsyncAck, body: Body) -> None:
        answer = await submitted(front, body)
        await (ack() if answer is None else ack(**answer))

    app.shortcut(NEW)(on_new)
    app.shortcut(ABOUT_MESSAGE)(on_message)
    app.view(CALLBACK)(on_submission)


class Blank(Protocol):
    """A form that only lacks the depth which is proposed."""

    def __call__(self, *, depth: Depth) -> View:
        """The form."""
        ...


@dataclass(frozen=True, slots=True)
class Opener:
    """Who opens a form, and what lets us open it."""

    team_id: str
    person_id: str
    trigger_id: str


def opener_of(body: Body) -> Opener:
    """Who used a shortcut or pressed a button."""
    return Opener(body["team"]["id"], body["user"]["id"], body["trigger_id"])


def open_form(
    front: Front, opener: Opener, form: Blank, response_url: str = "", instead: Message | None = None
) -> None:
    """Opens a form beside the ack: Slack takes the trigger for 3 s only (Slack docs: views.open). Where it does not
    open, `instead` is shown to the person by their response_url.
    """
    work = partial(_open, front, opener, form, response_url, instead or literal(NOT_OPENED))
    front.after_ack("form", work)


async def _open(front: Front, opener: Opener, form: Blank, response_url: str, instead: Message) -> None:
    view = form(depth=await _proposed(front, opener))
    try:
        await front.web.call(opener.team_id, "views.open", trigger_id=opener.trigger_id, view=view)
    except SlackError as error:
        front.journal.note("form.not_opened", error=error.code or type(error).__name__)
        if response_url:
            await front.whisper(instead, response_url)


async def _proposed(front: Front, opener: Opener) -> Depth:
    """The person's own default; nobody waits for it longer than Slack waits for the form."""
    with anyio.move_on_after(READING):
        try:
            return await front.keeper.depth_for(opener.team_id, opener.person_id)
        except StoreError:
            pass
    return Depth.STANDARD


def open_from_command(front: Front, command: Body) -> None:
    """`/research` with nothing after it. In a direct message the report stays there: nobody else is in ours."""
    is_direct = command.get("channel_name") == "directmessage"
    form = partial(empty_form, "" if is_direct else command["channel_id"], is_direct=is_direct)
    opener = Opener(command["team_id"], command["user_id"], command["trigger_id"])
    open_form(front, opener, form, command["response_url"], help_message())


def form_about(body: Body) -> Blank:
    """The form for a message (Slack docs: message shortcuts), its text as the question."""
    message = body["message"]
    words = readable(str(message.get("text") or "")).strip()
    return partial(message_form, words, body["channel"]["id"], message.get("thread_ts") or body["message_ts"])


async def submitted(front: Front, body: Body) -> dict[str, Any] | None:
    """What a submission is answered with (Slack docs: response_action); None closes the form."""
    view = body["view"]
    draft = read_draft(view)
    if not isinstance(draft, Draft):
        return {"response_action": "errors", "errors": draft}
    if not draft.is_agreed:
        typed = "\n".join(draft.questions)
        return {"response_action": "update", "view": overview(agreed(draft), typed)}
    requests = requests_of(draft, view["id"], body["team"]["id"], body["user"]["id"])
    receipts = await front.in_time(
        partial(_written, front, requests), slow=SLOWLY_WRITTEN_FORM, failed=NOT_WRITTEN
    )
    if isinstance(receipts, str):
        return {"response_action": "errors", "errors": {QUESTION: receipts}}
    return _answer(draft, receipts)


def requests_of(draft: Draft, view_id: str, team_id: str, person_id: str) -> list[Request]:
    """One request for each question. A direct message is named by its person until it is looked up."""
    channel_id, thread_ts = draft.conversation, None
    if draft.where is Where.DIRECT:
        channel_id = person_id
    elif draft.where is Where.THREAD:
        channel_id, thread_ts = draft.origin.channel_id, draft.origin.thread_ts
    return [
        Request(
            team_id=team_id,
            channel_id=channel_id,
            asker_id=person_id,
            request_key=draft.key(view_id, question),
            question=question,
            depth=draft.depth,
            plan=draft.plan,
            anchor_ts=thread_ts,
            thread_along=ThreadRef(draft.origin.channel_id, draft.origin.thread_ts) if draft.along else None,
        )
        for question in draft.questions
    ]


async def _written(front: Front, requests: list[Request]) -> list[Receipt] | str:
    """One after the other, so that a quota takes them in the order of the questions; written before the ack."""
    receipts: list[Receipt] = []
    for request in requests:
        try:
            receipts.append(await _ask(front, request))
        except StoreError:
            if not receipts:
                raise
            receipts.append(Receipt(Answer.NOT_WRITTEN))
    return receipts


async def _ask(front: Front, request: Request) -> Receipt:
    """In the thread of the message, unless a research lives there already: then in a thread of its own."""
    receipt = await front.desk.ask(request)
    if receipt.answer is Answer.IN_THREAD:
        return await front.desk.ask(replace(request, anchor_ts=None))
    return receipt


def _answer(draft: Draft, receipts: list[Receipt]) -> dict[str, Any] | None:
    refused = [one for one in receipts if one.answer not in (Answer.ACCEPTED, Answer.KNOWN)]
    if not refused:
        return {"response_action": "clear"}
    if len(refused) == len(receipts):
        return {"response_action": "errors", "errors": {QUESTION: receipt_message(refused[0]).text}}
    return {"response_action": "update", "view": partly_refused(draft.questions, receipts)}
