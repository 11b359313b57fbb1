"""A message as the demo's page shows it to one person."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.controls import is_shown
from bot.sandbox.slack.message import Message

Json = dict[str, Any]


def _block_shown(block: Json, person: str) -> Json:
    if not isinstance(block.get("elements"), list) or block["type"] not in ("actions", "context_actions"):
        return block
    return {**block, "elements": [one for one in block["elements"] if is_shown(one, person)]}


def _file_shown(file: Json) -> Json:
    shown = {key: file[key] for key in ("id", "name", "title", "mimetype", "size")}
    path = "/files/" + file["url_private"].split("/files/", 1)[1]
    return {**shown, "url": path, "alt": file["alt_txt"]}


def message_shown(message: Message, person: str) -> Json:
    """The page's Message: content, thread summary and flags; buttons meant for others are left out.

    While a message streams into a channel, only its recipient sees more than the first chunk.
    """
    withheld = message.streaming and message.recipient not in (None, person)
    blocks = message.first_blocks if withheld else message.blocks
    shown: Json = {
        "ts": message.ts,
        "channel": message.channel,
        "user": message.user,
        "text": message.text,
        "blocks": [_block_shown(one, person) for one in blocks],
        "files": [_file_shown(one) for one in message.files],
        "reply_count": len(message.replies),
        "reply_users": message.reply_users,
        "latest_reply": message.replies[-1].ts if message.replies else None,
    }
    optional = {
        "thread_ts": message.thread_ts,
        "bot": message.bot,
        "edited": message.edited_at is not None,
        "ephemeral_id": message.ephemeral_id,
        "deleted": message.deleted,
        "subtype": message.subtype,
    }
    return shown | {key: value for key, value in optional.items() if value}
