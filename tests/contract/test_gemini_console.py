"""The API from the terminal, against the simulated Gemini."""

from __future__ import annotations

import argparse
import io
import json
import random
from contextlib import asynccontextmanager

import anyio
import anyio.to_thread
import pytest

from bot.errors import GeminiNotFound
from bot.gemini.client import GeminiClient
from bot.gemini.console import Console, add_arguments
from bot.sandbox.gemini import Fault, SimulatedGemini

AGENT = "deep-research-preview-04-2026"


class Hurried:
    """A clock whose sleeps only let others run."""

    async def sleep(self, seconds):
        await anyio.lowlevel.checkpoint()


def understood(words):
    parser = argparse.ArgumentParser()
    add_arguments(parser, agent=AGENT)
    return parser.parse_args(words)


@asynccontextmanager
async def terminal():
    async with (
        SimulatedGemini.serve(pace=0.01, rng=random.Random(7)) as simulated,
        GeminiClient(simulated.url, "v1beta", simulated.api_key) as client,
    ):

        async def run(*words, out=None):
            arguments = await anyio.to_thread.run_sync(understood, words)
            out = out or io.StringIO()
            code = await Console(client, out, Hurried(), random.Random(1)).run(arguments)
            return code, out.getvalue()

        yield simulated, run


async def test_a_research_shows_each_thought_once_and_then_the_report():
    async with terminal() as (simulated, run):
        simulated.faults.add("stream", Fault.cut("json_array", after=4), Fault.cut("abort", after=3))
        code, shown = await run("research", "Why is the sky blue?")
        [research] = simulated.creates

        assert code == 0
        assert research.text in shown
        assert [shown.count(getattr(one, "text", one)) for one in research.thoughts] == [1] * len(
            research.thoughts
        )


async def test_a_research_without_report_says_why_and_fails():
    async with terminal() as (_, run):
        code, shown = await run("research", "Why? demo:fail")

        assert code == 1
        assert "trouble" in shown


async def test_stopping_the_terminal_stops_the_research():
    async with terminal() as (simulated, run):
        simulated.hold()
        out = io.StringIO()
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: run("research", "Why?", out=out), name="research")
            await simulated.until(lambda: simulated.open_streams == 1)
            simulated.think(simulated.creates[0].id, "**Hm**")
            while "Hm" not in out.getvalue():
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()

        assert simulated.creates[0].cancel_asked
        assert "cancelled" in out.getvalue()


async def test_an_interaction_is_started_shown_streamed_cancelled_and_deleted():
    async with terminal() as (simulated, run):
        await run("start", "Why?")
        interaction_id = simulated.creates[0].id
        await simulated.until(lambda: simulated.interactions[interaction_id].ended)
        _, shown = await run("get", interaction_id)
        _, raw = await run("get", interaction_id, "--json")
        _, events = await run("stream", interaction_id, "--json")
        await run("cancel", interaction_id)
        _, deleted = await run("delete", interaction_id, "--json")

        assert shown.startswith(f"id              {interaction_id}\nstatus          completed\n")
        assert json.loads(raw)["id"] == interaction_id
        assert [json.loads(line)["signal"] for line in events.splitlines()][-1] == "Ended"
        assert json.loads(deleted) == {"deleted": interaction_id}
        with pytest.raises(GeminiNotFound):
            await run("get", interaction_id)


async def test_a_model_is_asked():
    async with terminal() as (_, run):
        _, shown = await run("start", "What is a cat?", "--model", "gemini-3.8-flash")

        assert "completed" in shown
