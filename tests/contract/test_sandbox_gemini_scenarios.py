"""Every scenario word does what it says."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from bot.sandbox.gemini import SCENARIOS, Fault, SimulatedGemini
from bot.sandbox.gemini.script import script_for, without_words
from tests.contract.sandbox_gemini_kit import created, ended, events, research, simulated, streamed_text

CUT_ENDS = {
    "eof": "\n\n",
    "json_array": '"status": "DEADLINE_EXCEEDED"\n    }\n  }\n]',
    "gateway_timeout": "data: [DONE]\n\n",
    "gateway_timeout_no_done": '"code":"gateway_timeout"}}\n\n',
    "not_found": '"code":"not_found"}}\n\n',
}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.word)
def test_every_scenario_changes_the_script(scenario: Any):
    assert script_for(f"Research bees {scenario.word}") != script_for("Research bees")
    assert without_words(f"Research {scenario.word} bees") == "Research bees"
    assert scenario.does


def test_scenario_words_are_unique_and_combine():
    both = script_for("demo:quick please, DEMO:IMAGES")

    assert len({scenario.word for scenario in SCENARIOS}) == len(SCENARIOS)
    assert (both.seconds, both.volume) == (5.0, "charts")


@pytest.mark.parametrize(
    ("word", "status", "steps"),
    [
        ("demo:fail", "failed", ["user_input"]),
        ("demo:mute", "failed", []),
        ("demo:steperror", "failed", ["user_input", "model_output"]),
        ("demo:incomplete", "incomplete", ["user_input", "thought", "model_output"]),
        ("demo:budget", "budget_exceeded", ["user_input", "thought"]),
        ("demo:action", "requires_action", ["user_input", "thought", "function_call"]),
        ("demo:empty", "completed", ["user_input", "thought"]),
        ("demo:unknown", "completed", ["user_input", "thought", "hologram_call", "model_output"]),
    ],
)
async def test_a_run_ends_as_its_scenario_says(word: str, status: str, steps: list[str]):
    async with simulated() as (gemini, client):
        body = await ended(gemini, client, await created(client, f"Research bees {word}"))

        assert (status, steps) == (body["status"], [step["type"] for step in body["steps"]])
        assert ("errors" in body) == (word == "demo:fail")


@pytest.mark.parametrize(
    ("word", "status"),
    [("demo:nokey", 401), ("demo:nocredit", 402), ("demo:forbidden", 403), ("demo:noagent", 404)],
)
async def test_a_refused_scenario_is_refused_each_time(word: str, status: int):
    async with simulated() as (gemini, client):
        answers = [await client.post("interactions", json=research(word)) for _ in range(2)]

        assert [status] * 2 == [answer.status_code for answer in answers]
        assert gemini.creates == []


async def test_a_busy_service_lets_the_third_create_through():
    async with simulated() as (_, client):
        answers = [await client.post("interactions", json=research("bees demo:busy")) for _ in range(3)]

        assert [answer.status_code for answer in answers] == [429, 429, 200]
        assert answers[0].headers["retry-after"] == "1"


async def test_a_service_that_is_down_answers_without_an_envelope():
    async with simulated() as (gemini, client):
        answer = await client.post("interactions", json=research("bees demo:down"))

        assert answer.status_code == 503
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        assert gemini.creates == []


async def test_a_lost_create_was_executed():
    async with simulated() as (gemini, client):
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post("interactions", json=research("bees demo:lost"))

        assert gemini.creates[0].question == "bees demo:lost"
        assert gemini.calls[-1].status == 0


async def test_a_dropped_create_was_not_executed():
    async with simulated() as (gemini, client):
        gemini.faults.add("create", Fault.drop_before())
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.post("interactions", json=research())

        assert gemini.creates == []


async def test_a_delayed_create_is_executed_although_the_client_left():
    async with simulated() as (gemini, client):
        gemini.faults.add("create", Fault.delay(15))
        with pytest.raises(httpx2.ReadTimeout):
            await client.post("interactions", json=research(), timeout=0.1)
        assert gemini.creates == []
        await gemini.until(lambda: gemini.calls and gemini.calls[0].status == 0)
        await gemini.until(lambda: gemini.creates)


async def test_the_older_envelope_html_and_an_oversized_body_can_be_had():
    async with simulated() as (gemini, client):
        gemini.faults.add("create", Fault.grpc_429(7), Fault.html(502), Fault.oversized(1000))
        grpc, html, big = [await client.post("interactions", json=research()) for _ in range(3)]

        assert grpc.json()["error"]["status"] == "RESOURCE_EXHAUSTED"
        assert grpc.json()["error"]["details"][1]["retryDelay"] == "7s"
        assert (html.status_code, html.headers["content-type"]) == (502, "text/html; charset=UTF-8")
        assert html.text == "<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>"
        assert len(big.content) > 1000


async def test_a_stuck_run_never_thinks_and_can_be_cancelled():
    async with simulated() as (gemini, client):
        interaction = await created(client, "demo:stuck")
        other = await created(client, "demo:quick")
        await ended(gemini, client, other)

        assert gemini.interactions[interaction].status == "in_progress"
        assert gemini.interactions[interaction].thoughts == []
        assert (await client.post(f"interactions/{interaction}/cancel")).json()["status"] == "cancelled"


async def test_a_late_run_completes_although_it_was_cancelled():
    async with simulated() as (gemini, client):
        interaction = await created(client, "bees demo:late")
        answer = await client.post(f"interactions/{interaction}/cancel")
        body = await ended(gemini, client, interaction)

        assert (answer.json()["status"], body["status"]) == ("in_progress", "completed")


async def test_a_lagging_cancel_is_confirmed_later():
    async with simulated() as (gemini, client):
        interaction = await created(client, "bees demo:lag")
        answer = await client.post(f"interactions/{interaction}/cancel")
        at_once = (await client.get(f"interactions/{interaction}")).json()
        body = await ended(gemini, client, interaction)

        assert [
            answer.json()["status"],
            at_once["status"],
            body["status"],
        ] == ["cancelled", "in_progress", "cancelled"]


async def test_a_legacy_run_has_outputs_and_no_steps():
    async with simulated() as (gemini, client):
        interaction = await created(client, "bees demo:legacy")
        stream = await client.get(f"interactions/{interaction}?stream=true")
        body = await ended(gemini, client, interaction)

        assert "steps" not in body
        assert body["outputs"][0]["type"] == "text"
        types = {event["event_type"] for event in events(stream.text)}
        assert {"content.delta", "interaction.complete"} <= types
        assert "interaction.completed" not in types


async def test_an_unknown_run_shows_statuses_and_events_nobody_knows():
    async with simulated() as (_, client):
        interaction = await created(client, "bees demo:unknown")
        received = events((await client.get(f"interactions/{interaction}?stream=true")).text)

        assert {"warming_up", "consolidating"} <= {event.get("status") for event in received}
        assert "step.shimmer" in {event["event_type"] for event in received}


async def test_a_run_without_ids_or_usage_has_none():
    async with simulated() as (gemini, client):
        interaction = await created(client, "bees demo:noids demo:nousage")
        received = events((await client.get(f"interactions/{interaction}?stream=true")).text)

        assert all("event_id" not in event for event in received)
        assert "usage" not in await ended(gemini, client, interaction)


async def test_a_partial_run_shows_its_steps_and_a_queued_one_waits():
    async with simulated(pace=1) as (gemini, client):
        gemini.hold()
        interaction = await created(client, "bees demo:partial demo:queued")
        gemini.think(interaction, "**One**\n\nFirst.")
        body = (await client.get(f"interactions/{interaction}")).json()

        assert body["status"] == "queued"
        assert [step["type"] for step in body["steps"]] == ["user_input", "thought"]


async def test_a_stream_with_blips_has_empty_errors_and_untyped_text():
    async with simulated() as (gemini, client):
        interaction = await created(client, "bees demo:blips")
        received = events((await client.get(f"interactions/{interaction}?stream=true")).text)

        assert {"event_type": "error", "error": {}} in received
        untyped = [event["delta"]["text"] for event in received if list(event.get("delta", {})) == ["text"]]
        assert "".join(untyped) == gemini.interactions[interaction].text


async def test_a_replay_ignores_where_the_stream_was_left():
    async with simulated() as (gemini, client):
        interaction = await created(client)
        gemini.faults.add("stream", Fault.replay())
        answer = await client.get(f"interactions/{interaction}?stream=true&last_event_id=evt_000003")

        assert events(answer.text)[0]["event_id"] == "evt_000001"


async def test_a_cancel_can_meet_a_missing_method():
    async with simulated(pace=1) as (gemini, client):
        interaction = await created(client)
        gemini.faults.add("cancel", Fault.unrouted())

        assert (await client.post(f"interactions/{interaction}/cancel")).json()[0]["error"]["code"] == 404


async def test_a_silent_stream_stays_open_and_says_nothing():
    async with simulated() as (gemini, client):
        interaction = await created(client, "bees demo:silent")
        with pytest.raises(httpx2.ReadTimeout):
            await client.get(f"interactions/{interaction}?stream=true", timeout=0.5)
        await gemini.until(lambda: gemini.open_streams == 0)


async def test_a_cut_stream_ends_in_every_known_way_and_can_be_resumed_to_the_end():
    async with simulated() as (gemini, client):
        interaction = await created(client, "Research solid-state batteries demo:cut")
        seen: dict[str, dict[str, Any]] = {}
        while not any(event["event_type"] == "interaction.completed" for event in seen.values()):
            for event in await _until_cut(client, interaction, next(reversed(seen), None)):
                seen.setdefault(event["event_id"], event)

        assert gemini.interactions[interaction].text == streamed_text(list(seen.values()))
        assert gemini.interactions[interaction].connections >= 7


@pytest.mark.parametrize(
    "how", ["eof", "json_array", "gateway_timeout", "gateway_timeout_no_done", "not_found"]
)
async def test_a_cut_looks_as_recorded(how: Any):
    async with simulated() as (gemini, client):
        interaction = await created(client)
        gemini.faults.add("stream", Fault.cut(how, after=4))
        text = (await client.get(f"interactions/{interaction}?stream=true")).text

        assert text.endswith(CUT_ENDS[how])
        assert "interaction.completed" not in text


@pytest.mark.parametrize("how", ["mid_event", "abort"])
async def test_a_stream_can_break_within_an_event_or_with_its_connection(how: Any):
    async with simulated() as (gemini, client):
        gemini.faults.add("stream", Fault.cut(how, after=2))
        if how == "abort":
            with pytest.raises(httpx2.RemoteProtocolError):
                await client.post("interactions", json=research(stream=True))
        else:
            answer = await client.post("interactions", json=research(stream=True))

            assert not answer.text.endswith("\n\n")
        assert len(gemini.creates) == 1


async def test_every_stream_is_cut_after_ten_minutes():
    async with SimulatedGemini.serve(pace=0.001) as gemini, httpx2.AsyncClient() as client:
        headers = {"x-goog-api-key": gemini.api_key}
        url = f"{gemini.url}/v1/interactions"
        text = (await client.post(url, json=research("demo:stuck", stream=True), headers=headers)).text

        assert text.endswith(CUT_ENDS["json_array"])


async def _until_cut(client: httpx2.AsyncClient, interaction: str, last: str | None) -> list[dict[str, Any]]:
    resume = f"&last_event_id={last}" if last else ""
    text = ""
    try:
        async with client.stream("GET", f"interactions/{interaction}?stream=true{resume}") as response:
            async for chunk in response.aiter_text():
                text += chunk
    except httpx2.RemoteProtocolError:
        pass
    whole = text.rpartition("\n\n")[0]
    return [event for event in events(whole) if "event_id" in event]
