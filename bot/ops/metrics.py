"""What `/metrics` shows: counted from the journal's events as they are logged, in a registry of its own.

Counts are of this process and start at zero with it; what must be true across processes is counted in the database,
and the same whichever process is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.domain.prices import DOLLAR

if TYPE_CHECKING:
    from bot.domain.figures import Figures

DOCS = {
    "research_bot_events_total": "Events of the log, by name.",
    "research_bot_transitions_total": "Researches that came into a state.",
    "research_bot_deliveries_total": "Messages to Slack: sent, adopted (found there after a crash), failed (one try).",
    "research_bot_delivery_seconds": "How long the sending of a message took.",
    "research_bot_slack_failures_total": "Deliveries that Slack refused or did not answer, by method and error.",
    "research_bot_slack_429_total": "Deliveries that Slack refused for coming too fast, by method.",
    "research_bot_researches": "All processes: researches stored, by state.",
    "research_bot_stuck_researches": "All processes: researches that show nothing new for long.",
    "research_bot_undelivered_researches": "All processes: researches of which Slack does not take something.",
    "research_bot_due_researches": "All processes: researches that are due and taken by none.",
    "research_bot_research_lag_seconds": "All processes: for how long the oldest of these is due.",
    "research_bot_due_deliveries": "All processes: messages that are due and taken by none.",
    "research_bot_delivery_lag_seconds": "All processes: for how long the oldest of these is due.",
    "research_bot_month_dollars": "All processes: what this month costs; real, estimated, or reserved for what runs.",
    "research_bot_month_dollars_highest": "All processes: the same of the workspace that spends most.",
    "research_bot_month_budget_dollars": "What a workspace may spend in a month by the environment; 0 = no limit.",
    "research_bot_database_answers": "1 while the database answers; at 0 what is said of all processes is missing.",
}
"""Every metric, and what it says; the README is tested against it."""

_BUDGET = "research_bot_month_budget_dollars"
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
        self._budget = Gauge(_BUDGET, DOCS[_BUDGET], registry=self.registry)
        self._shared = _Shared()
        self.registry.register(self._shared)

    def limit(self, dollars: float) -> None:
        """What a workspace may spend in a month."""
        self._budget.set(dollars)

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

    def show(self, found: Figures | None) -> None:
        """What is true of all processes; None where the database does not say it, so that nothing old is shown."""
        self._shared.found = found

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)

    def _counter(self, name: str, *labels: str) -> Counter:
        return Counter(name, DOCS[name], labels, registry=self.registry)


class _Shared(Collector):
    """What the database said last."""

    def __init__(self) -> None:
        self.found: Figures | None = None

    def collect(self) -> Iterator[Metric]:
        """The gauges of all processes."""
        found = self.found
        yield _gauge("research_bot_database_answers", found is not None)
        if found is None:
            return
        backlog = found.backlog
        yield _gauge("research_bot_researches", found.researches, "state")
        yield _gauge("research_bot_stuck_researches", found.stuck)
        yield _gauge("research_bot_undelivered_researches", found.undelivered)
        yield _gauge("research_bot_due_researches", backlog.researches)
        yield _gauge("research_bot_research_lag_seconds", backlog.research_lag)
        yield _gauge("research_bot_due_deliveries", backlog.deliveries)
        yield _gauge("research_bot_delivery_lag_seconds", backlog.delivery_lag)
        dollars = {kind: micros / DOLLAR for kind, micros in found.micros.items()}
        yield _gauge("research_bot_month_dollars", dollars, "kind")
        yield _gauge("research_bot_month_dollars_highest", found.dearest / DOLLAR)


def _gauge(name: str, value: float | Mapping[str, float], label: str = "") -> Metric:
    family = GaugeMetricFamily(name, DOCS[name], labels=[label] if label else [])
    for key, number in value.items() if isinstance(value, Mapping) else [("", value)]:
        family.add_metric([key] if label else [], float(number))
    return family


METRICS = Metrics()
"""Those of this process."""
