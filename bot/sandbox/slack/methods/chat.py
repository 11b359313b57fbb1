"""chat.*: posting, editing and deleting messages."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import posting
from bot.sandbox.slack.content import read_content, read_metadata
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]


def post_message(call: WebCall) -> Json:
    """Slack docs: chat.postMessage, about 1/s per channel."""
    platform = call.platform
    (where,) = call.need("channel")
    channel = call.writable(where)
    content = read_content(call.args, platform.mint, platform.refuse_blocks, update=False)
    metadata = read_metadata(call.args)
    link_names = call.flag("link_names") or call.args.get("parse") == "full"
    message = posting.bot_message(
        platform,
        channel,
        text=content.text,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=metadata,
        thread_ts=call.thread(channel),
        broadcast=call.flag("reply_broadcast"),
        unfurl_links=call.args.get("unfurl_links") is None or call.flag("unfurl_links"),
        unfurl_media=call.args.get("unfurl_media") is None or call.flag("unfurl_media"),
    )
    posting.publish(platform, message, link_names=link_names)
    call.warnings += content.warnings
    shape = message.shape(platform.workspace.app, all_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shape}


def update(call: WebCall) -> Json:
    """Slack docs: chat.update, Tier 3. Omitted metadata stays, `{}` removes it; text alone removes the blocks."""
    platform = call.platform
    where, ts = call.need("channel", "ts")
    channel = call.visible(where)
    if channel.archived:
        raise Refusal("is_inactive")
    message = call.own_message(channel, ts, "cant_update_message")
    if platform.streams.alive(channel.id, ts):
        raise Refusal("streaming_state_conflict")
    content = read_content(call.args, platform.mint, platform.refuse_blocks, update=True)
    metadata = read_metadata(call.args) if "metadata" in call.args else message.metadata
    before = message.shape(platform.workspace.app)
    if not content.blocks:
        message.edited_at = platform.mint.ts()
    if "text" in call.args or not content.blocks:
        message.text = content.text
    message.blocks, message.metadata = content.blocks, metadata
    if "attachments" in call.args:
        message.attachments = content.attachments
    posting.edit(platform, message, before)
    shape = message.shape(platform.workspace.app, all_metadata=True)
    return {"channel": channel.id, "ts": ts, "text": message.text, "message": shape}


def delete(call: WebCall) -> Json:
    """Slack docs: chat.delete, Tier 3; a bot deletes its own messages only."""
    where, ts = call.need("channel", "ts")
    channel = call.visible(where)
    message = call.own_message(channel, ts, "cant_delete_message")
    posting.delete(call.platform, message)
    return {"channel": channel.id, "ts": ts}


def post_ephemeral(call: WebCall) -> Json:
    """Slack docs: chat.postEphemeral, Tier 4; the person must be in the channel."""
    platform = call.platform
    where, person = call.need("channel", "user")
    channel = call.writable(where)
    if person not in channel.members:
        raise Refusal("user_not_in_channel")
    content = read_content(call.args, platform.mint, platform.refuse_blocks, update=False)
    thread_ts = call.thread(channel)
    fields: Json = {"text": content.text, "blocks": content.blocks, "thread_ts": thread_ts}
    message = posting.publish(platform, posting.ephemeral(platform, channel, person, **fields))
    return {"message_ts": message.ts}


def permalink_of(call: WebCall, message: Message) -> str:
    """The address of a message in the client."""
    workspace = call.platform.workspace
    link = f"https://{workspace.domain}.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
    if message.thread_ts and message.thread_ts != message.ts:
        link += f"?thread_ts={message.thread_ts}&cid={message.channel}"
    return link


def get_permalink(call: WebCall) -> Json:
    """Slack docs: chat.getPermalink."""
    where, ts = call.need("channel", "message_ts")
    channel = call.visible(where)
    message = call.platform.workspace.message(channel.id, ts)
    if message is None:
        raise Refusal("message_not_found")
    return {"channel": channel.id, "permalink": permalink_of(call, message)}


METHODS = {
    "chat.postMessage": Method(post_message, 3, ("chat:write",)),
    "chat.update": Method(update, 3, ("chat:write",)),
    "chat.delete": Method(delete, 3, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, 4, ("chat:write",)),
    "chat.getPermalink": Method(get_permalink, 4),
}
