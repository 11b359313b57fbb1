"""What readers press: the two thumbs below a report, the form behind the lower one, and *Notify me*."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.feedback import LONGEST, REASONS, Reason
from bot.slack import buttons
from bot.slack.actions import answer
from bot.slack.click import click_of
from bot.slack.elements import plain_text
from bot.slack.front import FAILED, SLOW
from bot.slack.text import clean

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.elements import Block
    from bot.slack.front import Front
    from bot.work.reply import Reply

Body = dict[str, Any]

FORM = "research_feedback"
_REASONS, _WORDS = "reasons", "words"


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners; they stand before the one for unknown buttons."""

    async def on_rate(ack: AsyncAck, body: Body) -> None:
        await rated(front, body)
        await ack()

    async def on_form(ack: AsyncAck, body: Body) -> None:
        reply = await explained(front, body)
        await (ack() if reply.done else ack(response_action="errors", errors={_WORDS: reply.sentence}))

    async def on_watch(ack: AsyncAck, body: Body) -> None:
        click = click_of(body)
        work = partial(front.readers.watch, click.value, click.team_id, click.person_id)
        answer(front, click, await front.in_time(work, slow=SLOW, failed=FAILED))
        await ack()

    app.action(re.compile(f"{buttons.RATE}(_good|_bad)?"))(on_rate)
    app.action(buttons.WATCH)(on_watch)
    app.view(FORM)(on_form)


async def rated(front: Front, body: Body) -> None:
    """A thumb is written down at once, so that the lower one counts even if its form is closed."""
    click = click_of(body)
    verdict, _, research_id = click.value.partition(":")
    is_good = verdict == buttons.GOOD
    work = partial(front.readers.rate, research_id, click.team_id, click.person_id, is_good=is_good)
    reply = await front.in_time(work, slow=SLOW, failed=FAILED)
    if reply.done and not is_good:
        place = f"{research_id} {click.channel_id} {click.thread_ts or ''}"
        view = form(place)
        front.after_ack("feedback form", partial(_open, front, click.team_id, body["trigger_id"], view))
    else:
        answer(front, click, reply)


async def _open(front: Front, team_id: str, trigger_id: str, view: Body) -> None:
    await front.web.call(team_id, "views.open", trigger_id=trigger_id, view=view)


async def explained(front: Front, body: Body) -> Reply:
    """The form was sent: it replaces the bare thumb, and whoever sent it is thanked in the thread."""
    view, person_id = body["view"], body["user"]["id"]
    team_id = (body.get("team") or {}).get("id") or body["user"].get("team_id", "")
    research_id, channel_id, thread_ts = (*view["private_metadata"].split(" "), "", "", "")[:3]
    values = view["state"]["values"]
    chosen = [one["value"] for one in values[_REASONS][_REASONS].get("selected_options") or ()]
    words = clean(values[_WORDS][_WORDS].get("value") or "")[:LONGEST]
    work = partial(
        front.readers.rate,
        research_id,
        team_id,
        person_id,
        is_good=False,
        reasons=[Reason(one) for one in chosen],
        words=words,
    )
    reply = await front.in_time(work, slow=SLOW, failed=FAILED)
    if reply.done and channel_id:
        tell = partial(
            front.whisper_in_thread, reply.sentence, team_id, channel_id, person_id, thread_ts or None, ""
        )
        front.after_ack("thanks", tell)
    return reply


def form(place: str) -> Body:
    """What was wrong: choices, and a few words. `place` comes back with it (Slack docs: private_metadata)."""
    options = [{"text": plain_text(words), "value": reason.value} for reason, words in REASONS.items()]
    boxes: Block = {"type": "checkboxes", "action_id": _REASONS, "options": options}
    words: Block = {
        "type": "plain_text_input",
        "action_id": _WORDS,
        "multiline": True,
        "max_length": LONGEST,
    }
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": place,
        "title": plain_text("What was wrong?"),
        "submit": plain_text("Send feedback"),
        "close": plain_text("Cancel"),
        "blocks": [
            _input(_REASONS, "What applies", boxes),
            _input(
                _WORDS, "In your words", words, hint="The admins of this bot can read it, with your name."
            ),
        ],
    }


def _input(name: str, label: str, element: Block, *, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text(label),
        "element": element,
        "optional": True,
    }
    return block | ({"hint": plain_text(hint)} if hint else {})
