"""Thoughts become what the progress card shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.progress import TITLE_LENGTH, VISIBLE_PHASES, Phase, Progress, elapsed, fold, phase

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("thought", "title", "summary"),
    [
        ("**Planning**\n\nI look at\nthe question.", "Planning", "I look at the question."),
        ("\n **Planning** now", "Planning", "now"),
        ("**Planning**", "Planning", ""),
        ("I look at it. Then I write.", "I look at it.", "Then I write."),
        ("Is it so? Yes.", "Is it so?", "Yes."),
        ("No end", "No end", ""),
        ("See **bold** words. More.", "See **bold** words.", "More."),
        ("**A\n\nquite long** text.", "A quite long", "text."),
        ("** ** words. More.", "** ** words.", "More."),
        ("", "", ""),
    ],
)
def test_a_thought_has_a_title_and_what_came_of_it(thought, title, summary):
    assert phase(thought) == Phase(title, summary)


def test_a_first_sentence_that_is_too_long_for_a_title_stands_whole_in_the_summary():
    sentence = "word " * 60 + "end."
    seen = phase(f"{sentence} More.")

    assert len(seen.title) <= TITLE_LENGTH
    assert seen.title.endswith("…")
    assert seen.summary == f"{sentence} More."


@given(st.text())
def test_whatever_a_thought_says_is_one_line_each_and_nothing_with_words_is_lost(text):
    seen = phase(text)

    assert len(seen.title) <= TITLE_LENGTH
    assert seen.title == " ".join(seen.title.split())
    assert seen.summary == " ".join(seen.summary.split())
    assert bool(seen.title) == bool(text.split())


def test_a_thought_that_goes_on_with_the_title_before_joins_it():
    progress = fold(["**A**\n\none.", "**A**\n\ntwo.", "**B**\n\nthree.", "**A**"])

    assert progress == Progress((Phase("A", "one. two."), Phase("B", "three."), Phase("A", "")))
    assert progress.current == "A"


def test_only_the_newest_phases_are_shown_and_the_others_counted():
    progress = fold(f"**Phase {number}**" for number in range(VISIBLE_PHASES + 3))

    assert progress.earlier == 3
    assert [p.title for p in progress.phases] == [f"Phase {n}" for n in range(3, VISIBLE_PHASES + 3)]


def test_before_the_first_thought_there_is_nothing_to_show():
    assert fold([]) == fold(["", " \n"]) == Progress()
    assert Progress().current == ""


@given(st.lists(st.sampled_from(["**A**\n\none.", "**B**\n\ntwo.", "C. Three.", "", " "])))
def test_no_two_phases_in_a_row_have_the_same_title_and_none_is_lost(thoughts):
    progress = fold(thoughts)
    titles = [p.title for p in progress.phases]
    told = [thought for thought in thoughts if thought.strip()]
    changes = [thought for i, thought in enumerate(told) if i == 0 or told[i - 1] != thought]

    assert all(before != after for before, after in pairwise(titles))
    assert progress.earlier + len(progress.phases) == len(changes)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h 00 min"),
        (3900, "1 h 05 min"),
        (90_061, "25 h 01 min"),
    ],
)
def test_elapsed_time_reads_like_a_person_would_say_it(seconds, words):
    assert elapsed(NOW, NOW + timedelta(seconds=seconds)) == words
