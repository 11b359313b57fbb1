"""assistant.threads.* and agents.sessions.*: thread status, titles, prompts, and sessions with native Stop."""

from __future__ import annotations

import re
from typing import Any

from bot.sandbox.slack.channel import Channel
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.sessions import SESSION_STATUSES

Json = dict[str, Any]
STOP_WARNING = "missing_agent_session_stopped_event_subscription"
TITLE = re.compile(r"[^\x00-\x1f\x7f<>]{1,200}\Z")


def _channel_and_thread(call: WebCall, refusal: str) -> tuple[Channel, str]:
    channel = call.inside(str(call.args["channel_id"]))
    ts = str(call.args.get("thread_ts") or "")
    if call.platform.workspace.message(channel.id, ts) is None:
        raise Refusal(refusal)
    return channel, ts


def set_thread_status(call: WebCall) -> Json:
    """Slack docs: assistant.threads.setStatus, 600/min; any thread, 2 minutes, empty clears it."""
    call.need("channel_id", "thread_ts")
    if "status" not in call.args:
        call.need("status")
    if len(call.args.get("loading_messages") or ()) > 10:
        raise Refusal("invalid_arguments")
    channel, ts = _channel_and_thread(call, "invalid_thread_ts")
    call.platform.threads.set_status(channel.id, ts, str(call.args["status"]))
    return {}


def set_thread_title(call: WebCall) -> Json:
    """Slack docs: assistant.threads.setTitle, Tier 4."""
    _, _, title = call.need("channel_id", "thread_ts", "title")
    channel, ts = _channel_and_thread(call, "invalid_thread_ts")
    platform = call.platform
    status = (platform.threads.session(channel.id, ts) or {}).get("status", "active")
    platform.threads.set_session(channel.id, ts, status).title = title
    return {}


def set_suggested_prompts(call: WebCall) -> Json:
    """Slack docs: assistant.threads.setSuggestedPrompts, Tier 4; at most 4, without thread_ts under agent_view."""
    (where,) = call.need("channel_id")
    channel = call.inside(where)
    prompts = call.args.get("prompts")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= 4:
        raise Refusal("invalid_arguments")
    if not all(isinstance(one, dict) and one.get("title") and one.get("message") for one in prompts):
        raise Refusal("invalid_arguments")
    if call.args.get("thread_ts") and not call.platform.workspace.message(
        channel.id, str(call.args["thread_ts"])
    ):
        raise Refusal("invalid_thread_ts")
    return {}


def _require_agent(call: WebCall) -> None:
    if not call.platform.agent:
        raise Refusal("not_agent_app")


def set_session_status(call: WebCall) -> Json:
    """Slack docs: agents.sessions.setStatus; processing shows Stop and times out after an hour."""
    platform = call.platform
    call.need("channel_id", "status")
    _require_agent(call)
    status = str(call.args["status"])
    if status not in SESSION_STATUSES:
        messages = ["[ERROR] must be a valid enum value [json-pointer:/status]"]
        raise Refusal("invalid_arguments", response_metadata={"messages": messages})
    title = str(call.args.get("title") or "")
    if title and not TITLE.match(title):
        raise Refusal("invalid_arguments")
    channel = call.inside(str(call.args["channel_id"]))
    if channel.archived:
        raise Refusal("is_archived")
    if not call.args.get("thread_ts"):
        raise Refusal("thread_ts_required")
    initiator = call.args.get("initiator_user_id")
    if initiator and initiator not in channel.members:
        raise Refusal("user_not_found")
    _, ts = _channel_and_thread(call, "thread_ts_not_allowed")
    session = platform.threads.set_session(channel.id, ts, status, title)
    if status == "processing" and "agent_session_stopped" not in platform.subscriptions:
        call.warnings.append(STOP_WARNING)
    return {"status": status, "agent_status": status, "title": session.title}


def rename_session(call: WebCall) -> Json:
    """Slack docs: agents.sessions.rename; 1 to 200 characters."""
    _require_agent(call)
    where, title = call.need("channel_id", "title")
    channel, ts = call.inside(where), str(call.args.get("thread_ts") or "")
    session = call.platform.threads.sessions.get((channel.id, ts))
    if session is None:
        raise Refusal("session_not_found")
    if not TITLE.match(title):
        raise Refusal("invalid_name")
    session.title = title
    call.platform.changes.notify()
    return {"title": title}


METHODS = {
    "assistant.threads.setStatus": Method(set_thread_status, 4, ("chat:write", "assistant:write")),
    "assistant.threads.setTitle": Method(set_thread_title, 4, ("assistant:write",)),
    "assistant.threads.setSuggestedPrompts": Method(set_suggested_prompts, 4, ("assistant:write",)),
    "agents.sessions.setStatus": Method(set_session_status, 3, ("chat:write",)),
    "agents.sessions.rename": Method(rename_session, 3, ("chat:write",)),
}
