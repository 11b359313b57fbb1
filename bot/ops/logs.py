"""How the log is written: structlog for what we say, the same shape for the stdlib logs of Bolt, aiohttp and alembic.

Lines are past-tense nouns with fields (`delivery.sent research_id=…`), go to stderr, and pass through `redact`, which
knows what tokens and keys look like and the very secrets of this process. `bound` adds `research_id` to every line of
a task.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any, TextIO

import structlog
from structlog.contextvars import bound_contextvars as bound
from structlog.typing import EventDict, Processor, WrappedLogger

__all__ = ["bound", "configure", "redact"]

REDACTED = "[redacted]"

_SECRETS = re.compile(
    r"x(?:ox[a-z]|app|wfp)[.-][A-Za-z0-9.-]{10,}"  # Slack's tokens
    r"|(?<=hooks\.slack\.com/)[^\s\"'<>\\]+"  # a response_url lets anybody who has it post
    r"|AIza[0-9A-Za-z_-]{10,}|AQ\.[0-9A-Za-z_-]{20,}"  # Google's API keys
    r"|whsec_[0-9A-Za-z+/=_-]{6,}"
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"  # user and password of an address
)
_SHORTEST_SECRET = 6
"""Shorter "secrets" are somebody's placeholder; replacing them would spoil whole words."""

_QUIET = {
    "aiohttp.access": logging.WARNING,
    "alembic": logging.WARNING,
    "httpcore2": logging.WARNING,
    "httpx2": logging.WARNING,
}

Observer = Callable[[str, Mapping[str, Any]], None]


def configure(
    level: str = "info",
    form: str = "console",
    secrets: Collection[str] = (),
    *,
    stream: TextIO | None = None,
    observer: Observer | None = None,
) -> None:
    """Sets up structlog and the stdlib's root logger; may be called again.

    `form` is `console` or `json`, `secrets` are values that never appear, `observer` is told each event's name and
    fields (the metrics count some of them).
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    watching: list[Processor] = [_told_to(observer)] if observer else []
    structlog.configure(
        processors=[*shared, *watching, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(form, shared, frozenset(secrets), colours=handler.stream.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    _calm_others()


def redact(text: str, secrets: Collection[str] = ()) -> str:
    """The text without anything that looks like a credential, and without these very ones."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, REDACTED)
    return _SECRETS.sub(REDACTED, text)


def _formatter(
    form: str, shared: list[Processor], secrets: frozenset[str], *, colours: bool
) -> logging.Formatter:
    last: list[Processor] = (
        [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)
        ]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        # What is redacted is the finished line, so that no field, traceback or foreign logger gets around it.
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, _redacting(secrets)],
    )


def _redacting(secrets: frozenset[str]) -> Callable[[WrappedLogger, str, Any], str]:
    def process(_logger: WrappedLogger, _method: str, line: Any) -> str:
        return redact(line, secrets)

    return process


def _told_to(observer: Observer) -> Processor:
    def process(_logger: WrappedLogger, _method: str, fields: EventDict) -> EventDict:
        observer(str(fields.get("event", "")), fields)
        return fields

    return process


def _calm_others() -> None:
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    # Bolt logs the whole body of a request with a bad signature at INFO. It also sets this logger's level anew when
    # the app is made, so a level would not last; a filter does.
    verification = logging.getLogger("slack_bolt.RequestVerification")
    if _without_bodies not in verification.filters:
        verification.addFilter(_without_bodies)


def _without_bodies(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING
