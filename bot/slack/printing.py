"""The process that makes one file: `python -m bot.slack.printing`, a pickled `Job` on stdin, the file on stdout.

With the argument `fonts` it says instead which writings no font of this system has, one in a line.

It has none of our secrets, opens no connection, and its memory and CPU are limited: what a report does to the library
that lays it out, it does here. `bot.slack.press` is the other end.
"""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.letters import Form

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.report import Report

MEMORY = 3 * 1024**3
CPU_SECONDS = 150
LESS_URGENT = 10


@dataclass(frozen=True, slots=True)
class Job:
    """What is made of what."""

    form: Form
    report: Report
    question: str
    about: str
    at: datetime
    """The moment that the file says it was made at: the end of the research."""


def make(job: Job) -> bytes:
    """The file. Each library is imported here, by the process that needs it."""
    match job.form:
        case Form.PDF:
            from bot.slack.pdf import to_pdf

            return to_pdf(job.report, question=job.question, about=job.about)
        case Form.WORD:
            from bot.slack.word import to_word

            return to_word(job.report, question=job.question, about=job.about, at=job.at)


def limit() -> None:
    """Less urgent than the bot itself, and within bounds where the system has them."""
    try:
        import resource
    except ImportError:  # not POSIX: the time limit of the press is the only one
        return
    os.nice(LESS_URGENT)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """One job. What libraries print goes to stderr."""
    out = os.dup(1)
    os.dup2(2, 1)
    if sys.argv[1:] == ["fonts"]:
        from bot.slack.pdf import without_font

        made = "\n".join(without_font()).encode()
    else:
        limit()
        made = make(pickle.load(sys.stdin.buffer))  # noqa: S301  # written by our own parent process
    with os.fdopen(out, "wb") as stream:
        stream.write(made)


if __name__ == "__main__":
    main()
