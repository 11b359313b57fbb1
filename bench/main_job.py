"""Measures the main job against the sandbox servers and prints one table: `python -m bench.main_job [--quick]`."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

import anyio

from bench import acks, prose, research
from bench.figures import Figure, percentile, table
from bench.processes import Sandbox, sandbox

SEED = 2026
TARGET_OVER = 2.0
"""Seconds that a report may take besides one for each of its messages."""


def main() -> None:
    """Reads the command line and prints what was measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.main_job", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--only", choices=("acks", "research"), help="half of it")
    parser.add_argument(
        "--profile", type=Path, metavar="FILE", help="one burst under cProfile instead (figures do not count)"
    )
    options = parser.parse_args()
    if options.profile:
        anyio.run(acks.burst, options.profile.resolve())
        return
    print(table(anyio.run(partial(measure, quick=options.quick, only=options.only))))


async def measure(*, quick: bool, only: str | None) -> list[Figure]:
    """All figures, in the order of the table."""
    figures: list[Figure] = []
    if only != "research":
        figures += await _acks(3 if quick else 7)
    if only != "acks":
        figures += await _researches(quick=quick)
    return figures


async def _acks(repetitions: int) -> list[Figure]:
    bursts, bare = [], []
    for number in range(repetitions):
        _say(f"burst {number + 1} of {repetitions}")
        bare.append(await acks.bare_burst())
        bursts.append(await acks.burst())
    _say("single commands")
    serial = await acks.serial()
    count = acks.COMMANDS
    shares = (("p50", 0.5, None), ("p99", 0.99, 250.0), ("max", 1.0, None))
    return [
        *(
            Figure(
                f"ack, {count} at once, {name}", [burst.milliseconds(share) for burst in bursts], target, "ms"
            )
            for name, share, target in shares
        ),
        Figure("  the same, bare peer, p99", [burst.milliseconds(0.99) for burst in bare], unit="ms"),
        Figure(f"  rows of {count} after SIGKILL", [burst.rows for burst in bursts], unit="rows"),
        Figure("ack, a single command", serial, unit="ms"),
    ]


async def _researches(*, quick: bool) -> list[Figure]:
    chance = Random(SEED)
    async with sandbox() as world:
        short = [await _short(world, number) for number in range(3 if quick else 7)]
        _say("thoughts")
        asked = await research.ask(world, "How do bees find home?")
        seen = await research.think(world, asked, 8 if quick else 25, chance)
        short.append((asked, await research.finish(world, asked)))
        long = [await _long(world, number, prose.report()) for number in range(1 if quick else 3)]
        atlas = [await _long(world, number, None) for number in range(1 if quick else 2)]
    return [
        Figure("ack visible", [one.ack for one, _ in short]),
        Figure("ack and root message visible", [one.first_sign for one, _ in short], 0.5),
        *_thoughts(seen),
        Figure("completion to outcome", [end.outcome for _, end in short]),
        Figure("completion to first part of the report", [end.first_part for _, end in short], 1.0),
        *_reports("prose", long),
        *_reports("demo:atlas", atlas),
    ]


async def _short(world: Sandbox, number: int) -> tuple[research.Asked, research.Ending]:
    _say(f"short research {number + 1}")
    asked = await research.ask(world, f"Which vector database suits us? ({number})")
    return asked, await research.finish(world, asked)


async def _long(world: Sandbox, number: int, text: str | None) -> research.Ending:
    _say(f"long report {number + 1}")
    asked = await research.ask(
        world,
        f"demo:atlas Compare the countries ({number})" if text is None else f"What is known? ({number})",
    )
    return await research.finish(world, asked, text)


def _thoughts(seen: list[research.Seen]) -> list[Figure]:
    anywhere = [one.anywhere for one in seen]
    card = [one.card for one in seen if one.card is not None]
    status = [one.status for one in seen if one.status is not None]
    return [
        Figure(f"thought visible, {len(seen)} thoughts, p50", [median(anywhere)]),
        Figure("thought visible, p95", [percentile(anywhere, 0.95)]),
        Figure("thought visible, max", [max(anywhere)], 4.0),
        Figure(f"  in the card ({len(card)}), p95", [percentile(card, 0.95)]),
        Figure(f"  in the status line ({len(status)}), p95", [percentile(status, 0.95)]),
    ]


def _reports(name: str, endings: list[research.Ending]) -> list[Figure]:
    size = f"{endings[0].characters / 1000:.0f} KB, {endings[0].messages} messages"
    return [
        Figure(f"report {name} ({size}): first part", [end.first_part for end in endings], 1.0),
        Figure(f"report {name}: last message", [end.last for end in endings]),
        Figure("  less a second per message", [end.over for end in endings], TARGET_OVER),
    ]


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
