"""Many researches followed at once by one process, and how soon an end is known: `python -m bench.follow [--quick]`."""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from math import sqrt
from statistics import mean, stdev
from typing import TYPE_CHECKING

from bench import endings, followed
from bench.figures import Figure, percentile, table

if TYPE_CHECKING:
    from bench.followed import Followed

COUNTS = (100, 1_000, 5_000)
QUIET = 15.0
TOGETHER = 120
"""Runs to their end that one process has side by side."""
HALF_AN_HOUR, SHORT = 1800.0, 300.0
BATCHES = 10
"""One in a hundred runs ends during a silence, so many are needed; when an end is known does not depend on how long the
run was, so they are short. Requests are those of half an hour.
"""


def main() -> None:
    """Reads the command line and prints what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.follow", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="up to 1,000 researches, and fewer runs to their end"
    )
    parser.add_argument("--only", metavar="N", type=int, nargs="+", help="these numbers of researches")
    options = parser.parse_args()
    counts = options.only or (COUNTS[:2] if options.quick else COUNTS)
    figures: list[Figure] = []
    for number in counts:
        # A process for each: memory that one has given back would not count for the next.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
            figures += _of(alone.submit(followed.measure, number, QUIET).result())
    print(table([*figures, *_ends(2 if options.quick else BATCHES)]))


def _of(one: Followed) -> list[Figure]:
    many = one.researches == COUNTS[-1]
    return [
        Figure(f"{one.researches} researches: memory of each", [one.memory / 1024], 64.0, "KiB"),
        Figure("  a core while nothing happens", [100 * one.quiet_share], unit="%"),
        Figure("  a poll, of the processor", [1000 * one.poll], unit="ms"),
        Figure("  a thought, of the processor", [1000 * one.event], unit="ms"),
        Figure("  all started", [one.started]),
        Figure("  all resumed", [one.resumed], 10.0 if many else None),
        Figure("  all resumed, of the processor", [one.resumed_cpu]),
    ]


def _ends(batches: int) -> list[Figure]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as side_by_side:
        long = side_by_side.submit(endings.measure, TOGETHER, HALF_AN_HOUR, 0)
        short = side_by_side.map(
            endings.measure, [TOGETHER] * batches, [SHORT] * batches, range(1, batches + 1)
        )
        delays = [delay for batch in short for delay in batch.delays]
        requests = long.result().requests
    return [
        Figure(f"{len(delays)} runs: end known after, mean", [mean(delays)], 0.3),
        Figure("  give or take (standard error of the mean)", [stdev(delays) / sqrt(len(delays))]),
        Figure("  p99", [percentile(delays, 0.99)]),
        Figure("  after more than a second", [sum(delay > 1 for delay in delays)], unit="runs"),
        Figure(
            f"{len(requests)} runs of half an hour: requests of each, mean",
            [mean(requests)],
            36.0,
            "requests",
        ),
        Figure("  most", [max(requests)], unit="requests"),
    ]


if __name__ == "__main__":
    main()
