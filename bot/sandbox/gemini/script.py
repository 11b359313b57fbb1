"""Scenarios: words in a question that make the simulated agent behave badly, or just differently."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from .faults import Fault

Ending = Literal[
    "completed",
    "empty",
    "failed",
    "failed_silently",
    "failed_in_step",
    "incomplete",
    "budget_exceeded",
    "requires_action",
    "never",
]


@dataclass(frozen=True, slots=True)
class Script:
    """How one run goes; seconds are at pace 1.0."""

    seconds: float = 25.0
    thoughts: int = 12
    ending: Ending = "completed"
    volume: str | None = None
    """The report's name; None lets the question's keywords choose."""
    refused: tuple[Fault, ...] = ()
    """Faults that meet every create of this question."""
    first: tuple[Fault, ...] = ()
    """Faults that meet the first creates of this question, one each; later ones pass."""
    stream: Literal["whole", "cut", "silent"] = "whole"
    cancel: Literal["obeyed", "ignored", "lagging"] = "obeyed"
    event_ids: bool = True
    usage: bool = True
    legacy: bool = False
    unknown: bool = False
    blips: bool = False
    """Empty error events in the stream, and text deltas without a type (BIG; official samples)."""
    partial: bool = False
    """GET shows the timeline so far while the run is in progress."""
    queued: bool = False
    writes_from: float = 0.88
    """Which share of the run goes by before the text: a deep research sends it late and in a few large pieces."""
    pieces: int = 4
    """In how many pieces the text comes at most."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A word for the question and what it does, for a list that people read."""

    word: str
    does: str
    changes: dict[str, object] = field(default_factory=dict, compare=False)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("demo:quick", "finishes in 5 seconds", {"seconds": 5.0, "thoughts": 6}),
    Scenario("demo:slow", "takes three minutes", {"seconds": 180.0, "thoughts": 24}),
    Scenario("demo:long", "returns a very long report (about 60 KB)", {"volume": "long"}),
    Scenario("demo:atlas", "returns a long report with thirty tables (about 30 KB)", {"volume": "atlas"}),
    Scenario("demo:table", "returns a report with tables, lists and code", {"volume": "vector_databases"}),
    Scenario("demo:images", "returns a report with two charts", {"volume": "charts"}),
    Scenario(
        "demo:hostile",
        "returns a report full of mentions, masked links, control and bidi characters",
        {"volume": "hostile", "seconds": 8.0, "thoughts": 4},
    ),
    Scenario("demo:fail", "fails after a few thoughts", {"ending": "failed", "seconds": 12.0, "thoughts": 5}),
    Scenario(
        "demo:mute", "fails without saying why", {"ending": "failed_silently", "seconds": 12.0, "thoughts": 5}
    ),
    Scenario(
        "demo:steperror",
        "fails with the reason inside its output step",
        {"ending": "failed_in_step", "seconds": 12.0, "thoughts": 5},
    ),
    Scenario("demo:incomplete", "stops at the token limit with half a report", {"ending": "incomplete"}),
    Scenario("demo:budget", "stops at the token budget", {"ending": "budget_exceeded", "seconds": 15.0}),
    Scenario("demo:action", "ends asking for a function call", {"ending": "requires_action", "seconds": 8.0}),
    Scenario("demo:empty", "completes without any text", {"ending": "empty", "seconds": 10.0, "thoughts": 5}),
    Scenario(
        "demo:stuck", "stays in progress for ever and thinks nothing", {"ending": "never", "thoughts": 0}
    ),
    Scenario("demo:cut", "its stream is cut again and again, in every known way", {"stream": "cut"}),
    Scenario("demo:silent", "its stream falls silent but stays open", {"stream": "silent", "seconds": 90.0}),
    Scenario("demo:late", "completes although it was cancelled", {"cancel": "ignored"}),
    Scenario("demo:lag", "confirms a cancellation only 8 seconds later", {"cancel": "lagging"}),
    Scenario("demo:nokey", "the API key is refused (401)", {"refused": (Fault.status(401),)}),
    Scenario("demo:nocredit", "the prepaid credit is gone (402)", {"refused": (Fault.status(402),)}),
    Scenario("demo:forbidden", "the key may not do this (403)", {"refused": (Fault.status(403),)}),
    Scenario(
        "demo:noagent",
        "the agent no longer exists (404)",
        {"refused": (Fault.status(404, "model_not_found", "Agent was not found."),)},
    ),
    Scenario("demo:busy", "is refused twice with 429, then runs", {"first": (Fault.rate_limited(1),) * 2}),
    Scenario(
        "demo:down",
        "the first create meets a 503 without an envelope",
        {"first": (Fault.text(503, "upstream connect error or disconnect/reset before headers"),)},
    ),
    Scenario(
        "demo:lost",
        "the first create is executed but its answer is lost",
        {"first": (Fault.drop_after(),)},
    ),
    Scenario("demo:legacy", "answers in the schema before June 2026 (outputs)", {"legacy": True}),
    Scenario("demo:unknown", "uses statuses, steps and events nobody knows yet", {"unknown": True}),
    Scenario("demo:blips", "its stream has empty errors and untyped deltas in it", {"blips": True}),
    Scenario("demo:partial", "shows its steps already while it runs", {"partial": True}),
    Scenario("demo:queued", "waits as queued for the first third", {"queued": True}),
    Scenario("demo:noids", "its stream events carry no ids", {"event_ids": False}),
    Scenario("demo:nousage", "never says what it used", {"usage": False}),
)

_WORD = re.compile(r"\bdemo:[a-z]+")
_BY_WORD = {scenario.word: scenario for scenario in SCENARIOS}


def script_for(question: str, base: Script | None = None) -> Script:
    """The script of a question: all its scenario words together, on top of the usual run."""
    script = base or Script()
    for word in _WORD.findall(question.lower()):
        if word in _BY_WORD:
            script = replace(script, **_BY_WORD[word].changes)  # type: ignore[arg-type]  # names checked by tests
    return script


def without_words(question: str) -> str:
    """The question as a person meant it."""
    return " ".join(_WORD.sub("", question).split())
