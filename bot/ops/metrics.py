"""What `/metrics` shows: counted from the journal's events as they are logged, in a registry of its own.

Counts are of this process and start at zero with it; what must be true across processes is in the database.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

DOCS = {
    "research_bot_events_total": "Events of the log, by name.",
    "research_bot_transitions_total": "Researches that came into a state.",
    "research_bot_deliveries_total": "Messages to Slack: sent, adopted (found there after a crash), failed (one try).",
    "research_bot_delivery_seconds": "How long the sending of a message took.",
    "research_bot_slack_failures_total": "Deliveries that Slack refused or did not answer, by method and error.",
    "research_bot_slack_429_total": "Deliveries that Slack refused for coming too fast, by method.",
}
"""Every metric, and what it says; the README is tested against it."""

_NAME = re.compile(r"[a-z]+(\.[a-z_]+)+")
_OUTCOMES = {"delivery.sent": "sent", "delivery.adopted": "adopted", "delivery.failed": "failed"}
_TOO_FAST = frozenset({"SlackBusy", "ratelimited", "rate_limited"})
_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Counts events: `observe` is given to the log, `render` to the listener of `/metrics`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = self._counter("research_bot_events_total", "event")
        self._transitions = self._counter("research_bot_transitions_total", "state")
        self._deliveries = self._counter("research_bot_deliveries_total", "outcome")
        self._failures = self._counter("research_bot_slack_failures_total", "method", "error")
        self._too_fast = self._counter("research_bot_slack_429_total", "method")
        name = "research_bot_delivery_seconds"
        self._seconds = Histogram(name, DOCS[name], buckets=_SECONDS, registry=self.registry)

    def observe(self, event: str, facts: Mapping[str, Any]) -> None:
        """Counts one event of the log. Texts that are no event names are not counted."""
        if not _NAME.fullmatch(event):
            return
        self._events.labels(event).inc()
        if event.startswith("research.") and event != "research.claimed" and "state" in facts:
            self._transitions.labels(facts["state"]).inc()
        if outcome := _OUTCOMES.get(event):
            self._deliveries.labels(outcome).inc()
        if event == "delivery.sent" and "seconds" in facts:
            self._seconds.observe(facts["seconds"])
        if event == "delivery.failed":
            method, error = str(facts.get("method", "")), str(facts.get("error", ""))
            self._failures.labels(method, error).inc()
            if error in _TOO_FAST:
                self._too_fast.labels(method).inc()

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, *labels: str) -> Counter:
        return Counter(name, DOCS[name], labels, registry=self.registry)


METRICS = Metrics()
"""Those of this process."""
