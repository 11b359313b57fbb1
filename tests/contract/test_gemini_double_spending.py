"""One start is one POST, whatever breaks and wherever: counted at a server that fails at every point of it."""

from __future__ import annotations

from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute

from bot.errors import GeminiBusy, GeminiRefused, GeminiUncertain, GeminiUnreachable
from bot.gemini.client import GeminiClient
from bot.gemini.limits import Limits
from bot.ports import Order

KEY = "test-key-0123456789"
AGENT = "deep-research-preview-04-2026"
SHORT = Limits(connect=2.0, read=0.3, whole=0.6, answer=0.6, idle=0.3)
CREATED = (
    b'event: interaction.created\ndata: {"event_type":"interaction.created","interaction":{"id":"v1_a"}}\n\n'
)
JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
HANG = b"<hang>"


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


class Counter:
    """A server that reads whole requests, counts the creates and answers with fixed bytes."""

    def __init__(self):
        self.creates = 0
        self.answer = b""
        self.reads = True
        self.url = ""

    async def serve(self, stream):
        async with stream:
            if not self.reads:
                return
            received = b""
            while b"\r\n\r\n" not in received or not received.endswith(b"}"):
                try:
                    received += await stream.receive()
                except (anyio.EndOfStream, anyio.BrokenResourceError):
                    return
            self.creates += received.count(b"POST /v1beta/interactions HTTP/1.1")
            answer, hangs, _ = self.answer.partition(HANG)
            if answer:
                await stream.send(answer)
            if hangs:
                await anyio.sleep_forever()


@asynccontextmanager
async def counting():
    counter = Counter()
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)
    counter.url = f"http://127.0.0.1:{port}"
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, counter.serve, name="server that fails")
        yield counter
        group.cancel_scope.cancel()


async def started(url, *, streamed, limits=SHORT):
    async with (
        GeminiClient(url, "v1beta", KEY, limits=limits) as client,
        client.start(Order("x", AGENT, streamed=streamed)) as (interaction_id, signals),
    ):
        return interaction_id, [signal async for signal in signals]


POINTS = {
    "no answer": b"",
    "silence": HANG,
    "half a status line": b"HTTP/1.1 2",
    "half the headers": b"HTTP/1.1 200 OK\r\ncontent-ty",
    "silence within the headers": b"HTTP/1.1 200 OK\r\ncontent-ty" + HANG,
    "headers alone": JSON + b"content-length: 40\r\n\r\n",
    "half a body": JSON + b'content-length: 400\r\n\r\n{"id":"v1_a","sta',
    "silence within the body": JSON + b'content-length: 400\r\n\r\n{"id":"v1_a","sta' + HANG,
    "an empty body": JSON + b"content-length: 0\r\n\r\n",
    "no JSON": JSON + b"content-length: 4\r\n\r\nnull",
    "no HTTP": b"\x00\x01\x02\r\n\r\n",
    "a redirect": b"HTTP/1.1 307 Temporary Redirect\r\nlocation: /v1beta/interactions\r\ncontent-length: 0\r\n\r\n",
    "500": b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
    "503 with a wait": b"HTTP/1.1 503 Oh\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n",
    "504 cut off": b"HTTP/1.1 504 Oh\r\ncontent-length: 50\r\n\r\n{",
    "a wrong encoding": JSON + b"content-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
    "a stream that ends": SSE + b"0\r\n\r\n",
    "a stream that breaks": SSE + chunk(b"event: interaction.created\nda"),
    "a stream that is silent": SSE + HANG,
    "a stream with an error": SSE
    + chunk(b'data: {"event_type":"error","error":{"code":"api_error"}}\n\n')
    + HANG,
}


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("point", sorted(POINTS))
async def test_a_failure_after_sending_is_uncertain_and_made_one_create(point, streamed):
    async with counting() as counter:
        counter.answer = POINTS[point]
        with pytest.raises(GeminiUncertain) as failed:
            await started(counter.url, streamed=streamed)

        assert counter.creates == 1
        assert failed.value.may_have_started
        assert KEY not in repr(failed.value)


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 429 Slow\r\nretry-after: 3\r\ncontent-length: 0\r\n\r\n", GeminiBusy),
        (b"HTTP/1.1 429 Slow\r\nretry-after: 3\r\ncontent-length: 90\r\n\r\n{", GeminiBusy),
        (b"HTTP/1.1 400 No\r\ncontent-length: 90\r\n\r\n{" + HANG, GeminiRefused),
        (b"HTTP/1.1 409 No\r\ncontent-length: 0\r\n\r\n", GeminiRefused),
    ],
)
async def test_a_refusal_is_one_create_even_if_its_words_are_lost(answer, kind, streamed):
    async with counting() as counter:
        counter.answer = answer
        with pytest.raises(kind) as failed:
            await started(counter.url, streamed=streamed)

        assert (counter.creates, failed.value.may_have_started) == (1, False)


@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"0\r\n\r\n",
        HANG,
        chunk(b"data: {"),
        chunk(b"\xff\n\n") + HANG,
        b"zz\r\n",
        chunk(b"[{") + b"0\r\n\r\n",
    ],
)
async def test_once_the_id_is_known_a_broken_stream_just_ends(rest):
    async with counting() as counter:
        counter.answer = SSE + chunk(CREATED) + rest

        assert await started(counter.url, streamed=True) == ("v1_a", [])
        assert counter.creates == 1


async def test_a_connection_that_is_closed_at_once_may_have_started_something():
    async with counting() as counter:
        counter.reads = False
        with pytest.raises(GeminiUncertain):
            await started(counter.url, streamed=True)

        assert counter.creates == 0


async def test_a_server_that_is_not_there_is_unreachable():
    async with counting() as counter:
        url = counter.url
    with pytest.raises(GeminiUnreachable) as failed:
        await started(url, streamed=True)

    assert not failed.value.may_have_started


async def test_a_crash_in_the_middle_of_the_post_is_one_create():
    async with counting() as counter:
        counter.answer = HANG
        with anyio.move_on_after(0.2) as crash:
            await started(counter.url, streamed=True, limits=Limits())

        assert crash.cancelled_caught
        assert counter.creates == 1


async def test_a_stream_that_goes_on_and_names_nothing_is_given_up():
    async with counting() as counter:
        counter.answer = SSE + chunk(b": still here\n") + HANG
        with anyio.fail_after(5), pytest.raises(GeminiUncertain):
            await started(counter.url, streamed=True, limits=Limits(read=60, whole=0.3))

        assert counter.creates == 1
