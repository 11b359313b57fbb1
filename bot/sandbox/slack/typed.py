"""Turns what a person types into the text that Slack sends on: escaped, with mentions and links resolved."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack.workspace import Workspace

Json = dict[str, Any]

TOKEN = re.compile(r"<(?:[@#!][^<>]+|(?:https?|mailto):[^<>]+)>")
URL = re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?)\]}'\"]")
CHANNEL = re.compile(r"(?<![\w&#/])#([a-z0-9_-]+)")


def _names(workspace: Workspace) -> re.Pattern[str]:
    names = [name for one in workspace.people.values() for name in (one.name, one.real_name)]
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return re.compile(rf"(?<![\w@])@({'|'.join(longest_first)})(?!\w)", re.IGNORECASE)


def _linked(workspace: Workspace, text: str) -> str:
    ids = {name.lower(): one.id for one in workspace.people.values() for name in (one.name, one.real_name)}
    if "@" in text:
        text = _names(workspace).sub(lambda match: f"<@{ids[match[1].lower()]}>", text)
    if "#" in text:
        channels = {one.name: one for one in workspace.channels.values() if one.kind in ("public", "private")}

        def channel(match: re.Match[str]) -> str:
            found = channels.get(match[1])
            if found is None:
                return match[0]
            return f"<#{found.id}|{found.name if found.kind == 'public' else ''}>"

        text = CHANNEL.sub(channel, text)
    return text


def _between(text: str, pattern: re.Pattern[str]) -> list[tuple[str, bool]]:
    """The text cut at the matches of a pattern: (piece, whether it is a match)."""
    pieces, end = [], 0
    for match in pattern.finditer(text):
        pieces += [(text[end : match.start()], False), (match[0], True)]
        end = match.end()
    return [*pieces, (text[end:], False)]


def as_sent(workspace: Workspace, typed: str, *, escape: bool = True) -> str:
    """The text as events carry it: `<@U…>`, `<#C…|name>`, `<https://…>` for what was typed, tokens kept.

    With `escape`, any other `&`, `<` and `>` become entities.
    """
    sent = ""
    for piece, is_token in _between(typed, TOKEN):
        if is_token:
            sent += piece
            continue
        for part, is_url in _between(piece, URL):
            plain = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") if escape else part
            sent += f"<{plain}>" if is_url else _linked(workspace, plain)
    return sent


def _inline(token: str) -> Json:
    """The rich text element that a token stands for."""
    target, _, label = token[1:-1].partition("|")
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": target, **({"text": label} if label else {})}


def as_rich(sent: str, block_id: str) -> Json:
    """The rich_text block that Slack makes of a person's message."""
    inline: list[Json] = []
    for piece, is_token in _between(sent, TOKEN):
        if is_token:
            inline.append(_inline(piece))
        elif piece:
            plain = piece.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            inline.append({"type": "text", "text": plain})
    section = {"type": "rich_text_section", "elements": inline}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}
