"""Which events are a person's words to us, and which are not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.hearing import hear, is_small_talk

MENTION = {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "5.1", "text": "<@UBOT> Why?"}
DIRECT = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "ts": "5.1", "text": "Why?"}


def heard(event: dict[str, Any], **changes: Any):
    return hear({"team_id": "T1", "event": {**event, **changes}}, "UBOT")


@pytest.mark.parametrize("event", [MENTION, DIRECT])
def test_a_persons_words_to_us_are_heard_without_our_name(event: dict[str, Any]):
    words = heard(event)

    assert words is not None
    assert (words.words, words.anchor_ts, words.thread_ts, words.is_addressed) == ("Why?", "5.1", None, True)


def test_every_event_of_a_message_has_the_same_key():
    twin = {**MENTION, "event_ts": "5.1", "client_msg_id": "x"}

    assert heard(MENTION).key == heard(twin).key
    assert heard(MENTION).key != heard(MENTION, ts="5.2").key
    assert heard(MENTION).key != heard(MENTION, channel="C2").key


def test_in_a_thread_it_is_answered_in_the_thread():
    assert heard(MENTION, thread_ts="4.0").anchor_ts == "4.0"


@pytest.mark.parametrize("event", [MENTION, DIRECT])
@pytest.mark.parametrize(
    "change",
    [
        {"bot_id": "B1"},
        {"user": "UBOT"},
        {"user": None},
        {"edited": {"user": "U1", "ts": "5.2"}},
        {"hidden": True},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"subtype": "thread_broadcast"},
        {"subtype": "assistant_app_thread"},
        {"subtype": "whatever_slack_invents"},
    ],
)
def test_bots_ourselves_edits_and_unknown_subtypes_are_not_heard(
    event: dict[str, Any], change: dict[str, Any]
):
    assert heard(event, **change) is None


def test_messages_of_channels_are_not_heard_even_if_somebody_subscribes_to_them():
    assert heard(MENTION, type="message", channel_type="channel") is None


def test_words_beside_a_file_are_heard():
    assert heard(DIRECT, subtype="file_share", files=[{"id": "F1"}]).words == "Why?"


@pytest.mark.parametrize(
    ("text", "words", "is_addressed"),
    [
        ("<@UBOT>: Why?", "Why?", True),
        ("  <@UBOT|deep> — Why <@U2>?", "Why <@U2>?", True),
        ("<@UBOT>", "", True),
        ("I asked <@UBOT> yesterday", "I asked <@UBOT> yesterday", False),
        ("<@UBOTTOM> Why?", "<@UBOTTOM> Why?", False),
    ],
)
def test_only_what_begins_with_our_name_is_meant_for_us(text: str, words: str, is_addressed: bool):
    found = heard(MENTION, text=text)

    assert (found.words, found.is_addressed) == (words, is_addressed)


@given(st.text())
def test_whatever_stands_behind_our_name_is_the_question(words: str):
    assert words.endswith(heard(MENTION, text=f"<@UBOT> {words}").words)


@pytest.mark.parametrize("words", ["hi", "thanks!", "thank you", "ok", "good morning"])
def test_greetings_and_thanks_are_small_talk(words: str):
    assert is_small_talk(words)


@pytest.mark.parametrize(
    "words", ["Gold?", "state of batteries", "東京の人口", "quantum computing explained"]
)
def test_questions_are_not(words: str):
    assert not is_small_talk(words)
