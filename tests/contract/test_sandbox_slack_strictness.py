"""What the simulated Slack refuses, as the real one does: blocks, sizes, metadata."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import SimulatedSlack
from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.content import read_blocks
from bot.sandbox.slack.limits import check_metadata
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.refusal import Refusal
from tests.contract.sandbox_slack_kit import (
    ACCEPTED,
    INVALID,
    open_client,
    plan,
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
