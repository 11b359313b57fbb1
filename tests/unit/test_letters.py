"""Letters are values: what they are of, and what they never show."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import get_args

import pytest

from bot.domain.letters import Address, Content, File, Letter, Part, Root, View, Whisper
from bot.domain.policy import OFFERS, Depth
from bot.domain.research import State
from bot.domain.status import PAGE_LENGTH, StatusPage, StatusQuery

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VIEW = View("r_1", "Why?", "T1", "U1", Depth.STANDARD, State.QUEUED, NOW)


def test_every_content_has_a_kind_of_its_own():
    kinds = [content.__dataclass_fields__["kind"].default for content in get_args(Content)]

    assert sorted(kinds) == sorted(set(kinds))
    assert set(kinds) == {
        "root", "card", "answer", "outcome", "proposal", "whole", "export", "part", "file", "contents", "whisper",
        "session", "notice", "step",
    }  # fmt: skip


def test_a_letter_does_not_change():
    letter = Letter(Address("T1", "C1"), "r_1", "root", Root(VIEW))
    with pytest.raises(FrozenInstanceError):
        letter.part = "card"


def test_bytes_of_a_file_and_a_response_url_are_not_printed():
    secret = "https://hooks.slack.test/secret"
    file = File("report.md", "Report", "text/markdown", "the report", b"SECRET BYTES")

    assert secret not in repr(Whisper("U1", "text", response_url=secret))
    assert "SECRET" not in repr(file)
    assert Part("text", []) == Part("text", [])


def test_an_offer_says_how_long_and_how_much():
    assert OFFERS[Depth.STANDARD].line == "usually 5–20 min, $1–3"
    assert OFFERS[Depth.QUICK].line == "usually 5–60 s, $0.01–0.10"
    assert OFFERS.keys() == set(Depth)


@pytest.mark.parametrize(
    ("total", "pages"), [(0, 1), (1, 1), (PAGE_LENGTH, 1), (PAGE_LENGTH + 1, 2), (95, 10)]
)
def test_there_is_always_at_least_one_page(total, pages):
    assert StatusPage(StatusQuery("T1"), (), total, 0, NOW).pages == pages
