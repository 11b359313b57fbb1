"""What the contract tests of our Gemini client share: the simulated service at a hundredfold speed, and a client."""

from __future__ import annotations

import random
from contextlib import asynccontextmanager

from bot.gemini.client import GeminiClient
from bot.gemini.limits import Limits
from bot.ports import Order
from bot.sandbox.gemini import SimulatedGemini

AGENT, MODEL = "deep-research-preview-04-2026", "gemini-3.8-flash"
QUESTION = "Research solid-state batteries."
SHORT = Limits(read=5, idle=1)


@asynccontextmanager
async def gemini(limits=SHORT, pace=0.01):
    async with (
        SimulatedGemini.serve(pace=pace, rng=random.Random(7)) as simulated,
        GeminiClient(simulated.url, "v1beta", simulated.api_key, limits=limits) as client,
    ):
        yield simulated, client


async def quietly_started(client, question=QUESTION):
    async with client.start(Order(question, AGENT, streamed=False)) as (interaction_id, _):
        return interaction_id


async def ended(simulated, client, interaction_id):
    await simulated.until(lambda: simulated.interactions[interaction_id].ended)
    return await client.fetch(interaction_id)
