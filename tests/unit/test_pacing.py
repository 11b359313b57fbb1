"""When things happen: polls, pauses, and turns under Slack's limits."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.pacing import RATES, Call, backoff, poll_delay, start_delay, take_turns

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Middle(Random):
    """Chance that always takes the middle."""

    def uniform(self, a, b):
        return (a + b) / 2


def test_polls_are_2_4_8_10_10_seconds_apart():
    delays = [poll_delay(attempt, 2.0, 10.0, Middle()) for attempt in range(6)]

    assert delays == [2, 4, 8, 10, 10, 10]


@given(st.integers(0, 1000), st.floats(0.1, 60), st.floats(0.1, 600), st.randoms(use_true_random=False))
def test_a_poll_comes_within_a_tenth_of_its_time_and_never_much_later_than_the_longest(
    attempt, initial, maximum, chance
):
    ideal = poll_delay(attempt, initial, maximum, Middle())
    delay = poll_delay(attempt, initial, maximum, chance)

    assert ideal * 0.9 <= delay <= ideal * 1.1
    assert 0 < delay <= maximum * 1.1


@given(st.integers(0, 1000), st.floats(0.1, 60), st.floats(0.1, 600))
def test_polls_never_come_faster_the_longer_it_takes(attempt, initial, maximum):
    before, after = (poll_delay(n, initial, maximum, Middle()) for n in (attempt, attempt + 1))

    assert before <= after


@given(st.integers(0, 10_000), st.randoms(use_true_random=False))
def test_a_backoff_doubles_up_to_its_ceiling_and_is_spread_over_the_upper_half(attempt, chance):
    ideal = min(60.0, 2.0 ** min(attempt, 10))

    assert ideal / 2 <= backoff(attempt, chance) <= ideal


def test_a_start_is_tried_again_when_google_says_so():
    assert start_delay(0, 17.5, Middle()) == 17.5


@pytest.mark.parametrize(("attempt", "least", "most"), [(0, 5, 10), (1, 10, 20), (2, 20, 40), (20, 150, 300)])
def test_without_a_word_from_google_a_start_waits_longer_each_time(attempt, least, most):
    for seed in range(20):
        assert least <= start_delay(attempt, None, Random(seed)) <= most


METHODS = sorted(RATES)
calls = st.lists(
    st.tuples(st.sampled_from(["T1", "T2"]), st.sampled_from(["C1", "C2", "C3"]), st.sampled_from(METHODS)),
    max_size=25,
).map(lambda many: [Call(number, *one) for number, one in enumerate(many)])
paces = st.dictionaries(
    st.tuples(
        st.sampled_from(["T1", "T2"]), st.sampled_from(METHODS), st.sampled_from(["", "C1", "C2", "C3"])
    ),
    st.integers(-5, 5).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    max_size=8,
)


def free_at(call, state):
    return max(state.get(key, NOW) for key in call.keys)


@given(calls, paces, st.integers(0, 10))
def test_turns_go_to_no_more_than_asked_for_and_only_where_every_key_is_free(waiting, state, limit):
    turns = take_turns(waiting, state, NOW, limit)

    assert len(turns.go) <= limit
    assert all(free_at(call, state) <= NOW for call in turns.go)
    assert list(turns.go) == [call for call in waiting if call in turns.go]


@given(calls, paces, st.integers(1, 10))
def test_of_calls_with_the_same_keys_the_first_goes_first(waiting, state, limit):
    turns = take_turns(waiting, state, NOW, limit)
    for call in turns.go:
        earlier = [other for other in waiting[: call.delivery_id] if other.keys == call.keys]
        assert all(other in turns.go for other in earlier)


@given(calls, paces, st.integers(0, 10))
def test_a_turn_uses_up_its_keys_and_no_others(waiting, state, limit):
    turns = take_turns(waiting, state, NOW, limit)

    assert all(moment > NOW for moment in turns.paces.values())
    assert set(turns.paces) <= {key for call in turns.go for key in call.keys}
    for call in turns.go:
        assert call.keys[0] in turns.paces


@given(calls, paces)
def test_the_next_look_is_when_the_first_of_those_who_wait_can_go(waiting, state):
    turns = take_turns(waiting, state, NOW, len(waiting))
    left = [call for call in waiting if call not in turns.go]
    after = {**state, **turns.paces}

    assert turns.next_at == min((free_at(call, after) for call in left), default=None)


def test_without_room_the_next_look_is_at_once():
    turns = take_turns([Call(1, "T1", "C1", "chat.update")], {}, NOW, 0)

    assert turns.go == ()
    assert turns.next_at == NOW


def test_a_file_takes_the_turn_of_a_post():
    post, file = Call(1, "T1", "C1", "chat.postMessage"), Call(2, "T1", "C1", "files.completeUploadExternal")

    assert [take_turns(both, {}, NOW, 2).go for both in ([post, file], [file, post])] == [(post,), (file,)]


def simulate(waiting, limit, seconds):
    """Takes turns whenever there are any, for so many seconds; gives (moment, call) of each."""
    now, state, done = NOW, {}, []
    while waiting and now < NOW + timedelta(seconds=seconds):
        turns = take_turns(waiting, state, now, limit)
        state |= turns.paces
        done += [(now, call) for call in turns.go]
        waiting = [call for call in waiting if call not in turns.go]
        assert turns.next_at is None or turns.next_at > now or len(turns.go) == limit
        now = turns.next_at or now
    return done


def most_within(moments, seconds):
    """The largest number of moments in any window of this length."""
    return max(
        sum(1 for other in moments if start <= other < start + timedelta(seconds=seconds))
        for start in moments
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 20), st.randoms(use_true_random=False))
def test_over_time_no_limit_of_slack_is_ever_exceeded(limit, chance):
    waiting = [
        Call(number, chance.choice(["T1", "T2"]), f"C{chance.randrange(4)}", chance.choice(METHODS))
        for number in range(400)
    ]
    by_team, by_channel = defaultdict(list), defaultdict(list)
    for moment, call in simulate(waiting, limit, 150):
        by_team[call.team_id, call.method].append(moment)
        if call.method in ("chat.postMessage", "files.completeUploadExternal"):
            by_channel[call.team_id, call.channel_id].append(moment)

    for (_, method), moments in by_team.items():
        allowed = {"chat.update": 50, "conversations.replies": 50, "conversations.history": 50}
        allowed |= {"chat.postEphemeral": 100, "files.info": 100, "files.completeUploadExternal": 100}
        allowed |= {
            "assistant.threads.setStatus": 600,
            "chat.postMessage": 300,
            "files.getUploadURLExternal": 100,
        }
        assert most_within(moments, 60) <= allowed[method], method
    for moments in by_channel.values():
        assert most_within(moments, 1) == 1


def test_a_busy_workspace_uses_its_edits_up_to_the_limit():
    moments = [
        moment for moment, _ in simulate([Call(n, "T1", "C1", "chat.update") for n in range(100)], 5, 60)
    ]

    assert 45 <= len(moments) <= 50
