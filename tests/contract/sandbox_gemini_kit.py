"""What the contract tests of the simulated Gemini share: a server at fiftyfold speed, a client, requests, events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from bot.sandbox.gemini import SimulatedGemini

AGENT = "deep-research-preview-04-2026"
MODEL = "gemini-3.8-flash"
PACE = 0.02


def research(question: str = "Research solid-state batteries.", **more: Any) -> dict[str, Any]:
    """The create request that the official SDK sends for a deep research."""
    return {
        "agent": AGENT,
        "agent_config": {"type": "deep-research", "thinking_summaries": "auto"},
        "background": True,
        "input": question,
        "store": True,
        **more,
    }


@asynccontextmanager
async def simulated(pace: float = PACE) -> AsyncIterator[tuple[SimulatedGemini, httpx2.AsyncClient]]:
    """A simulated service and a client with its key, under /v1beta."""
    async with SimulatedGemini.serve(pace=pace) as gemini:
        headers = {"x-goog-api-key": gemini.api_key}
        async with httpx2.AsyncClient(
            base_url=f"{gemini.url}/v1beta/", headers=headers, timeout=10
        ) as client:
            yield gemini, client


async def created(
    client: httpx2.AsyncClient, question: str = "Research solid-state batteries.", **more: Any
) -> str:
    """Creates a research and gives its id."""
    answer = await client.post("interactions", json=research(question, **more))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


async def ended(gemini: SimulatedGemini, client: httpx2.AsyncClient, interaction_id: str) -> dict[str, Any]:
    """Waits for the end of a run and gives what GET says of it."""
    await gemini.until(lambda: gemini.interactions[interaction_id].ended)
    body: dict[str, Any] = (await client.get(f"interactions/{interaction_id}")).json()
    return body


def events(text: str) -> list[dict[str, Any]]:
    """The JSON events of a whole stream, without its end marker."""
    data = [line.removeprefix("data: ") for line in text.splitlines() if line.startswith("data: ")]
    return [json.loads(line) for line in data if line != "[DONE]"]


def streamed_text(received: list[dict[str, Any]]) -> str:
    """The report's text, put together from its deltas."""
    deltas = [event.get("delta", {}) for event in received]
    return "".join(delta["text"] for delta in deltas if delta.get("type") == "text")
