"""Every error code that Slack's references or its users name has the remedy that helps."""

from __future__ import annotations

import re

import pytest

import bot.slack.remedies as module
from bot.errors import Remedy
from bot.slack.remedies import TABLE, Group, group, remedy

POSTS = ["chat.postMessage"]
EDITS = ["chat.update"]
FILES = ["files.getUploadURLExternal", "files.completeUploadExternal", "upload"]
SESSIONS = ["agents.sessions.setStatus", "agents.sessions.rename"]
STATUSES = ["assistant.threads.setStatus", "reactions.add"]
LOOKS = ["conversations.info", "conversations.replies", "conversations.history", "conversations.members"]
LOOKS += ["conversations.open", "users.info", "files.info", "auth.test", "chat.getPermalink"]
WHISPERS = ["chat.postEphemeral", "response_url"]
STREAMS = ["chat.startStream", "chat.appendStream", "chat.stopStream"]
VIEWS = ["views.open", "views.publish", "views.update", "views.push"]
STEPS = ["functions.completeSuccess", "functions.completeError"]
CANVASES = ["canvases.create"]
SOCKETS = ["apps.connections.open"]
EVERYTHING = POSTS + EDITS + FILES + SESSIONS + STATUSES + LOOKS + WHISPERS

PASSING = "ratelimited rate_limited internal_error fatal_error service_unavailable request_timeout"
DEAD = "not_authed invalid_auth account_inactive token_revoked token_expired"
CLOSED = "org_login_required team_access_not_granted ekm_access_denied accesslimited enterprise_is_restricted"
RIGHTS = "missing_scope not_allowed_token_type no_permission access_denied"
BUGS = "invalid_arguments invalid_arg_name invalid_charset invalid_json"
CONTENT = "invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text too_many_attachments"
GONE = (
    "channel_not_found not_in_channel is_archived is_inactive restricted_action restricted_action_read_only_channel "
    "restricted_action_thread_only_channel restricted_action_non_threadable_channel "
    "restricted_action_thread_locked"
)
NO_THREAD = "cannot_reply_to_message thread_not_found"
METADATA = "metadata_too_large invalid_metadata_format invalid_metadata_schema metadata_must_be_sent_from_app"

EXPECTED = [
    (EVERYTHING, PASSING, Remedy.RETRY),
    (EVERYTHING, DEAD, Remedy.PARK),
    (EVERYTHING, CLOSED, Remedy.PARK),
    (EVERYTHING, BUGS, Remedy.GIVE_UP),
    (POSTS + EDITS + LOOKS, RIGHTS, Remedy.PARK),
    (FILES + STATUSES, RIGHTS, Remedy.GIVE_UP),
    (SESSIONS, f"{RIGHTS} not_agent_app feature_disabled unknown_method method_deprecated", Remedy.FORGO),
    (POSTS + EDITS, CONTENT, Remedy.REFORMAT),
    (POSTS + EDITS, METADATA, Remedy.GIVE_UP),
    (POSTS + FILES + LOOKS, GONE, Remedy.REDIRECT),
    (POSTS + FILES + LOOKS, NO_THREAD, Remedy.RENEW),
    (EDITS + SESSIONS + STATUSES + WHISPERS, f"{GONE} {NO_THREAD}", Remedy.GIVE_UP),
    (POSTS, "messages_tab_disabled message_limit_exceeded team_not_found", Remedy.PARK),
    (POSTS, "markdown_text_conflict", Remedy.REFORMAT),
    (POSTS, "duplicate_message_not_found duplicate_channel_not_found", Remedy.GIVE_UP),
    (POSTS, "slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked", Remedy.REDIRECT),
    (FILES, "slack_connect_blocked_file_type slack_connect_file_upload_sharing_blocked", Remedy.GIVE_UP),
    (EDITS, "message_not_found cant_update_message cant_delete_message edit_window_closed", Remedy.GIVE_UP),
    (EDITS, "streaming_state_conflict update_failed external_channel_migrating", Remedy.RETRY),
    (EDITS, "block_mismatch", Remedy.REFORMAT),
    (FILES, "file_uploads_disabled file_upload_size_restricted storage_limit_reached", Remedy.GIVE_UP),
    (FILES, "file_type_not_allowed unknown_snippet_type snippet_too_large alt_txt_too_large", Remedy.GIVE_UP),
    (FILES, "file_not_found file_update_failed missing_argument", Remedy.GIVE_UP),
    (FILES, "invalid_channel posting_to_channel_denied", Remedy.REDIRECT),
    (STATUSES, "invalid_thread_ts reserved_username method_not_supported_for_channel_type", Remedy.GIVE_UP),
    (SESSIONS, "method_not_supported_for_channel_type invalid_status not_authorized", Remedy.GIVE_UP),
    (SESSIONS, "thread_ts_required thread_ts_not_allowed user_not_found", Remedy.GIVE_UP),
    (SESSIONS, "session_not_found invalid_name", Remedy.GIVE_UP),
    (STATUSES, "already_reacted too_many_reactions thread_locked no_access no_reaction", Remedy.GIVE_UP),
    (STREAMS, "cannot_provide_both_markdown_text_and_chunks channel_type_not_supported", Remedy.GIVE_UP),
    (STREAMS, "invalid_chunks message_not_in_streaming_state message_not_owned_by_app", Remedy.GIVE_UP),
    (STREAMS, "missing_recipient_team_id missing_recipient_user_id stopped_by_user", Remedy.GIVE_UP),
    (STREAMS, "messaging_processing_failed", Remedy.GIVE_UP),
    (VIEWS, "exchanged_trigger_id expired_trigger_id invalid_trigger_id trigger_expired", Remedy.GIVE_UP),
    (VIEWS, "view_too_large hash_conflict not_found not_enabled push_limit_reached", Remedy.GIVE_UP),
    (VIEWS, "duplicate_external_id", Remedy.GIVE_UP),
    (STEPS, "execution_not_in_running_state function_execution_not_found", Remedy.GIVE_UP),
    (STEPS, "parameter_validation_failed", Remedy.GIVE_UP),
    (CANVASES, "canvas_disabled_user_team canvas_creation_failed", Remedy.GIVE_UP),
    (CANVASES, "channel_canvas_already_exists", Remedy.GIVE_UP),
    (CANVASES, "free_teams_cannot_create_non_tabbed_canvases", Remedy.GIVE_UP),
    (SOCKETS, "forbidden_team insecure_request missing_args", Remedy.GIVE_UP),
    (POSTS + EDITS, "msg_blocks_too_many", Remedy.REFORMAT),
    ([one for one in EVERYTHING if one not in SESSIONS], "unknown_method", Remedy.GIVE_UP),
    (["conversations.join"], "too_many_members", Remedy.GIVE_UP),
    (LOOKS, "user_not_found user_not_visible user_disabled", Remedy.GIVE_UP),
    (LOOKS, "channel_is_limited_access method_not_supported_for_channel_type", Remedy.REDIRECT),
    (WHISPERS, "user_not_in_channel used_url expired_url", Remedy.GIVE_UP),
    (POSTS + FILES + LOOKS, "something_new", Remedy.RETRY),
    (EDITS + SESSIONS + STATUSES + WHISPERS, "something_new", Remedy.GIVE_UP),
]


@pytest.mark.parametrize(("methods", "codes", "expected"), EXPECTED, ids=lambda value: str(value)[:40])
def test_a_refusal_has_the_remedy_that_helps(methods, codes, expected):
    found = {(method, code): remedy(method, code) for method in methods for code in codes.split()}

    assert found == dict.fromkeys(found, expected)


@pytest.mark.parametrize("method", ["views.publish", "functions.completeSuccess", "something.new"])
def test_a_method_without_a_place_in_the_table_holds_nothing_up(method):
    assert group(method) is Group.STATUS


def test_every_group_knows_what_to_do_about_everything_everywhere():
    assert set(TABLE) == set(Group)


def test_no_code_stands_twice_with_different_remedies_in_one_place():
    for codes in [module._EVERYWHERE, *module._GROUP_CODES.values()]:
        named = [code for words in codes.values() for code in words.split()]

        assert sorted(set(named)) == sorted(named)


def test_every_code_in_the_table_looks_like_one():
    codes = {code for table in TABLE.values() for code in table}

    assert all(re.fullmatch(r"[a-z_]+", code) for code in codes)
