"""What people do in the simulated Slack and what an app hears of it, driven by Slack's own Bolt."""

from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import Fault, SimulatedSlack
from tests.contract.sandbox_slack_kit import BLOCKS, answer, connected, listening, open_client


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
