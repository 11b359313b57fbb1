"""reactions.*: emoji on messages."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]


def _target(call: WebCall) -> tuple[Message, str]:
    where, ts, name = call.need("channel", "timestamp", "name")
    channel = call.inside(where)
    if channel.archived:
        raise Refusal("is_archived")
    message = call.platform.workspace.message(channel.id, ts)
    if message is None:
        raise Refusal("message_not_found")
    return message, name.strip(":")


def add(call: WebCall) -> Json:
    """Slack docs: reactions.add, Tier 3."""
    message, name = _target(call)
    users = message.reactions.setdefault(name, [])
    if call.platform.workspace.app.bot_user in users:
        raise Refusal("already_reacted")
    users.append(call.platform.workspace.app.bot_user)
    call.platform.changed(message)
    return {}


def remove(call: WebCall) -> Json:
    """Slack docs: reactions.remove, Tier 2."""
    message, name = _target(call)
    users = message.reactions.get(name, [])
    if call.platform.workspace.app.bot_user not in users:
        raise Refusal("no_reaction")
    users.remove(call.platform.workspace.app.bot_user)
    if not users:
        del message.reactions[name]
    call.platform.changed(message)
    return {}


METHODS = {
    "reactions.add": Method(add, 3, ("reactions:write",)),
    "reactions.remove": Method(remove, 2, ("reactions:write",)),
}
