"""Histories that the model check once found, or finds too rarely, as the shortest that shows each."""

from __future__ import annotations

import pytest

from bot.domain.research import Completed
from tests.integration.test_model_check import Deliveries
from tests.model import Fate
from tests.stepping import playing


@pytest.fixture(autouse=True)
def _nothing_blocks():
    """The database is used without a thread of its own here, since nothing else waits for the loop."""


@pytest.fixture
def history(tmp_path):
    """A history whose end is checked like any other's."""
    with playing(tmp_path / "research.db") as stage:
        played = Deliveries(stage())
        yield played
        played.all_is_right()
        played.teardown()


def begin_at(history, part, fate, number=0):
    """All goes well until this part's call, which meets the fate and is not answered yet."""
    for _ in range(40):
        errand = history._next(number)
        if errand is not None and errand.letter.part == part:
            return history.stage.do(history.stage.begin, history.processes[number], errand, fate)
        if errand is not None:
            history._carry(history.processes[number], errand, Fate.CONFIRMED)
    raise AssertionError(f"{part} never came")


def carry_until(history, part, fate, number=0):
    """The same, and it is answered."""
    history._answer(begin_at(history, part, fate, number))


def test_a_card_that_was_found_by_a_read_back_is_brought_up_to_date(history):
    history.begin_with_one(channel="C1", runs=False, rounds=1)
    carry_until(history, "card", Fate.DROPPED)
    history.cancel(0)


def test_an_edit_that_comes_late_does_not_undo_a_newer_one(history):
    history.begin_with_one(channel="C1", runs=True, rounds=4)
    history.time_passes(10.0)
    history.progress(0, "one")
    carry_until(history, "card", Fate.LATE)
    history.progress(0, "two")


def test_a_call_that_was_made_late_is_not_repeated_by_whoever_starts_again_at_once(history):
    history.begin_with_one(channel="C1", runs=True, rounds=0)
    history.claim(0)
    history.time_passes(34.0)
    history.begin(0, Fate.LATE)
    history.crash((0, 1))


def test_two_processes_that_find_the_place_closed_move_the_thread_once(history):
    history.begin_with_one(channel="C1", runs=True, rounds=1)
    slow = begin_at(history, "card", Fate.REDIRECT)
    history.time_passes(61.0)
    carry_until(history, "card", Fate.REDIRECT, number=1)
    carry_until(history, "root", Fate.CONFIRMED, number=1)
    history._answer(slow)


def test_a_part_that_was_halved_stays_halved_where_its_thread_is_moved(history):
    history.begin_with_one(channel="C1", runs=True, rounds=2)
    history.end(0, Completed, 3)
    carry_until(history, "report.1.1", Fate.REFORMAT)
    carry_until(history, "report.1.1.1", Fate.CONFIRMED)
    carry_until(history, "report.1.1.2", Fate.REDIRECT)


def test_a_whisper_is_not_repeated_where_a_thread_is_moved(history):
    history.begin_with_one(channel="C1", runs=True, rounds=1)
    history.whisper(0)
    carry_until(history, "whisper.1", Fate.DROPPED)
    carry_until(history, "card", Fate.REDIRECT)


def test_a_root_that_slack_refuses_for_good_is_kept_and_tried_again(history):
    history.begin_with_one(channel="C1", runs=True, rounds=0)
    history.carry(0, Fate.GIVE_UP)
    history.end(0, Completed, 2)


def test_a_direct_message_that_cannot_be_opened_now_is_tried_again(history):
    history.begin_with_one(channel="C1", runs=True, rounds=1)
    carry_until(history, "card", Fate.REDIRECT_BUSY)
