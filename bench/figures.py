"""Numbers of repeated runs, and the one table that a benchmark prints."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least `share` (0–1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: a value for each repetition, in `unit`; the median is what counts."""

    name: str
    values: Sequence[float]
    target: float | None = None
    unit: str = "s"

    @property
    def typical(self) -> float:
        """The median of the repetitions."""
        return median(self.values)

    @property
    def verdict(self) -> str:
        """Whether the median is within the target, where there is one."""
        if self.target is None:
            return "–"
        return "reached" if self.typical <= self.target else "MISSED"

    def cells(self) -> tuple[str, ...]:
        """The cells of the line: name, target, median, best, worst, verdict."""
        target = "–" if self.target is None else f"≤ {_number(self.target)} {self.unit}"
        shown = (self.typical, min(self.values), max(self.values))
        return (self.name, target, *(f"{_number(value)} {self.unit}" for value in shown), self.verdict)


def table(figures: Iterable[Figure]) -> str:
    """A Markdown table, columns aligned for a terminal."""
    head = ("figure", "target", "median", "best", "worst", "verdict")
    rows = [head, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"
