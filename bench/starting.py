"""From the start of the process until it is ready, and what it weighs then."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import DEVNULL
from time import perf_counter

import anyio

from bench.processes import ROOT, sandbox

PAGE = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1024 * 1024
REST_SECONDS = 5.0


async def help_shown() -> float:
    """Seconds of `python -m bot --help`."""
    began = perf_counter()
    await anyio.run_process([sys.executable, "-m", "bot", "--help"], cwd=ROOT, stdout=DEVNULL)
    return perf_counter() - began


async def ready() -> tuple[float, float]:
    """Seconds from the start of the process until both sockets are connected, migrations of a new file included; and
    megabytes of resident memory a few seconds later.
    """
    began = perf_counter()
    async with sandbox(settle=0.0) as world:
        seconds = perf_counter() - began
        await anyio.sleep(REST_SECONDS)
        memory = resident(world.process.pid)
    return seconds, memory


def resident(pid: int) -> float:
    """Megabytes of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / MEGABYTE
