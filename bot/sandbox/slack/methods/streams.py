"""chat.startStream, appendStream, stopStream: messages that grow, for at most five minutes."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import posting
from bot.sandbox.slack.content import parsed, read_blocks, read_metadata
from bot.sandbox.slack.limits import MARKDOWN_TEXT_CHARACTERS
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.sessions import SESSION_STATUSES
from bot.sandbox.slack.streams import Stream

Json = dict[str, Any]
NEEDED = {
    "markdown_text": ("text",),
    "task_update": ("id", "title", "status"),
    "plan_update": ("title",),
    "blocks": ("blocks",),
}
STATUSES = ("pending", "in_progress", "complete", "error")
FIELD_CHARACTERS = 256
MOST_BLOCKS = 50


def _chunks(call: WebCall) -> list[Json]:
    markdown, chunks = call.args.get("markdown_text"), parsed(call.args.get("chunks"), "invalid_chunks")
    if markdown and chunks:
        raise Refusal("cannot_provide_both_markdown_text_and_chunks")
    found = [{"type": "markdown_text", "text": markdown}] if markdown else chunks or []
    if not isinstance(found, list):
        raise Refusal("invalid_chunks")
    for chunk in found:
        _check_chunk(call, chunk)
    return found


def _check_chunk(call: WebCall, chunk: Any) -> None:
    kind = chunk.get("type") if isinstance(chunk, dict) else None
    if kind not in NEEDED or not all(chunk.get(key) for key in NEEDED[kind] if key != "status"):
        raise Refusal("invalid_chunks")
    if kind == "markdown_text" and len(str(chunk["text"])) > MARKDOWN_TEXT_CHARACTERS:
        raise Refusal("msg_too_long")
    if kind == "task_update" and chunk.get("status") not in STATUSES:
        raise Refusal("invalid_chunks")
    if any(len(str(chunk.get(key, ""))) > FIELD_CHARACTERS for key in ("title", "details", "output")):
        raise Refusal("invalid_chunks")
    if kind == "blocks":
        if len(chunk["blocks"]) > MOST_BLOCKS:
            raise Refusal("msg_blocks_too_many")
        chunk["blocks"] = read_blocks(chunk["blocks"], call.platform.mint, call.platform.refuse_blocks)


def start(call: WebCall) -> Json:
    """Slack docs: chat.startStream, Tier 2; always a reply, with a recipient in channels."""
    platform = call.platform
    where, _ = call.need("channel", "thread_ts")
    channel = call.writable(where)
    thread_ts = call.thread(channel)
    recipient = str(call.args.get("recipient_user_id") or "")
    if channel.kind in ("public", "private"):
        if recipient not in platform.workspace.people:
            raise Refusal("missing_recipient_user_id")
        if not call.args.get("recipient_team_id"):
            raise Refusal("missing_recipient_team_id")
    stream = Stream(platform.clock.now(), recipient)
    for chunk in _chunks(call):
        stream.take(chunk)
    message = posting.bot_message(platform, channel, text=stream.text, thread_ts=thread_ts, streaming=True)
    message.blocks = message.first_blocks = stream.rendered()
    message.recipient = recipient or None
    platform.streams.by_message[channel.id, message.ts] = stream
    posting.publish(platform, message)
    platform.threads.set_session(channel.id, str(thread_ts), "processing")
    return {"channel": channel.id, "ts": message.ts}


def _running(call: WebCall) -> tuple[Message, Stream]:
    where, ts = call.need("channel", "ts")
    channel = call.visible(where)
    message = call.own_message(channel, ts, "message_not_owned_by_app")
    stream = call.platform.streams.by_message.get((channel.id, ts))
    if stream is not None and stream.stopped_by_user:
        raise Refusal("stopped_by_user")
    if stream is None or not call.platform.streams.alive(channel.id, ts):
        message.streaming = False
        raise Refusal("message_not_in_streaming_state")
    return message, stream


def append(call: WebCall) -> Json:
    """Slack docs: chat.appendStream, Tier 4."""
    message, stream = _running(call)
    chunks = _chunks(call)
    if not chunks:
        raise Refusal("no_text")
    for chunk in chunks:
        stream.take(chunk)
    message.text, message.blocks = stream.text, stream.rendered()
    message.mentions = posting.live_mentions(message)
    call.platform.changed(message)
    return {"channel": message.channel, "ts": message.ts}


def stop(call: WebCall) -> Json:
    """Slack docs: chat.stopStream, Tier 2; tasks still in progress end as failed."""
    platform = call.platform
    message, stream = _running(call)
    status = str(call.args.get("session_status") or "active")
    if status not in SESSION_STATUSES:
        raise Refusal("invalid_arguments")
    for chunk in _chunks(call):
        stream.take(chunk)
    if call.args.get("blocks"):
        stream.blocks += read_blocks(call.args["blocks"], platform.mint, platform.refuse_blocks)
    stream.stopped, message.streaming = True, False
    message.text, message.blocks = stream.text, stream.rendered()
    message.metadata = read_metadata(call.args) or message.metadata
    message.mentions = posting.live_mentions(message)
    platform.changed(message)
    platform.threads.set_session(message.channel, str(message.thread_ts), status)
    shape = message.shape(platform.workspace.app, all_metadata=True)
    return {"channel": message.channel, "ts": message.ts, "message": shape}


METHODS = {
    "chat.startStream": Method(start, 2, ("chat:write",)),
    "chat.appendStream": Method(append, 4, ("chat:write",)),
    "chat.stopStream": Method(stop, 2, ("chat:write",)),
}
