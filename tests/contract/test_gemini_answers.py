"""Plans, models and follow-ups against the simulated Gemini."""

from __future__ import annotations

import json

import httpx2
import pytest

from bot.domain.interaction import Ended, Phase, TextGrew
from bot.errors import (
    GeminiError,
)
from bot.gemini import answers, requests
from bot.gemini.client import GeminiClient
from bot.gemini.requests import Kind, Request
from tests.contract.gemini_client_kit import AGENT, MODEL, QUESTION, ended, gemini, quietly_started


async def test_a_plan_is_made_revised_and_approved():
    async with gemini() as (simulated, client):
        first = await client.create(requests.plan(QUESTION, AGENT))
        planned = await ended(simulated, client, first.interaction_id)
        second = await client.create(requests.revise("Shorter", AGENT, first.interaction_id))
        await ended(simulated, client, second.interaction_id)
        async with client.start(requests.approve(AGENT, second.interaction_id, streamed=True)) as (
            last,
            signals,
        ):
            told = [signal async for signal in signals]

        assert planned.findings.text
        assert (await ended(simulated, client, last)).findings.text != planned.findings.text
        assert isinstance(told[-1], Ended)
        assert len(simulated.creates) == 3


async def test_a_model_answers_directly_and_as_it_writes():
    async with gemini() as (_, client):
        whole = await answers.ask(client, requests.question("What is a cat?", MODEL))
        async with answers.tell(client, requests.question("What is a cat?", MODEL, streamed=True)) as signals:
            told = [signal async for signal in signals]

        assert whole.phase is Phase.COMPLETED
        assert whole.findings.text
        assert "".join(getattr(signal, "text", "") for signal in told)
        assert isinstance(told[-1], Ended)


async def test_a_model_works_in_the_background_too():
    async with gemini() as (simulated, client):
        request = Request(Kind.MODEL, MODEL, "What is a cat?", background=True, store=True)
        started = await client.create(request)

        assert (await ended(simulated, client, started.interaction_id)).findings.text


async def test_a_follow_up_about_a_forgotten_research_carries_the_report():
    async with gemini() as (simulated, client):
        question = requests.question("And the second?", MODEL, previous_interaction_id="v1_forgotten")
        answer = await answers.follow_up(client, question, "# The report")

        assert answer.findings.text
        assert "# The report" in simulated.creates[-1].request["input"]
        assert [call.method for call in simulated.calls] == ["POST", "POST"]


async def test_a_follow_up_about_a_finished_research_just_asks():
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client)
        await ended(simulated, client, interaction_id)
        question = requests.question("And the second?", MODEL, previous_interaction_id=interaction_id)
        await answers.follow_up(client, question, "# The report")

        assert simulated.creates[-1].request["input"] == "And the second?"


class Pieces:
    """A model that writes at its limit: each request gives one piece, the last one completes."""

    def __init__(self, *pieces):
        self.bodies = []
        self._pieces = list(pieces)

    def __call__(self, request):
        self.bodies.append(json.loads(request.content))
        number = len(self.bodies)
        text = self._pieces.pop(0)
        interaction = {
            "id": f"v1_{number}",
            "status": "requires_continuation" if self._pieces else "completed",
        }
        if self._pieces:
            interaction["continuation_token"] = f"token_{number}"
        if not self.bodies[-1].get("stream"):
            steps = [{"type": "model_output", "content": [{"type": "text", "text": text}]}]
            return httpx2.Response(200, json={**interaction, "steps": steps})
        events = [
            {
                "event_type": "interaction.created",
                "interaction": {"id": f"v1_{number}", "status": "in_progress"},
            },
            {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": text}},
            {"event_type": "interaction.completed", "interaction": interaction},
        ]
        content = "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()
        stream = httpx2.ByteStream(content)
        return httpx2.Response(200, stream=stream, headers={"content-type": "text/event-stream"})

    def client(self):
        return GeminiClient("https://g.example", "v1beta", "key", transport=httpx2.MockTransport(self))


async def test_a_streamed_answer_in_pieces_is_told_as_one():
    pieces = Pieces("one ", "two ", "three")
    question = requests.question("Count.", MODEL, streamed=True)
    async with pieces.client() as client, answers.tell(client, question) as signals:
        told = [signal async for signal in signals]

    assert told == [
        TextGrew("one "),
        TextGrew("two "),
        TextGrew("three"),
        Ended("completed", Phase.COMPLETED),
    ]
    assert pieces.bodies[2] == {
        "model": MODEL,
        "stream": True,
        "continuation_token": "token_2",
        "previous_interaction_id": "v1_2",
    }


async def test_an_answer_that_is_not_stored_is_continued_with_the_question():
    pieces = Pieces("one ", "two")
    async with pieces.client() as client:
        answer = await answers.ask(client, Request(Kind.MODEL, MODEL, "Count.", store=False))

    assert answer.findings.text == "one two"
    assert pieces.bodies[1] == {
        "model": MODEL,
        "input": "Count.",
        "store": False,
        "continuation_token": "token_1",
    }


@pytest.mark.parametrize("streamed", [True, False])
async def test_an_answer_that_never_completes_is_given_up(streamed):
    pieces = Pieces(*["more "] * 100)
    question = requests.question("Count.", MODEL, streamed=streamed)
    async with pieces.client() as client:
        if streamed:
            async with answers.tell(client, question) as signals:
                told = [signal async for signal in signals]
            assert told[-1] == Ended("requires_continuation", Phase.ALIVE)
        else:
            assert (await answers.ask(client, question)).phase is Phase.ALIVE

    assert len(pieces.bodies) == 20


@pytest.mark.parametrize(
    ("status", "asks_again"),
    [(400, True), (404, True), (501, True), (401, False), (402, False), (429, False), (500, False)],
)
async def test_a_follow_up_is_asked_again_only_where_the_previous_interaction_is_the_trouble(
    status, asks_again
):
    bodies = []

    def answer(request):
        bodies.append(json.loads(request.content))
        if len(bodies) == 1:
            return httpx2.Response(status, json={"error": {"code": "not_found", "message": "?"}})
        return httpx2.Response(200, json={"id": "v1_b", "status": "completed"})

    question = requests.question("And?", MODEL, previous_interaction_id="v1_a")
    async with GeminiClient(
        "https://g.example", "v1", "key", transport=httpx2.MockTransport(answer)
    ) as client:
        if asks_again:
            await answers.follow_up(client, question, "# Report")
        else:
            with pytest.raises(GeminiError):
                await answers.follow_up(client, question, "# Report")

    assert len(bodies) == 1 + asks_again
