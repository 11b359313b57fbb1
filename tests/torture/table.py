"""The table at the end: what was done to the bots, and what readers noticed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter

    from tests.torture.judge import Findings
    from tests.torture.plan import Plan
    from tests.torture.tally import Logged, Tally


@dataclass(frozen=True, slots=True)
class Result:
    """All figures of one run."""

    plan: Plan
    findings: Findings
    tally: Tally
    logged: Logged
    creates: int
    retries: int
    own_429s: Counter[str]
    seconds: float
    settled_in: float

    @property
    def good(self) -> bool:
        """Nothing lost, doubled, out of order or created in vain; and no error that nobody expected."""
        return self.findings.clean and not self.logged.bugs and not self.tally.slow_stops

    def complaints(self) -> list[str]:
        """Everything that is not good, a sentence each."""
        bugs = [f"log: {where} ({count} times)" for where, count in self.logged.bugs.items()]
        stops = [f"a process took {seconds} s to stop" for seconds in self.tally.slow_stops]
        return [*self.findings.sentences(), *bugs, *stops]


def table(result: Result) -> str:
    """The table, and below it a line for everything that is not as promised."""
    plan, found, tally, logged = result.plan, result.findings, result.tally, result.logged
    engine = "SQLite" if plan.on_sqlite else "PostgreSQL"
    lines: list[tuple[str, str]] = [
        ("seed", str(plan.seed)),
        ("database, processes", f"{engine}, {plan.processes}"),
        ("researches", f"{found.researches}, with {found.reports} reports in {found.messages} messages"),
        ("kills", f"{tally.kills.total()}: {_counts(tally.kills)}"),
        ("faults", str(tally.faults.total())),
        *((f"  {kind}", str(count)) for kind, count in sorted(tally.faults.items())),
        ("deeds", _counts(tally.deeds)),
        ("creates", f"{result.creates}, with {result.retries} retries pressed"),
        ("outcomes", _counts(found.outcomes)),
        ("adopted", str(logged.adopted)),
        ("threads moved, deliveries parked", f"{logged.moved}, {logged.parked}"),
        ("leases lost", str(logged.lease_lost)),
        ("database failures", f"{logged.store_failures}, {logged.disk_full} of them for a full disk"),
        ("429s of Slack's own limits", f"{result.own_429s.total()} {_counts(result.own_429s)}".strip()),
        ("ended by themselves", str(len(tally.unexpected_ends))),
        ("unexpected errors in logs", str(logged.bugs.total())),
        ("lost", str(len(found.lost))),
        ("doubled", str(len(found.doubled))),
        ("out of order", str(len(found.out_of_order))),
        ("extra creates", str(len(found.extra_creates))),
        ("time", f"{result.seconds:.0f} s, the last {result.settled_in:.0f} s to settle"),
    ]
    width = max(len(name) for name, _ in lines)
    rows = [f"{name:<{width}}  {value}" for name, value in lines]
    return "\n".join([*rows, *(f"! {one}" for one in result.complaints())])


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.most_common())
