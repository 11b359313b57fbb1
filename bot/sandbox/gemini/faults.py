"""Faults a test or the demo asks the simulated Gemini for: one-shot, queued per operation, taken in order."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal

Operation = Literal["create", "get", "stream", "cancel", "delete"]
Cut = Literal[
    "eof", "json_array", "gateway_timeout", "gateway_timeout_no_done", "mid_event", "abort", "not_found"
]

CUTS: tuple[Cut, ...] = (
    "eof",
    "json_array",
    "gateway_timeout",
    "gateway_timeout_no_done",
    "mid_event",
    "abort",
    "not_found",
)

JSON = "application/json; charset=UTF-8"
HTML = "text/html; charset=UTF-8"

ENVELOPES: dict[int, tuple[str, str]] = {
    400: ("invalid_request", "The request is invalid."),
    401: ("authentication", "API key not valid. Please pass a valid API key."),
    402: ("payment_required", "Your Prepay credit balance is depleted."),
    403: ("permission_denied", "The caller does not have permission."),
    404: ("not_found", "Requested entity was not found."),
    409: ("aborted", "The operation was aborted."),
    429: ("rate_limit_exceeded", "You have exceeded the per-minute request limit."),
    499: ("cancelled", "The operation was cancelled."),
    500: ("api_error", "An unexpected error occurred on the server."),
    501: ("unimplemented", "The operation is not implemented."),
    503: ("service_unavailable", "The service is temporarily overloaded."),
    504: ("deadline_exceeded", "Deadline expired before operation could complete."),
}
"""HTTP status -> (code, message), the texts of the recorded envelopes (API errors, 2026-09-20)."""


UNROUTED = [{"error": {"code": 404, "message": "Method not found.", "status": "NOT_FOUND"}}]


def envelope(code: str, message: str) -> bytes:
    """The current error body: a string code and a message, no status, no details."""
    return json.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request. Build it with the class methods; seconds are scaled by the pace."""

    kind: Literal["answer", "drop", "delay", "cut", "silence", "replay"]
    http_status: int = 0
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    executed: bool = False
    seconds: float = 0.0
    cut_how: Cut = "eof"
    events: int = 0

    @classmethod
    def status(
        cls,
        http_status: int,
        code: str | None = None,
        message: str | None = None,
        *,
        retry_after: float | None = None,
        executed: bool = False,
    ) -> Fault:
        """An answer in the current envelope; ``executed`` carries the request out before refusing it."""
        usual_code, usual_message = ENVELOPES.get(http_status, ("unknown", "Unknown error."))
        headers = [("Content-Type", JSON)]
        if retry_after is not None:
            headers.append(("Retry-After", f"{retry_after:g}"))
        body = envelope(code or usual_code, message or usual_message)
        return cls("answer", http_status, body, tuple(headers), executed)

    @classmethod
    def rate_limited(cls, retry_after: float | None = 1) -> Fault:
        """429 in the current envelope, with ``Retry-After`` in seconds (real ones, never scaled)."""
        return cls.status(429, retry_after=retry_after)

    @classmethod
    def grpc_429(cls, retry_delay: float = 7) -> Fault:
        """429 in the older gRPC envelope, the hint in ``RetryInfo.retryDelay`` and no header."""
        details = [
            {
                "@type": "type.googleapis.com/google.rpc.Help",
                "links": [
                    {
                        "description": "Learn more about Gemini API quotas",
                        "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
                    }
                ],
            },
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{retry_delay:g}s"},
        ]
        message = "You exceeded your current quota, please check your plan and billing details."
        error = {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details}
        return cls("answer", 429, json.dumps({"error": error}).encode(), (("Content-Type", JSON),))

    @classmethod
    def html(cls, http_status: int = 502) -> Fault:
        """The front end's HTML page instead of an envelope."""
        page = f"<!DOCTYPE html><title>Error {http_status} (Server Error)!!1</title>"
        return cls("answer", http_status, page.encode(), (("Content-Type", HTML),))

    @classmethod
    def text(cls, http_status: int, body: str) -> Fault:
        """A proxy's plain-text answer, without an envelope."""
        return cls("answer", http_status, body.encode(), (("Content-Type", "text/plain"),))

    @classmethod
    def unrouted(cls) -> Fault:
        """404 "Method not found." in the array form, as cancel answered in January 2026 (js-genai#1254)."""
        return cls("answer", 404, json.dumps(UNROUTED).encode(), (("Content-Type", JSON),))

    @classmethod
    def oversized(cls, size: int) -> Fault:
        """A 200 whose JSON body has about ``size`` bytes."""
        body = b'{"id":"v1_big","status":"in_progress","padding":"' + b"x" * size + b'"}'
        return cls("answer", 200, body, (("Content-Type", JSON),))

    @classmethod
    def drop_before(cls) -> Fault:
        """The connection is reset and nothing was executed."""
        return cls("drop")

    @classmethod
    def drop_after(cls) -> Fault:
        """The request is executed, then the connection is reset: its answer is lost."""
        return cls("drop", executed=True)

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """The request is executed, and answered, only after ``seconds`` (times the pace)."""
        return cls("delay", seconds=seconds)

    @classmethod
    def cut(cls, how: Cut = "eof", after: int = 3) -> Fault:
        """For "stream": the stream breaks off in this way after ``after`` events."""
        return cls("cut", cut_how=how, events=after)

    @classmethod
    def silence(cls, after: int = 3) -> Fault:
        """For "stream": nothing is sent any more after ``after`` events, the connection stays open."""
        return cls("silence", events=after)

    @classmethod
    def replay(cls) -> Fault:
        """For "stream": ``last_event_id`` is ignored, everything comes again from the start."""
        return cls("replay")

    @property
    def is_of_stream(self) -> bool:
        """Whether it breaks an open stream, rather than the request that opens it."""
        return self.kind in ("cut", "silence", "replay")


@dataclass(slots=True)
class Faults:
    """Queues of faults by operation. "stream" faults that cut also meet streams opened by a create."""

    _queues: dict[Operation, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))

    def add(self, operation: Operation, *faults: Fault, times: int = 1) -> None:
        """Lets the next requests of this kind meet these faults, the whole series ``times`` times."""
        self._queues[operation].extend(faults * times)

    def take(self, operation: Operation, *, of_stream: bool = False) -> Fault | None:
        """The next fault for a request (or, ``of_stream``, for the stream it opened), if one is due."""
        queue = self._queues[operation]
        if queue and queue[0].is_of_stream == of_stream:
            return queue.popleft()
        return None

    def is_met(self, operation: Operation) -> bool:
        """Whether requests have met every fault that was added for them."""
        return not self._queues[operation]

    def clear(self) -> None:
        """Forgets every fault that has not been met yet."""
        self._queues.clear()
