"""Model check of the leases: whatever two supervisors and a person do in whatever order, one at a time may write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

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
from bot.domain.permits import Kind, Place
from bot.domain.policy import Depth
from bot.domain.report import Report
from bot.domain.research import (
    Admitted,
    CancelAsked,
    Completed,
    Failed,
    Marked,
    Postponed,
    Progressed,
    Refused,
    Retried,
    Started,
    StartLost,
    State,
    Stopped,
    Thought,
    Trouble,
    advance,
)
from bot.errors import IllegalEvent, LeaseLost
from bot.store.schema import free_leases
from tests.stepping import HISTORIES, POLICY, playing

MANY = st.integers(0, 20)
PROCESSES = st.sampled_from(["one", "two"])
TROUBLE = Trouble("failed")
PLACE = Place("T1", "C1", Kind.PUBLIC, is_member=True)


@pytest.fixture(autouse=True)
def _nothing_blocks():
    """The database is used without a thread of its own here, since nothing else waits for the loop."""


@dataclass
class Lease:
    """What a research's row must say about who may write."""

    due_at: datetime
    state: State = State.QUEUED
    fence: int = 0
    by: str | None = None
    until: datetime | None = None

    def is_free(self, now):
        return self.state.is_open and self.due_at <= now and (self.until is None or self.until < now)

    def free(self):
        self.by = self.until = None

    def take_away(self):
        self.free()
        self.fence += 1


class Leases(RuleBasedStateMachine):
    """The ledger's leases and fences, against the plainest account of them."""

    def __init__(self, stage):
        super().__init__()
        self.stage = stage
        self.leases = {}
        self.helds = []

    # --- what happens

    @initialize()
    def begin_with_one(self):
        self.ask()

    @precondition(lambda self: len(self.leases) < 4)
    @rule()
    def ask(self):
        name = f"r{len(self.leases)}"
        self.leases[name] = Lease(self.now)
        self.stage.do(
            self.stage.ledger.ask,
            Question(name, "T1", "C1", "U1", name, "Why?", Depth.STANDARD, self.now),
        )

    @rule(me=PROCESSES, limit=st.integers(1, 4))
    def claim(self, me, limit):
        free = {name: lease for name, lease in self.leases.items() if lease.is_free(self.now)}
        claimed = self.stage.do(self.stage.ledger.claim, me, self.now, POLICY.lease, limit)
        names = {held.research_id for held in claimed}
        assert names <= free.keys()
        assert len(claimed) == len(names) == min(limit, len(free))
        left = [lease.due_at for name, lease in free.items() if name not in names]
        assert all(free[name].due_at <= due_at for name in names for due_at in left)
        for held in claimed:
            lease = self.leases[held.research_id]
            lease.fence += 1
            lease.by, lease.until = me, self.now + timedelta(seconds=POLICY.lease)
            assert (held.fence, held.state) == (lease.fence, lease.state)
            self.helds.append(held)

    @rule(me=PROCESSES)
    def renew(self, me):
        ours = {
            name: lease for name, lease in self.leases.items() if lease.by == me and lease.until > self.now
        }
        for lease in ours.values():
            lease.until = self.now + timedelta(seconds=POLICY.lease)
        renewed = self.stage.do(self.stage.ledger.renew, me, self.now, POLICY.lease)
        assert renewed == {name: (lease.fence, lease.state) for name, lease in ours.items()}

    @precondition(lambda self: self.helds)
    @rule(which=MANY, kind=st.integers(0, 9))
    def record(self, which, kind):
        held, lease = self._held(which)
        event = self._event(kind)
        after = self._expect(held, lease, event)
        record = self.stage.ledger.record
        self._write(after, record, held.research_id, held.fence, event, self.now)
        if isinstance(after, State):
            lease.state = after
            lease.due_at = event.until if isinstance(event, Postponed) else lease.due_at

    @precondition(lambda self: self.helds)
    @rule(which=MANY)
    def mark(self, which):
        held, lease = self._held(which)
        after = self._expect(held, lease, Marked())
        mark = self.stage.ledger.mark
        self._write(after, mark, held.research_id, held.fence, self.now, per_user=0, total=0)
        lease.state = after if isinstance(after, State) else lease.state

    @precondition(lambda self: self.helds)
    @rule(which=MANY, how=st.integers(0, 3))
    def note(self, which, how):
        held, lease = self._held(which)
        ledger, name, fence = self.stage.ledger, held.research_id, held.fence
        after = lease.state if held.fence == lease.fence else LeaseLost
        if how == 0:
            self._write(after, ledger.tried, name, fence)
        elif how == 1:
            self._write(after, ledger.heartbeat, name, fence, stuck_at=None)
        elif how == 2:
            self._write(after, ledger.wait_for, name, fence, "turn", self.now)
        else:
            self._write(after, ledger.settle_place, name, fence, PLACE, "Ada")

    @precondition(lambda self: self.helds)
    @rule(which=MANY, seconds=st.sampled_from([0.0, 5.0]))
    def release(self, which, seconds):
        held, lease = self._held(which)
        due_at = self.now + timedelta(seconds=seconds)
        self.stage.do(self.stage.ledger.release, held.research_id, held.fence, due_at)
        if held.fence == lease.fence:
            lease.free()
            lease.due_at = due_at

    @rule(which=MANY)
    def cancel(self, which):
        name, lease = self._any(which)
        event = CancelAsked("U2")
        after = self._outcome(lease, event)
        self._write(after, self.stage.ledger.record, name, None, event, self.now)
        if isinstance(after, State):
            lease.state, lease.due_at = after, self.now
            if not after.is_open:
                lease.take_away()

    @rule(which=MANY)
    def retry(self, which):
        name, lease = self._any(which)
        event = Retried("U2")
        after = self._outcome(lease, event)
        self._write(after, self.stage.ledger.record, name, None, event, self.now)
        if isinstance(after, State):
            lease.state, lease.due_at = after, self.now
            lease.take_away()

    @rule()
    def restart(self):
        """On SQLite, where the file's lock proves that all are dead."""
        self.stage.do(free_leases, self.stage.database, POLICY.settle_pause, self.now)
        for lease in self.leases.values():
            lease.take_away()

    @rule(seconds=st.sampled_from([1.0, 19.0, 41.0, 60.0, 61.0]))
    def time_passes(self, seconds):
        self.stage.move(seconds)

    # --- what must hold

    @invariant()
    def the_rows_say_what_happened(self):
        rows = self.stage.database.rows("SELECT id, state, fence, leased_by, open FROM research")
        found = {row.id: (row.state, row.fence, row.leased_by, bool(row.open)) for row in rows}
        expected = {
            name: (lease.state.value, lease.fence, lease.by, lease.state.is_open)
            for name, lease in self.leases.items()
        }
        assert found == expected

    # --- how

    @property
    def now(self):
        return self.stage.clock.now()

    def _any(self, which):
        names = list(self.leases)
        name = names[which % len(names)]
        return name, self.leases[name]

    def _held(self, which):
        """One that was held at some time, the newest first; its holder may not know that it is no more."""
        held = self.helds[-1 - which % len(self.helds)]
        return held, self.leases[held.research_id]

    def _event(self, kind):
        return [
            Admitted(),
            Started(f"interaction {kind}"),
            Progressed((Thought(str(self.now), "**Hm**"),)),
            Progressed(),
            Completed(Report("found")),
            Failed(TROUBLE),
            Stopped(),
            Postponed(self.now + timedelta(seconds=30), TROUBLE),
            Refused(TROUBLE),
            StartLost(TROUBLE),
        ][kind]

    def _outcome(self, lease, event):
        try:
            return advance(lease.state, event).state
        except IllegalEvent:
            return IllegalEvent

    def _expect(self, held, lease, event):
        return self._outcome(lease, event) if held.fence == lease.fence else LeaseLost

    def _write(self, outcome, write, *arguments, **named):
        """Does it; what must be refused is refused, and nothing of it is written."""
        if isinstance(outcome, State):
            self.stage.do(write, *arguments, **named)
            return
        before = self._everything()
        with pytest.raises(outcome):
            self.stage.do(write, *arguments, **named)
        assert self._everything() == before

    def _everything(self):
        tables = ("research", "interaction", "thought", "report", "delivery")
        return [self.stage.database.rows(f"SELECT * FROM {table}") for table in tables]


def test_whoever_lost_a_lease_writes_nothing_and_everybody_else_what_they_may(tmp_path):
    with playing(tmp_path / "research.db") as stage:
        run_state_machine_as_test(lambda: Leases(stage()), settings=HISTORIES)
