"""users.*, auth.*, team.*, apps.*: who is who, and how the app connects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack.grants import LIFETIME
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal

if TYPE_CHECKING:
    from bot.sandbox.slack.platform import Platform

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


def usergroups_users_list(call: WebCall) -> Json:
    """Slack docs: usergroups.users.list, Tier 2."""
    (group,) = call.need("usergroup")
    people = call.platform.workspace.groups.get(group)
    if people is None:
        raise Refusal("no_such_subteam")
    return {"users": sorted(people)}


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
    """Slack docs: oauth.v2.access; exchanges a code of `SimulatedSlack.oauth_code()`, or a refresh token, once."""
    app = call.platform
    if call.args.get("client_id") != app.client_id:
        raise Refusal("invalid_client_id")
    if call.args.get("client_secret") != app.client_secret:
        raise Refusal("bad_client_secret")
    if call.args.get("grant_type") == "refresh_token":
        refresh_token = str(call.args.get("refresh_token") or "")
        if not app.grants.knows_refresh(refresh_token) or app.revoked:
            raise Refusal("invalid_refresh_token")
        return granted(app, app.grants.exchange(refresh_token))
    platform = app.oauth_codes.pop(str(call.args.get("code") or ""), None)
    if platform is None:
        raise Refusal("invalid_code")
    return granted(platform, platform.grants.grant() if platform.grants.rotates else (platform.bot_token, ""))


def granted(platform: Platform, tokens: tuple[str, str]) -> Json:
    """The answer that carries a token, and what it can be exchanged with where it rotates."""
    workspace, (token, refresh_token) = platform.workspace, tokens
    rotation = {"refresh_token": refresh_token, "expires_in": int(LIFETIME)} if refresh_token else {}
    organisation = platform.enterprise_id
    return {
        "access_token": token,
        "token_type": "bot",
        "scope": ",".join(sorted(platform.scopes)),
        "bot_user_id": workspace.app.bot_user,
        "app_id": workspace.app.app_id,
        "team": None if organisation else {"id": workspace.team_id, "name": workspace.team_name},
        "enterprise": {"id": organisation, "name": "Organisation"} if organisation else None,
        "is_enterprise_install": bool(organisation),
        "authed_user": {"id": "U0CLEO"},
        **rotation,
    }


METHODS = {
    "oauth.v2.access": Method(oauth_access, 4, tokenless=True),
    "usergroups.users.list": Method(usergroups_users_list, 2, ("usergroups:read",)),
    "users.info": Method(users_info, 4, ("users:read",)),
    "auth.test": Method(auth_test, 4),
    "auth.revoke": Method(auth_revoke, 3),
    "team.info": Method(team_info, 3, ("team:read",)),
    "apps.connections.open": Method(connections_open, 3, app_token=True),
    "api.test": Method(api_test, 4, tokenless=True),
}
