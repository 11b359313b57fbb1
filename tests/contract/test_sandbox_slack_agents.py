"""Thread statuses, agent sessions, streams and workflow steps of the simulated Slack."""

from __future__ import annotations

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SimulatedSlack
from tests.contract.sandbox_slack_kit import (
    open_client,
    refused,
)


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.strict_limits = server.echo_own_messages = False
        yield server


@pytest.fixture
async def client(slack):
    async with open_client(slack) as opened:
        yield opened


@pytest.fixture
async def app(slack, client):
    bolt = AsyncApp(client=client, process_before_response=True)
    handler = AsyncSocketModeHandler(bolt, slack.app_token)
    await handler.connect_async()
    await slack.until(lambda: slack.socket.connections == 1)
    yield bolt
    await handler.close_async()


async def root_message(client, channel="C0RESEARCH"):
    return (await client.chat_postMessage(channel=channel, text="root"))["ts"]


async def test_a_thread_status_lasts_two_minutes_or_until_the_app_replies(slack, client):
    ts = await root_message(client)
    where = {"channel_id": "C0RESEARCH", "thread_ts": ts}
    await client.assistant_threads_setStatus(**where, status="is reading")
    assert slack.threads.status("C0RESEARCH", ts) == "is reading"
    assert slack.threads.session("C0RESEARCH", ts) == {"status": "processing", "title": "", "can_stop": True}
    slack.advance(121)
    assert slack.threads.status("C0RESEARCH", ts) == ""

    await client.assistant_threads_setStatus(**where, status="is writing")
    await client.chat_postMessage(channel="C0RESEARCH", text="reply", thread_ts=ts)
    assert slack.threads.status("C0RESEARCH", ts) == ""
    await client.assistant_threads_setStatus(**where, status="")
    assert slack.threads.session("C0RESEARCH", ts)["status"] == "active"
    async with refused("invalid_thread_ts"):
        await client.assistant_threads_setStatus(channel_id="C0RESEARCH", thread_ts="1.000000", status="x")


async def test_a_session_falls_back_to_active_after_an_hour(slack, client):
    where = {"channel_id": "C0RESEARCH", "thread_ts": await root_message(client)}
    answer = await client.agents_sessions_setStatus(**where, status="processing", title="Batteries")
    assert (answer["status"], answer["title"]) == ("processing", "Batteries")
    await client.chat_postMessage(channel="C0RESEARCH", text="reply", thread_ts=where["thread_ts"])
    assert slack.threads.session(where["channel_id"], where["thread_ts"])["can_stop"] is True
    slack.advance(3601)
    assert slack.threads.session(where["channel_id"], where["thread_ts"])["status"] == "active"

    await client.agents_sessions_rename(**where, title="Solid state batteries")
    async with refused("invalid_arguments"):
        await client.agents_sessions_setStatus(**where, status="thinking")
    async with refused("thread_ts_required"):
        await client.agents_sessions_setStatus(channel_id="C0RESEARCH", status="processing")
    slack.subscriptions.discard("agent_session_stopped")
    warned = await client.agents_sessions_setStatus(**where, status="processing")
    assert warned["warning"] == "missing_agent_session_stopped_event_subscription"
    slack.agent = False
    async with refused("not_agent_app"):
        await client.agents_sessions_setStatus(**where, status="active")


async def start_stream(client, **more):
    ts = await root_message(client)
    who = {"recipient_user_id": "U0ADA", "recipient_team_id": "T0SANDBOX"}
    answer = await client.chat_startStream(channel="C0RESEARCH", thread_ts=ts, **{**who, **more})
    return {"channel": "C0RESEARCH", "ts": answer["ts"]}


async def test_a_stream_merges_its_chunks_and_fails_open_tasks_at_the_end(slack, client):
    stream = await start_stream(client, markdown_text="Hello ")
    step = {"type": "task_update", "id": "1", "title": "Search", "status": "in_progress", "details": "a"}
    await client.chat_appendStream(**stream, markdown_text="world")
    await client.chat_appendStream(**stream, chunks=[step])
    await client.chat_appendStream(**stream, chunks=[step])
    async with refused("streaming_state_conflict"):
        await client.chat_update(**stream, text="x")
    stopped = await client.chat_stopStream(**stream, blocks=[{"type": "divider"}])

    plan, text, divider = stopped["message"]["blocks"]
    assert text["text"] == "Hello world"
    assert plan["tasks"][0]["status"] == "error"
    assert plan["tasks"][0]["details"]["elements"][0]["elements"][0]["text"] == "aa"
    assert divider["type"] == "divider"
    await client.chat_update(**stream, text="repaired")


async def test_a_stream_dies_after_five_minutes(slack, client):
    stream = await start_stream(client)
    slack.advance(301)

    async with refused("message_not_in_streaming_state"):
        await client.chat_appendStream(**stream, markdown_text="x")
    await client.chat_update(**stream, text="repaired")


async def test_a_stream_that_a_person_stops_takes_no_more(slack, client, app):
    @app.event("agent_session_stopped")
    async def stopped():
        """The ack is all that matters here."""

    stream = await start_stream(client)
    thread = slack.workspace.message("C0RESEARCH", stream["ts"]).thread_ts
    await slack.people.press_stop("ada", "research", thread)

    async with refused("stopped_by_user"):
        await client.chat_appendStream(**stream, markdown_text="x")


async def test_a_stream_in_a_channel_needs_a_recipient(client):
    async with refused("missing_recipient_user_id"):
        await start_stream(client, recipient_user_id=None)
    async with refused("missing_recipient_team_id"):
        await start_stream(client, recipient_team_id=None)
    async with refused("cannot_provide_both_markdown_text_and_chunks"):
        await start_stream(client, markdown_text="x", chunks=[{"type": "plan_update", "title": "x"}])
    async with refused("invalid_chunks"):
        await start_stream(
            client, chunks=[{"type": "task_update", "id": "1", "title": "x", "status": "completed"}]
        )


async def test_a_workflow_step_runs_and_its_token_dies_after_fifteen_minutes(slack, client, app):
    heard = []

    @app.function("deep_research", auto_acknowledge=True)
    async def take(event):
        heard.append(event)

    ack = await slack.people.run_step("deep_research", {"question": "why?"}, ("report_url",))
    assert ack.acked
    execution = heard[0]["function_execution_id"]
    step = AsyncWebClient(heard[0]["bot_access_token"], slack.api_url)
    await step.chat_postMessage(channel="C0RESEARCH", text="working")
    slack.advance(901)
    async with refused("token_revoked"):
        await step.functions_completeSuccess(function_execution_id=execution, outputs={"report_url": "x"})
    async with refused("parameter_validation_failed"):
        await client.functions_completeSuccess(function_execution_id=execution, outputs={})
    await client.functions_completeSuccess(function_execution_id=execution, outputs={"report_url": "x"})
    async with refused("execution_not_in_running_state"):
        await client.functions_completeError(function_execution_id=execution, error="x")
