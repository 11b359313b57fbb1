"""CSV that no spreadsheet executes, and that says what the list says."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.interaction import Usage
from bot.domain.letters import View
from bot.domain.permits import Kind
from bot.domain.policy import Depth
from bot.domain.prices import Cost
from bot.domain.research import State
from bot.domain.spreadsheet import COLUMNS, csv_of, defused, researches
from bot.domain.status import StatusLine

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
VIEW = View(
    "r_1", "=HYPERLINK(1)", "T1", "U1", Depth.MAX, State.COMPLETED, NOW,
    asker_name="@Ada", usage=Usage(input_tokens=7, searches=0), cost=Cost(2_500_000, is_estimate=True),
)  # fmt: skip


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\u00a0=cmd|' /C calc'!A0"]
)
def test_a_cell_that_a_spreadsheet_would_execute_is_text(cell):
    assert defused(cell) == f"'{cell}"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
def test_whatever_is_in_them_cells_stay_cells_and_none_is_a_formula(rows):
    found = read(csv_of(("a", "b"), rows))

    assert len(found) == len(rows) + 1
    for row, original in zip(found[1:], rows, strict=True):
        for cell, text in zip(row, original, strict=True):
            assert cell.removeprefix("'") == text.removeprefix("'") or cell == f"'{text}"
            assert not cell.strip().startswith(("=", "+", "-", "@"))


def test_a_research_is_a_row_with_its_figures_as_numbers():
    (head, row) = read(researches([StatusLine(VIEW, "C1", Kind.PUBLIC, "1.2", "")]))
    cells = dict(zip(head, row, strict=True))

    assert tuple(head) == COLUMNS
    assert (cells["US dollars"], cells["estimated"], cells["input tokens"]) == ("2.5", "yes", "7")
    assert (cells["question"], cells["asker name"]) == ("'=HYPERLINK(1)", "'@Ada")
    assert (cells["asked"], cells["searches"], cells["output tokens"]) == ("2026-11-25 12:00:00", "0", "")


def test_what_the_reader_may_not_see_is_not_in_the_file():
    line = StatusLine(VIEW, "C0SECRET", Kind.PRIVATE, "1.2", "archived").veiled()
    text = researches([line]).decode()

    assert "r_1" in text
    assert "2.5" in text
    assert "HYPERLINK" not in text
    assert "C0SECRET" not in text
