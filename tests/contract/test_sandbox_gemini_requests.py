"""Requests recorded from the official SDK, and what the service refuses, against the simulated Gemini."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.gemini import Fault
from tests.contract.sandbox_gemini_kit import AGENT, MODEL, created, research, simulated

WEB_TOOLS = [{"type": "google_search"}, {"type": "url_context"}, {"type": "code_execution"}]
MCP_TOOL = {
    "type": "mcp_server",
    "name": "docs",
    "url": "https://mcp.example.com/mcp",
    "headers": {"Authorization": "Bearer X"},
    "allowed_tools": [{"mode": "auto", "tools": ["search"]}],
}
ALL_OPTIONS = {
    "agent": "deep-research-max-preview-04-2026",
    "agent_config": {
        "collaborative_planning": True,
        "thinking_summaries": "auto",
        "type": "deep-research",
        "visualization": "off",
    },
    "background": True,
    "input": [
        {
            "type": "user_input",
            "content": [
                {"type": "text", "text": "Research solid-state batteries."},
                {"type": "document", "uri": "https://example.com/a.pdf", "mime_type": "application/pdf"},
            ],
        }
    ],
    "store": True,
    "tools": [*WEB_TOOLS, MCP_TOOL],
    "webhook_config": {
        "uris": ["https://hooks.example.com/gemini"],
        "user_metadata": {"job_id": "job-42"},
    },
}
MODEL_CALL = {
    "model": MODEL,
    "generation_config": {
        "max_output_tokens": 2048,
        "seed": 1,
        "thinking_level": "low",
        "thinking_summaries": "auto",
    },
    "input": "Give me a fun fact about hummingbirds.",
    "response_format": {"mime_type": "application/json", "schema": {"type": "object"}, "type": "text"},
    "service_tier": "flex",
    "system_instruction": "Be concise.",
}


@pytest.mark.parametrize("version", ["v1", "v1beta"])
async def test_a_recorded_create_is_answered_at_once_without_steps(version: str):
    async with simulated() as (gemini, client):
        answer = await client.post(f"{gemini.url}/{version}/interactions", json=research())

        assert answer.status_code == 200
        body = answer.json()
        assert list(body) == ["id", "status", "object", "created", "updated", "agent"]
        assert (body["status"], body["object"], body["agent"]) == ("in_progress", "interaction", AGENT)
        assert body["created"] == body["updated"]
        assert body["id"].startswith("v1_")
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert answer.headers["x-goog-request-id"]


async def test_a_recorded_create_with_every_option_is_accepted_and_echoes_its_webhook():
    async with simulated() as (gemini, client):
        answer = await client.post("interactions", json=ALL_OPTIONS)

        assert answer.status_code == 200
        assert ALL_OPTIONS["webhook_config"] == answer.json()["webhook_config"]
        assert gemini.creates[0].question == "Research solid-state batteries."


async def test_a_recorded_model_call_is_answered_with_its_output_and_usage():
    async with simulated() as (_, client):
        answer = await client.post("interactions", json=MODEL_CALL)

        body = answer.json()
        assert [step["type"] for step in body["steps"]] == ["thought", "model_output"]
        assert (body["model"], body["status"], body["service_tier"]) == (MODEL, "completed", "flex")
        assert body["usage"]["total_tokens"] == 270


async def test_a_follow_up_to_a_finished_research_is_answered_by_a_model():
    async with simulated() as (gemini, client):
        first = await created(client)
        await gemini.until(lambda: gemini.interactions[first].ended)
        follow_up = {"model": MODEL, "input": "Elaborate on cost.", "previous_interaction_id": first}
        body = (await client.post("interactions", json=follow_up)).json()

        assert first == body["previous_interaction_id"]
        assert "Solid electrolytes" in body["steps"][-1]["content"][0]["text"]


async def test_a_plan_is_asked_for_and_approved_and_the_research_is_about_the_first_question():
    async with simulated() as (gemini, client):
        planning = {"type": "deep-research", "collaborative_planning": True}
        plan = await created(client, "Research heat pumps in old buildings.", agent_config=planning)
        await gemini.until(lambda: gemini.interactions[plan].ended)
        approval = await created(client, "Plan looks good!", previous_interaction_id=plan)
        await gemini.until(lambda: gemini.interactions[approval].ended)

        assert gemini.interactions[plan].text.startswith("## Research plan")
        assert gemini.interactions[approval].text.startswith("# Heat pumps in old buildings")


UNKNOWN = "parameter_unknown"
INVALID = "invalid_request"


@pytest.mark.parametrize(
    ("changes", "status", "code", "message"),
    [
        ({"cached_content": "x"}, 400, UNKNOWN, "Unknown parameter 'cached_content'."),
        ({"store": False}, 400, INVALID, "store=true is required for background interactions."),
        (
            {"agent": "deep-research-pro-preview-12-2025"},
            404,
            "model_not_found",
            "Agent deep-research-pro-preview-12-2025 was not found.",
        ),
        (
            {"tools": [{"type": "invalid_tool_type_xyz"}]},
            400,
            INVALID,
            "The value 'invalid_tool_type_xyz' is not supported for 'type' at 'tools[0]'.",
        ),
        ({"previous_interaction_id": "v1_x"}, 404, "not_found", "Requested entity was not found."),
        ({"background": False}, 400, INVALID, None),
        ({"system_instruction": "Be brief."}, 400, INVALID, None),
        ({"response_format": {"type": "text"}}, 400, INVALID, None),
        ({"generation_config": {}}, 400, INVALID, None),
        ({"labels": {"job": "42"}}, 400, INVALID, None),
        ({"model": MODEL}, 400, INVALID, None),
        ({"input": ""}, 400, INVALID, None),
        ({"input": 7}, 400, INVALID, None),
        ({"stream": "yes"}, 400, INVALID, None),
        ({"tools": [{"type": "function", "name": "f"}]}, 400, INVALID, None),
        ({"tools": [{"type": "file_search"}, {"type": "google_search"}]}, 400, INVALID, None),
        ({"agent_config": {"type": "deep-research", "thinking_summaries": "loud"}}, 400, INVALID, None),
        ({"agent_config": {"type": "deep-research", "depth": 3}}, 400, UNKNOWN, None),
    ],
)
async def test_a_create_the_service_does_not_take_is_refused(
    changes: dict[str, Any], status: int, code: str, message: str | None
):
    async with simulated() as (gemini, client):
        answer = await client.post("interactions", json=research() | changes)

        error = answer.json()["error"]
        assert (status, code) == (answer.status_code, error["code"])
        assert message in (None, error["message"])
        assert list(error) == ["code", "message"]
        assert gemini.creates == []


async def test_a_create_without_input_agent_or_json_is_refused():
    async with simulated() as (_, client):
        for content in (
            b'{"agent":"deep-research-preview-04-2026","background":true}',
            b'{"input":"x"}',
            b"{",
            b"[]",
        ):
            assert (await client.post("interactions", content=content)).status_code == 400


async def test_continuing_an_unfinished_interaction_is_refused():
    async with simulated(pace=1) as (_, client):
        first = await created(client)
        answer = await client.post("interactions", json=research("More.", previous_interaction_id=first))

        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "failed_precondition")


async def test_a_missing_or_wrong_key_is_refused():
    async with simulated() as (_, client):
        for key in ("bad", ""):
            answer = await client.post("interactions", json=research(), headers={"x-goog-api-key": key})

            assert answer.status_code == 401
            expected = {
                "code": "authentication",
                "message": "API key not valid. Please pass a valid API key.",
            }
            assert {"error": expected} == answer.json()


async def test_an_unknown_path_is_answered_in_the_array_form():
    async with simulated() as (_, client):
        answer = await client.get("interactions")

        error = {"code": 404, "message": "Method not found.", "status": "NOT_FOUND"}
        assert (404, [{"error": error}]) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (402, "payment_required", "Your Prepay credit balance is depleted."),
        (403, "permission_denied", "The caller does not have permission."),
        (404, "not_found", "Requested entity was not found."),
        (409, "aborted", "The operation was aborted."),
        (429, "rate_limit_exceeded", "You have exceeded the per-minute request limit."),
        (500, "api_error", "An unexpected error occurred on the server."),
        (501, "unimplemented", "The operation is not implemented."),
        (503, "service_unavailable", "The service is temporarily overloaded."),
        (504, "deadline_exceeded", "Deadline expired before operation could complete."),
    ],
)
async def test_a_status_fault_answers_with_the_recorded_envelope(status: int, code: str, message: str):
    async with simulated() as (gemini, client):
        gemini.faults.add("create", Fault.status(status))
        answer = await client.post("interactions", json=research())

        assert (status, {"error": {"code": code, "message": message}}) == (answer.status_code, answer.json())
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"
        assert gemini.creates == []
