"""Workspaces that leave: `app_uninstalled` and `tokens_revoked`, which may come in either order, twice, and late."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.slack.installed import Installed

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.front import Front

Body = dict[str, Any]


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners, where workspaces come and go; the one workspace of a token does neither."""
    workspaces = front.workspaces
    if not isinstance(workspaces, Installed):
        return

    async def on_uninstalled(ack: AsyncAck, body: Body) -> None:
        await workspaces.left(home(body), at(body))
        await ack()

    async def on_revoked(ack: AsyncAck, body: Body) -> None:
        if (body["event"].get("tokens") or {}).get("bot"):
            await workspaces.left(home(body), at(body))
        await ack()

    app.event("app_uninstalled")(on_uninstalled)
    app.event("tokens_revoked")(on_revoked)


def home(body: Body) -> str:
    """What was uninstalled: the workspace, or the organisation (Slack docs: Events API, `authorizations`)."""
    first = (body.get("authorizations") or [{}])[0]
    if first.get("is_enterprise_install"):
        return str(first.get("enterprise_id") or body.get("enterprise_id") or "")
    return str(first.get("team_id") or body.get("team_id") or "")


def at(body: Body) -> datetime:
    """When it happened, by Slack's clock; a copy of the event hours later says the same."""
    return datetime.fromtimestamp(int(body["event_time"]), UTC)
