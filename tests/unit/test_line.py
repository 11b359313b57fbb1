"""Who starts next: fair between people, oldest first, nobody passed over for ever."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.line import Ticket, line_up, startable

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
waitings = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 20)), max_size=30).map(
    lambda pairs: [
        Ticket(f"r{number}", asker, NOON + timedelta(seconds=second))
        for number, (asker, second) in enumerate(pairs)
    ]
)
actives = st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 5))


def names(line):
    return [ticket.research_id for ticket in line]


def test_ten_questions_of_one_person_do_not_keep_another_waiting():
    many = [Ticket(f"a{number}", "A", NOON + timedelta(seconds=number)) for number in range(10)]
    one = Ticket("b", "B", NOON + timedelta(seconds=60))

    assert names(line_up([*many, one], {}, {}))[:3] == ["a0", "b", "a1"]
    assert names(line_up([*many, one], {"A": 2}, {}))[:2] == ["b", "a0"]


@given(waitings, st.integers(1, 3))
def test_whoever_waits_for_their_first_starts_after_each_other_person_once_at_most(waiting, total):
    """Played to the end: with every place that becomes free the first of the line starts."""
    left, running, served, started = list(waiting), [], {}, []
    while left:
        for ticket in startable(line_up(left, Counter(one.asker_id for one in running), served),
                                Counter(one.asker_id for one in running), 0, total):  # fmt: skip
            left.remove(ticket)
            running.append(ticket)
            started.append(ticket.asker_id)
            served[ticket.asker_id] = NOON + timedelta(hours=1, seconds=len(started))
        running.pop(0)
    firsts = [started.index(asker) for asker in set(started)]

    assert all(first < total * len(firsts) for first in firsts)
    assert sorted(started) == sorted(one.asker_id for one in waiting)


@given(waitings, actives)
def test_a_line_holds_everybody_once_and_each_persons_own_in_the_order_asked(waiting, active):
    line = line_up(waiting, active, {})

    assert sorted(names(line)) == sorted(names(waiting))
    for asker in "ABCD":
        own = [(one.asked_at, one.research_id) for one in line if one.asker_id == asker]
        assert own == sorted(own)


@given(waitings, actives)
def test_nobody_gets_a_second_place_while_somebody_waits_for_a_first(waiting, active):
    held = Counter(active)
    last = 0
    for ticket in line_up(waiting, active, {}):
        held[ticket.asker_id] += 1
        assert held[ticket.asker_id] >= last
        last = held[ticket.asker_id]


@given(waitings, actives, st.integers(0, 4), st.integers(0, 8))
def test_what_may_start_keeps_both_limits_and_leaves_no_place_empty(waiting, active, per_user, total):
    line = line_up(waiting, active, {})
    starts = startable(line, active, per_user, total)
    held = Counter(active) + Counter(one.asker_id for one in starts)
    running = sum(active.values()) + len(starts)

    for asker, count in Counter(one.asker_id for one in starts).items():
        assert not per_user or active.get(asker, 0) + count <= per_user
    assert not total or not starts or running <= total
    has_room = not total or running < total
    left = [one for one in line if one not in starts]
    assert not has_room or all(per_user and held[one.asker_id] >= per_user for one in left)
