"""What the official google-genai SDK sees of the simulated Gemini: if it drifts from the service, this breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from google import genai
from google.genai import types

from bot.sandbox.gemini import Fault, SimulatedGemini
from tests.contract.sandbox_gemini_kit import AGENT, MODEL, PACE

CONFIG: Any = {"type": "deep-research", "thinking_summaries": "auto"}


@asynccontextmanager
async def sdk(key: str | None = None, attempts: int = 1) -> AsyncIterator[tuple[SimulatedGemini, Any]]:
    async with SimulatedGemini.serve(pace=PACE) as gemini:
        options = types.HttpOptions(
            base_url=gemini.url, retry_options=types.HttpRetryOptions(attempts=attempts)
        )
        client = genai.Client(api_key=key or gemini.api_key, http_options=options)
        try:
            yield gemini, client.aio.interactions
        finally:
            await client.aio.aclose()


async def test_the_sdk_creates_follows_and_reads_a_research():
    async with sdk() as (gemini, interactions):
        started = await interactions.create(
            agent=AGENT,
            input="Research solid-state batteries.",
            agent_config=CONFIG,
            background=True,
            store=True,
        )
        await gemini.until(lambda: gemini.interactions[started.id].ended)
        done = await interactions.get(started.id)

        assert (started.status, done.status) == ("in_progress", "completed")
        assert gemini.interactions[started.id].text == done.output_text
        assert done.usage.total_tokens == 1117031
        citation = done.steps[-1].content[0].annotations[0]
        assert done.output_text.encode()[citation.start_index : citation.end_index] == b"[cite: 1, 3]"


async def test_the_sdk_streams_a_create_and_resumes_it():
    async with sdk() as (_, interactions):
        stream = await interactions.create(
            agent=AGENT, input="Bees?", agent_config=CONFIG, background=True, store=True, stream=True
        )
        whole = [event async for event in stream]
        interaction = whole[0].interaction.id
        resumed = await interactions.get(interaction, stream=True, last_event_id=whole[3].event_id)
        rest = [event async for event in resumed]

        assert whole[0].event_type == "interaction.created"
        assert whole[-1].event_type == "interaction.completed"
        assert [event.event_id for event in whole[4:]] == [event.event_id for event in rest]
        thoughts = [
            event
            for event in whole
            if event.event_type == "step.delta" and event.delta.type == "thought_summary"
        ]
        assert len(thoughts) == 12


async def test_the_sdk_cancels_and_deletes():
    async with sdk() as (_, interactions):
        started = await interactions.create(agent=AGENT, input="demo:stuck", background=True, store=True)
        cancelled = await interactions.cancel(started.id)
        await interactions.delete(started.id)

        assert cancelled.status == "cancelled"
        with pytest.raises(Exception, match="Requested entity was not found"):
            await interactions.get(started.id)


async def test_the_sdk_reads_a_model_answer_images_and_failures():
    async with sdk() as (gemini, interactions):
        answer = await interactions.create(model=MODEL, input="Hello?")
        pictures = await interactions.create(agent=AGENT, input="demo:images demo:quick", background=True)
        broken = await interactions.create(agent=AGENT, input="demo:fail", background=True)
        await gemini.until(lambda: all(run.ended for run in gemini.creates))
        pictures, broken = await interactions.get(pictures.id), await interactions.get(broken.id)

        assert answer.output_text
        images = [content for content in pictures.steps[-1].content if content.type == "image"]
        assert [image.mime_type for image in images] == ["image/png"] * 2
        assert broken.errors[0].code == "api_error"


@pytest.mark.parametrize("fault", [Fault.status(503), Fault.grpc_429(), Fault.html(502)])
async def test_the_sdk_raises_for_a_fault(fault: Fault):
    async with sdk() as (gemini, interactions):
        gemini.faults.add("create", fault)

        with pytest.raises(Exception, match=str(fault.http_status)):
            await interactions.create(agent=AGENT, input="x", background=True)


async def test_the_sdk_starts_a_second_run_when_an_executed_create_is_answered_with_an_error():
    async with sdk(attempts=2) as (gemini, interactions):
        gemini.faults.add("create", Fault.status(503, executed=True))
        await interactions.create(agent=AGENT, input="x", background=True)

        assert len(gemini.creates) == 2


async def test_the_sdk_is_refused_with_a_wrong_key():
    async with sdk(key="bad") as (_, interactions):
        with pytest.raises(Exception, match="API key not valid"):
            await interactions.get("v1_x")
