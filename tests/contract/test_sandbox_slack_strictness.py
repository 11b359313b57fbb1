"""What the simulated Slack refuses, as the real one does: blocks, sizes, metadata, rates; and whom it pings."""

from __future__ import annotations

import contextlib

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SimulatedSlack
from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.content import read_blocks
from bot.sandbox.slack.limits import check_metadata
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.refusal import Refusal


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.strict_limits = False
        yield server


@pytest.fixture
async def client(slack):
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, slack.api_url, session=session, retry_handlers=[])


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


@pytest.mark.parametrize("name", ACCEPTED)
async def test_blocks_within_their_limits_are_accepted(client, name):
    answer = await client.chat_postMessage(channel="C0RESEARCH", text="x", blocks=ACCEPTED[name])

    assert all(block["block_id"] for block in answer["message"]["blocks"])


@pytest.mark.parametrize("name", INVALID)
async def test_invalid_blocks_are_refused_with_a_pointer(slack, client, name):
    blocks, pointer = INVALID[name]

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel="C0RESEARCH", text="x", blocks=blocks)

    response = caught.value.response
    assert response["error"] == "invalid_blocks"
    assert any(one.endswith(f"[json-pointer:{pointer}]") for one in response["errors"])
    assert response["response_metadata"]["messages"][0].startswith("[ERROR] ")
    assert slack.workspace.messages("research") == []


async def refusal(client, **arguments):
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("chat.postMessage", json={"channel": "C0RESEARCH", **arguments})
    return caught.value.response["error"]


async def test_a_markdown_block_counts_as_the_blocks_it_expands_to(client):
    assert (
        await refusal(client, blocks=[{"type": "markdown", "text": "# a\n\nb\n" * 26}])
        == "msg_blocks_too_long"
    )

    await client.chat_postMessage(
        channel="C0RESEARCH", text="x", blocks=[{"type": "markdown", "text": "# a\n\nb\n" * 25}]
    )


async def test_a_message_has_a_ceiling_of_counted_characters(client):
    halves = [{"type": "markdown", "text": "x" * 6_700}] * 2
    escaped = [{"type": "markdown", "text": "<" * 3_400}]

    assert await refusal(client, blocks=halves) == "msg_blocks_too_long"
    assert await refusal(client, blocks=escaped) == "msg_blocks_too_long"
    await client.chat_postMessage(
        channel="C0RESEARCH", text="x", blocks=[{"type": "markdown", "text": "x" * 6_500}] * 2
    )


async def test_a_message_needs_something_to_say(client):
    assert await refusal(client) == "no_text"
    assert await refusal(client, text="", blocks=[]) == "no_text"
    assert await refusal(client, text="x", markdown_text="y") == "markdown_text_conflict"
    assert await refusal(client, markdown_text="x" * 12_001) == "msg_too_long"
    assert await refusal(client, blocks="[{") == "invalid_blocks_format"


async def test_long_text_is_truncated_when_posted_and_refused_in_an_update(client):
    posted = await client.chat_postMessage(channel="C0RESEARCH", text="x" * 40_001)
    assert posted["warning"] == "message_truncated"
    assert len(posted["message"]["text"]) == 40_000

    await client.chat_update(channel="C0RESEARCH", ts=posted["ts"], text="x" * 4_000)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_update(channel="C0RESEARCH", ts=posted["ts"], text="é" * 2_001)
    assert caught.value.response["error"] == "msg_too_long"


async def test_a_workspace_may_not_know_a_block_type(slack, client):
    slack.refuse_blocks = {"plan"}

    assert await refusal(client, blocks=[plan(task("1"))]) == "invalid_blocks"


@pytest.mark.parametrize(
    "metadata",
    [
        {"event_type": "research.started", "event_payload": {}},
        {"event_type": "research", "event_payload": {"1st": "x"}},
        {"event_type": "research", "event_payload": {"a": {"b": {"c": 1}}}},
        {"event_type": "research", "event_payload": {"a": None}},
        {"event_type": "research"},
    ],
)
async def test_malformed_metadata_is_refused(client, metadata):
    assert await refusal(client, text="x", metadata=metadata) == "invalid_metadata_format"


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


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["mrkdwn", "text", "button"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "text", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        if not isinstance(key, int) or key < 2:
            yield from places(child, (*path, key))


def replaced(node, path, value):
    if not path:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = replaced(node[path[0]], path[1:], value)
    return copy


@given(st.data())
def test_whatever_blocks_contain_they_are_accepted_or_refused(data):
    blocks = ACCEPTED[data.draw(st.sampled_from(sorted(set(ACCEPTED) - {"table at its limit"})))]
    path = data.draw(st.sampled_from(list(places(blocks))))
    garbled = replaced(blocks, path, data.draw(JSON))

    with contextlib.suppress(Refusal):
        read_blocks(garbled, Mint(SandboxClock()))


@given(JSON)
def test_whatever_metadata_contains_it_is_accepted_or_refused(metadata):
    with contextlib.suppress(Refusal):
        check_metadata(metadata)
