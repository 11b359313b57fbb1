"""The simulated Slack's face for the demo's page: what people see there and do there."""

from __future__ import annotations

import json

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SimulatedSlack


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.strict_limits = False
        yield server


@pytest.fixture
async def session(slack):
    async with aiohttp.ClientSession(slack.url) as opened:
        yield opened


@pytest.fixture
async def client(slack, session):
    async with aiohttp.ClientSession() as own:
        yield AsyncWebClient(slack.bot_token, slack.api_url, session=own, retry_handlers=[])


async def get(session, path, **query):
    async with session.get(path, params=query) as answer:
        return answer.status, await answer.json()


async def post(session, path, headers=None, **body):
    async with session.post(path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def next_event(stream, wanted):
    async for line in stream.content:
        if line.startswith(b"data: "):
            event = json.loads(line[6:])
            if event["type"] == wanted:
                return event
    raise AssertionError("the stream ended")


async def test_the_page_learns_the_workspace(slack, session):
    slack.notices.append("careful")
    _, state = await get(session, "/sandbox/state")

    assert state["team"] == {"id": "T0SANDBOX", "name": "Sandbox"}
    assert [one["name"] for one in state["people"]] == ["Ada", "Ben", "Cleo", "Gus"]
    secret = next(one for one in state["channels"] if one["id"] == "C0SECRET")
    assert (secret["kind"], secret["member_ids"], secret["app_is_member"]) == (
        "private",
        ["U0ADA", "U0BOT"],
        True,
    )
    assert state["notices"] == ["careful"]


async def test_a_person_reads_only_what_they_may_see(session, client):
    buttons = [
        {
            "type": "button",
            "action_id": "a",
            "text": {"type": "plain_text", "text": "a"},
            "visible_to_user_ids": ["U0ADA"],
        },
        {"type": "button", "action_id": "b", "text": {"type": "plain_text", "text": "b"}},
    ]
    posted = await client.chat_postMessage(
        channel="C0RESEARCH", text="root", blocks=[{"type": "actions", "elements": buttons}]
    )
    await client.chat_postMessage(channel="C0RESEARCH", text="reply", thread_ts=posted["ts"])
    await client.chat_postEphemeral(channel="C0RESEARCH", user="U0ADA", text="psst")

    _, ada = await get(session, "/sandbox/messages", person="U0ADA", channel="C0RESEARCH")
    _, ben = await get(session, "/sandbox/messages", person="U0BEN", channel="C0RESEARCH")
    _, thread = await get(
        session, "/sandbox/messages", person="U0BEN", channel="C0RESEARCH", thread_ts=posted["ts"]
    )
    hidden, _ = await get(session, "/sandbox/messages", person="U0BEN", channel="C0SECRET")

    assert [one["text"] for one in ada["ephemerals"]] == ["psst"]
    assert ben["ephemerals"] == []
    assert (ada["messages"][0]["reply_count"], ada["messages"][0]["bot"]) == (1, True)
    assert [len(one["messages"][0]["blocks"][0]["elements"]) for one in (ada, ben)] == [2, 1]
    assert [one["text"] for one in thread["messages"]] == ["root", "reply"]
    assert hidden == 404


async def test_what_a_person_does_on_the_page(slack, session, client):
    person = {"person": "U0ADA", "channel": "C0RESEARCH"}
    _, said = await post(session, "/sandbox/say", **person, text="hello")
    _, command = await post(session, "/sandbox/command", **person, command="/research", text="x")
    _, invited = await post(session, "/sandbox/invite", person="U0ADA", channel="C0VAULT")
    missing, error = await post(session, "/sandbox/click", **person, message_ts=said["ts"], action_id="x")
    bad, _ = await post(session, "/sandbox/say", person="U0ADA")

    assert slack.workspace.message("C0RESEARCH", said["ts"]).text == "hello"
    assert (command["acked"], command["error"]) == (False, "dispatch_failed")
    assert invited == {"ok": True}
    assert "C0VAULT" in slack.workspace.app_is_in
    assert (missing, error["error"]) == (404, "no element with action_id 'x'")
    assert bad == 400


async def test_an_open_page_hears_of_changes_statuses_and_mentions(slack, session, client):
    async with session.get("/sandbox/events", params={"person": "U0ADA"}) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        await stream.content.readline()
        ts = (await client.chat_postMessage(channel="C0RESEARCH", text="hi <@U0ADA>"))["ts"]
        assert (await next_event(stream, "changed"))["channel"] == "C0RESEARCH"
        assert (await next_event(stream, "notification"))["ts"] == ts
        traffic = (await next_event(stream, "traffic"))["entry"]
        assert (traffic["name"], traffic["from"], traffic["kind"]) == ("chat.postMessage", "app", "web api")
        await client.assistant_threads_setStatus(channel_id="C0RESEARCH", thread_ts=ts, status="is reading")
        assert (await next_event(stream, "status"))["status"] == "is reading"
        assert (await next_event(stream, "session"))["can_stop"] is True
        slack.advance(121)
        assert (await next_event(stream, "status"))["status"] == ""

    _, status = await get(session, "/sandbox/status", channel="C0RESEARCH", thread_ts=ts)
    assert (status["status"], status["session"]["status"]) == ("", "processing")


async def test_a_page_hears_nothing_of_channels_its_person_cannot_see(session, client):
    async with session.get("/sandbox/events", params={"person": "U0BEN"}) as stream:
        await stream.content.readline()
        await client.chat_postMessage(channel="C0SECRET", text="psst")
        await client.chat_postMessage(channel="C0GENERAL", text="hello")

        assert (await next_event(stream, "changed"))["channel"] == "C0GENERAL"


async def test_traffic_keeps_no_secret(slack, session):
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with session.post("/api/apps.connections.open", headers=headers):
        pass
    async with session.post("/api/auth.test", json={"token": slack.bot_token, "note": slack.bot_token}):
        pass
    slack.note_traffic({"from": "gemini", "name": "create", "request": {"question": "why?"}})
    await slack.people.command("ada", "research", "/research", "x")

    _, traffic = await get(session, "/sandbox/traffic", after="0")
    text = json.dumps(traffic)
    assert len(traffic["entries"]) == 4
    assert [one["n"] for one in traffic["entries"]] == [1, 2, 3, 4]
    assert not any(secret in text for secret in (slack.bot_token, slack.app_token, *slack.permissions.urls))
    _, later = await get(session, "/sandbox/traffic", after="3")
    assert [one["name"] for one in later["entries"]] == ["/research"]


async def test_other_hosts_and_origins_are_refused(slack, session):
    async with session.get("/sandbox/state", headers={"Host": "evil.example"}) as answer:
        assert answer.status == 403
    foreign, _ = await post(session, "/sandbox/say", headers={"Origin": "http://evil.example"})
    own, _ = await post(session, "/sandbox/say", headers={"Origin": slack.url})

    assert (foreign, own) == (403, 400)


async def test_files_of_the_page_are_served_and_nothing_else(session):
    for path, status in (("/page/..%2Fslack%2Fserver.py", 404), ("/page/nothing.js", 404)):
        async with session.get(path) as answer:
            assert answer.status == status
