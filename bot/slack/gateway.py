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

from bot.errors import SlackError
from bot.slack import (
    actions,
    administering,
    asking,
    commands,
    conversing,
    homes,
    looking,
    membership,
    personal,
    rating,
    stepping,
    turns,
)

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck
    from slack_bolt.context.async_context import AsyncBoltContext

    from bot.slack.front import Front


def build_app(front: Front, api_url: str) -> AsyncApp:
    """The Bolt app with all our listeners. It never asks Slack who it is: we know. What comes by HTTP was verified by
    `door.py` before it got here.
    """

    async def authorize(
        enterprise_id: str | None, team_id: str | None, context: AsyncBoltContext
    ) -> AuthorizeResult | None:
        by_organisation = bool(context.is_enterprise_install)
        try:
            identity = await front.workspaces.identity(
                team_id or "", enterprise_id or "", by_organisation=by_organisation
            )
            token = await front.workspaces.token(team_id or enterprise_id or "")
        except SlackError as error:
            front.journal.note("request.not_authorized", team=team_id, error=error.code)
            return None
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
        authorize=authorize,  # type: ignore[arg-type]  # Bolt itself answers a workspace that is not ours
        request_verification_enabled=False,
        ssl_check_enabled=False,
        process_before_response=True,
        attaching_function_token_enabled=False,
    )
    commands.register(app, front)
    asking.register(app, front)
    conversing.register(app, front)
    turns.register(app, front)
    looking.register(app, front)
    personal.register(app, front)
    homes.register(app, front)
    rating.register(app, front)
    stepping.register(app, front)
    actions.register(app, front)
    membership.register(app, front)
    administering.register(app, front)

    async def on_anything(ack: AsyncAck) -> None:
        await ack()

    # What we did not ask for is acked all the same: unacked, Slack would send it three more times.
    app.event(re.compile(".*"))(on_anything)
    return app
