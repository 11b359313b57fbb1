"""What admins set: only lower, never above the environment; a form that comes back as it was is the same settings."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.house import (
    House,
    Limits,
    Style,
    changes,
    lowered,
    month_of,
    next_month,
    retention_of,
    styled,
)
from bot.domain.policy import Depth
from bot.sandbox.slack.form import filled
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.view_check import check_view
from bot.slack.house_form import house_form, house_of

counts = st.integers(0, 50)
limits = st.builds(Limits, counts, counts, counts, counts.map(float), counts.map(float))
channels = st.lists(st.sampled_from(["C1", "C2", "G3"]), unique=True).map(tuple)
people = st.lists(st.sampled_from(["U1", "U2"]), unique=True).map(tuple)
groups = st.lists(st.sampled_from(["S0123", "S0456"]), unique=True).map(tuple)
named = st.builds(lambda some, more: (*some, *more), people, groups)
houses = st.builds(
    House,
    st.just(4),
    limits,
    st.sampled_from(Depth),
    st.sampled_from(Style),
    st.integers(0, 90),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    channels,
    channels,
    named,
    named,
    people,
)


@given(limits, limits)
def test_settings_only_lower_what_the_environment_allows(ceiling, wished):
    result = lowered(ceiling, wished)

    for field in fields(Limits):
        highest, got = getattr(ceiling, field.name), getattr(result, field.name)
        assert got <= highest or highest == 0
        assert not highest or got
        assert got in (highest, getattr(wished, field.name))


@given(houses)
def test_a_form_that_is_sent_back_untouched_means_the_settings_that_it_showed(house):
    form = check_view(house_form(house, Limits(), 90), "modal", Mint(1))
    back = house_of(filled(form["blocks"], {}), House(version=int(form["private_metadata"])), 90)

    assert back == house
    assert len(form["blocks"]) <= 100


@pytest.mark.parametrize(
    ("block", "typed"),
    [
        ("active", "-1"),
        ("daily_per_user", "2.5"),
        ("monthly_usd", "nan"),
        ("monthly_usd", "lots"),
        ("retention_days", "91"),
        ("people_denied_groups", "@designers"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(block, typed):
    form = check_view(house_form(House(), Limits(), 90), "modal", Mint(1))
    errors = house_of(filled(form["blocks"], {block: {"value": typed}}), House(), 90)

    assert isinstance(errors, dict)
    assert list(errors) == [block]


def test_the_form_says_what_the_highest_limits_are():
    form = str(house_form(House(), Limits(3, 0, 10, 250.0), 90))

    assert "At most 3" in form
    assert "At most 10" in form
    assert "At most $250.00" in form


def test_a_wish_about_the_report_goes_behind_the_question():
    assert styled("Why?", Style.AS_IT_COMES) == "Why?"
    assert styled("Why?", Style.BRIEF).startswith("Why?\n\nPlease keep the report brief")


def test_changes_name_settings_and_nobody():
    before = House(limits=Limits(monthly_usd=100))
    after = House(limits=Limits(monthly_usd=50), people_denied=("U1",), admits_guests=True)

    assert changes(before, after) == ["admits_guests", "people_denied", "monthly_usd: 100 → 50"]
    assert changes(before, before) == []


def test_a_month_ends_where_the_next_begins():
    moment = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)

    assert month_of(moment) == datetime(2026, 12, 1, tzinfo=UTC)
    assert next_month(moment) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_month(moment + timedelta(minutes=2)) == datetime(2027, 2, 1, tzinfo=UTC)


def test_words_are_kept_for_the_lower_of_both():
    assert [retention_of(90, House(retention_days=days)) for days in (0, 7, 365)] == [90, 7, 90]
