"""The simulated Slack's Web API, driven by Slack's own client."""

from __future__ import annotations

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import Fault, SimulatedSlack
from tests.contract.sandbox_slack_kit import open_client, refused

METADATA = {"event_type": "research", "event_payload": {"research": "r1", "part": "1"}}


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.strict_limits = False
        yield server


@pytest.fixture
async def client(slack):
    async with open_client(slack) as opened:
        yield opened


async def test_the_installation_introduces_itself(slack, client):
    answer = await client.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0SANDBOX", "U0BOT", "B0BOT")
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")
    assert answer.headers["x-slack-req-id"]


async def test_foreign_missing_and_revoked_tokens_are_refused(slack, client):
    async with refused("invalid_auth"):
        await AsyncWebClient("xoxb-other", slack.api_url).auth_test()
    async with refused("not_authed"):
        await AsyncWebClient("", slack.api_url).auth_test()
    async with refused("not_allowed_token_type"):
        await client.apps_connections_open(app_token=slack.bot_token)
    slack.revoke()
    async with refused("token_revoked"):
        await client.auth_test()


async def test_a_missing_scope_is_named(slack, client):
    slack.scopes.discard("chat:write")

    async with refused("missing_scope") as caught:
        await client.chat_postMessage(channel="C0RESEARCH", text="hi")

    assert caught.value.response["needed"] == "chat:write"
    assert "users:read" in caught.value.response["provided"]


async def test_an_unknown_method_is_refused(client):
    async with refused("unknown_method"):
        await client.api_call("chat.postNothing")


async def test_a_posted_message_has_slacks_shape(slack, client):
    answer = await client.chat_postMessage(channel="C0RESEARCH", text="hello", metadata=METADATA)

    message = answer["message"]
    assert message["ts"] == answer["ts"]
    assert (message["user"], message["bot_id"], message["app_id"]) == ("U0BOT", "B0BOT", "A0SANDBOX")
    assert message["metadata"] == METADATA
    assert [one.text for one in slack.workspace.messages("research")] == ["hello"]


async def test_timestamps_increase_and_have_six_decimals(client):
    stamps = [(await client.chat_postMessage(channel="D0ADA", text=str(n)))["ts"] for n in range(3)]

    assert stamps == sorted(stamps)
    assert len(set(stamps)) == 3
    assert all(len(one.split(".")[1]) == 6 for one in stamps)


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        ("C0RANDOM", "not_in_channel"),
        ("C0VAULT", "channel_not_found"),
        ("C0MUSEUM", "is_archived"),
        ("C0NOWHERE", "channel_not_found"),
    ],
)
async def test_posting_where_the_app_may_not(client, channel, code):
    async with refused(code):
        await client.chat_postMessage(channel=channel, text="hi")


async def test_a_public_channel_is_open_with_the_scope_for_it_and_after_an_invitation(slack, client):
    slack.scopes.add("chat:write.public")
    await client.chat_postMessage(channel="C0RANDOM", text="hi")
    await slack.people.invite("ada", "vault")
    await client.chat_postMessage(channel="C0VAULT", text="hi")

    assert slack.workspace.messages("random")[-1].text == "hi"
    assert slack.workspace.messages("vault")[-1].text == "hi"


async def test_a_direct_message_and_a_restricted_channel(slack, client):
    posted = await client.chat_postMessage(channel="U0ADA", text="psst")
    assert posted["channel"] == "D0ADA"

    slack.workspace.channel("general").restriction = "restricted_action_read_only_channel"
    async with refused("restricted_action_read_only_channel"):
        await client.chat_postMessage(channel="C0GENERAL", text="hi")


async def test_a_thread_is_read_back_with_metadata_only_when_asked_for(client):
    root = (await client.chat_postMessage(channel="C0RESEARCH", text="root", metadata=METADATA))["ts"]
    for text in ("one", "two"):
        await client.chat_postMessage(channel="C0RESEARCH", text=text, thread_ts=root, metadata=METADATA)

    bare = await client.conversations_replies(channel="C0RESEARCH", ts=root)
    whole = await client.conversations_replies(
        channel="C0RESEARCH", ts=root, include_all_metadata=True, limit=1
    )
    rest = await client.conversations_replies(
        channel="C0RESEARCH", ts=root, cursor=whole["response_metadata"]["next_cursor"]
    )

    assert [one["text"] for one in bare["messages"]] == ["root", "one", "two"]
    assert bare["messages"][1]["metadata"] == {"event_type": "research"}
    assert [one["text"] for one in whole["messages"]] == ["root", "one"]
    assert whole["messages"][1]["metadata"] == METADATA
    assert [one["text"] for one in rest["messages"]] == ["root", "two"]
    assert bare["messages"][0]["reply_count"] == 2


async def test_history_is_newest_first_within_its_bounds(client):
    stamps = [(await client.chat_postMessage(channel="C0GENERAL", text=str(n)))["ts"] for n in range(4)]

    after = await client.conversations_history(channel="C0GENERAL", oldest=stamps[1])
    inclusive = await client.conversations_history(
        channel="C0GENERAL", oldest=stamps[1], inclusive=True, limit=1
    )

    assert [one["text"] for one in after["messages"]] == ["3", "2"]
    assert [one["text"] for one in inclusive["messages"]] == ["3"]
    assert inclusive["has_more"] is True
    async with refused("thread_not_found"):
        await client.conversations_replies(channel="C0GENERAL", ts="1.000000")
    async with refused("not_in_channel"):
        await client.conversations_history(channel="C0RANDOM")


@pytest.mark.parametrize(
    ("argument", "code"),
    [("limit", "invalid_limit"), ("oldest", "invalid_ts_oldest"), ("cursor", "invalid_cursor")],
)
async def test_arguments_that_make_no_sense_are_refused(client, argument, code):
    async with refused(code):
        await client.conversations_history(channel="C0GENERAL", **{argument: "abc"})


async def test_an_update_changes_only_own_messages_and_notes_when(slack, client):
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="a", metadata=METADATA))["ts"]
    await client.chat_update(channel="C0RESEARCH", ts=ts, text="b", blocks=[{"type": "divider"}])
    message = slack.workspace.message("C0RESEARCH", ts)
    assert (message.text, message.metadata, message.edited_at, len(message.updates)) == (
        "b",
        METADATA,
        None,
        1,
    )

    await client.chat_update(channel="C0RESEARCH", ts=ts, text="c", metadata={})
    assert (message.blocks, message.metadata) == ([], None)
    assert message.edited_at
    theirs = await slack.people.say("ada", "research", "mine")
    async with refused("cant_update_message"):
        await client.chat_update(channel="C0RESEARCH", ts=theirs, text="x")
    await slack.people.archive("research")
    async with refused("is_inactive"):
        await client.chat_update(channel="C0RESEARCH", ts=ts, text="x")


async def test_a_deleted_message_is_gone_and_a_parent_leaves_a_tombstone(slack, client):
    root = (await client.chat_postMessage(channel="C0RESEARCH", text="root"))["ts"]
    reply = (await client.chat_postMessage(channel="C0RESEARCH", text="reply", thread_ts=root))["ts"]
    await client.chat_delete(channel="C0RESEARCH", ts=root)

    assert slack.workspace.message("C0RESEARCH", root).deleted
    async with refused("message_not_found"):
        await client.chat_update(channel="C0RESEARCH", ts=root, text="x")
    await client.chat_postMessage(channel="C0RESEARCH", text="still here", thread_ts=root)
    async with refused("cannot_reply_to_message"):
        await client.chat_postMessage(channel="C0RESEARCH", text="nested", thread_ts=reply)
    async with refused("thread_not_found"):
        await client.chat_postMessage(channel="C0RESEARCH", text="nowhere", thread_ts="1.000000")


async def test_an_ephemeral_message_is_seen_by_one_member(slack, client):
    await client.chat_postEphemeral(channel="C0RESEARCH", user="U0ADA", text="only you")

    assert [one.text for one in slack.workspace.ephemerals_of("ada")] == ["only you"]
    assert slack.workspace.ephemerals_of("ben") == []
    assert slack.workspace.messages("research") == []
    async with refused("user_not_in_channel"):
        await client.chat_postEphemeral(channel="C0SECRET", user="U0BEN", text="psst")


async def test_what_is_known_of_people_and_channels(slack, client):
    cleo = (await client.users_info(user="U0CLEO"))["user"]
    gus = (await client.users_info(user="U0GUS"))["user"]
    secret = (await client.conversations_info(channel="C0SECRET"))["channel"]
    random = (await client.conversations_info(channel="C0RANDOM"))["channel"]

    assert (cleo["is_admin"], gus["is_restricted"]) == (True, True)
    assert (secret["is_private"], secret["is_member"], random["is_member"]) == (True, True, False)
    async with refused("channel_not_found"):
        await client.conversations_info(channel="C0VAULT")
    async with refused("user_not_found"):
        await client.users_info(user="U0NOBODY")
    opened = await client.conversations_open(users="U0BEN")
    assert opened["channel"]["id"] == "D0BEN"
    assert (await client.conversations_members(channel="C0SECRET"))["members"] == ["U0ADA", "U0BOT"]


async def test_a_file_is_uploaded_in_three_steps_and_appears_a_moment_later(slack, client):
    root = (await client.chat_postMessage(channel="C0RESEARCH", text="root"))["ts"]
    answer = await client.files_upload_v2(
        channel="C0RESEARCH", thread_ts=root, content="# Report", filename="report.md", title="Report"
    )
    file_id = answer["files"][0]["id"]
    assert (await client.files_info(file=file_id))["file"]["shares"] == {}
    await slack.until(lambda: len(slack.workspace.messages("research", root)) == 2)

    shared = slack.workspace.messages("research", root)[1]
    info = (await client.files_info(file=file_id))["file"]
    assert info["shares"]["public"]["C0RESEARCH"][0]["ts"] == shared.ts
    assert (info["title"], info["mimetype"], info["size"]) == ("Report", "text/markdown", 8)
    async with aiohttp.ClientSession() as session, session.get(info["url_private"]) as content:
        assert await content.text() == "# Report"
        assert content.headers["Content-Security-Policy"] == "sandbox"


async def test_a_file_needs_a_length_and_its_bytes(client):
    async with refused("missing_argument"):
        await client.files_getUploadURLExternal(filename="a.md", length=0)
    ticket = await client.files_getUploadURLExternal(filename="a.md", length=3)
    async with refused("file_update_failed"):
        await client.files_completeUploadExternal(files=[{"id": ticket["file_id"]}], channel_id="C0RESEARCH")
    async with refused("file_not_found"):
        await client.files_completeUploadExternal(files=[{"id": "F0"}], channel_id="C0RESEARCH")


async def test_reactions_are_added_once(client):
    ts = (await client.chat_postMessage(channel="C0RESEARCH", text="root"))["ts"]
    await client.reactions_add(channel="C0RESEARCH", timestamp=ts, name="eyes")

    async with refused("already_reacted"):
        await client.reactions_add(channel="C0RESEARCH", timestamp=ts, name="eyes")
    await client.reactions_remove(channel="C0RESEARCH", timestamp=ts, name="eyes")
    async with refused("no_reaction"):
        await client.reactions_remove(channel="C0RESEARCH", timestamp=ts, name="eyes")


async def test_planned_faults_meet_the_next_calls(slack, client):
    slack.faults.add("chat.postMessage", Fault.error("fatal_error"))
    slack.faults.add("chat.postMessage", Fault.rate_limited(7))
    slack.faults.add("chat.postMessage", Fault.status(503, html=True))
    slack.faults.add("chat.postMessage", Fault.drop_before())
    slack.faults.add("chat.postMessage", Fault.drop_after())

    async with refused("fatal_error"):
        await client.chat_postMessage(channel="C0RESEARCH", text="1")
    async with refused("ratelimited") as caught:
        await client.chat_postMessage(channel="C0RESEARCH", text="2")
    assert caught.value.response.headers["Retry-After"] == "7"
    with pytest.raises(SlackApiError) as failed:
        await client.chat_postMessage(channel="C0RESEARCH", text="3")
    assert failed.value.response.status_code == 503
    for text in ("4", "5"):
        with pytest.raises(aiohttp.ClientError):
            await client.chat_postMessage(channel="C0RESEARCH", text=text)
    await client.chat_postMessage(channel="C0RESEARCH", text="6")

    assert [one.text for one in slack.workspace.messages("research")] == ["5", "6"]
    assert [one.ok for one in slack.calls_of("chat.postMessage")] == [False, False, False, False, True, True]


async def test_a_fault_may_wait_for_the_call_it_is_meant_for(slack, client):
    slack.faults.add("chat.postMessage", Fault.error("fatal_error"), when=lambda args: args["text"] == "b")

    await client.chat_postMessage(channel="C0RESEARCH", text="a")
    async with refused("fatal_error"):
        await client.chat_postMessage(channel="C0RESEARCH", text="b")
    await client.chat_postMessage(channel="C0RESEARCH", text="b")


async def test_a_permalink_leads_to_the_thread(client):
    root = (await client.chat_postMessage(channel="C0RESEARCH", text="root"))["ts"]
    reply = (await client.chat_postMessage(channel="C0RESEARCH", text="reply", thread_ts=root))["ts"]

    link = (await client.chat_getPermalink(channel="C0RESEARCH", message_ts=reply))["permalink"]

    assert link.endswith(f"/C0RESEARCH/p{reply.replace('.', '')}?thread_ts={root}&cid=C0RESEARCH")


async def test_an_oauth_code_is_exchanged_once(slack, client):
    code = slack.oauth_code()
    exchange = {"client_id": slack.client_id, "client_secret": slack.client_secret, "code": code}
    answer = await client.api_call("oauth.v2.access", data=exchange)

    assert (answer["access_token"], answer["team"]["id"]) == (slack.bot_token, "T0SANDBOX")
    async with refused("invalid_code"):
        await client.api_call("oauth.v2.access", data=exchange)


async def test_two_workspaces_share_ids_but_nothing_else(slack, client):
    other = slack.add_workspace("T0OTHER", "Other Place")
    exchange = {
        "client_id": slack.client_id,
        "client_secret": slack.client_secret,
        "code": other.oauth_code(),
    }
    installed = await client.api_call("oauth.v2.access", data=exchange)
    theirs = AsyncWebClient(installed["access_token"], slack.api_url)
    await theirs.chat_postMessage(channel="C0RESEARCH", text="theirs")
    other.revoke()

    assert installed["team"] == {"id": "T0OTHER", "name": "Other Place"}
    assert [one.text for one in other.workspace.messages("research")] == ["theirs"]
    assert slack.workspace.messages("research") == []
    async with refused("token_revoked"):
        await theirs.auth_test()
    assert (await client.auth_test())["team_id"] == "T0SANDBOX"


async def test_an_error_inside_the_server_block_comes_out_as_it_was_raised():
    with pytest.raises(KeyError, match="mine"):
        async with SimulatedSlack.serve():
            raise KeyError("mine")


async def test_waiting_for_what_never_happens_ends(slack):
    with pytest.raises(TimeoutError):
        await slack.until(lambda: False, timeout=0.05)
