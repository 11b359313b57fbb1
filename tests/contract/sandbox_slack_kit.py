"""What the contract tests of the simulated Slack share: Slack's own client, a Bolt app that listens, blocks."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

BUTTON = {
    "type": "button",
    "action_id": "cancel",
    "text": {"type": "plain_text", "text": "Cancel"},
    "value": "r1",
}
BLOCKS = [{"type": "actions", "block_id": "controls", "elements": [BUTTON]}]


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def plain(text):
    return {"type": "plain_text", "text": text}


def section(text, **more):
    return {"type": "section", "text": mrkdwn(text), **more}


def button(**more):
    return {"type": "button", "action_id": "a", "text": plain("Cancel"), "value": "r1", **more}


def actions(*elements):
    return {"type": "actions", "elements": list(elements)}


def rich(*inline):
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(inline)}]}


def task(task_id, **more):
    return {"task_id": task_id, "title": "Searching", "status": "in_progress", **more}


def plan(*tasks, title="Working"):
    return {"type": "plan", "title": title, "tasks": list(tasks)}


def table(rows, columns, text="x"):
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns for _ in range(rows)]}


CONFIRM = {
    "title": plain("Stop?"),
    "text": mrkdwn("Really?"),
    "confirm": plain("Stop"),
    "deny": plain("Back"),
}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "f",
    "positive_button": {"text": plain("Good"), "value": "good"},
    "negative_button": {"text": plain("Bad"), "value": "bad"},
}
ACCEPTED = {
    "section at its limit": [section("x" * 3000)],
    "section with a button": [section("x", accessory=button(), expand=True)],
    "header at its limit": [{"type": "header", "text": plain("x" * 150)}],
    "buttons with a confirmation": [
        actions(button(confirm=CONFIRM, style="danger", visible_to_user_ids=["U0ADA"]))
    ],
    "feedback": [{"type": "context_actions", "elements": [FEEDBACK]}],
    "markdown at its limit": [{"type": "markdown", "text": "x" * 12_000}],
    "fifty dividers": [{"type": "divider"}] * 50,
    "plan": [plan(task("1", details=rich({"type": "text", "text": "d"})), task("2"))],
    "plan with sources": [plan(task("1", sources=[{"type": "url", "url": "https://a.b", "text": "a"}]))],
    "task card": [{"type": "task_card", **task("1")}],
    "table at its limit": [table(100, 20)],
    "menus": [
        actions({"type": "overflow", "action_id": "o", "options": [{"text": plain("a"), "value": "a"}]})
    ],
    "image": [{"type": "image", "image_url": "https://a.b/c.png", "alt_text": "c"}],
}
INVALID = {
    "section too long": ([section("x" * 3001)], "/blocks/0/text/text"),
    "empty section": ([section("")], "/blocks/0/text/text"),
    "header too long": ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    "header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "/blocks/0/text/type"),
    "button text too long": ([actions(button(text=plain("x" * 76)))], "/blocks/0/elements/0/text/text"),
    "button value too long": ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value"),
    "button style unknown": ([actions(button(style="warning"))], "/blocks/0/elements/0/style"),
    "button with an unknown property": ([actions(button(colour="red"))], "/blocks/0/elements/0"),
    "too many buttons": ([actions(*(button(action_id=str(n)) for n in range(26)))], "/blocks/0/elements"),
    "no buttons": ([actions()], "/blocks/0/elements"),
    "the same action twice": ([actions(button(), button())], "/blocks/0/elements"),
    "confirmation too long": (
        [actions(button(confirm={**CONFIRM, "text": mrkdwn("x" * 301)}))],
        "/blocks/0/elements/0/confirm/text/text",
    ),
    "too much context": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "/blocks/0/elements"),
    "unknown block": ([{"type": "marquee"}], "/blocks/0/type"),
    "alert outside modals": ([{"type": "alert", "text": plain("x")}], "/blocks/0/type"),
    "the same block id twice": ([{"type": "divider", "block_id": "a"}] * 2, "/blocks"),
    "fifty-one blocks": ([{"type": "divider"}] * 51, "/blocks"),
    "markdown too long": ([{"type": "markdown", "text": "x" * 12_001}], "/blocks/0/text"),
    "plan title as an object": ([plan(task("1"), title=plain("x"))], "/blocks/0/title"),
    "plan with an unknown status": ([plan(task("1", status="completed"))], "/blocks/0/tasks/0/status"),
    "plan with one task twice": ([plan(task("1"), task("1"))], "/blocks/0/tasks"),
    "plan with too many tasks": ([plan(*(task(str(n)) for n in range(51)))], "/blocks/0/tasks"),
    "plan with text as details": ([plan(task("1", details="x"))], "/blocks/0/tasks/0/details"),
    "table with too many rows": ([table(101, 1)], "/blocks/0/rows"),
    "table with too many columns": ([table(1, 21)], "/blocks/0/rows/0"),
    "table with too much text": ([table(2, 1, "x" * 5001)], "/blocks/0/rows"),
    "two tables": ([table(1, 1), table(1, 1)], "/blocks"),
    "image without alt text": ([{"type": "image", "image_url": "https://a.b/c.png"}], "/blocks/0/alt_text"),
    "unknown inline element": (
        [rich({"type": "blink", "text": "x"})],
        "/blocks/0/elements/0/elements/0/type",
    ),
}


@asynccontextmanager
async def open_client(slack):
    """Slack's own client with the bot token, which sends everything once."""
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, slack.api_url, session=session, retry_handlers=[])


@asynccontextmanager
async def refused(code):
    """The block meets this error of Slack's."""
    with pytest.raises(SlackApiError) as caught:
        yield caught
    assert caught.value.response["error"] == code


@asynccontextmanager
async def connected(slack):
    """A bare Socket Mode connection after its hello: (send, receive)."""
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with aiohttp.ClientSession() as session:
        async with session.post(slack.api_url + "apps.connections.open", headers=headers) as answer:
            url = (await answer.json())["url"]
        async with session.ws_connect(url) as socket:
            yield socket


class Heard:
    """A Bolt app that acknowledges everything and remembers what it heard."""

    def __init__(self, client):
        self.app = AsyncApp(client=client, process_before_response=True, signing_secret="x")
        self.bodies = []
        self.app.command("/research")(self.take)
        self.app.action("cancel")(self.take)
        for event in ("app_mention", "message", "agent_session_stopped", "member_joined_channel"):
            self.app.event(event)(self.take_event)

    async def take(self, ack, body):
        await ack()
        self.bodies.append(body)

    async def take_event(self, body):
        self.bodies.append(body)

    @property
    def events(self):
        return [body["event"] for body in self.bodies if "event" in body]


@asynccontextmanager
async def listening(slack, client):
    """A Bolt app in Socket Mode that acknowledges and remembers everything."""
    bolt = Heard(client)
    handler = AsyncSocketModeHandler(bolt.app, slack.app_token)
    await handler.connect_async()
    await slack.until(lambda: slack.socket.connections == 1)
    yield bolt
    await handler.close_async()


async def answer(url, **body):
    """Uses a response_url: (status, error or body)."""
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        text = await response.text()
        return response.status, json.loads(text)["error"] if text.startswith("{") else text
