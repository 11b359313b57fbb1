"""What somebody reads about a report that could not be delivered."""

from __future__ import annotations

import re

import pytest

from bot.slack.obstacles import _WORDS, obstacle


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("chat.postMessage: is_archived", "the channel is archived"),
        (
            "chat.postMessage: is_archived; conversations.open: user_disabled",
            "the asker’s account is deactivated",
        ),
        ("chat.postMessage: token_revoked", "this app’s access to the workspace was revoked"),
        ("chat.postMessage: restricted_action_read_only_channel", "only some people may post in the channel"),
        ("chat.postMessage: something_new", "Slack does not take it just now"),
        ("", "Slack does not take it just now"),
    ],
)
def test_an_error_is_told_in_words(error: str, words: str):
    assert obstacle(error) == words


def test_no_words_hold_a_code():
    assert not [words for words in _WORDS.values() if re.search(r"[a-z]_[a-z]", words)]
