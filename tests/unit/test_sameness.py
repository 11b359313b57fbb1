"""When two questions are the same one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Depth
from bot.domain.sameness import at_least, fingerprint, normalised


@given(st.text())
def test_normalising_twice_changes_nothing(question: str):
    assert normalised(normalised(question)) == normalised(question)


@given(
    st.lists(st.text("abcüé水xyz", min_size=1), min_size=1),
    st.sampled_from([" ", "  ", "\n", "\t ", " – ", ", "]),
)
def test_space_and_punctuation_between_words_make_no_difference(words: list[str], gap: str):
    assert fingerprint(f"{gap.join(words)}?!") == fingerprint(" ".join(words))


@given(st.text("abcdefgh ÄÖé?.,"))
def test_case_makes_no_difference(question: str):
    assert fingerprint(question.upper()) == fingerprint(question)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How do glaciers move?", "how do glaciers move"),
        ("What’s a “moat”?", "What's a 'moat'"),
        ("State-of-the-art batteries", "state of the art batteries"),
        ("ﬁne ２０２６", "fine 2026"),
        ("¿Qué es esto?", "qué es esto"),
    ],
)
def test_the_same_question_however_it_was_typed(one: str, other: str):
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What is C?", "What is C++?"),
        ("What is C?", "What is C#?"),
        ("Is 3.5 more?", "Is 35 more?"),
        ("R&D in Kenya", "R D in Kenya"),
        ("a < b", "a > b"),
        ("resume", "résumé"),
    ],
)
def test_what_changes_the_meaning_is_another_question(one: str, other: str):
    assert fingerprint(one) != fingerprint(other)


def test_a_report_answers_a_question_of_its_depth_or_less():
    assert list(at_least(Depth.STANDARD)) == [Depth.STANDARD, Depth.MAX]
    assert list(at_least(Depth.MAX)) == [Depth.MAX]
    assert list(at_least(Depth.QUICK)) == list(Depth)
