"""Webhook deliveries of the simulated Gemini: thin, signed, at least once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.sandbox.gemini.webhooks import sign
from tests.contract.sandbox_gemini_kit import created, simulated

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Receiver:
    """Keeps what was delivered; answers with the statuses it is given, then 200."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[tuple[dict[str, str], str]] = []
        self.statuses: list[int] = []

    async def take(self, request: web.Request) -> web.Response:
        self.received.append(({k.lower(): v for k, v in request.headers.items()}, await request.text()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.received]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    target = Receiver()
    app = web.Application()
    app.router.add_post("/hook", target.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        target.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        yield target
    finally:
        await runner.cleanup()


def test_the_signature_is_the_recorded_one():
    body = (
        '{"type":"interaction.completed","version":"v1","timestamp":"2026-11-20T09:25:41Z","data":'
        '{"id":"v1_ChdxVERfa0ItNzAtWFNYNnBFUmtlNnpPOBIXcVREX2tCLTcwLVhTWDZwRVJrZTZ6Tzg"}}'
    )

    expected = "v1,ggzeday36uMXIPufl0TUxhrONW/lOEu6YkjI2Ftom9g="
    assert expected == sign(SECRET, "msg_interaction_completed", 1795166741, body)


async def test_the_end_of_a_run_is_delivered_thin_and_signed():
    async with receiver() as target, simulated() as (gemini, client):
        webhook = gemini.webhook_to(target.url, secret=SECRET)
        interaction = await created(client, "bees demo:quick")
        await gemini.until(lambda: webhook.attempts)
        headers, body = target.received[0]

        assert {"type", "version", "timestamp", "data"} == set(json.loads(body))
        assert {"id": interaction} == json.loads(body)["data"]
        stamp = int(headers["webhook-timestamp"])
        assert headers["webhook-signature"] == sign(SECRET, headers["webhook-id"], stamp, body)


async def test_a_failure_is_delivered_with_its_reason():
    async with receiver() as target, simulated() as (gemini, client):
        webhook = gemini.webhook_to(target.url)
        await created(client, "demo:fail")
        await gemini.until(lambda: webhook.attempts)

        assert target.bodies()[0]["type"] == "interaction.failed"
        assert target.bodies()[0]["data"]["error_code"] == "api_error"


async def test_a_refused_delivery_is_repeated_with_the_same_id():
    async with receiver() as target, simulated() as (gemini, client):
        target.statuses = [500, 503]
        webhook = gemini.webhook_to(target.url)
        await created(client, "bees demo:quick")
        await gemini.until(lambda: len(webhook.attempts) == 3)

        assert webhook.attempts == [500, 503, 200]
        assert len({headers["webhook-id"] for headers, _ in target.received}) == 1


async def test_a_delivery_can_come_twice_and_before_the_create_is_answered():
    async with receiver() as target, simulated() as (gemini, client):
        webhook = gemini.webhook_to(target.url, twice=True, early=True)
        await created(client, "demo:stuck")

        assert webhook.attempts == [200, 200]
        assert len({headers["webhook-id"] for headers, _ in target.received}) == 1


async def test_a_webhook_is_registered_over_http_and_its_secret_shown_once():
    async with simulated() as (gemini, client):
        request = {
            "subscribed_events": ["interaction.completed"],
            "uri": "https://hooks.example.com/g",
            "name": "jobs",
        }
        made = (await client.post("webhooks", json=request)).json()
        listed = (await client.get("webhooks")).json()["webhooks"]
        rotated = (await client.post(f"webhooks/{made['id']}/rotate_secret")).json()["secret"]
        await client.delete(f"webhooks/{made['id']}")

        assert made["new_signing_secret"].startswith("whsec_")
        assert "new_signing_secret" not in listed[0]
        assert rotated not in ("", made["new_signing_secret"])
        assert gemini.postman.webhooks == {}
