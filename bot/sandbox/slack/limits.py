"""The limits of a whole message: how blocks expand, what characters cost, how metadata must look."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack.problems import Json
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.rich import plain_texts

CEILING = 13_200
RENDERED_BLOCKS = 50
HEADING_COST = 100
UPDATE_TEXT_BYTES = 4_000
POST_TEXT_CHARACTERS = 40_000
MARKDOWN_TEXT_CHARACTERS = 12_000
METADATA_CHARACTERS = 8_000

HEADING = re.compile(r" {0,3}#{1,6}\s")
RULE = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*$")
FENCE = re.compile(r" {0,3}(```+|~~~+)")
TABLE_LINE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(\|\s*:?-{2,}:?\s*)*\|?\s*$")
EVENT_TYPE = re.compile(r"[a-z0-9_]+\Z")
PAYLOAD_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*\Z")


def expanded(markdown: str) -> tuple[int, int]:
    """How many blocks a markdown block becomes, and how many of them are headings.

    A header per heading, one block per text run, fence, table and divider (measured behaviour, undocumented).
    """
    blocks = headings = 0
    fence = ""
    run = table = False
    for line in markdown.split("\n"):
        opened = FENCE.match(line)
        if fence:
            if opened and line.strip().startswith(fence):
                fence = ""
            continue
        in_table = table and "|" in line
        if opened:
            fence, run = opened.group(1), False
            blocks += 1
        elif HEADING.match(line):
            blocks, headings, run = blocks + 1, headings + 1, False
        elif RULE.match(line) and "|" not in line:
            blocks, run = blocks + 1, False
        elif "|" in line and TABLE_LINE.match(line) and run:
            table = in_table = True
            blocks, run = blocks + 1, False
        elif not in_table and line.strip() and not run:
            blocks, run = blocks + 1, True
        table = in_table
    return blocks, headings


def counted(text: str) -> int:
    """Characters as Slack counts them: `&` 5, `<` and `>` 4 each, entities already written as what they mean."""
    if "&" in text:
        text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def _texts(node: Any) -> list[str]:
    if isinstance(node, list):
        return [text for one in node for text in _texts(one)]
    if not isinstance(node, dict):
        return []
    if node.get("type") in ("mrkdwn", "plain_text", "markdown", "raw_text"):
        return [str(node.get("text", ""))]
    if node.get("type") == "rich_text":
        return plain_texts(node)
    found = [node["title"]] if isinstance(node.get("title"), str) else []
    return found + [
        text for value in node.values() if isinstance(value, (dict, list)) for text in _texts(value)
    ]


def check_size(blocks: list[Json]) -> None:
    """Raises msg_blocks_too_long when the rendered blocks or the counted characters are too many."""
    rendered, headings = 0, 0
    for block in blocks:
        if block["type"] == "markdown":
            parts, heads = expanded(block["text"])
            rendered, headings = rendered + parts, headings + heads
        else:
            rendered, headings = rendered + 1, headings + (block["type"] == "header")
    cost = sum(counted(text) for text in _texts(blocks)) + HEADING_COST * headings
    if rendered > RENDERED_BLOCKS or cost > CEILING:
        raise Refusal("msg_blocks_too_long")


def check_metadata(metadata: Any) -> Json | None:
    """The metadata to keep; None for an empty object. Raises invalid_metadata_format, metadata_too_large.

    event_type is [a-z0-9_]; payload keys start with a letter; values are strings, numbers, booleans, or arrays and
    flat objects of these (Slack docs: message metadata).
    """
    if metadata == {}:
        return None
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(payload, dict):
        raise Refusal("invalid_metadata_format")
    if not EVENT_TYPE.match(str(metadata.get("event_type", ""))) or not _flat(payload, 2):
        raise Refusal("invalid_metadata_format")
    if len(str(payload)) > METADATA_CHARACTERS:
        raise Refusal("metadata_too_large")
    return metadata


def _flat(value: Any, depth: int) -> bool:
    if isinstance(value, (str, int, float, bool)):
        return True
    if depth == 0:
        return False
    if isinstance(value, list):
        return all(_flat(one, depth - 1) for one in value)
    if isinstance(value, dict):
        return all(PAYLOAD_KEY.match(str(key)) and _flat(one, depth - 1) for key, one in value.items())
    return False
