"""How long a report is said to be."""

from __future__ import annotations

import pytest

from bot.domain.length import length, words


@pytest.mark.parametrize(
    ("markdown", "count"),
    [
        ("", 0),
        ("Blue light is scattered more.", 5),
        ("It costs $1,000 (it's cheap).", 5),
        ("See [the page](https://a.org/a/long/path) or https://b.org/another.", 4),
        ("So \ue0001,2\ue001 it is.", 3),
        ("蓄电池的能量密度", 4),
        ("固体電池は安全です。 Very safe.", 6),
    ],
)
def test_words_are_what_a_reader_reads(markdown, count):
    assert words(markdown) == count


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (7, "about 7 words, 1 min to read"),
        (412, "about 410 words, 2 min to read"),
        (3_449, "about 3,400 words, 15 min to read"),
    ],
)
def test_a_length_is_rounded_to_what_can_be_known(count, said):
    assert length(count) == said
