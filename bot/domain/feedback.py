"""What readers of a report say about it: useful or not, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """What was wrong with a report."""

    WRONG = "wrong"
    MISSING = "missing"
    SOURCES = "sources"
    OFF_TOPIC = "off topic"
    TOO_LONG = "too long"


REASONS: dict[Reason, str] = {
    Reason.WRONG: "Something in it is wrong",
    Reason.MISSING: "Something important is missing",
    Reason.SOURCES: "The sources are weak, or do not say it",
    Reason.OFF_TOPIC: "It does not answer the question",
    Reason.TOO_LONG: "It is too long",
}
LONGEST = 2_000
"""Characters of the free text."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's word about one report; said again, it replaces what they said before."""

    research_id: str
    person_id: str
    is_good: bool
    reasons: tuple[Reason, ...] = ()
    words: str = ""
