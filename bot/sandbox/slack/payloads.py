"""The payloads that the app receives for slash commands and interactions, in Slack's shapes."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.channel import SLASH_NAME, Channel
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.platform import Platform

Json = dict[str, Any]


def slash_name(channel: Channel) -> str:
    """The channel_name of a slash command: `directmessage` and `privategroup` hide the real one."""
    return SLASH_NAME[channel.kind] or channel.name


def slash_command(platform: Platform, person: Person, channel: Channel, command: str, text: str) -> Json:
    """Slack docs: slash commands; the same fields over Socket Mode and HTTP."""
    workspace, permissions = platform.workspace, platform.permissions
    return {
        "token": "verification_token",
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": slash_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": workspace.app.app_id,
        "is_enterprise_install": "true" if platform.enterprise_id else "false",
        **({"enterprise_id": platform.enterprise_id} if platform.enterprise_id else {}),
        "response_url": permissions.response_url("commands", person.id, channel.id),
        "trigger_id": permissions.trigger(person.id),
    }


def _interaction(platform: Platform, kind: str, person: Person) -> Json:
    workspace = platform.workspace
    user = {
        "id": person.id,
        "username": person.name,
        "name": person.name,
        "team_id": person.team_id or workspace.team_id,
    }
    return {
        "type": kind,
        "user": user,
        "api_app_id": workspace.app.app_id,
        "token": "verification_token",
        "trigger_id": platform.permissions.trigger(person.id),
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "enterprise": {"id": platform.enterprise_id} if platform.enterprise_id else None,
        "is_enterprise_install": bool(platform.enterprise_id),
    }


def action(platform: Platform, block_id: str, element: Json, chosen: Json) -> Json:
    """One entry of `actions`: the element as it was clicked, with what was chosen."""
    shown: Json = {key: element[key] for key in ("text", "style") if key in element}
    return {
        "action_id": element.get("action_id", ""),
        "block_id": block_id,
        **shown,
        **chosen,
        "type": element["type"],
        "action_ts": platform.mint.ts(),
    }


def message_actions(platform: Platform, person: Person, message: Message, clicked: Json) -> Json:
    """block_actions from a message; an ephemeral message is not included in its payload."""
    channel = platform.workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload = _interaction(platform, "block_actions", person)
    source = (message.ts, message.thread_ts, message.ephemeral_id)
    payload |= {
        "container": container,
        "channel": {"id": channel.id, "name": slash_name(channel)},
        "state": {"values": {}},
        "response_url": platform.permissions.response_url("actions", person.id, channel.id, source),
        "actions": [clicked],
    }
    if message.ephemeral_to is None:
        payload["message"] = message.shape(platform.workspace.app, all_metadata=True)
    return payload


def view_actions(platform: Platform, person: Person, view: Json, clicked: Json) -> Json:
    """block_actions from a modal or Home tab."""
    container = {"type": "view", "view_id": view["id"]}
    payload = _interaction(platform, "block_actions", person)
    return payload | {"container": container, "view": view, "state": view["state"], "actions": [clicked]}


def view_submission(platform: Platform, person: Person, view: Json, response_urls: list[Json]) -> Json:
    """view_submission of a modal."""
    return _interaction(platform, "view_submission", person) | {"view": view, "response_urls": response_urls}


def view_closed(platform: Platform, person: Person, view: Json) -> Json:
    """view_closed of a modal that asked for it."""
    payload = _interaction(platform, "view_closed", person)
    del payload["trigger_id"]
    return payload | {"view": view, "is_cleared": False}


def message_shortcut(platform: Platform, person: Person, message: Message, callback_id: str) -> Json:
    """message_action: a shortcut on a message."""
    channel = platform.workspace.channels[message.channel]
    source = (message.ts, message.thread_ts, None)
    return _interaction(platform, "message_action", person) | {
        "action_ts": platform.mint.ts(),
        "callback_id": callback_id,
        "channel": {"id": channel.id, "name": slash_name(channel)},
        "message_ts": message.ts,
        "message": message.shape(platform.workspace.app, all_metadata=True),
        "response_url": platform.permissions.response_url("app", person.id, channel.id, source),
    }


def global_shortcut(platform: Platform, person: Person, callback_id: str) -> Json:
    """A global shortcut: no channel, no response_url."""
    payload = _interaction(platform, "shortcut", person)
    return payload | {"action_ts": platform.mint.ts(), "callback_id": callback_id}
