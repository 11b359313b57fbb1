"""What helps against a refusal of Slack: one pure table of (kind of method, error code) -> Remedy.

`web.py` puts the remedy into `SlackRefused`, the dispatcher acts on it. Codes and their meaning are those of Slack's
method references (docs.slack.dev, "Errors"); the ones that are not documented were seen in production.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.errors import Remedy


class Group(StrEnum):
    """What a method is for, as far as its refusals go."""

    POST = "post"
    EDIT = "edit"
    FILE = "file"
    WHISPER = "whisper"  # words for one person only
    SESSION = "session"  # agent sessions, which many workspaces do not have
    STATUS = "status"  # status lines, reactions, views: never worth holding a report up
    LOOK = "look"  # reads


_GROUPS = {
    "chat.postMessage": Group.POST,
    "chat.update": Group.EDIT,
    "chat.delete": Group.EDIT,
    "chat.postEphemeral": Group.WHISPER,
    "response_url": Group.WHISPER,
    "files.getUploadURLExternal": Group.FILE,
    "files.completeUploadExternal": Group.FILE,
    "upload": Group.FILE,
}
_LOOKS = ("conversations.", "users.", "auth.", "team.", "files.info", "chat.getPermalink")

# The same everywhere, unless the table of a group says otherwise. The first line is what `web.py` takes for
# "it may have happened" or "wait" before anybody asks here; it stands here so that the table is whole.
_EVERYWHERE: dict[Remedy, str] = {
    Remedy.RETRY: """
        ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout
        external_channel_migrating team_added_to_org
        """,
    Remedy.PARK: """
        not_authed invalid_auth account_inactive token_revoked token_expired
        missing_scope not_allowed_token_type no_permission access_denied org_login_required team_access_not_granted
        ekm_access_denied accesslimited enterprise_is_restricted two_factor_setup_required team_not_found
        """,
    Remedy.GIVE_UP: """
        invalid_arguments invalid_arg_name missing_argument invalid_array_arg invalid_charset invalid_json
        invalid_form_data invalid_post_type missing_post_type json_not_object
        unknown_method method_deprecated deprecated_endpoint
        metadata_too_large invalid_metadata_format invalid_metadata_schema metadata_must_be_sent_from_app
        """,
}
_CONTENT = """
    invalid_blocks invalid_blocks_format msg_blocks_too_long msg_blocks_too_many msg_too_long no_text
    too_many_attachments invalid_attachments attachment_payload_limit_exceeded markdown_text_conflict
    """
_PLACE = """
    channel_not_found not_in_channel is_archived is_inactive invalid_channel channel_is_limited_access
    restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel
    restricted_action_non_threadable_channel restricted_action_thread_locked thread_locked
    posting_to_channel_denied method_not_supported_for_channel_type
    """
_THREAD = "cannot_reply_to_message thread_not_found invalid_thread_ts message_not_found"
_GROUP_CODES: dict[Group, dict[Remedy, str]] = {
    Group.POST: {
        Remedy.REFORMAT: _CONTENT,
        Remedy.REDIRECT: _PLACE,
        Remedy.RENEW: _THREAD,
        Remedy.PARK: "messages_tab_disabled message_limit_exceeded",
        Remedy.GIVE_UP: "duplicate_message_not_found duplicate_channel_not_found",
    },
    Group.EDIT: {
        Remedy.REFORMAT: f"{_CONTENT} block_mismatch",
        Remedy.RETRY: "update_failed streaming_state_conflict",
        Remedy.GIVE_UP: f"{_PLACE} {_THREAD} cant_update_message cant_delete_message edit_window_closed",
    },
    Group.FILE: {
        Remedy.REDIRECT: _PLACE,
        Remedy.RENEW: _THREAD,
        Remedy.GIVE_UP: """
            file_uploads_disabled file_upload_size_restricted storage_limit_reached file_type_not_allowed
            unknown_snippet_type snippet_too_large alt_txt_too_large file_not_found file_update_failed file_deleted
            missing_scope access_denied no_permission not_allowed_token_type
            """,
    },
    Group.WHISPER: {
        Remedy.GIVE_UP: f"{_CONTENT} {_PLACE} {_THREAD} user_not_in_channel used_url expired_url missing_scope",
    },
    Group.SESSION: {
        Remedy.FORGO: """
            not_agent_app feature_disabled unknown_method method_deprecated deprecated_endpoint
            missing_scope not_allowed_token_type no_permission access_denied
            """,
    },
    Group.STATUS: {
        Remedy.GIVE_UP: "missing_scope not_allowed_token_type no_permission access_denied",
    },
    Group.LOOK: {
        Remedy.REDIRECT: _PLACE,
        Remedy.RENEW: _THREAD,
        Remedy.GIVE_UP: """
            user_not_found user_not_visible user_disabled users_not_found invalid_limit file_not_found too_many_members
            """,
    },
}
_UNKNOWN = {
    Group.POST: Remedy.RETRY,
    Group.EDIT: Remedy.GIVE_UP,
    Group.FILE: Remedy.RETRY,
    Group.WHISPER: Remedy.GIVE_UP,
    Group.SESSION: Remedy.GIVE_UP,
    Group.STATUS: Remedy.GIVE_UP,
    Group.LOOK: Remedy.RETRY,
}
_CONNECT_BLOCKED = re.compile(r"slack_connect_\w*blocked\w*")


def _flat(codes: dict[Remedy, str]) -> dict[str, Remedy]:
    return {code: remedy for remedy, words in codes.items() for code in words.split()}


TABLE: dict[Group, dict[str, Remedy]] = {
    group: _flat(_EVERYWHERE) | _flat(codes) for group, codes in _GROUP_CODES.items()
}


def group(method: str) -> Group:
    """The kind of a Web API method, or of our own `response_url` and `upload`; STATUS for one without a place here."""
    if known := _GROUPS.get(method):
        return known
    if method.startswith("agents."):
        return Group.SESSION
    return Group.LOOK if method.startswith(_LOOKS) else Group.STATUS


def remedy(method: str, code: str) -> Remedy:
    """What to do when Slack refused `method` with `code`. Codes that nobody knows are tried again where something
    would be lost otherwise, and let go where the next edit or status heals it.
    """
    kind = group(method)
    if _CONNECT_BLOCKED.fullmatch(code) and kind in (Group.POST, Group.FILE):
        return Remedy.REDIRECT if kind is Group.POST else Remedy.GIVE_UP
    return TABLE[kind].get(code, _UNKNOWN[kind])
