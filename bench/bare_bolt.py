"""The rival of the acks: a Bolt app as small as it can be, inline and with its own authorize, that stores nothing."""

from __future__ import annotations

import sys

import anyio
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient


async def run(api_url: str, app_token: str) -> None:
    """Connects twice and acknowledges until it is terminated."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None, team_id="T", bot_token="xoxb-1", bot_id="B", bot_user_id="U"
        )

    app = AsyncApp(
        client=AsyncWebClient(base_url=api_url),
        authorize=authorize,
        request_verification_enabled=False,
        process_before_response=True,
    )

    @app.command("/research")
    async def on_research(ack: AsyncAck) -> None:
        await ack("Got it.")

    for _ in range(2):
        handler = AsyncSocketModeHandler(app, app_token)
        handler.client.web_client = AsyncWebClient(base_url=api_url)
        await handler.connect_async()
    await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(run, sys.argv[1], sys.argv[2])
