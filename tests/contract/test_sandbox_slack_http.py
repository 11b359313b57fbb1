"""Delivery by signed HTTP requests instead of Socket Mode, driven by Slack's own Bolt server."""

from __future__ import annotations

import pytest
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.app.async_server import AsyncSlackAppServer

from bot.sandbox.slack import SimulatedSlack
from tests.contract.sandbox_slack_kit import BLOCKS, Heard, open_client


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.echo_own_messages = False
        yield server


@pytest.fixture
async def client(slack):
    async with open_client(slack) as opened:
        yield opened


@pytest.fixture
async def over_http(slack, client):
    bolt = Heard(client)
    bolt.app = AsyncApp(client=client, process_before_response=True, signing_secret=slack.signing_secret)
    bolt.app.command("/research")(bolt.take)
    bolt.app.action("cancel")(bolt.take)
    bolt.app.event("message")(bolt.take_event)
    server = AsyncSlackAppServer(port=0, path="/slack/events", app=bolt.app)
    runner = web.AppRunner(server.web_app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    bolt.delivery = slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    yield bolt
    await runner.cleanup()


async def test_everything_also_arrives_by_signed_http(slack, client, over_http):
    assert await over_http.delivery.verify()
    assert await over_http.delivery.ssl_check()
    assert (await slack.people.command("ada", "research", "/research", "x & y")).acked
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="card", blocks=BLOCKS))["ts"]
    assert (await slack.people.click("ada", "research", ts, "cancel")).acked
    await slack.people.say("ada", "research", "hello")
    await slack.until(lambda: len(over_http.bodies) == 3)

    assert over_http.bodies[0]["text"] == "x & y"
    assert over_http.bodies[1]["actions"][0]["value"] == "r1"
    assert over_http.bodies[2]["event"]["text"] == "hello"


async def test_http_events_are_retried_with_headers_until_told_not_to(slack):
    seen = []

    async def refuse(request):
        seen.append(request.headers)
        stop = {"x-slack-no-retry": "1"} if len(seen) == 3 else {}
        return web.Response(status=500, headers=stop)

    application = web.Application()
    application.router.add_post("/slack/events", refuse)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    slack.delivery.retry_after = (0.0, 0.0, 0.0)
    await slack.people.say("ada", "research", "hello")
    await slack.until(lambda: len(slack.traffic.after(0)) == 3)
    await runner.cleanup()

    assert [one.get("X-Slack-Retry-Num") for one in seen] == [None, "1", "2"]
    assert seen[1]["X-Slack-Retry-Reason"] == "http_error"
