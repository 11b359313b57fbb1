"""files.*: the three-step upload and looking a file up."""

from __future__ import annotations

from typing import Any

import anyio

from bot.sandbox.slack import posting
from bot.sandbox.slack.channel import Channel
from bot.sandbox.slack.content import parsed, read_blocks
from bot.sandbox.slack.files import File
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]
MOST_BYTES = 1_000_000_000
SNIPPET_BYTES = 1_000_000


def get_upload_url(call: WebCall) -> Json:
    """Slack docs: files.getUploadURLExternal, Tier 4; a length of 0 is a missing argument."""
    platform = call.platform
    name, length_text = call.need("filename", "length")
    length = int(length_text) if length_text.isdigit() else 0
    if length == 0:
        raise Refusal("missing_argument")
    if length > MOST_BYTES:
        raise Refusal("file_upload_size_restricted")
    if call.args.get("snippet_type") and length > SNIPPET_BYTES:
        raise Refusal("snippet_too_large")
    alt = str(call.args.get("alt_txt") or "")
    if len(alt) > 1000:
        raise Refusal("alt_txt_too_large")
    ticket, file = platform.files.expect(name, length, alt, int(platform.clock.now()))
    return {"upload_url": f"{platform.url}/upload/v1/{ticket}", "file_id": file.id}


def _uploaded(call: WebCall) -> list[File]:
    wanted = parsed(call.args.get("files"), "invalid_arguments")
    if not isinstance(wanted, list) or not wanted:
        raise Refusal("invalid_arguments")
    found = []
    for one in wanted:
        file = call.platform.files.by_id.get(str(one.get("id"))) if isinstance(one, dict) else None
        if file is None:
            raise Refusal("file_not_found")
        if file.content is None or file.complete:
            raise Refusal("file_update_failed")
        file.title = str(one.get("title") or file.name)
        found.append(file)
    return found


def complete_upload(call: WebCall) -> Json:
    """Slack docs: files.completeUploadExternal, Tier 4. The message that shares the files appears a moment later."""
    platform = call.platform
    where = str(call.args.get("channel_id") or call.args.get("channels") or "")
    channels = [_shareable(call, one) for one in where.split(",") if one]
    threads = [call.thread(channel) for channel in channels]
    blocks = []
    if call.args.get("blocks") and not call.args.get("initial_comment"):
        blocks = read_blocks(call.args["blocks"], platform.mint, platform.refuse_blocks)
    files = _uploaded(call)
    for file in files:
        file.complete = True
    assert platform.background is not None
    text = str(call.args.get("initial_comment") or "")
    for channel, thread_ts in zip(channels, threads, strict=True):
        fields: Json = {"text": text, "blocks": blocks, "thread_ts": thread_ts}
        platform.background.start_soon(_share, platform, channel, files, fields, name=f"share {files[0].id}")
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _shareable(call: WebCall, channel_id: str) -> Channel:
    channel = call.inside(channel_id)
    if channel.archived:
        raise Refusal("posting_to_channel_denied")
    return channel


async def _share(platform: Platform, channel: Channel, files: list[File], fields: Json) -> None:
    await anyio.sleep(platform.share_delay)
    message = posting.bot_message(platform, channel, subtype="file_share", **fields)
    for file in files:
        file.shared(channel, message.ts, message.thread_ts)
    owner = platform.workspace.app.bot_user
    message.files = [file.shape(platform.url, owner) for file in files]
    posting.publish(platform, message)


def info(call: WebCall) -> Json:
    """Slack docs: files.info, Tier 4; `shares` tells the messages that show the file."""
    (file_id,) = call.need("file")
    file = call.platform.files.by_id.get(file_id)
    if file is None or not file.complete:
        raise Refusal("file_not_found")
    return {"file": file.shape(call.platform.url, call.platform.workspace.app.bot_user)}


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, 4, ("files:write",)),
    "files.completeUploadExternal": Method(complete_upload, 4, ("files:write",)),
    "files.info": Method(info, 4, ("files:read",)),
}
