"""Many researches under Slack's limits, in virtual time, and one table: `python -m bench.limits [--quick]`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from random import Random
from statistics import mean
from typing import TYPE_CHECKING

from bench import naive
from bench.ages import best_age, even_age
from bench.figures import percentile
from bench.paced import Plan, measure
from bench.thinkers import EVERY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.paced import Seen

COUNTS, CHANNELS = (1, 10, 50, 100, 300), (1, 10)
UPDATES, STATUSES = 50, 600
"""Calls a minute and workspace (Slack docs: rate limits; chat.update Tier 3, assistant.threads.setStatus special)."""
CARD_PAUSE = 3.0
NEAR = 1.3
"""How far above the floor of the limits a figure may be."""
AGE_MARKS = {50: 10.0, 100: 15.0}
HEAD = (
    "researches", "channels", "status line", "429s", "age mean", "p50", "p95", "floor", "even",
    "report p50", "p95", "max", "floor p50", "p95", "max", "calls each", "naive: 429s", "age mean", "report p50",
    "CPU", "verdict",
)  # fmt: skip


def main() -> None:
    """Reads the command line and prints what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.limits", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="up to 50 researches, and two minutes of thinking"
    )
    parser.add_argument("--only", metavar="N", type=int, nargs="+", help="these numbers of researches")
    parser.add_argument(
        "--seconds", type=float, help="of thinking, and of ending; 300 where nothing else is said"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes; virtual time does not mind")
    options = parser.parse_args()
    counts = options.only or [count for count in COUNTS if not options.quick or count <= 50]
    window = options.seconds or (120.0 if options.quick else 300.0)
    plans = [
        Plan(count, channels, has_status, window=window, ends=window)
        for count in counts
        for channels in CHANNELS
        for has_status in (True, False)
    ]
    print(f"| {' | '.join(HEAD)} |\n|{' --- |' * len(HEAD)}", flush=True)
    with ProcessPoolExecutor(options.jobs) as pool:
        for seen in pool.map(measure, plans):
            print(f"| {' | '.join(_cells(seen))} |", flush=True)
            print(f"{seen.plan}: {dict(seen.calls)}, {seen.lasted:.0f} s of Slack's time", file=sys.stderr)


def _cells(seen: Seen) -> list[str]:
    plan = seen.plan
    crude = naive.run(
        plan.researches, plan.channels, seen.messages, plan.window, plan.ends, Random(plan.seed)
    )
    late = ">" if crude.unfinished else ""
    return [
        *(str(plan.researches), str(plan.channels), "yes" if plan.has_status else "refused"),
        str(seen.refused),
        *(
            f"{mean(seen.ages):.1f}",
            f"{percentile(seen.ages, 0.5):.1f}",
            f"{percentile(seen.ages, 0.95):.1f}",
        ),
        *(f"{_floor(plan, best_age):.1f}", f"{_floor(plan, even_age):.1f}"),
        *_shares(seen.delays),
        *_shares(seen.best_delays),
        f"{sum(seen.calls.values()) / plan.researches:.0f}",
        *(str(crude.refused), f"{mean(crude.ages):.0f}", f"{late}{percentile(crude.delays, 0.5):.0f}"),
        f"{seen.cpu:.0f} of {seen.lasted:.0f} s",
        "reached" if not (missed := _missed(seen)) else f"MISSED: {', '.join(missed)}",
    ]


def _floor(plan: Plan, age: Callable[[int, float, int, float], float]) -> float:
    card = age(plan.researches, EVERY, UPDATES, CARD_PAUSE)
    status = age(plan.researches, EVERY, STATUSES, 0.0)
    return min(card, status) if plan.has_status else card


def _shares(delays: Sequence[float]) -> list[str]:
    return [f"{percentile(delays, share):.1f}" for share in (0.5, 0.95, 1.0)]


def _missed(seen: Seen) -> list[str]:
    plan = seen.plan
    missed = ["429s"] if seen.refused else []
    mark = AGE_MARKS.get(plan.researches) if plan.has_status else NEAR * _floor(plan, even_age)
    if mark is not None and mean(seen.ages) > mark:
        missed.append("age")
    pairs = [
        (percentile(seen.delays, share), percentile(seen.best_delays, share)) for share in (0.5, 0.95, 1.0)
    ]
    if any(ours > NEAR * best for ours, best in pairs):
        missed.append("report")
    return missed


if __name__ == "__main__":
    main()
