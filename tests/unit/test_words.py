"""What somebody typed, as what they meant: prefixes, words that mean themselves, and everything else as the question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import Depth
from bot.slack.words import Ask, Cancel, Help, ListMine, Nothing, Unclear, understand

PLAIN = (
    st.text("abcdefgh ijklmn?,.üé水", min_size=1)
    .map(str.strip)
    .filter(lambda words: any(map(str.isalnum, words)))
)
QUESTIONS = PLAIN.filter(lambda words: words.lower() not in ("help", "list"))
DEPTHS = {"quick:": Depth.QUICK, "max:": Depth.MAX, "": Depth.STANDARD}
GAP = st.text(" \t\n", max_size=3)


@given(QUESTIONS, st.sampled_from(list(DEPTHS)), GAP, st.booleans())
def test_a_depth_is_a_prefix_in_any_case_with_any_space(question: str, prefix: str, gap: str, is_loud: bool):
    typed = f"{prefix.upper() if is_loud else prefix}{gap}{question}"

    assert Ask(question, DEPTHS[prefix]) == understand(typed)


@given(QUESTIONS, st.sampled_from(["quick", "max", "plan", "list", "help", "cancel", "status"]))
def test_a_word_without_its_colon_belongs_to_the_question(question: str, word: str):
    assert Ask(f"{word} {question}") == understand(f"{word} {question}")


@given(QUESTIONS, st.sampled_from(["quick: ", "max: "]))
def test_a_second_depth_belongs_to_the_question(question: str, prefix: str):
    assert Ask(f"{prefix}{question}", Depth.MAX) == understand(f"max: {prefix}{question}")


@given(QUESTIONS, GAP, st.sampled_from(["plan:max:", "max:plan:"]))
def test_plan_and_depth_combine_in_either_order(question: str, gap: str, prefixes: str):
    typed = prefixes.replace(":", f":{gap}") + question

    assert Ask(question, Depth.MAX, plan=True) == understand(typed)


@given(QUESTIONS)
def test_a_plan_is_of_a_standard_research_unless_a_depth_is_named(question: str):
    assert Ask(question, plan=True) == understand(f"plan: {question}")


@given(QUESTIONS)
def test_a_second_plan_belongs_to_the_question(question: str):
    assert Ask(f"plan: {question}", plan=True) == understand(f"plan: plan: {question}")


@given(QUESTIONS, st.sampled_from(["plan: quick: ", "quick: plan: "]))
def test_a_quick_answer_has_no_plan(question: str, prefixes: str):
    meaning = understand(prefixes + question)

    assert isinstance(meaning, Unclear)
    assert "Nothing was started" in meaning.sentence


@given(st.text())
def test_whatever_is_typed_means_something_and_no_question_is_empty(typed: str):
    meaning = understand(typed)

    assert not isinstance(meaning, Ask) or any(map(str.isalnum, meaning.question))


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [
        ("", Nothing()),
        (" \u200b ", Nothing()),
        ("HELP", Help()),
        ("max:", Help()),
        ("plan: max:", Help()),
        (" list ", ListMine()),
        ("cancel r_abc123", Cancel("r_abc123")),
        ("cancel culture: where from?", Ask("cancel culture: where from?")),
        ("list: of moons", Ask("list: of moons")),
        ("plan a trip to the moon", Ask("plan a trip to the moon")),
        ("maximum: what is it?", Ask("maximum: what is it?")),
    ],
)
def test_words_mean_themselves_only_where_they_stand_alone(typed: str, meaning: object):
    assert meaning == understand(typed)
