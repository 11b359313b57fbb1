"""When things happen: polls, pauses, and turns under Slack's limits."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.pacing import (
    PER_TEAM,
    RATES,
    ROOTS_FIRST,
    Call,
    after_answer,
    backoff,
    pause_of,
    poll_delay,
    start_delay,
    take_turns,
    turn_of,
)

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


POST = "chat.postMessage"
METHODS = sorted(RATES)
calls = st.lists(
    st.tuples(
        st.sampled_from(["T1", "T2"]),
        st.sampled_from(["C1", "C2", "C3"]),
        st.sampled_from(METHODS),
        st.booleans(),
    ),
    max_size=25,
).map(lambda many: [Call(number, *one, root and one[2] == POST) for number, (*one, root) in enumerate(many)])
paces = st.dictionaries(
    st.tuples(
        st.sampled_from(["T1", "T2"]), st.sampled_from(METHODS), st.sampled_from(["", "C1", "C2", "C3"])
    ),
    st.integers(-5, 5).map(lambda seconds: NOW + timedelta(seconds=seconds)),
    max_size=8,
)


def free_at(call, state):
    team, channel = (state.get(key, NOW) for key in call.keys)
    return max(NOW, team - RATES[turn_of(call.method)].early, channel)


@given(calls, paces, st.integers(0, 10))
def test_turns_go_to_no_more_than_asked_for_and_only_where_every_key_is_free(waiting, state, limit):
    turns = take_turns(waiting, state, NOW, limit)

    assert len(turns.go) <= limit
    assert all(free_at(call, state) <= NOW for call in turns.go)
    others = [call for call in turns.go if not call.is_root]
    assert others == [call for call in waiting if call in others]


@given(calls, paces, st.integers(1, 10))
def test_of_calls_with_the_same_keys_the_first_goes_first(waiting, state, limit):
    turns = take_turns(waiting, state, NOW, limit)
    for call in turns.go:
        alike = [
            one for one in waiting[: call.delivery_id] if (one.keys, one.is_root) == (call.keys, call.is_root)
        ]
        assert all(other in turns.go for other in alike)


@given(calls, paces, st.integers(0, 10))
def test_a_turn_uses_up_its_keys_and_no_others(waiting, state, limit):
    turns = take_turns(waiting, state, NOW, limit)

    assert all(moment > NOW for moment in turns.paces.values())
    assert set(turns.paces) <= {key for call in turns.go for key in (*call.keys, *call.first_keys)}
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
        gone = set(turns.go)
        waiting = [call for call in waiting if call not in gone]
        assert turns.next_at is None or turns.next_at > now or len(turns.go) == limit
        now = turns.next_at or now
    return done


def most_within(moments, seconds):
    """The largest number of moments, which are in order, in any window of this length."""
    length = timedelta(seconds=seconds)
    return max(bisect_left(moments, start + length) - number for number, start in enumerate(moments))


ALLOWED = {
    "chat.postMessage": 500,
    "chat.update": 50,
    "chat.postEphemeral": 100,
    "assistant.threads.setStatus": 600,
    "agents.sessions.setStatus": 50,
    "functions.completeSuccess": 50,
    "files.getUploadURLExternal": 100,
    "files.completeUploadExternal": 100,
    "files.info": 100,
    "conversations.history": 50,
    "conversations.replies": 50,
}
"""What Slack takes of a method from a workspace within a minute, whichever minute that is."""


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 20), st.floats(0, 1), st.integers(0, 10**6))
def test_over_time_no_limit_of_slack_is_ever_exceeded(limit, posts, seed):
    """However many wait, in however many channels."""
    chance = Random(seed)
    waiting = [
        Call(
            number,
            chance.choice(["T1", "T2"]),
            f"C{chance.randrange(40)}",
            POST if chance.random() < posts else chance.choice(METHODS),
            is_root=chance.random() < 0.3,
        )
        for number in range(300)
    ]
    by_team, by_channel = defaultdict(list), defaultdict(list)
    for moment, call in simulate(waiting, limit, 120):
        by_team[call.team_id, call.method].append(moment)
        if turn_of(call.method) == POST:
            by_team[call.team_id, "all posts"].append(moment)
            by_channel[call.team_id, call.channel_id].append(moment)

    for (_, method), moments in by_team.items():
        assert most_within(moments, 60) <= ALLOWED.get(method, ALLOWED[POST]), method
    for moments in by_channel.values():
        assert most_within(moments, 1) == 1


def test_a_busy_workspace_uses_its_edits_up_to_the_limit():
    moments = [
        moment for moment, _ in simulate([Call(n, "T1", "C1", "chat.update") for n in range(100)], 5, 60)
    ]

    assert 45 <= len(moments) <= 50


def test_after_a_silence_many_channels_are_told_at_once_and_then_at_nearly_what_slack_allows():
    state, moments = {}, []
    for number in range(1000):
        turns = take_turns([Call(number, "T1", f"C{number % 100}", POST)], state, NOW, 1)
        now = turns.next_at or NOW
        state |= take_turns([Call(number, "T1", f"C{number % 100}", POST)], state, now, 1).paces
        moments.append((now - NOW).total_seconds())

    assert sum(moment == 0 for moment in moments) == RATES[POST].burst
    assert 450 <= sum(moment < 60 for moment in moments) <= 500
    assert 420 <= sum(60 <= moment < 120 for moment in moments) <= 500


@given(st.sampled_from(METHODS), st.integers(0, 40))
def test_while_slack_asks_to_wait_nothing_goes_not_even_of_a_burst(method, seconds):
    key, due = pause_of("T1", method, NOW + timedelta(seconds=20))
    now = NOW + timedelta(seconds=seconds)
    calls = [Call(n, "T1", f"C{n}", method) for n in range(5)]

    assert bool(take_turns(calls, {key: due}, now, 5).go) == (seconds >= 20)


def test_a_pause_of_a_method_that_is_never_paced_is_just_a_pause():
    assert pause_of("T1", "upload", NOW) == (("T1", "upload", ""), NOW)


@given(st.lists(st.floats(0, 1.5), min_size=8, max_size=30), st.randoms(use_true_random=False))
def test_however_long_posts_are_under_way_no_four_arrive_in_a_channel_within_three_seconds(times, chance):
    """Each leaves when its turn comes, arrives at some moment, and is answered then or later."""
    now, state, arrived = NOW, {}, []
    for number, under_way in enumerate(times):
        turns = take_turns([Call(number, "T1", "C1", POST)], state, now, 1)
        while not turns.go:
            now = turns.next_at
            turns = take_turns([Call(number, "T1", "C1", POST)], state, now, 1)
        state |= turns.paces
        answered = now + timedelta(seconds=under_way)
        arrived.append(now + timedelta(seconds=chance.uniform(0, under_way)))
        key, due = after_answer("T1", "C1", POST, answered)
        state[key], now = max(state[key], due), answered

    assert all(
        fourth - first >= timedelta(seconds=2.999)
        for first, fourth in zip(arrived, arrived[3:], strict=False)
    )


# --- who asks sees that it was heard


def parts_of_a_report(number, channel="C1"):
    return [Call(n, "T1", channel, POST) for n in range(number)]


def test_who_asks_while_a_long_report_goes_out_sees_the_root_with_the_next_post():
    waiting, state = parts_of_a_report(30), {}
    root = Call(100, "T1", "C1", POST, is_root=True)
    first = take_turns(waiting, state, NOW, 16)
    state |= first.paces
    second = take_turns([*waiting[1:], root], state, first.next_at, 16)

    assert first.go == (waiting[0],)
    assert second.go == (root,)


def test_many_who_ask_while_reports_go_out_get_each_third_post_of_the_channel():
    roots = [Call(100 + n, "T1", "C1", POST, is_root=True) for n in range(10)]
    done = [call.is_root for _, call in simulate([*parts_of_a_report(60), *roots], 16, 29)]

    assert done[0]
    assert sum(done[:27]) == 9
    assert all(not (one and other) for one, other in pairwise(done[:27]))


def test_roots_of_many_channels_leave_two_of_three_posts_of_a_workspace_to_reports():
    reports = [Call(n, "T1", f"C{n % 40}", POST) for n in range(160)]
    roots = [Call(1000 + n, "T1", f"C{n % 40}", POST, is_root=True) for n in range(80)]
    done = [call.is_root for _, call in simulate([*reports, *roots], 16, 12)]

    assert 0.25 <= sum(done) / len(done) <= 0.4


def test_where_no_report_waits_roots_go_as_fast_as_slack_takes_them():
    roots = [Call(n, "T1", "C1", POST, is_root=True) for n in range(20)]
    moments = [moment for moment, _ in simulate(roots, 16, 60)]

    assert moments[-1] - moments[0] == 19 * timedelta(seconds=RATES[POST].channel)
    assert ROOTS_FIRST.channel > RATES[POST].channel


@given(teams=st.lists(st.sampled_from("ABC"), max_size=80), busy=st.integers(0, PER_TEAM))
def test_one_workspace_never_takes_the_places_of_the_others(teams, busy):
    calls = [Call(n, team, f"C{n}", "assistant.threads.setStatus") for n, team in enumerate(teams)]
    bare = {key: NOW - timedelta(hours=1) for call in calls for key in call.keys}
    turns = take_turns(calls, bare, NOW, 256, {"A": PER_TEAM - busy})
    went = [call.team_id for call in turns.go]

    assert went.count("A") <= PER_TEAM - busy
    assert all(went.count(team) == min(1, teams.count(team)) for team in "BC")


def test_a_workspace_without_room_wakes_nobody_at_any_moment():
    """It is the end of one of its calls that makes room; a moment that has come already would never let us sleep."""
    turns = take_turns([Call(1, "A", "C1", "chat.postMessage")], {}, NOW, 256, {"A": 0})

    assert turns.go == ()
    assert turns.next_at is None
