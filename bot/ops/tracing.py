"""Traces by OpenTelemetry, sent to a collector over OTLP/HTTP, where the extra `tracing` is installed and one is named."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import structlog

from bot.traces import Untraced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from opentelemetry.sdk.trace import TracerProvider

    from bot.traces import Tracer

SERVICE = "research-bot"
LAST_SPANS = 2.0
"""Seconds that the last spans get on their way when the process stops."""

EXPORT = 3
"""Seconds for one sending, repetitions included: the thread that sends keeps a process that stops from ending."""

log = structlog.get_logger("bot.ops")


@asynccontextmanager
async def tracing(endpoint: str | None) -> AsyncIterator[Tracer]:
    """A tracer, and its last spans sent at the end. Nothing is traced without an endpoint, or without the extra."""
    provider = await anyio.to_thread.run_sync(_provider, endpoint) if endpoint else None
    if provider is None:
        yield Untraced()
        return
    try:
        yield OpenTelemetry(provider)
    finally:
        with anyio.move_on_after(LAST_SPANS, shield=True):
            await anyio.to_thread.run_sync(provider.shutdown, abandon_on_cancel=True)


def _provider(endpoint: str) -> TracerProvider | None:
    """Imports what only traces need; that takes a third of a second and reads files."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("tracing.not_installed", remedy="pip install '.[tracing]'")
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE}))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


class OpenTelemetry:
    """Implements `traces.Tracer`."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace import Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._tracer = provider.get_tracer("bot")
        self._rows = TraceContextTextMapPropagator()
        self._status, self._error = Status, StatusCode.ERROR

    @contextmanager
    def span(self, name: str, parent: str = "", **facts: str | int) -> Iterator[str]:
        """See `traces.Tracer`. Of an error its kind alone: its words may quote a report."""
        context = self._rows.extract({"traceparent": parent}) if parent else None
        with self._tracer.start_as_current_span(
            name,
            context=context,
            attributes={f"research_bot.{key}": value for key, value in facts.items()},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            carrier: dict[str, str] = {}
            self._rows.inject(carrier)
            try:
                yield carrier.get("traceparent", "")
            except Exception as error:
                span.set_status(self._status(self._error, type(error).__name__))
                raise
