"""Modals, Home tabs and shortcuts of the simulated Slack, driven by Slack's own client and Bolt."""

from __future__ import annotations

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bot.sandbox.slack import SimulatedSlack
from bot.sandbox.slack.controls import chosen_of
from bot.sandbox.slack.form import filled
from tests.contract.sandbox_slack_kit import (
    open_client,
    plain,
    refused,
)

QUESTION = {
    "type": "input", "block_id": "q", "label": plain("Question"),
    "element": {"type": "plain_text_input", "action_id": "text", "multiline": True},
}  # fmt: skip
PLACE = {
    "type": "input", "block_id": "p", "label": plain("Where"),
    "element": {"type": "conversations_select", "action_id": "channel", "response_url_enabled": True},
}  # fmt: skip
DEPTHS = [{"text": plain(one), "value": one} for one in ("quick", "max")]
DEPTH = {
    "type": "input", "block_id": "d", "label": plain("Depth"),
    "element": {"type": "static_select", "action_id": "depth", "options": DEPTHS, "initial_option": DEPTHS[0]},
}  # fmt: skip
FORM = {
    "type": "modal", "callback_id": "ask", "title": plain("Deep research"), "submit": plain("Start"),
    "blocks": [QUESTION, PLACE, DEPTH],
}  # fmt: skip
NOTE = {"type": "modal", "title": plain("Note"), "blocks": [{"type": "divider"}], "notify_on_close": True}
HOME = {
    "type": "home",
    "blocks": [
        {"type": "actions", "elements": [{"type": "button", "action_id": "new", "text": plain("New")}]}
    ],
}


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.strict_limits = server.echo_own_messages = False
        yield server


@pytest.fixture
async def client(slack):
    async with open_client(slack) as opened:
        yield opened


@pytest.fixture
async def app(slack, client):
    bolt = AsyncApp(client=client, process_before_response=True)
    handler = AsyncSocketModeHandler(bolt, slack.app_token)
    await handler.connect_async()
    await slack.until(lambda: slack.socket.connections == 1)
    yield bolt
    await handler.close_async()


async def open_form(slack, client, app, view=FORM):
    async def ask(ack, body):
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    app.shortcut("research_new")(ask)
    assert (await slack.people.shortcut("ada", "research_new")).acked


async def test_a_form_is_opened_filled_in_and_submitted(slack, client, app):
    submitted = []

    @app.view("ask")
    async def take(ack, body):
        await ack()
        submitted.append(body)

    await open_form(slack, client, app)
    assert slack.people.view("ada")["callback_id"] == "ask"
    ack = await slack.people.submit_view("ada", {"q": {"text": "why?"}, "p": {"channel": "C0GENERAL"}})

    assert ack.acked
    assert slack.people.view("ada") is None
    values = submitted[0]["view"]["state"]["values"]
    assert values["q"]["text"] == {"type": "plain_text_input", "value": "why?"}
    assert values["p"]["channel"]["selected_conversation"] == "C0GENERAL"
    assert values["d"]["depth"]["selected_option"] == DEPTHS[0]
    assert submitted[0]["response_urls"][0]["channel_id"] == "C0GENERAL"


def test_an_empty_form_has_the_state_that_slack_gives_it():
    people = {"type": "multi_users_select", "action_id": "u"}
    state = filled([QUESTION, PLACE, DEPTH, {"type": "input", "block_id": "m", "element": people}], {})

    assert state["q"]["text"] == {"type": "plain_text_input", "value": None}
    assert state["p"]["channel"] == {"type": "conversations_select", "selected_conversation": None}
    assert state["m"]["u"] == {"type": "multi_users_select", "selected_users": []}


@pytest.mark.parametrize(
    ("kind", "picked", "chosen"),
    [
        ("multi_users_select", "U0ADA,U0BEN", {"selected_users": ["U0ADA", "U0BEN"]}),
        ("conversations_select", "C0SECRET", {"selected_conversation": "C0SECRET"}),
        ("datepicker", "2026-11-22", {"selected_date": "2026-11-22"}),
        ("overflow", "max", {"selected_option": DEPTHS[1]}),
        ("checkboxes", "quick,max", {"selected_options": DEPTHS}),
    ],
)
def test_what_is_picked_from_a_menu_has_slacks_name(kind, picked, chosen):
    assert chosen_of({"type": kind, "options": DEPTHS}, picked) == chosen


async def test_errors_keep_a_form_open_and_an_update_replaces_it(slack, client, app):
    answers = [
        {"response_action": "errors", "errors": {"q": "Too short"}},
        {"response_action": "update", "view": NOTE},
    ]

    @app.view("ask")
    async def take(ack):
        await ack(**answers.pop(0))

    await open_form(slack, client, app)
    first = await slack.people.submit_view("ada", {"q": {"text": "?"}, "d": {"depth": "max"}})
    assert first.payload["errors"] == {"q": "Too short"}
    assert slack.people.view("ada")["callback_id"] == "ask"
    await slack.people.submit_view("ada", {"q": {"text": "why?"}})
    assert slack.people.view("ada")["title"] == plain("Note")


async def test_views_are_updated_by_hash_and_closed(slack, client, app):
    closed = []

    @app.view_closed("")
    async def take(ack, body):
        await ack()
        closed.append(body)

    await open_form(slack, client, app, NOTE)
    view = slack.people.view("ada")
    await client.views_update(view_id=view["id"], view={**NOTE, "title": plain("New")}, hash=view["hash"])
    async with refused("hash_conflict"):
        await client.views_update(view_id=view["id"], view=NOTE, hash=view["hash"])
    async with refused("not_found"):
        await client.views_update(view_id="V0", view=NOTE)
    ack = await slack.people.close_view("ada")

    assert ack.acked
    assert closed[0]["view"]["title"] == plain("New")


@pytest.mark.parametrize(
    "view",
    [
        {**FORM, "title": plain("x" * 25)},
        {**FORM, "submit": None},
        {**FORM, "private_metadata": "x" * 3001},
        {**FORM, "blocks": [{"type": "markdown", "text": "x"}]},
        {**FORM, "blocks": [{"type": "divider"}] * 101},
        {**FORM, "colour": "red"},
        {**HOME, "type": "home"},
    ],
)
async def test_invalid_modals_are_refused(slack, client, view):
    trigger = slack.permissions.trigger("U0ADA")

    async with refused("invalid_arguments"):
        await client.views_open(trigger_id=trigger, view=view)


async def test_a_home_tab_is_published_opened_and_clicked(slack, client, app):
    heard = []

    @app.event("app_home_opened")
    async def opened(event):
        heard.append(event)
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.action("new")
    async def clicked(ack, body):
        await ack()
        heard.append(body)

    assert (await slack.people.open_home("ada")).acked
    assert (await slack.people.click_view("ada", "new")).acked

    assert (heard[0]["tab"], heard[0]["channel"]) == ("home", "D0ADA")
    assert heard[1]["container"] == {"type": "view", "view_id": slack.people.home("ada")["id"]}
    async with refused("hash_conflict"):
        await client.views_publish(user_id="U0ADA", view=HOME, hash="old")


async def test_a_message_shortcut_brings_its_message(slack, app):
    heard = []

    @app.shortcut("research_message")
    async def take(ack, body):
        await ack()
        heard.append(body)

    ts = await slack.people.say("ben", "research", "Interesting.")
    assert (await slack.people.shortcut("ada", "research_message", "research", ts)).acked

    assert (heard[0]["type"], heard[0]["message"]["text"], heard[0]["message"]["user"]) == (
        "message_action", "Interesting.", "U0BEN"
    )  # fmt: skip
