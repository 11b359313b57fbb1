"""users.*, auth.*, team.*, apps.*: who is who, and how the app connects."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]


def users_info(call: WebCall) -> Json:
    """Slack docs: users.info, Tier 4."""
    (user,) = call.need("user")
    person = call.platform.workspace.people.get(user)
    if person is None:
        raise Refusal("user_not_found")
    shape = person.shape(call.platform.workspace.team_id)
    if call.flag("include_locale"):
        shape["locale"] = "en-US"
    return {"user": shape}


def auth_test(call: WebCall) -> Json:
    """Slack docs: auth.test."""
    workspace = call.platform.workspace
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.team_name,
        "team_id": workspace.team_id,
        "user": workspace.people[workspace.app.bot_user].name,
        "user_id": workspace.app.bot_user,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


def auth_revoke(call: WebCall) -> Json:
    """Slack docs: auth.revoke, Tier 3."""
    if not call.flag("test"):
        call.platform.revoke()
    return {"revoked": not call.flag("test")}


def team_info(call: WebCall) -> Json:
    """Slack docs: team.info, Tier 3."""
    workspace = call.platform.workspace
    return {"team": {"id": workspace.team_id, "name": workspace.team_name, "domain": workspace.domain}}


def connections_open(call: WebCall) -> Json:
    """Slack docs: apps.connections.open; the address of one WebSocket connection."""
    platform = call.platform
    ticket = platform.socket.ticket()
    base = platform.url.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={ticket}&app_id={platform.workspace.app.app_id}"}


def api_test(call: WebCall) -> Json:
    """Slack docs: api.test; gives its arguments back."""
    if call.args.get("error"):
        raise Refusal(str(call.args["error"]))
    return {"args": call.args}


def oauth_access(call: WebCall) -> Json:
    """Slack docs: oauth.v2.access; exchanges a code of `SimulatedSlack.oauth_code()` once."""
    platform = call.platform.oauth_codes.pop(str(call.args.get("code") or ""), None)
    if platform is None:
        raise Refusal("invalid_code")
    workspace = platform.workspace
    return {
        "access_token": platform.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(platform.scopes)),
        "bot_user_id": workspace.app.bot_user,
        "app_id": workspace.app.app_id,
        "team": {"id": workspace.team_id, "name": workspace.team_name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": "U0CLEO"},
    }


METHODS = {
    "oauth.v2.access": Method(oauth_access, 4, tokenless=True),
    "users.info": Method(users_info, 4, ("users:read",)),
    "auth.test": Method(auth_test, 4),
    "auth.revoke": Method(auth_revoke, 3),
    "team.info": Method(team_info, 3, ("team:read",)),
    "apps.connections.open": Method(connections_open, 3, app_token=True),
    "api.test": Method(api_test, 4, tokenless=True),
}
