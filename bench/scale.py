"""Against floors and rivals, for docs/performance.md: `python -m bench.scale [--quick]`; claims need TEST_POSTGRES_URL."""

from __future__ import annotations

import argparse
import os
import sys
from statistics import median
from typing import TYPE_CHECKING

import anyio

from bench import acks, claims, starting
from bench.figures import Figure, percentile, table

if TYPE_CHECKING:
    from collections.abc import Sequence

OPEN = 100_000


def main() -> None:
    """Reads the command line and prints what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, fewer rows")
    options = parser.parse_args()
    print(table(anyio.run(_measured, options.quick)))


async def _measured(quick: bool) -> list[Figure]:
    repetitions = 3 if quick else 7
    return [
        *await _acks(repetitions),
        *await _starting(repetitions),
        *await _claims(20_000 if quick else OPEN, 40 if quick else 200),
    ]


async def _acks(repetitions: int) -> list[Figure]:
    """Each rival in each repetition, one after the other, so that a busy moment meets all of them."""
    ours: list[acks.Burst] = []
    slow: list[acks.Burst] = []
    bolt: list[acks.Burst] = []
    for number in range(repetitions):
        print(f"burst {number + 1} of {repetitions}", file=sys.stderr)
        bolt.append(await acks.bare_burst("bench.bare_bolt"))
        ours.append(await acks.burst())
        slow.append(await acks.burst(module="bench.slow_disk"))
    count = acks.COMMANDS
    return [
        Figure(f"bare Bolt app, {count} at once", _per_second(bolt), unit="acks/s"),
        Figure("durable acks, synchronous=FULL", _per_second(ours), unit="acks/s"),
        _share("  of the bare Bolt app", ours, bolt, 0.6),
        Figure("  p99", [one.milliseconds(0.99) for one in ours], unit="ms"),
        Figure("durable acks, each sync 2 ms slower", _per_second(slow), unit="acks/s"),
        _share("  of the bare Bolt app", slow, bolt, 0.5),
    ]


def _per_second(bursts: Sequence[acks.Burst]) -> list[float]:
    return [acks.COMMANDS / one.whole for one in bursts]


def _share(name: str, ours: Sequence[acks.Burst], rival: Sequence[acks.Burst], least: float) -> Figure:
    """How many times as fast as the rival of the same repetition; shown as what is missing to the mark."""
    shares = [other.whole / one.whole for one, other in zip(ours, rival, strict=True)]
    reached = "reached" if median(shares) >= least else "MISSED"
    return Figure(f"{name} (mark: ≥ {least:g}, {reached})", shares, unit="×")


async def _starting(repetitions: int) -> list[Figure]:
    helps = [await starting.help_shown() for _ in range(repetitions)]
    starts = [await starting.ready() for _ in range(repetitions)]
    return [
        Figure("--help", helps, 0.2),
        Figure("start to ready", [seconds for seconds, _ in starts], 3.0),
        Figure("memory at rest", [memory for _, memory in starts], 120.0, "MB"),
    ]


async def _claims(researches: int, each: int) -> list[Figure]:
    server = os.environ.get("TEST_POSTGRES_URL", "")
    if not server:
        print("TEST_POSTGRES_URL is not set: claims are not measured", file=sys.stderr)
        return []
    figures = []
    for processes in (1, 2, 4):
        print(f"claims by {processes}", file=sys.stderr)
        one = await claims.measure(server, processes, researches, each)
        rate = one.researches / one.whole
        figures += [
            Figure(f"claims among {researches:,} open, {processes} processes", [rate], unit="rows/s"),
            Figure("  p99 of one", [percentile(one.seconds, 0.99) * 1000], 20.0, "ms"),
        ]
    return figures


if __name__ == "__main__":
    main()
