"""The client's errors, limits and secrets, against the simulated Gemini."""

from __future__ import annotations

import traceback

import anyio
import pytest
import structlog

from bot.domain.interaction import Ended, StatusChanged, StreamTrouble
from bot.domain.research import Thought
from bot.errors import (
    ConfigurationError,
    GeminiBusy,
    GeminiError,
    GeminiNotFound,
    GeminiRefused,
    GeminiUncertain,
    GeminiUnreachable,
    UnknownAgent,
    WrongKey,
)
from bot.gemini import requests
from bot.gemini.client import GeminiClient
from bot.gemini.limits import Limits
from bot.ports import Order
from bot.sandbox.gemini import Fault, SimulatedGemini
from tests.contract.gemini_client_kit import AGENT, QUESTION, ended, gemini, quietly_started


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.rate_limited(retry_after=3), GeminiBusy),
        (Fault.grpc_429(retry_delay=7), GeminiBusy),
        (Fault.status(400), GeminiRefused),
        (Fault.status(500), GeminiUncertain),
        (Fault.status(503), GeminiUncertain),
        (Fault.status(500, executed=True), GeminiUncertain),
        (Fault.html(502), GeminiUncertain),
        (Fault.text(503, "try later"), GeminiUncertain),
        (Fault.drop_before(), GeminiUncertain),
        (Fault.drop_after(), GeminiUncertain),
    ],
)
@pytest.mark.parametrize("streamed", [True, False])
async def test_a_failed_create_is_posted_once(fault, kind, streamed):
    async with gemini() as (simulated, client):
        simulated.faults.add("create", fault)
        with pytest.raises(kind) as failed:
            async with client.start(Order(QUESTION, AGENT, streamed=streamed)):
                pass

        assert type(failed.value) is kind
        assert [call.method for call in simulated.calls] == ["POST"]
        assert len(simulated.creates) <= 1
        assert failed.value.may_have_started or not simulated.creates


async def test_what_the_service_refuses_is_refused_with_its_words():
    async with gemini() as (_, client):
        with pytest.raises(UnknownAgent, match="12-2025"):
            async with client.start(Order("x", "deep-research-pro-preview-12-2025")):
                pass
        with pytest.raises(GeminiNotFound):
            async with client.start(Order("x", AGENT, previous_interaction_id="v1_forgotten")):
                pass
        with pytest.raises(GeminiRefused):
            async with client.start(Order("x", AGENT, previous_interaction_id=await quietly_started(client))):
                pass


@pytest.mark.parametrize(
    ("fault", "kind", "wait"),
    [
        (Fault.rate_limited(retry_after=3), GeminiBusy, 3.0),
        (Fault.grpc_429(retry_delay=7), GeminiBusy, 7.0),
        (Fault.status(404), GeminiNotFound, None),
        (Fault.status(503, retry_after=2), GeminiUncertain, 2.0),
        (Fault.html(502), GeminiUncertain, None),
        (Fault.drop_before(), GeminiUncertain, None),
        (Fault.drop_after(), GeminiUncertain, None),
    ],
)
async def test_a_failed_look_says_whether_and_when_to_look_again(fault, kind, wait):
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client)
        simulated.faults.add("get", fault)
        simulated.faults.add("stream", fault)
        with pytest.raises(kind) as failed:
            await client.fetch(interaction_id)
        with pytest.raises(kind):
            async with client.listen(interaction_id, None):
                pass

        assert failed.value.retry_after == wait
        assert (await client.fetch(interaction_id)).interaction_id == interaction_id


async def test_a_body_beyond_the_limit_is_uncertain():
    async with gemini(Limits(body=100_000)) as (simulated, client):
        interaction_id = await quietly_started(client)
        simulated.faults.add("get", Fault.oversized(400_000))
        with pytest.raises(GeminiUncertain, match="more than 100000 bytes"):
            await client.fetch(interaction_id)


async def test_many_streams_and_polls_share_several_small_clients():
    limits = Limits(streams_per_client=5, polls_per_client=4)
    async with gemini(limits) as (simulated, client), anyio.create_task_group() as group:
        simulated.hold()
        left = anyio.Event()

        async def follow(number):
            async with client.start(Order(f"{QUESTION} {number}", AGENT)) as (interaction_id, _):
                await client.fetch(interaction_id)
                await left.wait()

        for number in range(17):
            group.start_soon(follow, number, name=f"follower {number}")
        await simulated.until(lambda: simulated.open_streams == 17)

        assert client._exchange._streams.sizes == [5, 5, 5, 2]
        assert max(client._exchange._polls.sizes, default=0) <= 4
        left.set()


async def test_the_key_and_the_question_are_nowhere_to_be_read():
    key, question = "my-own-key-0123456789", "a very private question"
    async with SimulatedGemini.serve(pace=0.01) as simulated:
        with structlog.testing.capture_logs() as logs:
            async with GeminiClient(simulated.url, "v1beta", key) as client:
                shown = [repr(client), str(client)]
                for call in (
                    client.fetch("v1_x"),
                    client.delete("v1_x"),
                    client.create(requests.plan(question, AGENT)),
                ):
                    with pytest.raises(WrongKey) as failed:
                        await call
                    shown += ["".join(traceback.format_exception(failed.value)), repr(failed.value)]
                await client.cancel("v1_x")

        assert len(logs) >= 4
        assert not any(word in text for word in (key, question) for text in [*shown, repr(logs)])
        assert not any(key in call.path or key in str(call.query) for call in simulated.calls)


@pytest.mark.parametrize("key", ["", "  ", "two words", "newline\nkey", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key):
    with pytest.raises(ConfigurationError, match="GEMINI_API_KEY") as refused:
        GeminiClient("http://127.0.0.1:1", "v1beta", key)

    assert not key.strip() or key not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "version"),
    [("nonsense", "v1"), ("ftp://x", "v1"), ("http://", "v1"), ("http://u:p@x", "v1"), ("http://x?key=1", "v1"),
     ("http://x", ""), ("http://x", "v1/../admin"), ("http://x", "v1?")],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url, version):
    with pytest.raises(ConfigurationError):
        GeminiClient(url, version, "key")


@pytest.mark.parametrize("interaction_id", ["", ".", ".."])
async def test_no_id_is_no_request(interaction_id):
    async with gemini() as (simulated, client):
        for call in (client.fetch(interaction_id), client.cancel(interaction_id)):
            with pytest.raises(GeminiError):
                await call

        assert not simulated.calls


async def test_an_id_cannot_reach_another_path():
    async with gemini() as (simulated, client):
        with pytest.raises(GeminiNotFound):
            await client.fetch("../../v1/webhooks?x=#")

        assert "%2F" in simulated.calls[0].path or simulated.calls[0].path.startswith("/v1beta/interactions/")


async def test_closing_the_client_ends_what_is_open():
    async with gemini() as (simulated, client):
        simulated.hold()
        async with client.start(Order(QUESTION, AGENT)) as (_, signals):
            await client.aclose()
            rest = [signal async for signal in signals]

        assert not any(isinstance(signal, Ended | StreamTrouble) for signal in rest)
        assert all(isinstance(signal, StatusChanged | Thought) for signal in rest)


async def test_nobody_there_is_unreachable_for_every_call():
    async with SimulatedGemini.serve() as simulated:
        url = simulated.url
    async with GeminiClient(url, "v1beta", "key") as client:
        for call in (client.fetch("v1_x"), client.cancel("v1_x"), client.delete("v1_x")):
            with pytest.raises(GeminiUnreachable):
                await call


async def test_unknown_things_in_a_real_answer_pass_by_and_are_logged_once():
    async with gemini() as (simulated, client):
        interaction_id = await quietly_started(client, f"{QUESTION} demo:unknown")
        with structlog.testing.capture_logs() as logs:
            await ended(simulated, client, interaction_id)
            await client.fetch(interaction_id)
            async with client.listen(interaction_id, None) as signals:
                assert [signal async for signal in signals]

        unknown = [(log["event"], log.get("kind")) for log in logs if "unknown" in log["event"]]
        assert len(unknown) >= 3
        assert len(unknown) == len(set(unknown))


async def test_looks_that_hang_hold_up_no_other():
    async with gemini(Limits(polls_per_client=4)) as (simulated, client):
        interaction_id = await quietly_started(client)
        simulated.faults.add("get", Fault.delay(100_000), times=9)
        async with anyio.create_task_group() as group:
            for number in range(9):
                group.start_soon(client.fetch, interaction_id, name=f"look {number}")
            while simulated.faults._queues["get"]:
                await anyio.lowlevel.checkpoint()
            with anyio.fail_after(10):
                for _ in range(20):
                    await client.fetch(interaction_id)

            assert sum(client._exchange._polls.sizes) == 9
            group.cancel_scope.cancel()
