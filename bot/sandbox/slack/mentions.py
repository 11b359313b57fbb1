"""Finds what in a message's content pings people: live mentions in text, mrkdwn, markdown and rich text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

LIVE = re.compile(r"<(?:@([UW][A-Z0-9]+)|!(here|channel|everyone)|!subteam\^(S[A-Z0-9]+))(?:\|[^>]*)?>")
BARE = re.compile(r"(?<![\w<!])@(here|channel|everyone)\b")


def in_text(text: str, *, link_names: bool = False) -> set[str]:
    """Live mentions in marked-up text: user ids, `here`, `channel`, `everyone`, usergroup ids."""
    found: set[str] = set()
    if "<" in text:
        found.update(next(filter(None, match.groups())) for match in LIVE.finditer(text))
    if link_names:
        found.update(BARE.findall(text))
    return found


def in_blocks(blocks: Iterable[Any]) -> set[str]:
    """Live mentions anywhere in blocks; plain text and literal rich text never mention."""
    found: set[str] = set()
    for block in blocks:
        _walk(block, found)
    return found


def _walk(node: Any, found: set[str]) -> None:
    if isinstance(node, list):
        for one in node:
            _walk(one, found)
    elif isinstance(node, dict):
        _walk_object(node, found)


def _walk_object(node: dict[str, Any], found: set[str]) -> None:
    kind = node.get("type")
    if kind in ("mrkdwn", "markdown", "markdown_text"):
        found |= in_text(str(node.get("text", "")))
    elif kind == "user" and "user_id" in node:
        found.add(str(node["user_id"]))
    elif kind == "broadcast":
        found.add(str(node.get("range", "channel")))
    elif kind == "usergroup":
        found.add(str(node.get("usergroup_id")))
    elif kind not in ("plain_text", "text", "raw_text"):
        for value in node.values():
            if isinstance(value, (dict, list)):
                _walk(value, found)
