"""conversations.*: looking at channels, their messages and members, opening and joining."""

from __future__ import annotations

import math
from itertools import takewhile
from typing import Any

from bot.sandbox.slack.message import Message
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]
UNLISTED_LIMIT = 15


def info(call: WebCall) -> Json:
    """Slack docs: conversations.info, Tier 3; channel_not_found for a private channel without the app."""
    (where,) = call.need("channel")
    channel = call.visible(where)
    call.family_scope(channel, "read")
    shape = channel.shape(call.platform.workspace.app.bot_user)
    if call.flag("include_num_members"):
        shape["num_members"] = len(channel.members)
    return {"channel": shape}


def _window(call: WebCall, messages: list[Message]) -> list[Message]:
    """Those between `oldest` and `latest` (exclusive unless `inclusive`), by their timestamps."""
    oldest = call.number("oldest", 0, "invalid_ts_oldest")
    latest = call.number("latest", math.inf, "invalid_ts_latest")
    inclusive = call.flag("inclusive")
    kept = []
    for one in messages:
        at = float(one.ts)
        if oldest < at < latest or (inclusive and at in (oldest, latest)):
            kept.append(one)
    return kept


def _page(call: WebCall, messages: list[Message], default: int) -> tuple[list[Message], str]:
    limit = int(call.number("limit", default, "invalid_limit"))
    if not 1 <= limit <= 1000:
        raise Refusal("invalid_limit")
    if call.platform.unlisted:
        limit = min(limit, UNLISTED_LIMIT)
    cursor = str(call.args.get("cursor") or "")
    start = next((i for i, one in enumerate(messages) if one.ts == cursor), -1) if cursor else 0
    if start < 0:
        raise Refusal("invalid_cursor")
    rest = messages[start + limit :]
    return messages[start : start + limit], rest[0].ts if rest else ""


def _answer(call: WebCall, page: list[Message], cursor: str) -> Json:
    whole = call.flag("include_all_metadata")
    app = call.platform.workspace.app
    shapes = [one.shape(app, all_metadata=whole) for one in page]
    answer: Json = {"messages": shapes, "has_more": bool(cursor)}
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def history(call: WebCall) -> Json:
    """Slack docs: conversations.history, Tier 3; newest first, replies only when broadcast."""
    (where,) = call.need("channel")
    channel = call.inside(where)
    call.family_scope(channel, "history")
    oldest = call.number("oldest", 0, "invalid_ts_oldest")
    newest_first = reversed(call.platform.workspace.logs[channel.id].roots)
    recent = list(takewhile(lambda one: float(one.ts) >= oldest, newest_first))
    return _answer(call, *_page(call, _window(call, recent), 100))


def replies(call: WebCall) -> Json:
    """Slack docs: conversations.replies, Tier 3; the parent comes first on every page, then oldest first."""
    where, ts = call.need("channel", "ts")
    channel = call.inside(where)
    call.family_scope(channel, "history")
    thread = call.platform.workspace.messages(channel.id, ts)
    if not thread:
        raise Refusal("thread_not_found")
    page, cursor = _page(call, _window(call, thread[1:]), 1000)
    return _answer(call, [thread[0], *page], cursor)


def members(call: WebCall) -> Json:
    """Slack docs: conversations.members, Tier 4."""
    (where,) = call.need("channel")
    channel = call.visible(where)
    call.family_scope(channel, "read")
    return {"members": sorted(channel.members), "response_metadata": {"next_cursor": ""}}


def open_direct(call: WebCall) -> Json:
    """Slack docs: conversations.open, Tier 3; the app's DM with one person, or a group DM with several."""
    platform = call.platform
    workspace = platform.workspace
    if call.args.get("channel"):
        channel = call.visible(str(call.args["channel"]))
    else:
        (users,) = call.need("users")
        ids = [one.strip() for one in users.split(",")]
        for one in ids:
            if one not in workspace.people:
                raise Refusal("user_not_found")
            if workspace.people[one].deleted:
                raise Refusal("user_disabled")
        if len(ids) == 1:
            channel = workspace.dm(ids[0])
        else:
            call.scope("mpim:write")
            names = "-".join(sorted(workspace.people[one].name for one in ids))
            channel = workspace.add_channel(f"mpdm-{names}-1", "mpim", {*ids, workspace.app.bot_user})
    whole = channel.shape(workspace.app.bot_user) if call.flag("return_im") else {"id": channel.id}
    return {"channel": whole}


def join(call: WebCall) -> Json:
    """Slack docs: conversations.join, Tier 3; public channels only."""
    (where,) = call.need("channel")
    channel = call.visible(where)
    if channel.kind != "public":
        raise Refusal("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refusal("is_archived")
    channel.members.add(call.platform.workspace.app.bot_user)
    call.platform.changes.notify()
    return {"channel": channel.shape(call.platform.workspace.app.bot_user)}


METHODS = {
    "conversations.info": Method(info, 3),
    "conversations.history": Method(history, 3),
    "conversations.replies": Method(replies, 3),
    "conversations.members": Method(members, 4),
    "conversations.open": Method(open_direct, 3, ("im:write", "mpim:write")),
    "conversations.join": Method(join, 3, ("channels:join",)),
}
