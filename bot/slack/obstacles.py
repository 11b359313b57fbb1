"""Why Slack does not take what it must be told, in words for a person: from the noted error to a few of them."""

from __future__ import annotations

import re

_WORDS = {
    "is_archived": "the channel is archived",
    "channel_not_found": "I am not in the channel, or it is gone",
    "not_in_channel": "I am not in the channel",
    "messages_tab_disabled": "direct messages with me are switched off",
    "user_disabled": "the asker’s account is deactivated",
    "user_not_found": "the asker is not here any more",
    "account_inactive": "this app was removed from the workspace",
    "token_revoked": "this app’s access to the workspace was revoked",
    "token_expired": "this app’s access to the workspace has expired",
    "invalid_auth": "Slack does not accept this app’s token",
    "not_authed": "Slack does not accept this app’s token",
    "missing_scope": "this app lacks a permission that its manifest asks for",
    "message_limit_exceeded": "the workspace has reached its limit of messages",
    "file_uploads_disabled": "files are switched off in this workspace",
    "storage_limit_reached": "the workspace has no room for more files",
}
"""Slack docs: the errors of chat.postMessage, conversations.open and files.completeUploadExternal."""
_RESTRICTED = "only some people may post in the channel"
_CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def obstacle(error: str) -> str:
    """The last error that has words is the nearest cause: the channel first, then the direct message."""
    for code in reversed(_CODE.findall(error)):
        if words := _WORDS.get(code):
            return words
        if code.startswith("restricted_action"):
            return _RESTRICTED
    return "Slack does not take it just now"
