"""`/research-status settings` and `lift`: the form for admins, and what they do with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.house import House
from bot.slack.front import FAILED, SLOW, spoken
from bot.slack.house_form import CALLBACK, house_form, house_of
from bot.work.reply import Reply

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.front import Front

Json = dict[str, Any]


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listener of the form."""

    async def on_submit(ack: AsyncAck, body: Json) -> None:
        await ack(**await submitted(front, body))

    app.view(CALLBACK)(on_submit)


def open_settings(front: Front, command: Json) -> None:
    """Opens the form, or says why not. Behind the ack, but within the 3 s for which Slack's trigger is good."""
    front.after_ack("settings", partial(_open, front, command))


async def _open(front: Front, command: Json) -> None:
    team_id, office = command["team_id"], front.administration
    house = await front.in_time(partial(office.house, team_id, command["user_id"]), slow=SLOW, failed=FAILED)
    if isinstance(house, Reply):
        await front.whisper(spoken(house.sentence), command["response_url"])
        return
    form = house_form(house, office.ceiling, office.retention_days)
    await front.web.call(team_id, "views.open", trigger_id=command["trigger_id"], view=form)


async def submitted(front: Front, body: Json) -> Json:
    """The answer to a submitted form: nothing, which closes it, or errors, which keep it open."""
    team_id, view = body["team"]["id"], body["view"]
    office = front.administration
    before = House(version=int(view["private_metadata"]))
    house = house_of(view["state"]["values"], before, office.retention_days)
    if isinstance(house, dict):
        return {"response_action": "errors", "errors": house}
    work = partial(office.settle, team_id, body["user"]["id"], house)
    reply = await front.in_time(work, slow=SLOW, failed=FAILED)
    if reply.done:
        return {}
    return {"response_action": "errors", "errors": {"active_per_user": reply.sentence}}


def lift(front: Front, command: Json, for_whom: str) -> None:
    """Lets somebody ask once more."""
    front.after_ack("lift", partial(_lift, front, command, for_whom))


async def _lift(front: Front, command: Json, for_whom: str) -> None:
    work = partial(front.administration.lift, command["team_id"], command["user_id"], for_whom)
    reply = await front.in_time(work, slow=SLOW, failed=FAILED)
    await front.whisper(spoken(reply.sentence), command["response_url"])
