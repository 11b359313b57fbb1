"""The client against the simulated Gemini: starting, following through every cut, ending, cancelling, deleting."""

from __future__ import annotations

import anyio
import pytest

from bot.domain.interaction import Ended, Phase
from bot.domain.research import Thought
from bot.errors import (
    GeminiNotFound,
    GeminiUncertain,
)
from bot.gemini.limits import Limits
from bot.ports import Order
from bot.sandbox.gemini import Fault
from tests.contract.gemini_client_kit import AGENT, QUESTION, ended, gemini, quietly_started

CUTS = ["eof", "json_array", "gateway_timeout", "gateway_timeout_no_done", "mid_event", "abort", "not_found"]


async def followed(client, order):
    """Follows like a runner: resumes by the last event id until a stream says that it is over."""
    seen, after, over = {}, None, False

    async def take(signals):
        nonlocal after, over
        async for signal in signals:
            after = signal.event_id or after
            over = over or isinstance(signal, Ended)
            if isinstance(signal, Thought):
                seen.setdefault(signal.key, signal.text)

    async with client.start(order) as (interaction_id, signals):
        await take(signals)
    while not over:
        async with client.listen(interaction_id, after) as signals:
            await take(signals)
    return interaction_id, list(seen.values())


@pytest.mark.parametrize("streamed", [True, False])
async def test_a_research_is_started_once_and_ends_with_its_report(streamed):
    async with gemini() as (simulated, client):
        async with client.start(Order(QUESTION, AGENT, streamed=streamed)) as (interaction_id, signals):
            kinds = [type(signal) async for signal in signals]
        found = await ended(simulated, client, interaction_id)

        assert [one.id for one in simulated.creates] == [interaction_id]
        assert simulated.creates[0].question == QUESTION
        assert found.phase is Phase.COMPLETED
        assert found.findings.text == simulated.interactions[interaction_id].text
        assert found.findings.citations
        assert (kinds[-1:] == [Ended], Thought in kinds) == (streamed, streamed)


async def test_a_stream_gives_every_thought():
    async with gemini() as (simulated, client):
        interaction_id, thoughts = await followed(client, Order(QUESTION, AGENT))

        assert thoughts == [
            getattr(one, "text", one) for one in simulated.interactions[interaction_id].thoughts
        ]
        assert len(thoughts) > 2


@pytest.mark.parametrize("how", CUTS)
async def test_no_cut_loses_or_doubles_a_thought(how):
    async with gemini() as (simulated, client):
        faults = [Fault.cut(how, after=after) for after in (3, 2, 1, 4)]
        simulated.faults.add("stream", *faults)
        interaction_id, thoughts = await followed(client, Order(QUESTION, AGENT))

        assert thoughts == [
            getattr(one, "text", one) for one in simulated.interactions[interaction_id].thoughts
        ]
        assert simulated.interactions[interaction_id].connections > 1
        assert len(simulated.creates) == 1


async def test_a_silent_stream_ends_after_the_idle_time():
    async with gemini(Limits(idle=0.2)) as (simulated, client):
        simulated.faults.add("stream", Fault.silence(after=2))
        with anyio.fail_after(5):
            async with client.start(Order(QUESTION, AGENT)) as (_, signals):
                assert not any([isinstance(signal, Ended) async for signal in signals])


async def test_a_stream_that_is_left_early_is_closed():
    async with gemini() as (simulated, client):
        simulated.hold()
        async with client.start(Order(QUESTION, AGENT)) as (interaction_id, _):
            await simulated.until(lambda: simulated.open_streams == 1)
        for _ in range(3):  # a server notices that nobody reads only when it writes
            simulated.think(interaction_id, "**On**\n\nMore.")
            await client.fetch(interaction_id)
        await simulated.until(lambda: simulated.open_streams == 0)


async def test_listening_resumes_behind_an_event():
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client)
        await ended(simulated, client, interaction_id)
        async with client.listen(interaction_id, None) as signals:
            whole = [signal async for signal in signals]
        at = next(number for number, signal in enumerate(whole) if isinstance(signal, Thought))
        async with client.listen(interaction_id, whole[at].event_id) as signals:
            rest = [signal async for signal in signals]

        assert rest == whole[at + 1 :]


async def test_a_cancelled_run_is_confirmed_by_looking():
    async with gemini() as (simulated, client):
        simulated.hold()
        interaction_id = await quietly_started(client)
        await client.cancel(interaction_id)

        assert (await ended(simulated, client, interaction_id)).phase is Phase.STOPPED


@pytest.mark.parametrize(
    "fault", [Fault.status(404), Fault.status(500), Fault.html(502), Fault.rate_limited()]
)
async def test_any_answer_to_a_cancel_means_go_and_look(fault):
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client)
        simulated.faults.add("cancel", fault)
        await client.cancel(interaction_id)
        await ended(simulated, client, interaction_id)
        await client.cancel(interaction_id)
        await client.cancel("v1_unknown")


async def test_no_answer_to_a_cancel_is_told():
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client)
        simulated.faults.add("cancel", Fault.drop_before())
        with pytest.raises(GeminiUncertain):
            await client.cancel(interaction_id)


async def test_a_record_is_deleted_once_and_again():
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client)
        await client.delete(interaction_id)
        await client.delete(interaction_id)

        assert simulated.interactions[interaction_id].deleted
        with pytest.raises(GeminiNotFound):
            await client.fetch(interaction_id)


async def test_a_failed_run_is_broken_and_says_why():
    async with gemini() as (simulated, client):
        simulated.hold()
        interaction_id = await quietly_started(client)
        simulated.fail(interaction_id, code="api_error", message="It broke.")
        found = await ended(simulated, client, interaction_id)

        assert (found.phase, found.trouble) == (Phase.BROKEN, "api_error: It broke.")


async def test_the_old_schema_still_gives_the_report():
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client, f"{QUESTION} demo:legacy")
        found = await ended(simulated, client, interaction_id)

        assert found.findings.text == simulated.interactions[interaction_id].text
