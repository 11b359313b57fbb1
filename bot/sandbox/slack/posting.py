"""What happens when a message appears, changes or goes: storage, pings, events to the app, open pages."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import mentions
from bot.sandbox.slack.channel import EVENT_TYPE, Channel
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.platform import Platform

Json = dict[str, Any]
SUBSCRIPTION = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}


def live_mentions(message: Message, *, link_names: bool = False) -> set[str]:
    """Everything in a message that pings someone."""
    found = mentions.in_text(message.text, link_names=link_names) | mentions.in_blocks(message.blocks)
    return found | mentions.in_blocks(message.attachments)


def publish(platform: Platform, message: Message, *, link_names: bool = False) -> Message:
    """Stores a new message and tells everyone whom it concerns."""
    message.mentions = live_mentions(message, link_names=link_names)
    message.notified = set(message.mentions)
    if message.ephemeral_to:
        platform.workspace.store_ephemeral(message)
        platform.changed(message)
        return message
    platform.workspace.store(message)
    if message.bot and message.thread_ts and message.thread_ts != message.ts:
        platform.threads.replied(message.channel, message.thread_ts)
    platform.changed(message)
    if platform.changes.watched:
        _notify_pages(platform, message)
    if not message.bot or platform.echo_own_messages:
        tell_app(platform, message.channel, message.shape(platform.workspace.app, all_metadata=True))
    return message


def _notify_pages(platform: Platform, message: Message) -> None:
    channel = platform.workspace.channels[message.channel]
    everyone = message.notified & {"channel", "everyone", "here"}
    direct = channel.kind in ("im", "mpim")
    concerned = channel.members if direct or everyone else message.notified & channel.members
    event = {"type": "notification", "channel": message.channel, "ts": message.ts, "text": message.text}
    platform.changes.publish(event, lambda person: person in concerned and person != message.user)


def tell_app(platform: Platform, channel_id: str, body: Json) -> None:
    """A message event, where the app is a member and subscribes to that kind of channel."""
    channel = platform.workspace.channels[channel_id]
    if platform.workspace.app.bot_user not in channel.members:
        return
    kind = EVENT_TYPE[channel.kind]
    ts = body.get("event_ts", body["ts"])
    event = {**body, "channel": channel_id, "event_ts": ts, "channel_type": kind}
    platform.event(event, f"message.{SUBSCRIPTION[kind]}")


def edit(platform: Platform, message: Message, before: Json) -> None:
    """After a message's content was changed: mentions are noted (an edit pings nobody) and the app hears of it."""
    message.mentions = live_mentions(message)
    message.updates.append(platform.clock.now())
    platform.changed(message)
    if message.ephemeral_to or (message.bot and not platform.echo_own_messages):
        return
    ts = platform.mint.ts()
    after = message.shape(platform.workspace.app, all_metadata=True)
    body = {"type": "message", "subtype": "message_changed", "hidden": True, "ts": ts}
    tell_app(platform, message.channel, {**body, "message": after, "previous_message": before})


def delete(platform: Platform, message: Message) -> None:
    """Removes a message; the app hears of it."""
    before = message.shape(platform.workspace.app)
    platform.workspace.remove(message)
    platform.changed(message)
    if message.ephemeral_to:
        return
    ts = platform.mint.ts()
    body = {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "ts": ts,
        "deleted_ts": message.ts,
    }
    tell_app(platform, message.channel, {**body, "previous_message": before})


def bot_message(platform: Platform, channel: Channel, **fields: Any) -> Message:
    """A message by the app, not yet published."""
    return Message(channel.id, platform.mint.ts(), platform.workspace.app.bot_user, bot=True, **fields)


def ephemeral(platform: Platform, channel: Channel, person: str, **fields: Any) -> Message:
    """An ephemeral message by the app for one person, not yet published."""
    message = bot_message(platform, channel, **fields)
    message.ephemeral_to, message.ephemeral_id = person, platform.mint.id("E")
    return message
