"""One interaction from its create to its deletion, as the simulated Gemini lives it."""

from __future__ import annotations

import anyio
import httpx2
import pytest

from bot.sandbox.gemini import Fault
from tests.contract.sandbox_gemini_kit import (
    AGENT,
    MODEL,
    created,
    ended,
    events,
    research,
    simulated,
    streamed_text,
)


async def test_get_shows_no_steps_until_the_end():
    async with simulated() as (gemini, client):
        gemini.hold()
        interaction = await created(client)
        gemini.think(interaction, "**Reading**\n\nPapers.")
        body = (await client.get(f"interactions/{interaction}?stream=false")).json()

        assert (body["status"], body["steps"]) == ("in_progress", [])
        assert "usage" not in body


async def test_get_shows_the_whole_timeline_after_the_end():
    async with simulated() as (gemini, client):
        body = await ended(gemini, client, await created(client))

        assert [step["type"] for step in body["steps"]] == ["user_input", "thought", "model_output"]
        assert body["created"] == body["updated"]
        assert body["usage"]["total_tokens"] == 1117031
        assert len(body["steps"][1]["summary"]) == 12
        assert body["steps"][1]["signature"] == ""


async def test_annotations_are_byte_offsets_of_the_cite_markers():
    async with simulated() as (gemini, client):
        body = await ended(gemini, client, await created(client))
        content = body["steps"][-1]["content"][0]
        raw = content["text"].encode()

        assert content["annotations"]
        for annotation in content["annotations"]:
            cited = raw[annotation["start_index"] : annotation["end_index"]].decode()
            assert cited.startswith("[cite: ")
            assert cited.endswith("]")
            assert f"]({annotation['url']})" in content["text"].rpartition("**Sources:**")[2]


async def test_a_stream_of_a_create_begins_with_the_id_and_ends_without_usage():
    async with simulated() as (gemini, client):
        answer = await client.post("interactions", json=research(stream=True))
        received = events(answer.text)

        assert answer.headers["content-type"].startswith("text/event-stream")
        assert received[0]["interaction"] == {
            "id": gemini.creates[0].id,
            "status": "in_progress",
            "object": "interaction",
            "agent": AGENT,
        }
        assert received[-1]["event_type"] == "interaction.completed"
        assert "usage" not in received[-1]["interaction"]
        assert "steps" not in received[-1]["interaction"]
        assert answer.text.endswith("event: done\ndata: [DONE]\n\n")


async def test_usage_of_a_streamed_run_comes_a_moment_later():
    async with simulated() as (gemini, client):
        await client.post("interactions", json=research(stream=True))
        run = gemini.creates[0]
        early = (await client.get(f"interactions/{run.id}")).json()
        await gemini.until(lambda: run.usage)
        late = (await client.get(f"interactions/{run.id}")).json()
        replay = events((await client.get(f"interactions/{run.id}?stream=true")).text)

        assert "usage" not in early
        assert late["usage"] == replay[-1]["interaction"]["usage"]


async def test_a_stream_carries_the_same_thoughts_and_report_as_get():
    async with simulated() as (gemini, client):
        interaction = await created(client)
        received = events((await client.get(f"interactions/{interaction}?stream=true")).text)
        body = await ended(gemini, client, interaction)
        summaries = [event["delta"]["content"] for event in received if _is_thought(event)]

        assert body["steps"][1]["summary"] == summaries
        assert body["steps"][-1]["content"][0]["text"] == streamed_text(received)
        assert len({event["event_id"] for event in received}) == len(received)


async def test_a_stream_resumes_with_the_event_after_the_last_one_seen():
    async with simulated() as (gemini, client):
        interaction = await created(client)
        whole = events((await client.get(f"interactions/{interaction}?stream=true")).text)
        await gemini.until(lambda: gemini.interactions[interaction].usage)
        query = f"stream=true&last_event_id={whole[5]['event_id']}"
        rest = events((await client.get(f"interactions/{interaction}?{query}")).text)

        assert whole[6:-1] == rest[:-1]
        assert rest[-1]["event_type"] == "interaction.completed"


async def test_last_event_id_without_stream_is_refused():
    async with simulated() as (_, client):
        interaction = await created(client)

        assert (await client.get(f"interactions/{interaction}?last_event_id=evt_1")).status_code == 400


async def test_thoughts_come_only_when_summaries_were_asked_for():
    async with simulated() as (gemini, client):
        interaction = await created(client, agent_config={"type": "deep-research"})
        body = await ended(gemini, client, interaction)

        assert [step["type"] for step in body["steps"]] == ["user_input", "model_output"]


async def test_a_cancelled_run_is_over_for_get_and_for_its_stream():
    async with simulated(pace=1) as (gemini, client), anyio.create_task_group() as tasks:
        interaction = await created(client)
        received: list[str] = []

        async def follow() -> None:
            received.append((await client.get(f"interactions/{interaction}?stream=true")).text)

        tasks.start_soon(follow, name="stream")
        await gemini.until(lambda: gemini.open_streams == 1)
        answer = await client.post(f"interactions/{interaction}/cancel")
        await gemini.until(lambda: gemini.open_streams == 0)
        body = (await client.get(f"interactions/{interaction}")).json()

        assert (answer.json()["status"], body["status"]) == ("cancelled", "cancelled")
        assert [step["type"] for step in body["steps"]] == ["user_input"]
        await gemini.until(lambda: received)
        last = events(received[0])[-2:]
        assert [e["event_type"] for e in last] == ["interaction.status_update", "interaction.completed"]
        assert last[1]["interaction"]["status"] == "cancelled"
        assert gemini.interactions[interaction].cancelled


async def test_cancelling_a_finished_or_unknown_interaction_is_refused():
    async with simulated() as (gemini, client):
        interaction = await created(client)
        await ended(gemini, client, interaction)
        finished = await client.post(f"interactions/{interaction}/cancel", json={})
        unknown = await client.post("interactions/v1_x/cancel")

        error = {"code": "failed_precondition", "message": "Interaction is not in a cancellable state."}
        assert (400, {"error": error}) == (finished.status_code, finished.json())
        assert unknown.status_code == 404


async def test_a_deleted_interaction_is_gone_but_its_run_goes_on():
    async with simulated() as (gemini, client):
        interaction = await created(client)
        answer = await client.delete(f"interactions/{interaction}")
        gone = await client.get(f"interactions/{interaction}")
        await gemini.until(lambda: gemini.interactions[interaction].ended)

        assert (answer.status_code, answer.json()) == (200, {})
        assert gone.status_code == 404


async def test_a_model_with_a_web_search_tells_it_behind_the_text_and_cites_by_annotations():
    async with simulated() as (_, client):
        order = {"model": MODEL, "input": "How high is K2?", "tools": [{"type": "google_search"}]}
        answer = await client.post("interactions", json=order | {"stream": True, "background": True})
        told = events(answer.text)
        got = (await client.get(f"interactions/{told[0]['interaction']['id']}")).json()

    started = [event["step"]["type"] for event in told if event["event_type"] == "step.start"]
    output = got["steps"][-1]["content"][0]
    first = output["annotations"][0]
    assert started == ["thought", "model_output", "google_search_call", "google_search_result"]
    assert streamed_text(told) == output["text"]
    assert "[cite:" not in output["text"]
    assert (first["type"], first["start_index"], bool(first["title"])) == ("url_citation", 19, True)
    assert got["usage"]["grounding_tool_count"] == [{"type": "google_search", "count": 1}]


async def test_a_model_streams_without_event_ids_and_with_usage():
    async with simulated() as (_, client):
        answer = await client.post("interactions", json={"model": MODEL, "input": "Hello?", "stream": True})
        received = events(answer.text)

        assert all("event_id" not in event for event in received)
        assert received[-1]["interaction"]["usage"]["total_tokens"] == 270
        assert streamed_text(received)


async def test_a_held_run_does_only_what_the_test_says():
    async with simulated() as (gemini, client):
        gemini.hold()
        first, second = await created(client), await created(client)
        gemini.think(first, "**One**\n\nFirst.", "**Two**\n\nSecond.")
        gemini.finish(first, "# Done\n\nAll said.")
        gemini.fail(second, "api_error", "It broke.")
        done, broken = await ended(gemini, client, first), await ended(gemini, client, second)

        assert done["steps"][-1]["content"] == [{"type": "text", "text": "# Done\n\nAll said."}]
        assert (
            broken["status"],
            broken["errors"],
        ) == ("failed", [{"code": "api_error", "message": "It broke."}])


@pytest.mark.parametrize("operation", ["get", "stream", "cancel", "delete"])
async def test_a_fault_meets_only_its_operation_and_only_once(operation: str):
    async with simulated() as (gemini, client):
        interaction = await created(client)
        gemini.finish(interaction)
        path = f"interactions/{interaction}"
        calls = {
            "get": lambda: client.get(path),
            "cancel": lambda: client.post(f"{path}/cancel"),
            "stream": lambda: client.get(f"{path}?stream=true"),
            "delete": lambda: client.delete(path),
        }
        gemini.faults.add(operation, Fault.status(503))
        others = [(await call()).status_code for name, call in calls.items() if name != operation]
        own = [(await calls[operation]()).status_code for _ in range(2)]

        assert 503 not in others
        assert [status == 503 for status in own] == [True, False]


async def test_traffic_is_told_without_the_key():
    async with simulated() as (gemini, client):
        entries: list[dict[str, object]] = []
        gemini.on_traffic = entries.append
        await client.post(f"interactions?key={gemini.api_key}", json=research(stream=True))

        assert {"app", "gemini"} == {entry["from"] for entry in entries}
        assert {"from", "kind", "name", "ok", "ms", "summary", "request", "response"} == set(entries[0])
        assert "solid-state" in str(entries[0]["request"])
        assert gemini.api_key not in str(entries)
        assert gemini.api_key not in str(gemini.calls)


async def test_leaving_the_server_ends_open_streams():
    async with httpx2.AsyncClient() as outside:
        async with simulated(pace=1) as (gemini, client):
            interaction = await created(client)
            url = f"{gemini.url}/v1beta/interactions/{interaction}?stream=true"
            request = outside.build_request("GET", url, headers={"x-goog-api-key": gemini.api_key})
            response = await outside.send(request, stream=True)
        with pytest.raises(httpx2.RemoteProtocolError):
            await response.aread()
        await response.aclose()


def _is_thought(event: dict[str, object]) -> bool:
    delta = event.get("delta")
    return isinstance(delta, dict) and delta.get("type") == "thought_summary"
