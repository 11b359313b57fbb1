"""Model checks: every history of asking, failing, crashing and moving on that chance can think of tells it right.

What Hypothesis finds it shrinks to the shortest history. `MODEL_CHECK=long` plays many more, each time others.
"""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.domain.errands import Question
from bot.domain.letters import Whisper
from bot.domain.policy import Depth
from bot.domain.report import Report
from bot.domain.research import (
    Admitted,
    CancelAsked,
    Completed,
    DeadlinePassed,
    Failed,
    Progressed,
    Retried,
    Started,
    State,
    Stopped,
    Thought,
    Trouble,
)
from bot.store.schema import free_leases
from tests.model import Fate, Told, problems_at_the_end, problems_now
from tests.stepping import HISTORIES, POLICY, playing

FOREVER = 1e8
ROUNDS = 300
STILL_OPEN = "SELECT part, state, due_at FROM delivery WHERE open AND kind != 'session'"
"""Slack's agent session is told again, every 45 minutes, for as long as a research runs."""
"""Of claiming, within which all that is left to tell is told once nothing fails any more."""
RUNNING = {State.RUNNING, State.CANCELLING}
ENDED = {State.FAILED, State.CANCELLED, State.EXPIRED}
LIKELY = (Fate.CONFIRMED, Fate.DROPPED, Fate.LATE, Fate.REDIRECT, Fate.REFORMAT)
FATES = st.sampled_from([*LIKELY, Fate.CONFIRMED, *LIKELY, *Fate])
MANY = st.integers(0, 20)
"""Picks one of what there is, whatever that is."""


@pytest.fixture(autouse=True)
def _nothing_blocks():
    """The database is used without a thread of its own here, since nothing else waits for the loop."""


class Deliveries(RuleBasedStateMachine):
    """Ledger, outbox and two dispatchers against a Slack that applies, drops, delays and refuses."""

    def __init__(self, stage):
        super().__init__()
        self.stage = stage
        self.told = []
        self.held = {}
        self.processes = [stage.process("one"), stage.process("two")]

    # --- what people and Gemini do

    @initialize(channel=st.sampled_from(["C1", "C2"]), runs=st.booleans(), rounds=st.integers(0, 5))
    def begin_with_one(self, channel, runs, rounds):
        self.ask(channel)
        self.admit(0)
        if runs:
            self.start(0)
        self.work(0, rounds)

    @precondition(lambda self: len(self.told) < 3)
    @rule(channel=st.sampled_from(["C1", "C2"]))
    def ask(self, channel):
        told = Told(f"r{len(self.told)}", f"U{len(self.told)}")
        self.told.append(told)
        question = Question(
            research_id=told.research_id, team_id="T1", channel_id=channel, asker_id=told.asker,
            request_key=told.research_id, question="Why?", depth=Depth.STANDARD, asked_at=self.now,
        )  # fmt: skip
        self.stage.do(self.stage.ledger.ask, question)
        self._take()

    @precondition(lambda self: self._some(lambda t: t.state is State.QUEUED and not t.admitted))
    @rule(which=MANY)
    def admit(self, which):
        told = self._pick(which, lambda t: t.state is State.QUEUED and not t.admitted)
        self._record(told, Admitted())
        told.announce()

    @precondition(lambda self: self._some(lambda t: t.state is State.QUEUED and t.admitted))
    @rule(which=MANY)
    def start(self, which):
        told = self._pick(which, lambda t: t.state is State.QUEUED and t.admitted)
        held = self.held[told.research_id]
        assert self.stage.do(
            self.stage.ledger.mark, told.research_id, held.fence, self.now, per_user=0, total=0
        )
        self._record(told, Started(f"interaction {told.research_id}"))
        told.state, told.ran = State.RUNNING, True

    @precondition(lambda self: self._some(lambda t: t.state in RUNNING))
    @rule(which=MANY, words=st.sampled_from(["one", "two", "three"]))
    def progress(self, which, words):
        told = self._pick(which, lambda t: t.state in RUNNING)
        told.thoughts += 1
        told.current = f"{words} {told.thoughts}"
        self._record(told, Progressed((Thought(str(told.thoughts), f"**{told.current}** and so on"),)))

    @precondition(lambda self: self._some(lambda t: t.state in RUNNING))
    @rule(
        which=MANY, how=st.sampled_from([Completed, Failed, Stopped, DeadlinePassed]), parts=st.integers(0, 4)
    )
    def end(self, which, how, parts):
        told = self._pick(which, lambda t: t.state in RUNNING)
        self._end(told, how, parts)

    @precondition(lambda self: self._some(lambda t: t.state in ENDED and t.ran))
    @rule(which=MANY, parts=st.integers(1, 4))
    def late_report(self, which, parts):
        told = self._pick(which, lambda t: t.state in ENDED and t.ran)
        told.end(State.COMPLETED, parts)
        completed = Completed(Report(f"{told.report_name} {parts}"))
        self.stage.do(self.stage.ledger.record, told.research_id, None, completed, self.now)

    @precondition(lambda self: self._some(lambda t: t.state in RUNNING | {State.QUEUED}))
    @rule(which=MANY)
    def cancel(self, which):
        told = self._pick(which, lambda t: t.state in RUNNING | {State.QUEUED})
        self.stage.do(self.stage.ledger.record, told.research_id, None, CancelAsked("U9"), self.now)
        if told.state is State.QUEUED:
            told.end(State.CANCELLED)
        else:
            told.state = State.CANCELLING

    @precondition(lambda self: self._some(lambda t: t.state in ENDED))
    @rule(which=MANY)
    def retry(self, which):
        told = self._pick(which, lambda t: t.state in ENDED)
        self.stage.do(self.stage.ledger.record, told.research_id, None, Retried("U9"), self.now)
        told.state, told.current = State.QUEUED, ""
        self._take()

    @rule(which=MANY)
    def whisper(self, which):
        told = self.told[which % len(self.told)]
        whisper = Whisper(told.asker, "psst", told.research_id)
        self.stage.do(self.stage.outbox.whisper, told.research_id, whisper, self.now)

    # --- what the processes do, and what is done to them

    @rule(number=st.integers(0, 1))
    def claim(self, number):
        self.stage.do(self.processes[number].claim)

    @rule(number=st.integers(0, 1), fate=FATES)
    def begin(self, number, fate):
        """A call is made, and its answer takes its time."""
        if errand := self._next(number):
            self.stage.do(self.stage.begin, self.processes[number], errand, fate)

    @rule(number=st.integers(0, 1), fate=FATES)
    def carry(self, number, fate):
        if errand := self._next(number):
            self._carry(self.processes[number], errand, fate)

    @precondition(lambda self: any(process.carriers for process in self.processes))
    @rule(which=MANY)
    def answer(self, which):
        carriers = [carrier for process in self.processes for carrier in process.carriers]
        self._answer(carriers[which % len(carriers)])

    @rule(number=st.integers(0, 1), calls=st.integers(1, 8))
    def work(self, number, calls):
        """All goes well for a while."""
        for _ in range(calls):
            if errand := self._next(number):
                self._carry(self.processes[number], errand, Fate.CONFIRMED)

    @rule(numbers=st.sampled_from([(0,), (1,), (0, 1)]))
    def crash(self, numbers):
        """`kill -9`. Where all die at once, what starts again knows that they did."""
        for number in numbers:
            self._crash(number)
        if len(numbers) == len(self.processes):
            self.stage.do(free_leases, self.stage.database, POLICY.settle_pause, self.now)
            self._take()

    def _crash(self, number):
        self.stage.do(self.stage.crash, self.processes[number])
        self.processes[number] = self.stage.process(f"process {number}")

    @rule(seconds=st.sampled_from([0.3, 1.0, 3.0, 10.0, 15.0, 34.0, 61.0, 601.0]))
    def time_passes(self, seconds):
        self.stage.move(seconds)

    # --- what must hold

    @invariant()
    def all_is_right(self):
        """Readers see nothing wrong, what is marked as sent is there, and no bug was noted."""
        for told in self.told:
            problems = problems_now(self.stage.slack, told)
            assert not problems, problems
        there = {(one.research, one.part, one.ts) for one in self.stage.slack.seen}
        marked = self.stage.database.rows(
            "SELECT research_id, part, ts FROM delivery WHERE state = 'sent' AND ts IS NOT NULL"
        )
        missing = {tuple(row) for row in marked} - there
        assert not missing, missing
        assert not self.stage.journal.bugs, self.stage.journal.bugs

    def teardown(self):
        """All faults end; then everything that must be told is told."""
        if not self.told:
            return
        try:
            self._finish()
        finally:
            for process in self.processes:
                self.stage.do(self.stage.crash, process)

    def _finish(self):
        for process in self.processes:
            for carrier in list(process.carriers):
                self._answer(carrier)
        for _ in range(ROUNDS):
            for process in self.processes:
                next_at = self.stage.do(process.claim)
                for errand in list(process.claimed):
                    self._carry(process, errand, Fate.CONFIRMED)
            self.stage.move(self._pause(next_at))
            open_ones = self.stage.database.rows(STILL_OPEN)
            if not open_ones:
                break
        assert not open_ones, open_ones
        self.stage.move(61.0)
        self.all_is_right()
        for told in self.told:
            ((channel, thread),) = self.stage.database.rows(
                "SELECT channel_id, thread_ts FROM research WHERE id = :id", id=told.research_id
            )
            problems = problems_at_the_end(self.stage.slack, told, channel, thread)
            assert not problems, problems

    # --- how

    @property
    def now(self):
        return self.stage.clock.now()

    def _pause(self, next_at):
        """As long as a dispatcher with nothing to do waits, but without looking in vain meanwhile."""
        return 1.0 if next_at is None else max(0.1, (next_at - self.now).total_seconds() + 0.001)

    def _some(self, condition):
        return any(condition(told) for told in self.told)

    def _pick(self, which, condition):
        eligible = [told for told in self.told if condition(told)]
        return eligible[which % len(eligible)]

    def _take(self):
        for held in self.stage.do(self.stage.ledger.claim, "runner", self.now, FOREVER, 10):
            self.held[held.research_id] = held

    def _record(self, told, event):
        held = self.held[told.research_id]
        self.stage.do(self.stage.ledger.record, told.research_id, held.fence, event, self.now)

    def _end(self, told, how, parts):
        ends = {
            Completed: (Completed, State.COMPLETED),
            Failed: (lambda r: Failed(Trouble("failed"), r), State.FAILED),
            Stopped: (Stopped, State.CANCELLED),
            DeadlinePassed: (lambda _: DeadlinePassed(), State.EXPIRED),
        }
        make, state = ends[how]
        parts = 0 if how is DeadlinePassed else max(parts, int(how is Completed))
        told.end(state, parts)
        self._record(told, make(Report(f"{told.report_name} {parts}") if parts else None))

    def _next(self, number):
        """What the process carries next; where nothing is due yet, it waits for that, but not for long."""
        process = self.processes[number]
        for _ in range(3):
            if process.claimed:
                return process.claimed[0]
            next_at = self.stage.do(process.claim)
            if not process.claimed:
                self.stage.move(min(20.0, self._pause(next_at)))
        return None

    def _carry(self, process, errand, fate):
        self._answer(self.stage.do(self.stage.begin, process, errand, fate))

    def _answer(self, carrier):
        """Its answer arrives; where somebody else has the errand by now, nothing is written."""
        errand = carrier.errand
        rows = self.stage.database.rows
        is_old = rows("SELECT fence FROM delivery WHERE id = :id", id=errand.delivery_id) != [(errand.fence,)]
        before = (rows("SELECT * FROM delivery"), rows("SELECT * FROM research")) if is_old else None
        self.stage.do(self.stage.answer, carrier)
        if is_old:
            assert (rows("SELECT * FROM delivery"), rows("SELECT * FROM research")) == before


def test_every_thread_tells_its_research_once_in_order_and_whole_whatever_happens(tmp_path):
    with playing(tmp_path / "research.db") as stage:
        run_state_machine_as_test(lambda: Deliveries(stage()), settings=HISTORIES)
