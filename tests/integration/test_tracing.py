"""Traces as a collector gets them: one for each research, whichever process goes on with it, and no text of anybody."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bot.ops import tracing
from bot.ops.health import listening
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Collector:
    """Keeps the spans that it is sent."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.received.append(await request.read())
        return web.Response()

    @property
    def spans(self):
        requests = [ExportTraceServiceRequest.FromString(body) for body in self.received]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@asynccontextmanager
async def collecting() -> AsyncIterator[tuple[Collector, str]]:
    collector = Collector()
    async with listening("127.0.0.1", 0, checks={}, routes={"/v1/traces": collector.handle}) as port:
        yield collector, f"http://127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def uncompressed(monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")


async def test_a_research_is_one_trace_in_whichever_process_it_goes_on(world: World):
    async with collecting() as (collector, url):
        async with world.bot(OTEL_EXPORTER_OTLP_ENDPOINT=url):
            await world.ask("Where do the terns winter? demo:slow")
            root = await world.root()
            await world.slack.until(lambda: world.part(root, "card") is not None)
        first = list(collector.spans)
        async with world.bot(OTEL_EXPORTER_OTLP_ENDPOINT=url):
            await world.outcome(root)
        second = collector.spans[len(first) :]

    (asked,) = [span for span in first if span.name == "research.ask"]
    assert {span.trace_id for span in first + second} == {asked.trace_id}
    assert {"research.admit", "gemini.create", "research.carry"} <= {span.name for span in first}
    assert {"research.carry", "gemini.follow", "slack.deliver"} <= {span.name for span in second}
    assert {span.parent_span_id for span in second if span.name == "research.carry"} == {asked.span_id}
    assert not any(b"terns" in body for body in collector.received)


async def test_an_error_is_told_by_its_kind_alone():
    async with collecting() as (collector, url), tracing.tracing(url) as tracer:
        with pytest.raises(ValueError, match="secret"), tracer.span("work"):
            raise ValueError("a secret report")

    (span,) = collector.spans
    assert span.status.message == "ValueError"
    assert not any(b"secret" in body for body in collector.received)


async def test_without_the_extra_the_log_says_so_and_nothing_is_traced(monkeypatch):
    monkeypatch.setattr(tracing, "_provider", lambda _: None)
    async with tracing.tracing("http://127.0.0.1:9") as tracer:
        with tracer.span("work") as traceparent:
            assert traceparent == ""
