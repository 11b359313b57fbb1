"""How a Home tab looks: within Slack's limits at its fullest, and nothing of a question is markup."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from bot.domain.home import MOST_RUNNING, PAGE_LENGTH, HomeTab, Preferences, Shelf
from bot.domain.house import Limits
from bot.domain.letters import View
from bot.domain.permits import Kind
from bot.domain.policy import Depth
from bot.domain.research import State, Trouble
from bot.domain.status import Lens, StatusLine, StatusPage, StatusQuery
from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.view_check import check_view
from bot.slack.home import home_view

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
URL = "https://example.slack.com/"
EMPTY = Shelf((), 0, (), 0, 0, "", 0, 0)
TAB = HomeTab(EMPTY, Preferences(), Depth.STANDARD, Limits(), None, NOW)


def line(number: int, state: State = State.RUNNING, question: str = "Why <!channel> & *so*? " * 20):
    trouble = Trouble("deadline", "x" * 1000)
    view = View(
        f"r_{number:012}", question, "T1", "U1", Depth.STANDARD, state, NOW, NOW, NOW, trouble=trouble
    )
    return StatusLine(view, "C1", Kind.PUBLIC, f"1700000{number:03}.000100", "channel_not_found")


def words(view: dict[str, object]) -> str:
    return json.dumps(view, ensure_ascii=False)


def full() -> HomeTab:
    lines = tuple(line(number) for number in range(10))
    ended = tuple(line(number, State.FAILED) for number in range(50, 50 + PAGE_LENGTH))
    shelf = Shelf(lines[:MOST_RUNNING], 40, ended, 1, 30, "w" * 80, 9, 5_000_000)
    page = StatusPage(StatusQuery("T1"), lines, 500, 40, NOW, dict.fromkeys(Lens, 7))
    return replace(
        TAB,
        shelf=shelf,
        preferences=Preferences(Depth.MAX, notify=True),
        workspace=page,
        limits=Limits(3, 10, 10, 100.0, 20.0),
    )


def test_the_fullest_tab_is_within_what_slack_takes():
    view = home_view(full(), URL)
    ids = [block["block_id"] for block in view["blocks"] if "block_id" in block]

    assert len(view["blocks"]) <= 100
    assert len(json.dumps(view)) <= 250_000
    assert len(ids) == len(set(ids))
    check_view(view, "home", Mint(SandboxClock()))


def test_every_tab_is_one_that_slack_takes():
    for shelf in (EMPTY, replace(EMPTY, search="<none>"), replace(full().shelf, page=0, search="")):
        check_view(home_view(replace(TAB, shelf=shelf), URL), "home", Mint(SandboxClock()))


def test_it_says_what_is_left_of_the_limits_and_what_was_used_where_there_are_none():
    said = words(home_view(full(), URL))
    free = words(home_view(TAB, URL))

    assert "40 running or waiting (at most 3 run at once) · 1 of 10 questions left within 24 hours" in said
    assert "$15.00 of $20.00 left this month" in said
    assert "0 running or waiting · 0 asked within 24 hours · $0.00 used or reserved this month" in free


def test_the_settings_show_what_holds():
    own = words(home_view(replace(TAB, preferences=Preferences(Depth.QUICK)), URL))
    of_workspace = words(home_view(replace(TAB, default=Depth.MAX), URL))

    assert '"initial_option": {"text": {"type": "plain_text", "text": "Quick answer' in own
    assert (
        '"initial_option": {"text": {"type": "plain_text", "text": "Thorough (workspace default)'
        in of_workspace
    )


def test_an_empty_tab_shows_commands_and_no_empty_lists():
    said = words(home_view(TAB, URL))

    assert "/research quick:" in said
    assert "Nothing of yours" not in said
    assert "Search" not in said
