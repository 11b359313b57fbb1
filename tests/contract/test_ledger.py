"""The Ledger, on each engine: questions are kept once, researches are held by one, and the old holder writes nothing."""

from __future__ import annotations

from datetime import timedelta

import anyio
import pytest

from bot.domain.errands import Answer
from bot.domain.letters import Waiting
from bot.domain.policy import Depth
from bot.domain.research import (
    Admitted,
    CancelAsked,
    Completed,
    Failed,
    Postponed,
    Progressed,
    Refused,
    Retried,
    StartLost,
    State,
    Thought,
    Trouble,
)
from bot.errors import IllegalEvent, LeaseLost
from tests.contract.store_kit import LEASE, NOW, REPORT, Store, at, place, question

TROUBLE = Trouble("code", "detail")


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def gather(*calls):
    """All at once; results in order."""
    results = [None] * len(calls)

    async def one(number, call):
        results[number] = await call()

    async with anyio.create_task_group() as tasks:
        for number, call in enumerate(calls):
            tasks.start_soon(one, number, call, name=f"call {number}")
    return results


# --- asking


async def test_a_question_is_kept_once_however_often_slack_sends_it(store):
    first = await store.ledger.ask(question("a", request_key="trigger"))
    second = await store.ledger.ask(question("b", request_key="trigger"))
    elsewhere = await store.ledger.ask(question("c", request_key="trigger", team_id="T2"))

    assert (first.answer, first.research_id) == (Answer.ACCEPTED, "a")
    assert (second.answer, second.research_id) == (Answer.KNOWN, "a")
    assert (elsewhere.answer, elsewhere.research_id) == (Answer.ACCEPTED, "c")
    assert await store.rows("SELECT id FROM research ORDER BY id") == [("a",), ("c",)]


async def test_copies_of_a_question_that_come_at_once_are_one(store):
    receipts = await gather(
        *[lambda n=n: store.ledger.ask(question(f"r{n}", request_key=f"key {n % 3}")) for n in range(12)]
    )

    assert [r.answer for r in receipts].count(Answer.ACCEPTED) == 3
    assert len({r.research_id for r in receipts}) == 3
    assert len(await store.rows("SELECT id FROM research")) == 3


async def test_more_questions_than_a_day_allows_are_refused_and_not_kept(store):
    answers = [(await store.ledger.ask(question(f"r{n}", daily_limit=2))).answer for n in range(3)]
    other = await store.ledger.ask(question("other", daily_limit=2, asker_id="U2"))
    tomorrow = await store.ledger.ask(question("later", daily_limit=2, asked_at=NOW + timedelta(days=1)))

    assert answers == [Answer.ACCEPTED, Answer.ACCEPTED, Answer.OVER_DAILY_LIMIT]
    assert other.answer is tomorrow.answer is Answer.ACCEPTED
    assert len(await store.rows("SELECT id FROM research")) == 4


async def test_questions_that_come_at_once_find_no_more_room_than_there_is(store):
    receipts = await gather(
        *[lambda n=n: store.ledger.ask(question(f"r{n}", daily_limit=3)) for n in range(10)]
    )
    spending = await gather(
        *[
            lambda n=n: store.ledger.ask(question(f"b{n}", team_id="T2", monthly_budget_usd=10.0))
            for n in range(10)
        ]
    )

    assert [r.answer for r in receipts].count(Answer.ACCEPTED) == 3
    assert [r.answer for r in spending].count(Answer.ACCEPTED) == 3


async def test_a_question_that_was_refused_before_it_began_does_not_count(store):
    held = await store.ask("a", daily_limit=1)
    await store.record(held, Refused(TROUBLE))

    assert (await store.ledger.ask(question("b", daily_limit=1))).answer is Answer.ACCEPTED


async def test_a_copy_of_a_known_question_is_known_even_over_the_limit(store):
    await store.ledger.ask(question("a", daily_limit=1))
    copy = question("b", daily_limit=1, request_key="key a")

    assert (await store.ledger.ask(copy)).answer is Answer.KNOWN


async def test_the_budget_counts_what_was_started_this_month_and_what_will_be(store):
    held = await store.running("a", depth=Depth.MAX)  # 7 dollars at most

    assert (await store.ledger.ask(question("b", monthly_budget_usd=9.0))).answer is Answer.OVER_BUDGET
    assert (await store.ledger.ask(question("c", monthly_budget_usd=10.0))).answer is Answer.ACCEPTED
    assert (await store.ledger.ask(question("d", monthly_budget_usd=10.0))).answer is Answer.OVER_BUDGET
    elsewhere = question("e", monthly_budget_usd=9.0, team_id="T2")
    assert (await store.ledger.ask(elsewhere)).answer is Answer.ACCEPTED

    await store.record(held, Failed(TROUBLE))  # estimated at 3 dollars, since Google did not say
    assert (await store.ledger.ask(question("f", monthly_budget_usd=8.9))).answer is Answer.OVER_BUDGET
    next_month = question("g", monthly_budget_usd=6.0, asked_at=NOW + timedelta(days=10))
    assert (await store.ledger.ask(next_month)).answer is Answer.ACCEPTED


async def test_a_start_that_proved_to_have_started_nothing_costs_nothing(store):
    held = await store.admitted("a")
    await store.ledger.mark("a", held.fence, NOW, per_user=0, total=0)
    await store.record(held, Refused(TROUBLE))

    assert (await store.ledger.ask(question("b", monthly_budget_usd=3.0))).answer is Answer.ACCEPTED


# --- claiming


async def test_what_is_claimed_is_held_by_one_and_its_fence_grows(store):
    await store.ledger.ask(question("r"))
    held = await store.take("one")

    assert (held.research_id, held.fence, held.state, held.question) == ("r", 1, State.QUEUED, "Why r?")
    assert await store.ledger.claim("two", NOW, LEASE, 10) == []
    assert (await store.ledger.held("r")).fence == 1


async def test_many_claimers_at_once_never_get_the_same_research(store):
    await gather(*[lambda n=n: store.ledger.ask(question(f"r{n}")) for n in range(40)])
    taken = await gather(*[lambda n=n: store.ledger.claim(f"p{n}", NOW, LEASE, 3) for n in range(12)])
    names = [held.research_id for some in taken for held in some]

    assert len(names) == len(set(names))
    assert all(len(some) <= 3 for some in taken)
    rest = await store.ledger.claim("last", NOW, LEASE, 50)
    assert len(names) + len(rest) == 40


async def test_what_is_due_longest_is_taken_first_and_what_is_not_due_is_not(store):
    for name, seconds in (("late", 10), ("first", -10), ("second", -5)):
        await store.ledger.ask(question(name, asked_at=at(seconds)))

    assert [h.research_id for h in await store.ledger.claim("me", NOW, LEASE, 1)] == ["first"]
    assert [h.research_id for h in await store.ledger.claim("me", NOW, LEASE, 5)] == ["second"]


async def test_a_research_that_was_given_back_is_due_when_it_was_said(store):
    held = await store.ask()
    await store.ledger.release("r", held.fence, at(30))

    assert await store.ledger.claim("two", at(29), LEASE, 10) == []
    assert (await store.take("two", at(30))).fence == 2


async def test_a_lease_that_is_renewed_lasts_longer_and_tells_the_state(store):
    held = await store.running()

    assert await store.ledger.renew("me", at(50), LEASE) == {"r": (held.fence, State.RUNNING)}
    assert await store.ledger.renew("other", at(50), LEASE) == {}
    assert await store.ledger.claim("two", at(100), LEASE, 10) == []
    assert (await store.take("two", at(111))).fence == 2


async def test_a_lease_that_ran_out_is_not_renewed(store):
    await store.ask()

    assert await store.ledger.renew("me", at(61), LEASE) == {}


async def test_an_ended_research_is_never_claimed(store):
    held = await store.completed()
    await store.ledger.release("r", held.fence, NOW)

    assert await store.ledger.claim("me", at(1000), LEASE, 10) == []


async def test_whoever_ends_a_research_holds_it_until_it_is_given_back(store):
    held = await store.completed()

    assert await store.ledger.renew("me", at(20), LEASE) == {"r": (held.fence, State.COMPLETED)}
    await store.ledger.release("r", held.fence, NOW)
    assert await store.ledger.renew("me", at(20), LEASE) == {}


async def test_the_old_holder_can_write_nothing(store):
    old = await store.running()
    new = await store.take("two", at(61))
    before = await store.rows("SELECT * FROM research")
    told = await store.rows("SELECT * FROM delivery ORDER BY id")

    for write in (
        lambda: store.ledger.record("r", old.fence, Completed(REPORT), at(62)),
        lambda: store.ledger.record("r", old.fence, Progressed((Thought("k", "t"),)), at(62)),
        lambda: store.ledger.heartbeat("r", old.fence, stuck_at=NOW),
        lambda: store.ledger.wait_for("r", old.fence, Waiting.TURN, at(62)),
        lambda: store.ledger.settle_place("r", old.fence, place("public"), "Ada"),
        lambda: store.ledger.tried("r", old.fence),
        lambda: store.ledger.mark("r", old.fence, at(62), per_user=0, total=0),
    ):
        with pytest.raises(LeaseLost):
            await write()
    await store.ledger.release("r", old.fence, at(500))

    assert await store.rows("SELECT * FROM research") == before
    assert await store.rows("SELECT * FROM delivery ORDER BY id") == told
    await store.record(new, Completed(REPORT))


async def test_a_cancelled_and_retried_research_is_not_the_old_holders_any_more(store):
    old = await store.admitted()
    await store.ledger.record("r", None, CancelAsked("U1"), NOW)
    with pytest.raises(LeaseLost):
        await store.ledger.mark("r", old.fence, NOW, per_user=0, total=0)
    await store.ledger.record("r", None, Retried("U1"), NOW)
    with pytest.raises(LeaseLost):
        await store.ledger.mark("r", old.fence, NOW, per_user=0, total=0)

    new = await store.take("two")
    assert (new.attempt, new.state) == (2, State.QUEUED)


async def test_one_press_of_retry_is_one_new_attempt_however_late_its_copy_comes(store):
    await store.admitted()
    await store.ledger.record("r", None, CancelAsked("U1"), NOW)
    await store.ledger.record("r", None, Retried("U1", 1), NOW)
    await store.ledger.record("r", None, CancelAsked("U1"), NOW)

    with pytest.raises(IllegalEvent):
        await store.ledger.record("r", None, Retried("U1", 1), NOW)
    assert (await store.ledger.held("r")).attempt == 2


# --- the mark


async def test_the_mark_is_there_before_anything_is_started_and_outlives_every_state(store):
    held = await store.admitted()
    assert await store.ledger.mark("r", held.fence, at(1), per_user=1, total=1)

    seen = await store.ledger.held("r")
    assert (seen.state, seen.interaction_id) == (State.STARTING, None)
    await store.record(held, StartLost(TROUBLE))
    await store.ledger.record("r", None, Retried("U1"), at(2))
    assert len(await store.rows("SELECT * FROM research WHERE create_attempted_at IS NOT NULL")) == 1


async def test_a_mark_that_finds_no_room_changes_nothing(store):
    await store.running("a")
    held = await store.admitted("b")

    assert not await store.ledger.mark("b", held.fence, NOW, per_user=1, total=0)
    assert not await store.ledger.mark("b", held.fence, NOW, per_user=0, total=1)
    (row,) = await store.rows("SELECT * FROM research WHERE id = 'b'")
    assert (row.state, row.waiting, row.place_in_line, row.create_attempted_at) == ("queued", "turn", 1, None)
    assert await store.ledger.mark("b", held.fence, NOW, per_user=2, total=2)


@pytest.mark.parametrize(("per_user", "total", "room"), [(3, 0, 6), (0, 4, 4), (2, 3, 3)])
async def test_marks_at_once_never_go_over_the_limits(store, per_user, total, room):
    names = [f"r{n}" for n in range(12)]
    for number, name in enumerate(names):
        await store.ledger.ask(question(name, asker_id=f"U{number % 2}"))
    held = {h.research_id: h for h in await store.ledger.claim("me", NOW, LEASE, 50)}
    for name in names:
        await store.record(held[name], Admitted())
    marked: set[str] = set()
    for _ in range(2):  # who was not yet first in line in the first round is in the second
        left = [name for name in names if name not in marked]
        results = await gather(
            *[
                lambda name=name: store.ledger.mark(
                    name, held[name].fence, NOW, per_user=per_user, total=total
                )
                for name in left
            ]
        )
        marked |= {name for name, got in zip(left, results, strict=True) if got}

    assert len(marked) == room
    active = await store.rows("SELECT count(*) FROM research WHERE state = 'starting' GROUP BY asker_id")
    assert not per_user or max(count for (count,) in active) <= per_user


async def test_a_start_that_started_nothing_is_marked_again_as_the_same_interaction(store):
    held = await store.admitted()
    for second in range(3):
        assert await store.ledger.mark("r", held.fence, at(second), per_user=1, total=1)
        await store.record(held, Postponed(at(second + 1), TROUBLE))

    seen = await store.ledger.held("r")
    assert (seen.state, seen.waiting) == (State.QUEUED, Waiting.GEMINI)
    assert len(await store.rows("SELECT * FROM interaction")) == 1


async def test_claiming_uses_the_index_of_open_researches(store):
    assert "ix_research_due" in await claim_plan(store)


async def claim_plan(store):
    from functools import partial

    from bot.store import ledger
    from tests.contract.plans import plan_of

    return await plan_of(
        store.database, partial(ledger._claim, me="me", now=NOW, lease=LEASE, limit=5), "WITH due"
    )
