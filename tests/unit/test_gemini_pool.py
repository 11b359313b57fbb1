"""Connections are shared out over several small clients, and everything unknown is logged once."""

from __future__ import annotations

import httpx2
import pytest
import structlog

from bot.gemini.novelties import Novelties
from bot.gemini.pool import Pool
from bot.gemini.signals import Reader
from bot.gemini.stream import SignalStream


class Closable(httpx2.AsyncBaseTransport):
    def __init__(self, closed, number, *, fails=False):
        self._closed, self._number, self._fails = closed, number, fails

    async def handle_async_request(self, request):
        return httpx2.Response(200)

    async def aclose(self):
        self._closed.append(self._number)
        if self._fails:
            raise OSError("broken")


async def test_a_client_is_made_only_when_the_others_are_full():
    closed, made = [], []

    def make():
        made.append(httpx2.AsyncClient(transport=Closable(closed, len(made))))
        return made[-1]

    pool = Pool(make, capacity=2)
    with pool.lend(), pool.lend(), pool.lend():
        assert pool.sizes == [2, 1]
    with pool.lend():
        assert pool.sizes == [1, 0]
    with pytest.raises(ValueError, match="inside"), pool.lend():
        raise ValueError("inside")
    await pool.aclose()

    assert len(made) == 2
    assert sorted(closed) == [0, 1]


async def test_one_client_that_does_not_close_keeps_no_other_open():
    closed = []
    pool = Pool(lambda: httpx2.AsyncClient(transport=Closable(closed, len(closed), fails=True)), capacity=1)
    with pool.lend(), pool.lend():
        pass
    with pytest.raises(OSError, match="broken"):
        await pool.aclose()

    assert len(closed) == 2


def test_what_is_unknown_is_logged_once_for_each_kind_and_only_as_a_name():
    novelties = Novelties()
    with structlog.testing.capture_logs() as logs:
        for _ in range(3):
            novelties.note("step", "dance_step")
            novelties.note("event", "dance.step")
            novelties.note("step", "Why is the sky blue? <secret>\n" * 20)
        for number in range(500):
            novelties.note("field", f"f{number}")

    assert [log["event"] for log in logs[:3]] == [
        "gemini.unknown_step_seen",
        "gemini.unknown_event_seen",
        "gemini.unknown_step_seen",
    ]
    assert (logs[0]["kind"], len(logs[2]["kind"])) == ("dance_step", 64)
    assert len(logs) == 200


async def test_a_stream_can_be_ended_from_outside():
    async def chunks():
        yield b""
        yield b'data: {"event_type":"interaction.status_update","status":"queued"}\n\n'

    stream = SignalStream(chunks(), Reader(), idle=1, limit=100)
    await stream.aclose()

    assert [signal async for signal in stream] == []
    assert stream.reason == "closed"
