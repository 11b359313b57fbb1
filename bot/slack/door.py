"""`POST /slack/events`, looked at before anything else touches it: is this Slack, is it now, can it be read?

What is not gets a status and no words, and leaves no line in the log: a body may hold a question. Bolt's own check
stands behind its parser and logs what it refuses, so it is switched off.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from slack_bolt.async_app import AsyncApp

    from bot.ports import Clock

FRESH = 300.0
"""Seconds within which a signature counts (Slack docs: verifying requests from Slack)."""
MOST_SEEN = 100_000
"""Signatures remembered; more than Slack may deliver in `FRESH` seconds (Slack docs: 30,000 events an hour)."""
READABLE = ("application/json", "application/x-www-form-urlencoded")


def entrance(
    app: AsyncApp, signing_secret: str, clock: Clock
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler: commands, buttons and events by HTTP, verified by the signing secret."""
    doorkeeper = Doorkeeper(signing_secret, clock)

    async def handle(request: web.Request) -> web.Response:
        raw = await request.read()  # aiohttp answers 413 where it is longer than the server takes
        if is_ssl_check(raw):
            return web.Response()
        refusal = doorkeeper.refusal(request.headers, raw)
        if refusal is not None:
            return web.Response(status=refusal)
        with doorkeeper.once(request.headers):
            headers: Any = dict(request.headers)
            asked = AsyncBoltRequest(body=raw.decode(), query=request.query_string, headers=headers)
            return await to_aiohttp_response(await app.async_dispatch(asked))

    return handle


class Doorkeeper:
    """Tells Slack's requests from all others. Remembers signatures while they are fresh, so that none counts twice."""

    def __init__(self, signing_secret: str, clock: Clock) -> None:
        self._clock = clock
        self._verifier = SignatureVerifier(signing_secret, _Seconds(clock))
        self._seen: OrderedDict[str, float] = OrderedDict()

    def refusal(self, headers: Mapping[str, str], raw: bytes) -> int | None:
        """The status that sends a request away; None for one that is Slack's, new, and can be read.

        401 for a signature that is missing, wrong, old or used already; 400 for what cannot be read.
        """
        moment, signature = headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")
        if moment is None or signature is None:
            return 401
        if not (moment.isascii() and moment.isdigit() and signature.isascii() and len(moment) <= 12):
            return 400
        if not is_readable(raw, headers.get("Content-Type", "")):
            return 400
        if not self._verifier.is_valid(raw, moment, signature) or signature in self._seen:
            return 401
        return None

    @contextmanager
    def once(self, headers: Mapping[str, str]) -> Iterator[None]:
        """The work of a request that was let in; only where it fails, the same one may come again."""
        signature, now = headers["X-Slack-Signature"], self._clock.now().timestamp()
        self._forget(now)
        self._seen[signature] = now
        try:
            yield
        except BaseException:
            self._seen.pop(signature, None)
            raise

    def _forget(self, now: float) -> None:
        while self._seen and (
            next(iter(self._seen.values())) < now - 2 * FRESH or len(self._seen) > MOST_SEEN
        ):
            self._seen.popitem(last=False)


def is_ssl_check(raw: bytes) -> bool:
    """Slack's unsigned look at the certificate, which asks for nothing but a 200 (Slack docs: slash commands)."""
    return len(raw) < 1000 and dict(parse_qsl(raw.decode(errors="replace"))).get("ssl_check") == "1"


def is_readable(raw: bytes, content_type: str) -> bool:
    """Whether a body is the form or the JSON object that Slack sends."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in READABLE:
        return False
    try:
        text = raw.decode()
        value: Any = json.loads(text) if kind == READABLE[0] else _form(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and bool(value)


def _form(text: str) -> Any:
    """A slash command's fields, or what an interaction has in its one field."""
    fields = dict(parse_qsl(text, keep_blank_values=True))
    return json.loads(fields["payload"]) if "payload" in fields else fields


class _Seconds(SignatureClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock.now().timestamp()
