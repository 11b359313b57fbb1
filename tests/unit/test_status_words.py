"""What people type after `/research-status`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.status import Cursor, Lens, StatusPage, StatusQuery
from bot.slack import turning
from bot.slack.status_words import (
    Audit,
    Costs,
    Details,
    EraseOf,
    Export,
    ExportOf,
    LiftFor,
    Settings,
    Show,
    Unknown,
    understand,
)

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
shows = st.builds(
    Show,
    st.none() | st.sampled_from(Lens),
    st.sampled_from(["", "U1", "W2"]),
    st.sampled_from(["", "C1", "G2"]),
    st.integers(0, 365),
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("", Show()),
        ("  Failed ", Show(Lens.FAILED)),
        ("<@U1|ada> 7d <#C9|general> stuck", Show(Lens.STUCK, "U1", "C9", 7)),
        ("r_abc123", Details("r_abc123")),
        ("costs", Costs()),
        ("SETTINGS", Settings()),
        ("export", Export()),
        ("audit", Audit()),
        ("lift <@U1|ada>", LiftFor("U1")),
        ("export <@U1|ada>", ExportOf("U1")),
        ("Erase <@U1>", EraseOf("U1")),
    ],
)
def test_words_mean_what_they_say(typed, meant):
    assert understand(typed) == meant


@pytest.mark.parametrize(
    "typed", ["hello", "failed please", "lift", "lift ada", "0d", "costs now", "<@U1> lift"]
)
def test_what_is_not_understood_is_answered_with_what_is(typed):
    meant = understand(typed)

    assert isinstance(meant, Unknown)
    assert "/research-status" in meant.sentence


@given(shows)
def test_filters_as_words_mean_the_same_filters(show):
    assert understand(show.words) == show


@given(shows, st.integers(0, 999), st.none() | st.datetimes(datetime(1999, 1, 1), datetime(2099, 1, 1)))  # noqa: DTZ001
def test_a_button_carries_its_page_its_edge_and_its_filters(show, number, moment):
    query = turning.query_of(show, "T1")
    edge = None if moment is None else Cursor(moment.replace(tzinfo=UTC), "r_1")
    value = turning._value(number, edge, show.words)
    back, words = turning.turned(value, "T1")

    assert (back.page, back.cursor, words) == (number, edge, show.words)
    assert (back.lens, back.asker_id, back.channel_id, back.days) == (
        query.lens,
        query.asker_id,
        query.channel_id,
        query.days,
    )
    assert len(value) < 2000


@pytest.mark.parametrize("value", ["", "7", "x|y|z", "-1|1,2,3|<!channel>", "1|12,r_1,older|drop table"])
def test_a_button_of_an_older_version_leads_to_a_page_all_the_same(value):
    query, _ = turning.turned(value, "T1")

    assert query.team_id == "T1"
    assert query.page >= 0


def test_newer_than_the_second_page_is_the_newest():
    page = StatusPage(StatusQuery("T1", page=1), (), 20, 0, NOW + timedelta(1))

    assert turning.newer(page, "failed") == "0||failed"
