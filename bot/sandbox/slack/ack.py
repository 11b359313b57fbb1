"""What came back for something that the simulated Slack sent to the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Ack:
    """Whether the app acknowledged within 3 s, with what payload, after how many seconds.

    `error` is what the person is shown otherwise: `operation_timeout` (no ack in time) or `dispatch_failed`
    (nobody connected, or an HTTP error). `sent` is the payload that the app was given.
    """

    acked: bool
    payload: Json | None = None
    seconds: float = 0.0
    error: str | None = None
    no_retry: bool = False
    sent: Json = field(default_factory=dict, repr=False)


TIMEOUT = "operation_timeout"
FAILED = "dispatch_failed"
