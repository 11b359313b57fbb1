"""Webhooks: registered ones, and their deliveries signed as Standard Webhooks (Webhooks page, 2026-09-24)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol

import anyio
from aiohttp import ClientError, ClientSession, ClientTimeout

from .interactions import SimulatedInteraction, stamp

EVENTS = {
    "completed": "interaction.completed",
    "incomplete": "interaction.completed",
    "failed": "interaction.failed",
    "budget_exceeded": "interaction.failed",
    "cancelled": "interaction.cancelled",
    "requires_action": "interaction.requires_action",
}
ATTEMPTS = 5
FIRST_RETRY = 2.0
"""Seconds (pace 1.0) before the second attempt; doubled each time, where the service goes on for 24 h."""


@dataclass(slots=True)
class Webhook:
    """One registered address with its secret (``whsec_`` and base64)."""

    id: str
    uri: str
    secret: str
    name: str = ""
    subscribed_events: tuple[str, ...] = tuple(dict.fromkeys(EVENTS.values()))
    twice: bool = False
    """Delivers everything a second time, with the same webhook-id."""
    early: bool = False
    """Delivers a first word of each run before its create is answered."""
    attempts: list[int] = field(default_factory=list)
    """The statuses of all deliveries so far, 0 where nobody answered."""


class OnDelivery(Protocol):
    """Told of each delivery: address, status (0: no answer), seconds, body."""

    def __call__(self, url: str, status: int, seconds: float, body: str, /) -> None:
        """Takes note."""


def new_secret(rng: random.Random) -> str:
    """A signing secret as the service hands it out."""
    return "whsec_" + base64.b64encode(rng.randbytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: str) -> str:
    """``v1,`` and the base64 HMAC-SHA256 of ``id.timestamp.body`` (Standard Webhooks)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def payload(interaction: SimulatedInteraction, event: str, at: float) -> str:
    """The thin body: the interaction's id, and for a failure its code and message."""
    data: dict[str, str] = {"id": interaction.id}
    if event == "interaction.failed" and interaction.errors:
        data["error_code"] = interaction.errors[0]["code"]
        data["error_message"] = interaction.errors[0]["message"]
    body = {"type": event, "version": "v1", "timestamp": stamp(at), "data": data}
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)


class Postman:
    """Delivers to every webhook subscribed to an event, at least once, with retries that back off."""

    def __init__(
        self, pace: float, rng: random.Random, now: Callable[[], float], on_delivery: OnDelivery
    ) -> None:
        self._pace, self._rng, self._now, self._on_delivery = pace, rng, now, on_delivery
        self.webhooks: dict[str, Webhook] = {}

    async def deliver(self, interaction: SimulatedInteraction, event: str, *, early: bool = False) -> None:
        """Sends one event about a run to everybody who wants it; returns when all took it or retries ended."""
        for webhook in list(self.webhooks.values()):
            if event not in webhook.subscribed_events or (early and not webhook.early):
                continue
            body = payload(interaction, event, self._now())
            message_id = f"msg_{self._rng.randbytes(12).hex()}"
            for _ in range(2 if webhook.twice else 1):
                await self._send(webhook, message_id, body)

    async def _send(self, webhook: Webhook, message_id: str, body: str) -> None:
        async with ClientSession(timeout=ClientTimeout(total=10)) as session:
            for attempt in range(ATTEMPTS):
                if 200 <= await self._post(session, webhook, message_id, body) < 300:
                    return
                await anyio.sleep(FIRST_RETRY * 2**attempt * self._pace)

    async def _post(self, session: ClientSession, webhook: Webhook, message_id: str, body: str) -> int:
        timestamp = int(self._now())
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(webhook.secret, message_id, timestamp, body),
        }
        started, status = monotonic(), 0
        try:
            async with session.post(webhook.uri, data=body.encode(), headers=headers) as answer:
                status = answer.status
        except (ClientError, TimeoutError):
            status = 0
        webhook.attempts.append(status)
        self._on_delivery(webhook.uri, status, monotonic() - started, body)
        return status
