"""What a create asks for, and what is refused before it is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import GeminiRefused
from bot.gemini import requests
from bot.gemini.faults import Asked
from bot.gemini.requests import AgentConfig, Kind, Request
from bot.ports import Order, Work

AGENT = "deep-research-preview-04-2026"
MODEL = "gemini-3.8-flash"
SEARCH = {"type": "google_search"}
FILES = {"type": "file_search", "file_search_store_names": ["fileSearchStores/abc"]}
MCP = {"type": "mcp_server", "url": "https://m.example/", "headers": {"Authorization": "Bearer s3cret-token"}}


def test_an_order_is_a_deep_research_in_the_background_with_thoughts():
    assert Request.of(Order("Why?", AGENT)).body() == {
        "agent": AGENT,
        "input": "Why?",
        "agent_config": {"type": "deep-research", "thinking_summaries": "auto"},
        "background": True,
        "store": True,
        "stream": True,
    }


def test_a_quiet_order_that_goes_deeper():
    body = Request.of(Order("Why?", AGENT, streamed=False, previous_interaction_id="v1_p")).body()

    assert "stream" not in body
    assert body["previous_interaction_id"] == "v1_p"


def test_a_quick_answer_is_of_a_model_that_searches_and_is_followed_by_id_like_a_research():
    order = Order("How high is K2?", MODEL, work=Work.ANSWER)
    later = replace(order, streamed=False, previous_interaction_id="v1_p")

    assert Request.of(order).body() == {
        "model": MODEL,
        "input": "How high is K2?",
        "tools": [SEARCH],
        "background": True,
        "store": True,
        "stream": True,
    }
    assert Request.of(later).body()["previous_interaction_id"] == "v1_p"


def test_an_order_for_a_plan_and_for_the_planned_research_say_which_they_are():
    plan = Request.of(Order("Q", AGENT, work=Work.PLAN)).body()
    planned = Request.of(Order("Go", AGENT, previous_interaction_id="v1_plan")).body()

    assert plan["agent_config"]["collaborative_planning"] is True
    assert planned["agent_config"]["collaborative_planning"] is False


def test_a_plan_is_asked_for_revised_and_approved():
    bodies = [
        requests.plan("Q", AGENT).body(),
        requests.revise("Shorter", AGENT, "v1_plan").body(),
        requests.approve(AGENT, "v1_plan2", streamed=True).body(),
    ]

    assert [body["agent_config"]["collaborative_planning"] for body in bodies] == [True, True, False]
    assert [body.get("previous_interaction_id") for body in bodies] == [None, "v1_plan", "v1_plan2"]
    assert [body["input"] for body in bodies] == ["Q", "Shorter", "The plan looks good."]
    assert bodies[2]["stream"]


def test_background_and_storing_are_forced_for_agents_and_left_alone_for_models():
    assert {"background": True, "store": True}.items() <= Request(Kind.AGENT, AGENT, "Q").body().items()
    assert requests.question("Q", MODEL).body() == {"model": MODEL, "input": "Q"}
    assert Request(Kind.MODEL, MODEL, "Q", background=True, store=True).body()["background"] is True


@pytest.mark.parametrize(
    "request_",
    [
        Request(Kind.AGENT, "", "Q"),
        Request(Kind.AGENT, AGENT, ""),
        Request(Kind.AGENT, AGENT, "Q", background=False),
        Request(Kind.AGENT, AGENT, "Q", store=False),
        Request(Kind.AGENT, AGENT, "Q", system_instruction="Be brief."),
        Request(Kind.AGENT, AGENT, "Q", response_format={"type": "text"}),
        Request(Kind.AGENT, AGENT, "Q", generation_config={"seed": 1}),
        Request(Kind.AGENT, AGENT, "Q", continuation_token="t"),
        Request(Kind.AGENT, AGENT, "Q", tools=[{"type": "function", "name": "f"}]),
        Request(Kind.AGENT, AGENT, "Q", AgentConfig(thinking_summaries="loud")),
        Request(Kind.AGENT, AGENT, "Q", AgentConfig(visualization="3d")),
        Request(Kind.AGENT, AGENT, "Q", tools=[SEARCH, FILES]),
        Request(Kind.MODEL, MODEL, "Q", tools=[{"type": "url_context"}, FILES]),
        Request(Kind.MODEL, MODEL, "Q", tools=[{}]),
        Request(Kind.MODEL, MODEL, "Q", AgentConfig()),
        Request(Kind.MODEL, MODEL, "Q", background=True, store=False),
        Request(Kind.MODEL, MODEL, "Q", webhook_uris=["https://h.example/"]),
    ],
    ids=str,
)
def test_what_gemini_cannot_do_is_refused_with_a_sentence(request_):
    with pytest.raises(GeminiRefused) as refused:
        request_.body()

    assert refused.value.detail.endswith(".")
    assert not refused.value.may_have_started


def test_the_repr_tells_neither_question_nor_secrets():
    shown = repr(Request(Kind.AGENT, AGENT, "My question", tools=[MCP], user_metadata={"job": "42"}))

    assert AGENT in shown
    assert not any(word in shown for word in ("My question", "s3cret", "Bearer", "42"))


def test_header_values_of_mcp_servers_are_secrets():
    assert set(
        Request(Kind.AGENT, AGENT, "Q", tools=[SEARCH, MCP, {"type": "mcp_server", "headers": None}]).secrets
    ) == {
        "Bearer s3cret-token",
        "s3cret-token",
    }


def test_an_answer_is_continued_where_it_is_stored_and_asked_again_where_it_is_not():
    stored = requests.question("Q", MODEL).continued("tok", "v1_a")
    unstored = Request(Kind.MODEL, MODEL, "Q", store=False).continued("tok", "v1_a")

    assert stored.body() == {"model": MODEL, "continuation_token": "tok", "previous_interaction_id": "v1_a"}
    assert unstored.body() == {"model": MODEL, "input": "Q", "store": False, "continuation_token": "tok"}


def test_a_follow_up_can_carry_the_report_instead():
    body = (
        requests.question("And then?", MODEL, previous_interaction_id="v1_a").with_report("# Report").body()
    )

    assert "previous_interaction_id" not in body
    assert "# Report" in body["input"]
    assert body["input"].endswith("And then?")


def test_what_a_not_found_is_about():
    assert requests.question("Q", MODEL).asked is Asked.AGENT
    assert requests.question("Q", MODEL, previous_interaction_id="v1").asked is Asked.FOLLOW_UP
