"""Whom the simulated Slack's messages ping, and how fast an app may be."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SimulatedSlack
from tests.contract.sandbox_slack_kit import (
    open_client,
    plain,
    plan,
    rich,
    section,
    task,
)


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.strict_limits = False
        yield server


@pytest.fixture
async def client(slack):
    async with open_client(slack) as opened:
        yield opened


PINGS = {
    "text": ({"text": "hi <@U0ADA>"}, {"U0ADA"}),
    "section": ({"text": "x", "blocks": [section("<!channel> and <@U0BEN|ben>")]}, {"channel", "U0BEN"}),
    "markdown": (
        {"text": "x", "blocks": [{"type": "markdown", "text": "<!here> <!subteam^S1>"}]},
        {"here", "S1"},
    ),
    "rich text": ({"text": "x", "blocks": [rich({"type": "user", "user_id": "U0ADA"})]}, {"U0ADA"}),
    "broadcast": ({"text": "x", "blocks": [rich({"type": "broadcast", "range": "everyone"})]}, {"everyone"}),
    "task details": (
        {"text": "x", "blocks": [plan(task("1", details=rich({"type": "user", "user_id": "U0ADA"})))]},
        {"U0ADA"},
    ),
    "linked names": ({"text": "@here", "link_names": True}, {"here"}),
    "bare name": ({"text": "@here"}, set()),
    "escaped": ({"text": "&lt;!channel&gt;", "blocks": [{"type": "markdown", "text": "&lt;@U0ADA>"}]}, set()),
    "literal": ({"text": "x", "blocks": [rich({"type": "text", "text": "<@U0ADA>"})]}, set()),
    "plain text": ({"text": "x", "blocks": [{"type": "header", "text": plain("<@U0ADA>")}]}, set()),
}


@pytest.mark.parametrize("name", PINGS)
async def test_live_mentions_are_noticed_wherever_they_stand(slack, client, name):
    arguments, pinged = PINGS[name]

    ts = (await client.chat_postMessage(channel="C0RESEARCH", **arguments))["ts"]

    assert slack.workspace.message("C0RESEARCH", ts).notified == pinged


async def test_an_edit_pings_nobody(slack, client):
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="x"))["ts"]
    await client.chat_update(channel="C0RESEARCH", ts=ts, text="<@U0ADA>")

    message = slack.workspace.message("C0RESEARCH", ts)
    assert (message.notified, message.mentions) == (set(), {"U0ADA"})


async def limited(call):
    with pytest.raises(SlackApiError) as caught:
        await call
    assert (caught.value.response.status_code, caught.value.response["error"]) == (429, "ratelimited")
    return int(caught.value.response.headers["Retry-After"])


async def test_posting_is_limited_per_channel(slack, client):
    slack.strict_limits = True
    for _ in range(3):
        await client.chat_postMessage(channel="C0RESEARCH", text="x")

    assert 1 <= await limited(client.chat_postMessage(channel="C0RESEARCH", text="x")) <= 3
    await client.chat_postMessage(channel="C0GENERAL", text="x")
    assert [one.channel for one in slack.ledger] == ["C0RESEARCH"]
    slack.advance(3)
    await client.chat_postMessage(channel="C0RESEARCH", text="x")


async def test_edits_are_limited_for_the_whole_workspace(slack, client):
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="x"))["ts"]
    slack.strict_limits = True
    for n in range(50):
        await client.chat_update(channel="C0RESEARCH", ts=ts, text=str(n))

    assert 50 <= await limited(client.chat_update(channel="C0RESEARCH", ts=ts, text="x")) <= 60
    await client.conversations_info(channel="C0RESEARCH")
    slack.advance(60)
    await client.chat_update(channel="C0RESEARCH", ts=ts, text="x")


async def test_an_unlisted_commercial_app_reads_once_a_minute(slack, client):
    for _ in range(20):
        await client.chat_postMessage(channel="C0RESEARCH", text="x")
    slack.unlisted = slack.strict_limits = True

    page = await client.conversations_history(channel="C0RESEARCH", limit=100)

    assert len(page["messages"]) == 15
    assert await limited(client.conversations_history(channel="C0RESEARCH")) > 50
