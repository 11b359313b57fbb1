"""The buttons below a plan and below a report, and their forms: parse, call the desk that decides, ack."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.errors import SlackError
from bot.slack import buttons
from bot.slack.actions import answer
from bot.slack.click import click_of
from bot.slack.front import FAILED, SLOW
from bot.slack.proposals import CHANGE_INPUT, CHANGE_VIEW, change_view
from bot.slack.sharing import SHARE_INPUT, SHARE_VIEW, share_view, shared_view
from bot.work.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.front import Front

Body = dict[str, Any]

NO_FORM = Reply(False, "Slack did not open the form. Please press again.")


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners."""
    _register_plans(app, front)
    _register_reports(app, front)


def _register_reports(app: AsyncApp, front: Front) -> None:
    desk = front.conversation

    async def on_deeper(ack: AsyncAck, body: Body) -> None:
        click = click_of(body)
        work = partial(desk.deeper, click.value, click.team_id, click.person_id)
        answer(front, click, await front.in_time(work, slow=SLOW, failed=FAILED))
        await ack()

    async def on_again(ack: AsyncAck, body: Body) -> None:
        click = click_of(body)
        work = partial(desk.again, click.value, click.team_id, click.person_id)
        answer(front, click, await front.in_time(work, slow=SLOW, failed=FAILED))
        await ack()

    async def on_share(ack: AsyncAck, body: Body) -> None:
        click = click_of(body)
        may = partial(desk.may_share, click.value, click.team_id, click.person_id)
        work = partial(_open_form, front, click.team_id, may, body["trigger_id"], share_view(click.value))
        answer(front, click, await front.in_time(work, slow=SLOW, failed=FAILED), silent_when_done=True)
        await ack()

    async def on_shared(ack: AsyncAck, body: Body) -> None:
        reply = await front.in_time(partial(shared, front, body), slow=SLOW, failed=FAILED)
        if reply.done:
            await ack(response_action="update", view=shared_view(reply.sentence))
        else:
            await ack(response_action="errors", errors={SHARE_INPUT: reply.sentence})

    app.action(buttons.DEEPER)(on_deeper)
    app.action(buttons.AGAIN)(on_again)
    app.action(buttons.SHARE)(on_share)
    app.view(SHARE_VIEW)(on_shared)


def _register_plans(app: AsyncApp, front: Front) -> None:
    async def on_start(ack: AsyncAck, body: Body) -> None:
        click = click_of(body)
        work = partial(front.plans.start, click.value, click.team_id, click.person_id, click.attempt)
        answer(front, click, await front.in_time(work, slow=SLOW, failed=FAILED), silent_when_done=True)
        await ack()

    async def on_change(ack: AsyncAck, body: Body) -> None:
        click = click_of(body)
        may = partial(front.plans.is_open, click.value, click.team_id, click.person_id, click.attempt)
        view = change_view(click.value, click.attempt)
        work = partial(_open_form, front, click.team_id, may, body["trigger_id"], view)
        answer(front, click, await front.in_time(work, slow=SLOW, failed=FAILED), silent_when_done=True)
        await ack()

    async def on_changed(ack: AsyncAck, body: Body) -> None:
        reply = await front.in_time(partial(changed, front, body), slow=SLOW, failed=FAILED)
        if reply.done:
            await ack()
        else:
            await ack(response_action="errors", errors={CHANGE_INPUT: reply.sentence})

    app.action(buttons.PLAN_START)(on_start)
    app.action(buttons.PLAN_CHANGE)(on_change)
    app.view(CHANGE_VIEW)(on_changed)


async def _open_form(
    front: Front, team_id: str, may: Callable[[], Awaitable[Reply]], trigger_id: str, view: dict[str, Any]
) -> Reply:
    """The form, while its trigger lasts (3 s); none where there is nothing to decide."""
    reply = await may()
    if not reply.done:
        return reply
    try:
        await front.web.call(team_id, "views.open", trigger_id=trigger_id, view=view)
    except SlackError as error:
        front.journal.note("form.failed", error=error.code or type(error).__name__)
        return NO_FORM
    return reply


async def changed(front: Front, body: Body) -> Reply:
    """What the form says goes into the next plan."""
    view = body["view"]
    research_id, _, turn = str(view.get("private_metadata") or "").partition(":")
    words = str(view["state"]["values"][CHANGE_INPUT][CHANGE_INPUT].get("value") or "").strip()
    if not words:
        return Reply(False, "Please say what shall be different.")
    team_id = _team_of(body)
    change = partial(front.plans.change, research_id, team_id, body["user"]["id"])
    return await change(int(turn) if turn.isdecimal() else 0, words)


async def shared(front: Front, body: Body) -> Reply:
    """What the form says where to."""
    view = body["view"]
    chosen = view["state"]["values"][SHARE_INPUT][SHARE_INPUT].get("selected_conversation")
    if not chosen:
        return Reply(False, "Please choose a channel.")
    research_id = str(view.get("private_metadata") or "")
    return await front.conversation.share(research_id, _team_of(body), body["user"]["id"], str(chosen))


def _team_of(body: Body) -> str:
    return (body.get("team") or {}).get("id") or str(body["user"].get("team_id", ""))
