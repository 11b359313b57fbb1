"""What was done to the bots, by kind, and what their logs say about it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

BUGS = ("research.runner_failed", "delivery.carrier_failed")


@dataclass(slots=True)
class Tally:
    """Counts of one run."""

    kills: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    slow_stops: list[float] = field(default_factory=list)
    """SIGTERMs after which a process took longer than 10 s."""
    unexpected_ends: list[str] = field(default_factory=list)
    """Processes that ended by themselves."""


@dataclass(slots=True)
class Logged:
    """What the processes wrote to their logs."""

    adopted: int = 0
    moved: int = 0
    parked: int = 0
    disk_full: int = 0
    lease_lost: int = 0
    store_failures: int = 0
    bugs: Counter[str] = field(default_factory=Counter)
    """Unexpected errors, by where they were raised."""


def read_logs(folder: Path) -> Logged:
    """Sums up all logs of a run; a last line that a kill cut off does not count."""
    logged = Logged()
    for path in sorted(folder.glob("*.log")):
        for line in path.read_text(errors="replace").splitlines():
            if line.startswith("Traceback"):
                logged.bugs[f"Traceback in {path.name}"] += 1
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            _count(logged, entry if isinstance(entry, dict) else {})
    return logged


def _count(logged: Logged, entry: dict[str, object]) -> None:
    event = str(entry.get("event", ""))
    if event == "delivery.adopted":
        logged.adopted += 1
    elif event == "delivery.moved":
        logged.moved += 1
    elif event == "delivery.parked":
        logged.parked += 1
    elif event.endswith("lease_lost"):
        logged.lease_lost += 1
    elif event == "store.failed":
        logged.store_failures += 1
        logged.disk_full += entry.get("error") == "DiskFull"
    elif event in BUGS or entry.get("level") in ("error", "critical"):
        logged.bugs[f"{event}: {entry.get('where', entry.get('exception', ''))}"[:300]] += 1
