"""Many researches followed at once by one process, and how soon an end is known: `python -m bench.follow [--quick]`."""

from __future__ import annotations

import argparse
import logging
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from statistics import mean
from typing import TYPE_CHECKING

import structlog

from bench import endings, followed
from bench.figures import Figure, percentile, table

if TYPE_CHECKING:
    from bench.followed import Followed

COUNTS = (100, 1_000, 5_000)
QUIET = 15.0
RUNS = 120


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
    for count in counts:
        # A process for each: memory that one has given back would not count for the next.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as alone:
            figures += _of(alone.submit(followed.measure, count, QUIET).result())
    print(table([*figures, *_ends(20 if options.quick else RUNS)]))


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


def _ends(runs: int) -> list[Figure]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    seen = endings.measure(runs)
    return [
        Figure(f"{runs} runs of half an hour: end known after, mean", [mean(seen.delays)], 0.3),
        Figure("  p99", [percentile(seen.delays, 0.99)]),
        Figure("  requests of a run, mean", [mean(seen.requests)], 36.0, "requests"),
        Figure("  requests of a run, most", [max(seen.requests)], unit="requests"),
    ]


if __name__ == "__main__":
    main()
