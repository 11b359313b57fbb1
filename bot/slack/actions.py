"""Buttons and Slack's own Stop: parse, call the desk, ack; who is refused is told so privately."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.errands import Wish
from bot.slack import buttons, modals
from bot.slack.click import click_of
from bot.slack.front import FAILED, SLOW, spoken
from bot.work.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.domain.letters import Form
    from bot.slack.click import Click
    from bot.slack.front import Front

Body = dict[str, Any]


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners of all buttons, of the native Stop, and a last one for buttons of older versions."""
    desk = front.desk

    def on(action_id: str, work: Callable[[Click], Awaitable[Reply]]) -> None:
        async def listener(ack: AsyncAck, body: Body) -> None:
            click = click_of(body)
            reply = await front.in_time(partial(work, click), slow=SLOW, failed=FAILED)
            answer(front, click, reply, silent_when_done=action_id == buttons.CANCEL)
            await ack()

        app.action(action_id)(listener)

    on(buttons.CANCEL, lambda click: desk.cancel(click.value, click.team_id, click.person_id))
    on(buttons.RETRY, lambda click: desk.retry(click.value, click.team_id, click.person_id, click.attempt))
    on(buttons.INSIST, lambda click: desk.insist(click.value, click.team_id, click.person_id))
    on(buttons.LEAVE, lambda click: desk.cancel(click.value, click.team_id, click.person_id))
    for action_id, form in buttons.EXPORTS.items():
        on(action_id, partial(_export, front, form))
    on(buttons.MOVE_HERE, lambda click: _move(front, click, to_direct=False))
    on(buttons.MOVE_DIRECT, lambda click: _move(front, click, to_direct=True))

    on(
        buttons.SHOW_ALL,
        lambda click: desk.show_all(click.value, click.team_id, click.person_id, click.attempt),
    )

    async def on_unknown(ack: AsyncAck, body: Body) -> None:
        answer(front, click_of(body), Reply(False, "This button does nothing any more."))
        await ack()

    async def on_stop(ack: AsyncAck, body: Body) -> None:
        await ack()
        await stopped(front, body)

    app.action(re.compile(".*"))(on_unknown)
    app.event("agent_session_stopped")(on_stop)


def answer(front: Front, click: Click, reply: Reply, *, silent_when_done: bool = False) -> None:
    """Tells the person what came of it, behind the ack. Where the thread shows it by itself, nothing is said."""
    if click.is_in_view:
        # Home shows by itself what was stopped; a modal stays as it was opened.
        if click.modal_id or not (silent_when_done and reply.done):
            front.after_ack("answer", partial(modals.say, front, click, reply.sentence))
    elif click.is_private and click.response_url:
        front.after_ack("answer", partial(front.whisper, spoken(reply.sentence), click.response_url))
    elif not (silent_when_done and reply.done):
        front.after_ack(
            "answer",
            partial(
                front.whisper_in_thread,
                reply.sentence,
                click.team_id,
                click.channel_id,
                click.person_id,
                click.thread_ts,
                click.response_url,
            ),
        )


async def _export(front: Front, form: Form, click: Click) -> Reply:
    wish = Wish(click.value, click.attempt, form, click.person_id)
    return await front.desk.export(wish, click.team_id)


async def _move(front: Front, click: Click, *, to_direct: bool) -> Reply:
    return await front.desk.move(
        click.value, click.team_id, click.person_id, click.response_url, to_direct=to_direct
    )


async def stopped(front: Front, body: Body) -> None:
    """Slack's own Stop: the same permission check as our button (Slack docs: agent_session_stopped)."""
    event, team_id = body["event"], body["team_id"]
    channel_id, person_id, thread_ts = event["channel"], event["user"], event["thread_ts"]
    work = partial(front.desk.cancel_thread, team_id, channel_id, thread_ts, person_id)
    reply = await front.in_time(work, slow=SLOW, failed=FAILED)
    if not reply.done:
        tell = partial(front.whisper_in_thread, reply.sentence, team_id, channel_id, person_id, thread_ts, "")
        front.after_ack("answer", tell)
