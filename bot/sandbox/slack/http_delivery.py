"""Delivery to a request URL: signed HTTP requests, as Slack sends when Socket Mode is off."""

from __future__ import annotations

import hashlib
import hmac
import json
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.ack import FAILED, TIMEOUT, Ack
from bot.sandbox.slack.clock import SandboxClock

Json = dict[str, Any]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The X-Slack-Signature of a request (Slack docs: verifying requests)."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def _parsed(text: str) -> Json | None:
    if not text.strip():
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return {"text": text}
    return value if isinstance(value, dict) else {"text": text}


class HttpDelivery:
    """Posts events as JSON, slash commands and interactions as forms; an ack is a 2xx within 3 s."""

    def __init__(self, url: str, secret: str, clock: SandboxClock, ack_timeout: float) -> None:
        self.url = url
        self.ack_timeout = ack_timeout
        self._secret = secret
        self._clock = clock

    async def send(
        self, kind: str, payload: Json, *, accepts_response: bool, attempt: int, reason: str
    ) -> Ack:
        """Sends one signed request and reads the answer."""
        if kind == "events_api":
            body, content_type = json.dumps(payload).encode(), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            body, content_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
        timestamp = str(int(self._clock.now()))
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        started = perf_counter()
        error: str
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(self.ack_timeout)) as session,
                session.post(self.url, data=body, headers=headers) as answer,
            ):
                text = await answer.text()
                status, no_retry = answer.status, answer.headers.get("x-slack-no-retry") == "1"
        except TimeoutError:
            error = TIMEOUT
        except aiohttp.ClientError:
            error = FAILED
        else:
            good = 200 <= status < 300
            seconds = perf_counter() - started
            shown = None if good else FAILED
            return Ack(good, _parsed(text) if good else None, seconds, shown, no_retry, sent=payload)
        return Ack(False, None, perf_counter() - started, error, sent=payload)

    async def verify(self) -> bool:
        """The url_verification handshake: whether the URL answers the challenge."""
        challenge = {"token": "sandbox", "challenge": "sandbox-challenge", "type": "url_verification"}
        ack = await self.send("events_api", challenge, accepts_response=True, attempt=0, reason="")
        answer = ack.payload or {}
        return "sandbox-challenge" in (answer.get("challenge"), answer.get("text"))

    async def ssl_check(self) -> bool:
        """Slack's unsigned certificate check: whether the URL answers it with 200."""
        form = {"ssl_check": "1", "token": "sandbox"}
        async with aiohttp.ClientSession() as session, session.post(self.url, data=form) as answer:
            return answer.status == 200
