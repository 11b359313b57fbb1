"""Reads the content of a message from a call's arguments and refuses what Slack refuses."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.blocks import check_blocks
from bot.sandbox.slack.limits import (
    MARKDOWN_TEXT_CHARACTERS,
    POST_TEXT_CHARACTERS,
    UPDATE_TEXT_BYTES,
    check_metadata,
    check_size,
)
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]
MOST_ATTACHMENTS = 100


@dataclass
class Content:
    """What a message is to say. `warnings` go into the answer."""

    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def parsed(value: Any, code: str) -> Any:
    """A JSON argument that may have come as a string."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Refusal(code) from None


def read_blocks(value: Any, mint: Mint, refused: Collection[str] = ()) -> list[Json]:
    """Checked blocks with block ids; raises invalid_blocks_format, invalid_blocks, msg_blocks_too_long."""
    blocks = parsed(value, "invalid_blocks_format")
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    check_blocks(blocks, refused)
    check_size(blocks)
    return [block if "block_id" in block else {**block, "block_id": mint.short()} for block in blocks]


def read_content(args: Json, mint: Mint, refused: Collection[str], *, update: bool) -> Content:
    """The content of chat.postMessage, chat.update and their like.

    Raises markdown_text_conflict, msg_too_long (4,000 bytes of text in an update, 12,000 characters of
    markdown_text), no_text, too_many_attachments, and what blocks may raise.
    """
    content = Content(text=str(args.get("text") or ""))
    markdown = args.get("markdown_text")
    if markdown:
        if content.text or args.get("blocks"):
            raise Refusal("markdown_text_conflict")
        if len(markdown) > MARKDOWN_TEXT_CHARACTERS:
            raise Refusal("msg_too_long")
        content.blocks = read_blocks([{"type": "markdown", "text": markdown}], mint, refused)
    elif args.get("blocks"):
        content.blocks = read_blocks(args["blocks"], mint, refused)
    if args.get("attachments"):
        content.attachments = parsed(args["attachments"], "invalid_attachments")
        if len(content.attachments) > MOST_ATTACHMENTS:
            raise Refusal("too_many_attachments")
    if not (content.text or content.blocks or content.attachments or args.get("file_ids")):
        raise Refusal("no_text")
    if update and len(content.text.encode()) > UPDATE_TEXT_BYTES:
        raise Refusal("msg_too_long")
    if len(content.text) > POST_TEXT_CHARACTERS:
        content.text = content.text[:POST_TEXT_CHARACTERS]
        content.warnings.append("message_truncated")
    return content


def read_metadata(args: Json) -> Json | None:
    """The metadata argument, checked; None when it is absent or empty."""
    value = parsed(args.get("metadata"), "invalid_metadata_format")
    return check_metadata(value) if value is not None else None
