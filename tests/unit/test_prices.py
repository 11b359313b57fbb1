"""What a run cost: exact where Gemini says what it used, a guess that is called one where it does not."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.interaction import Usage
from bot.domain.policy import OFFERS, Depth
from bot.domain.prices import DOLLAR, PRICES, Cost, cost_of, dollars, price_of

AGENT = "deep-research-preview-04-2026"
TYPICAL = Usage(
    input_tokens=250_000, cached_tokens=150_000, output_tokens=60_000, thought_tokens=0, searches=80
)
counts = st.none() | st.integers(0, 10_000_000)
usages = st.builds(Usage, **{field.name: counts for field in fields(Usage)})


def test_a_typical_research_costs_what_its_parts_cost():
    # 0.1 M fresh input at $2, 0.15 M cached at $0.20, 0.06 M output at $12, 80 searches at $14 for a thousand
    assert cost_of(AGENT, TYPICAL, 0) == Cost(200_000 + 30_000 + 720_000 + 1_120_000)


def test_a_typical_research_of_each_depth_lies_in_the_range_that_is_said_before():
    most = replace(TYPICAL, input_tokens=900_000, cached_tokens=540_000, output_tokens=80_000, searches=160)
    for depth, usage in ((Depth.STANDARD, TYPICAL), (Depth.MAX, most)):
        low, high = OFFERS[depth].dollars
        assert low * DOLLAR <= cost_of(AGENT, usage, 0).micros <= high * DOLLAR


def test_thoughts_cost_what_output_costs_and_what_tools_read_what_input_costs():
    bare = cost_of(AGENT, TYPICAL, 0).micros

    assert cost_of(AGENT, replace(TYPICAL, thought_tokens=1_000_000), 0).micros - bare == 12 * DOLLAR
    assert cost_of(AGENT, replace(TYPICAL, tool_tokens=1_000_000), 0).micros - bare == 2 * DOLLAR


@pytest.mark.parametrize("missing", ["input_tokens", "output_tokens", "searches"])
def test_where_figures_are_missing_it_is_an_estimate_and_says_so(missing):
    cost = cost_of(AGENT, replace(TYPICAL, **{missing: None}), 2 * DOLLAR)

    assert cost.is_estimate
    assert cost.micros >= 2 * DOLLAR
    assert "estimated" in cost.words
    assert cost_of(AGENT, None, 2 * DOLLAR).words == "about $2.00 (estimated)"
    assert cost_of("another-agent-of-2027", TYPICAL, DOLLAR).is_estimate


def test_a_model_whose_price_is_assumed_is_reckoned_by_it_and_called_an_estimate():
    known = cost_of("gemini-3.5-flash", TYPICAL, 0)

    assert cost_of("gemini-3.8-flash", TYPICAL, 0) == Cost(known.micros, is_estimate=True)


@given(st.sampled_from([AGENT, "gemini-3.5-flash", "unknown"]), usages, st.integers(0, 10 * DOLLAR))
def test_whatever_gemini_reports_a_cost_is_never_negative_nor_less_for_more(agent, usage, guess):
    cost = cost_of(agent, usage, guess)

    assert cost.micros >= 0
    if not cost.is_estimate:
        for field in ("output_tokens", "thought_tokens", "tool_tokens", "searches"):
            more = replace(usage, **{field: (getattr(usage, field) or 0) + 1})
            assert cost_of(agent, more, guess).micros > cost.micros


def test_the_longest_name_that_fits_is_the_price():
    assert price_of("gemini-3.1-flash-lite-preview").output == 1.50
    assert price_of("Deep-Research-Max-preview-04-2026").output == 12.00
    assert price_of("gemini-9") is None


def test_every_price_says_from_when_it_is_and_where_it_stands():
    assert all(price.since.year >= 2026 and price.source and price.names for price in PRICES)
    assert all(0 < price.cached <= price.input < price.output for price in PRICES)


@pytest.mark.parametrize(
    ("micros", "words"),
    [(0, "$0.00"), (4_000, "under $0.01"), (12_345_678, "$12.35"), (1_234_000_000, "$1,234.00")],
)
def test_money_is_said_in_dollars_and_cents(micros, words):
    assert dollars(micros) == words
