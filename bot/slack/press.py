"""Has files made of reports, each by a process of its own with a time limit, so that the loop never waits for one."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import pickle
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING

import anyio

from bot.domain.letters import Form
from bot.errors import NotMade
from bot.slack.printing import Job

if TYPE_CHECKING:
    from anyio.abc import ByteSendStream

SECONDS = 240.0
"""Most that one file may take: 200 KB of prose take about 15, tables several times that, a busy machine more."""
LOOKING = 25.0
"""Most that looking for fonts may take."""
_KEPT = ("FONTCONFIG_FILE", "HOME", "PATH", "SYSTEMROOT", "TMPDIR", "XDG_CACHE_HOME")
_PANGO = ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll")


@cache
def forms() -> tuple[Form, ...]:
    """What can be made here: without the extra `export`, or the libraries of the system that it needs, nothing."""
    can = {Form.PDF: _has("weasyprint") and any(map(_loads, _PANGO)), Form.WORD: _has("docx")}
    return tuple(form for form in Form if can[form])


async def make(job: Job, seconds: float = SECONDS) -> bytes:
    """The file, or `NotMade`."""
    made = await _printed([], pickle.dumps(job), seconds)
    if not made:
        raise NotMade("nothing was made")
    return made


async def without_font() -> list[str]:
    """Which writings a PDF made here would show as empty boxes."""
    return (await _printed(["fonts"], b"", LOOKING)).decode().splitlines()


async def _printed(arguments: list[str], given: bytes, seconds: float) -> bytes:
    """What the process gives; whatever happens, it is gone afterwards."""
    try:
        with anyio.fail_after(seconds):
            async with await anyio.open_process(
                [sys.executable, "-m", "bot.slack.printing", *arguments],
                stderr=subprocess.DEVNULL,
                env=_environment(),
            ) as process:
                assert process.stdin is not None
                assert process.stdout is not None
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(_feed, process.stdin, given, name="press")
                    printed = b"".join([chunk async for chunk in process.stdout])
                code = await process.wait()
    except TimeoutError:
        raise NotMade("it took too long") from None
    except OSError as error:
        raise NotMade(type(error).__name__) from None
    if code:
        raise NotMade(f"exit {code}")
    return printed


def _environment() -> dict[str, str]:
    """No secret of ours, only where Python and the fonts are."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "LANG": "C.UTF-8"}


async def _feed(into: ByteSendStream, given: bytes) -> None:
    try:
        await into.send(given)
        await into.aclose()
    except anyio.BrokenResourceError:
        pass  # it has ended already, and how it ended says more


def _has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
