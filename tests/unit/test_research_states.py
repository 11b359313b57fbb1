"""The table of states: every promised edge is there, nothing else is, and no order of events breaks a promise."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.report import Report
from bot.domain.research import (
    ACTIVE,
    ENDED,
    OPEN,
    TRANSITIONS,
    Admitted,
    Approved,
    CancelAsked,
    Completed,
    DeadlinePassed,
    Effect,
    Failed,
    Lapsed,
    Marked,
    Planned,
    Postponed,
    Progressed,
    Refused,
    Retried,
    Revised,
    Started,
    StartLost,
    State,
    Stopped,
    Trouble,
    advance,
    check,
)
from bot.errors import IllegalEvent

ROOT = Path(__file__).resolve().parents[2]
TROUBLE = Trouble("code", "detail")
EVENTS = {
    type(event): event
    for event in (
        Admitted(),
        Marked(),
        Started("interaction"),
        Postponed(datetime(2026, 11, 22, tzinfo=UTC), TROUBLE),
        Refused(TROUBLE),
        StartLost(TROUBLE),
        Progressed(),
        Completed(Report("Text")),
        Failed(TROUBLE),
        Stopped(),
        CancelAsked("U1"),
        DeadlinePassed(),
        Lapsed(),
        Retried("U1"),
        Planned(Report("Plan")),
        Approved("U1", 1),
        Revised("U1", 1, "Shorter"),
    )
}
PROMISED = """
    queued     Admitted       queued
    queued     Marked         starting
    queued     Refused        failed
    queued     CancelAsked    cancelled
    queued     Lapsed         expired
    queued     Approved       queued
    queued     Revised        queued
    running    Planned        queued
    cancelling Planned        cancelled
    starting   Started        running
    starting   Postponed      queued
    starting   Refused        failed
    starting   StartLost      failed
    starting   CancelAsked    cancelling
    running    Progressed     running
    running    Completed      completed
    running    Failed         failed
    running    Stopped        cancelled
    running    CancelAsked    cancelling
    running    DeadlinePassed expired
    cancelling Started        cancelling
    cancelling Postponed      cancelled
    cancelling Refused        cancelled
    cancelling StartLost      cancelled
    cancelling Progressed     cancelling
    cancelling Completed      completed
    cancelling Failed         failed
    cancelling Stopped        cancelled
    cancelling CancelAsked    cancelling
    cancelling DeadlinePassed expired
    failed     Completed      completed
    failed     Retried        queued
    cancelled  Completed      completed
    cancelled  Retried        queued
    expired    Completed      completed
    expired    Retried        queued
"""
EDGES = {
    (State(state), event): State(target)
    for state, event, target in map(str.split, PROMISED.split("\n")[1:-1])
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: type(event).__name__)
def test_an_event_leads_where_the_table_says_or_is_illegal(state, event):
    target = EDGES.get((state, type(event).__name__))
    if target is None:
        with pytest.raises(IllegalEvent, match=f"{type(event).__name__} in {state}"):
            advance(state, event)
    else:
        assert advance(state, event).state is target


def test_the_table_has_a_row_for_every_state_and_knows_every_event():
    assert set(TRANSITIONS) == set(State)
    assert {event for edges in TRANSITIONS.values() for event in edges} == set(EVENTS)


@pytest.mark.parametrize("event", [Marked(), Admitted()])
def test_nothing_starts_while_a_plan_waits_for_approval(event):
    with pytest.raises(IllegalEvent, match="before the plan is approved"):
        check(event, turn=1, attempt=1, awaits_approval=True)
    check(event, turn=1, attempt=1, awaits_approval=False)


@pytest.mark.parametrize(
    "decision", [lambda turn: Approved("U1", turn), lambda turn: Revised("U1", turn, "Less")]
)
def test_a_plan_is_decided_on_once_and_only_by_the_button_of_its_turn(decision):
    check(decision(2), turn=2, attempt=1, awaits_approval=True)
    for turn, awaits in ((2, False), (1, True), (3, True), (0, True)):
        with pytest.raises(IllegalEvent, match="no plan"):
            check(decision(turn), turn=2, attempt=1, awaits_approval=awaits)


def test_every_state_is_either_open_or_ended_and_what_is_active_is_open():
    assert set(State) == OPEN | ENDED
    assert not OPEN & ENDED
    assert ACTIVE < OPEN
    assert {state for state in State if state.is_open} == OPEN
    assert {state for state in State if state.is_active} == ACTIVE


@pytest.mark.parametrize(("state", "event"), [(s, e) for s, edges in TRANSITIONS.items() for e in edges])
def test_every_edge_into_an_end_tells_the_thread_and_no_other_does(state, event):
    step = TRANSITIONS[state][event]

    assert (Effect.TELL in step.effects) == (step.state in ENDED)
    assert step.state in OPEN or Effect.REFRESH in step.effects


@pytest.mark.parametrize(("state", "event"), [(s, e) for s, edges in TRANSITIONS.items() for e in edges])
def test_whatever_may_bring_text_delivers_it(state, event):
    assert (Effect.DELIVER in TRANSITIONS[state][event].effects) == (event in (Completed, Failed, Stopped))


class Life(RuleBasedStateMachine):
    """One research, and whatever anybody may throw at it in any order."""

    def __init__(self):
        super().__init__()
        self.state = State.QUEUED
        self.posts = 0
        self.turn = self.attempt = 1
        self.awaits = self.wished = False

    def event_happens(self, event):
        before = self.state
        try:
            check(event, turn=self.turn, attempt=self.attempt, awaits_approval=self.awaits)
            self.state = advance(before, event).state
        except IllegalEvent:
            return
        if before in ENDED:
            assert isinstance(event, Retried | Completed)
        if before is State.CANCELLING:
            assert self.state in ENDED | {State.CANCELLING}
        if self.state is State.RUNNING:
            assert not self.wished

        if isinstance(event, Marked):
            self.posts += 1
        if isinstance(event, Postponed | Refused):
            self.posts = max(0, self.posts - 1)  # proved to have started nothing
        if isinstance(event, Retried | Approved | Revised):
            self.turn += 1
        self.attempt += isinstance(event, Retried)
        self.awaits = self.state is State.QUEUED and (
            isinstance(event, Planned) or (self.awaits and not isinstance(event, Approved | Revised))
        )
        self.wished = (self.wished or isinstance(event, CancelAsked)) and not isinstance(event, Retried)

    @rule(event=st.sampled_from(list(EVENTS.values())))
    def anything_happens(self, event):
        self.event_happens(event)

    @precondition(lambda self: TRANSITIONS[self.state])
    @rule(data=st.data())
    def something_legal_happens(self, data):
        kinds = sorted(TRANSITIONS[self.state], key=lambda kind: kind.__name__)
        self.event_happens(EVENTS[data.draw(st.sampled_from(kinds))])

    @precondition(lambda self: self.awaits)
    @rule(approves=st.booleans())
    def somebody_decides_on_the_plan(self, approves):
        self.event_happens(Approved("U1", self.turn) if approves else Revised("U1", self.turn, "Shorter"))
        assert not self.awaits

    @precondition(lambda self: self.state is State.COMPLETED)
    @rule(event=st.sampled_from(list(EVENTS.values())))
    def a_completed_research_stays_completed(self, event):
        with pytest.raises(IllegalEvent):
            advance(self.state, event)

    @invariant()
    def no_turn_is_posted_twice_without_proof_that_the_first_started_nothing(self):
        assert self.posts <= self.turn

    @invariant()
    def whatever_is_open_can_end(self):
        assert self.state in ENDED or any(step.state in ENDED for step in self._next_but_one())

    def _next_but_one(self):
        for step in TRANSITIONS[self.state].values():
            yield step
            yield from TRANSITIONS[step.state].values()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)


def state_diagram():
    loader = SourceFileLoader("state_diagram", str(ROOT / "scripts" / "state-diagram"))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


def test_the_diagram_shows_every_edge_of_the_table():
    lines = [line.strip() for line in state_diagram().diagram().splitlines()]

    assert lines[0] == "stateDiagram-v2"
    for (state, event), target in EDGES.items():
        arrow = f"{state} --> {target}: "
        (events,) = [line.removeprefix(arrow) for line in lines if line.startswith(arrow)]
        assert event in events.split(", ")
    assert "running --> [*]" not in lines
    assert "completed --> [*]" in lines


def test_the_readme_shows_the_states_as_they_are():
    script = state_diagram()
    readme = script.README.read_text("utf-8") if script.README.exists() else ""

    assert script.shown(readme) == script.section(), (
        f"the README's diagram is not the table's: {script.COMMAND}"
    )
