"""Bolt between Slack and our listeners: one AsyncApp, reached by Socket Mode or by HTTP.

Listeners run inline (`process_before_response`): each is one short transaction, then the ack, and nothing of theirs is
left running when the process stops.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import actions, asking, commands

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck

    from bot.slack.front import Front
    from bot.slack.identity import Identity


def build_app(front: Front, identity: Identity, token: str, api_url: str) -> AsyncApp:
    """The Bolt app with all our listeners. It never asks Slack who it is: we know. What comes by HTTP was verified by
    `door.py` before it got here.
    """

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=identity.enterprise_id,
            team_id=identity.team_id,
            bot_token=token,
            bot_id=identity.bot_id,
            bot_user_id=identity.bot_user_id,
        )

    app = AsyncApp(
        name="research-bot",
        client=AsyncWebClient(base_url=api_url),
        authorize=authorize,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        process_before_response=True,
        attaching_function_token_enabled=False,
    )
    commands.register(app, front)
    asking.register(app, front)
    actions.register(app, front)

    async def on_anything(ack: AsyncAck) -> None:
        await ack()

    # What we did not ask for is acked all the same: unacked, Slack would send it three more times.
    app.event(re.compile(".*"))(on_anything)
    return app
