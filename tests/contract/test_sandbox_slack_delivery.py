"""How the simulated Slack reaches an app in Socket Mode: envelopes, acks, redelivery, reconnects."""

from __future__ import annotations

import aiohttp
import pytest

from bot.sandbox.slack import SimulatedSlack
from tests.contract.sandbox_slack_kit import connected, listening, open_client


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
async def heard(slack, client):
    async with listening(slack, client) as bolt:
        yield bolt


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


async def test_a_lost_payload_times_out_and_a_lost_event_comes_again(slack, heard):
    slack.socket.ack_timeout = 0.05
    slack.socket.lose_next(2)
    assert (await slack.people.command("ada", "research", "/research", "x")).error == "operation_timeout"
    await slack.people.say("ada", "research", "hello")
    await slack.until(lambda: heard.events)

    assert [one["text"] for one in heard.events] == ["hello"]
