"""How the simulated Slack tells an app what people do: Socket Mode and HTTP, driven by Slack's own Bolt."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.app.async_server import AsyncSlackAppServer
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Fault, SimulatedSlack

BUTTON = {
    "type": "button",
    "action_id": "cancel",
    "text": {"type": "plain_text", "text": "Cancel"},
    "value": "r1",
}
BLOCKS = [{"type": "actions", "block_id": "controls", "elements": [BUTTON]}]


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.echo_own_messages = False
        yield server


@pytest.fixture
async def client(slack):
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, slack.api_url, session=session, retry_handlers=[])


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


@pytest.fixture
async def heard(slack, client):
    bolt = Heard(client)
    handler = AsyncSocketModeHandler(bolt.app, slack.app_token)
    await handler.connect_async()
    await slack.until(lambda: slack.socket.connections == 1)
    yield bolt
    await handler.close_async()


async def test_a_slash_command_reaches_the_app_and_is_acknowledged(slack, heard):
    ack = await slack.people.command("ada", "research", "/research", "why is @ben on https://a.b/?")

    assert ack.acked
    body = heard.bodies[0]
    assert (body["command"], body["text"]) == ("/research", "why is <@U0BEN> on <https://a.b/>?")
    assert (body["user_id"], body["channel_id"], body["channel_name"]) == ("U0ADA", "C0RESEARCH", "research")
    assert body["trigger_id"]
    assert slack.workspace.ephemerals_of("ada") == []


@pytest.mark.parametrize(("channel", "name"), [("secret", "privategroup"), ("D0ADA", "directmessage")])
async def test_a_private_place_hides_its_name(slack, heard, channel, name):
    await slack.people.command("ada", channel, "/research", "x")

    assert heard.bodies[0]["channel_name"] == name


async def test_the_ack_of_a_command_may_carry_an_answer(slack, client, heard):
    @heard.app.command("/hello")
    async def greet(ack):
        await ack("hello there")

    ack = await slack.people.command("ada", "vault", "/hello")

    assert ack.payload == {"text": "hello there"}
    assert [one.text for one in slack.workspace.ephemerals_of("ada", "vault")] == ["hello there"]


async def test_a_command_nobody_acknowledges_times_out_before_the_person(slack):
    slack.socket.ack_timeout = 0.05
    async with connected(slack):
        await slack.until(lambda: slack.socket.connections == 1)
        late = await slack.people.command("ada", "research", "/research", "x")
    await slack.until(lambda: slack.socket.connections == 0)
    nobody = await slack.people.command("ada", "research", "/research", "x")

    assert (late.acked, late.error) == (False, "operation_timeout")
    assert (nobody.acked, nobody.error) == (False, "dispatch_failed")
    assert "operation_timeout" in slack.workspace.ephemerals_of("ada")[0].text


async def test_an_event_without_ack_comes_again_in_a_new_envelope(slack):
    slack.socket.ack_timeout, slack.delivery.retry_after = 0.05, (0.0, 0.0, 0.0)
    async with connected(slack) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await slack.people.say("ada", "research", "hello")
        envelopes = [await socket.receive_json() for _ in range(4)]

    assert [one["retry_attempt"] for one in envelopes] == [0, 1, 2, 3]
    assert [one["retry_reason"] for one in envelopes] == ["", "timeout", "timeout", "timeout"]
    assert len({one["envelope_id"] for one in envelopes}) == 4
    assert len({one["payload"]["event_id"] for one in envelopes}) == 1


async def test_an_ack_counts_on_any_connection(slack):
    async with connected(slack) as one, connected(slack) as two:
        await slack.until(lambda: slack.socket.connections == 2)
        hellos = [await one.receive_json(), await two.receive_json()]
        assert sorted(hello["num_connections"] for hello in hellos) == [1, 2]

        await slack.people.say("ada", "research", "a")
        await slack.people.say("ada", "research", "b")
        for reader, writer in ((one, two), (two, one)):
            envelope = await reader.receive_json()
            await writer.send_json({"envelope_id": envelope["envelope_id"]})
        await slack.until(lambda: [entry["ok"] for entry in slack.traffic.after(0)][-2:] == [True, True])


async def test_an_eleventh_connection_is_turned_away(slack):
    slack.strict_limits = False
    async with aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bearer {slack.app_token}"}
        sockets = []
        for _ in range(11):
            async with session.post(slack.api_url + "apps.connections.open", headers=headers) as answer:
                url = (await answer.json())["url"]
            sockets.append(await session.ws_connect(url))
            last = await sockets[-1].receive_json()

    assert (last["type"], last["reason"]) == ("disconnect", "too_many_websockets")


async def test_a_refreshed_or_cut_connection_is_opened_again(slack, heard):
    await slack.socket.refresh()
    await slack.until(lambda: slack.socket.connections == 1 and slack.socket.connected_ever == 2)
    await slack.socket.drop()
    await slack.until(lambda: slack.socket.connections == 1 and slack.socket.connected_ever == 3)

    assert (await slack.people.command("ada", "research", "/research", "x")).acked


async def test_a_payload_may_arrive_twice(slack, heard):
    slack.socket.duplicate_next()
    await slack.people.command("ada", "research", "/research", "x")
    await slack.until(lambda: len(heard.bodies) == 2 or slack.socket.connections == 0)

    assert heard.bodies[0]["trigger_id"] == heard.bodies[1]["trigger_id"]


async def test_a_click_brings_the_button_and_its_message(slack, client, heard):
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="card", blocks=BLOCKS))["ts"]

    ack = await slack.people.click("ben", "research", ts, "cancel")

    assert ack.acked
    body = heard.bodies[0]
    assert (body["user"]["id"], body["message"]["ts"]) == ("U0BEN", ts)
    assert body["container"] == {
        "type": "message", "message_ts": ts, "channel_id": "C0RESEARCH", "is_ephemeral": False
    }  # fmt: skip
    action = body["actions"][0]
    assert (action["action_id"], action["block_id"], action["value"]) == ("cancel", "controls", "r1")
    with pytest.raises(LookupError):
        await slack.people.click("ben", "research", ts, "other")
    with pytest.raises(LookupError):
        await slack.people.click("ben", "secret", ts, "cancel")


async def test_a_click_in_an_ephemeral_message_can_replace_it(slack, client, heard):
    await client.chat_postEphemeral(channel="C0RESEARCH", user="U0ADA", text="where?", blocks=BLOCKS)
    held = slack.workspace.ephemerals_of("ada")[0]
    await slack.people.click("ada", "research", held.ephemeral_id, "cancel")
    body = heard.bodies[0]
    assert "message" not in body

    await answer(body["response_url"], text="there", replace_original=True)
    assert [one.text for one in slack.workspace.ephemerals_of("ada")] == ["there"]
    await answer(body["response_url"], delete_original=True)
    assert slack.workspace.ephemerals_of("ada") == []


async def answer(url, **body):
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        text = await response.text()
        return response.status, json.loads(text)["error"] if text.startswith("{") else text


async def test_a_response_url_works_five_times_where_the_app_is_no_member(slack, heard):
    await slack.people.command("ada", "vault", "/research", "x")
    url = heard.bodies[0]["response_url"]

    assert await answer(url, text="private") == (200, "ok")
    assert await answer(url, text="public", response_type="in_channel") == (200, "ok")
    assert await answer(url, blocks=[{"type": "marquee"}]) == (400, "invalid_blocks")
    for _ in range(2):
        assert await answer(url, text="again") == (200, "ok")
    assert await answer(url, text="once more") == (404, "used_url")
    assert [one.text for one in slack.workspace.messages("vault")] == ["public"]
    assert [one.text for one in slack.workspace.ephemerals_of("ada", "vault")] == [
        "private",
        "again",
        "again",
    ]


async def test_a_response_url_expires(slack, heard):
    await slack.people.command("ada", "vault", "/research", "x")
    slack.advance(30 * 60 + 1)

    assert await answer(heard.bodies[0]["response_url"], text="late") == (404, "expired_url")


async def test_a_response_url_may_fail_as_planned(slack, heard):
    await slack.people.command("ada", "vault", "/research", "x")
    slack.faults.add("response_url", Fault.status(500))

    assert (await answer(heard.bodies[0]["response_url"], text="a"))[0] == 500
    assert await answer(heard.bodies[0]["response_url"], text="a") == (200, "ok")


async def test_a_mention_comes_as_two_events_with_one_timestamp(slack, heard):
    ts = await slack.people.say("ada", "research", "@Deep Research is 1 < 2 & true?")
    await slack.until(lambda: len(heard.events) == 2)

    assert {one["type"] for one in heard.events} == {"app_mention", "message"}
    assert {one["ts"] for one in heard.events} == {ts}
    assert heard.events[0]["text"] == "<@U0BOT> is 1 &lt; 2 &amp; true?"


async def test_the_app_hears_only_where_it_is_a_member(slack, heard):
    await slack.people.say("ada", "random", "<@U0BOT> hello")
    await slack.people.say("ada", "D0ADA", "hello")
    await slack.until(lambda: heard.events)

    assert [(one["channel"], one["channel_type"]) for one in heard.events] == [("D0ADA", "im")]


async def test_posts_and_edits_of_the_app_come_back_to_it_as_events(slack, client):
    slack.echo_own_messages = True
    async with connected(slack) as socket:
        await socket.receive_json()
        ts = (await client.chat_postMessage(channel="C0RESEARCH", text="a"))["ts"]
        await client.chat_update(channel="C0RESEARCH", ts=ts, text="b")
        posted, edited = [(await socket.receive_json())["payload"]["event"] for _ in range(2)]

    assert (posted["bot_id"], posted["text"], posted["ts"]) == ("B0BOT", "a", ts)
    assert (edited["subtype"], edited["message"]["text"], edited["previous_message"]["text"]) == (
        "message_changed", "b", "a"
    )  # fmt: skip


async def test_an_invitation_is_told_to_an_app_that_subscribes_to_it(slack, heard):
    slack.subscriptions.add("member_joined_channel")
    await slack.people.invite("ada", "vault")
    await slack.until(lambda: [one for one in heard.events if one["type"] == "member_joined_channel"])

    assert heard.events[-1]["inviter"] == "U0ADA"


async def test_the_native_stop_is_an_event_and_the_session_stays_processing(slack, client, heard):
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="root"))["ts"]
    with pytest.raises(LookupError):
        await slack.people.press_stop("ben", "research", ts)
    await client.assistant_threads_setStatus(channel_id="C0RESEARCH", thread_ts=ts, status="is searching")

    assert (await slack.people.press_stop("ben", "research", ts)).acked
    event = heard.events[0]
    assert (event["type"], event["user"], event["thread_ts"]) == ("agent_session_stopped", "U0BEN", ts)
    assert slack.threads.session("C0RESEARCH", ts)["status"] == "processing"


async def test_a_trigger_opens_one_view_within_three_seconds(slack, client, heard):
    view = {"type": "modal", "title": {"type": "plain_text", "text": "Ask"}, "blocks": [{"type": "divider"}]}
    first = (await slack.people.command("ada", "research", "/research", "x")).sent["trigger_id"]
    second = (await slack.people.command("ada", "research", "/research", "x")).sent["trigger_id"]
    await client.views_open(trigger_id=first, view=view)
    slack.advance(3.1)

    for trigger, code in ((first, "exchanged"), (second, "expired"), ("1.2.x", "invalid")):
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=trigger, view=view)
        assert caught.value.response["error"] == f"{code}_trigger_id"


async def test_a_lost_payload_times_out_and_a_lost_event_comes_again(slack, heard):
    slack.socket.ack_timeout = 0.05
    slack.socket.lose_next(2)
    assert (await slack.people.command("ada", "research", "/research", "x")).error == "operation_timeout"
    await slack.people.say("ada", "research", "hello")
    await slack.until(lambda: heard.events)

    assert [one["text"] for one in heard.events] == ["hello"]


async def test_people_see_and_write_only_where_they_may(slack):
    for person, channel in (("gus", "general"), ("ben", "secret"), ("ada", "D0BEN")):
        with pytest.raises(LookupError):
            await slack.people.say(person, channel, "hello")
    with pytest.raises(LookupError):
        await slack.people.say("ada", "museum", "hello")
    slack.workspace.add_person("dora", guest=True)
    side = slack.workspace.add_channel("side", "private", {slack.workspace.person("dora").id})
    await slack.people.say("dora", "side", "hello")
    assert [one.text for one in slack.workspace.messages(side.id)] == ["hello"]


async def test_someone_from_another_workspace_is_marked_as_such(slack, client, heard):
    shared = slack.workspace.channel("research")
    shared.ext_shared = True
    eve = slack.workspace.add_person("eve", stranger=True, team_id="T0OTHER")
    shared.members.add(eve.id)
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="card", blocks=BLOCKS))["ts"]
    await slack.people.click("eve", "research", ts, "cancel")
    await slack.people.say("eve", "research", "hello")
    await slack.until(lambda: heard.events)

    assert heard.bodies[0]["user"]["team_id"] == "T0OTHER"
    assert heard.bodies[1]["is_ext_shared_channel"] is True
    assert (await client.users_info(user=eve.id))["user"]["is_stranger"] is True


async def test_a_reply_and_a_deletion_name_their_parent(slack, heard):
    root = await slack.people.say("ada", "D0ADA", "first")
    reply = await slack.people.say("ada", "D0ADA", "second", thread_ts=root)
    await slack.people.edit("ada", "D0ADA", reply, "third")
    await slack.people.delete("ada", "D0ADA", reply)
    await slack.until(lambda: len(heard.events) == 4)

    by_kind = {one.get("subtype", one["ts"]): one for one in heard.events}
    assert (by_kind[reply]["thread_ts"], by_kind[reply]["parent_user_id"]) == (root, "U0ADA")
    assert by_kind["message_changed"]["message"]["text"] == "third"
    assert by_kind["message_deleted"]["deleted_ts"] == reply


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


async def test_http_events_are_retried_with_headers_and_a_bad_signature_fails(slack):
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
