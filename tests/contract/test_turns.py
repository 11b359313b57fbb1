"""Turns in the rows, on each engine: a plan, what is decided on it, and that every create has a row of its own."""

from __future__ import annotations

import pytest

from bot.domain.letters import Waiting
from bot.domain.policy import PLAN_PATIENCE, Depth
from bot.domain.report import Report
from bot.domain.research import (
    Admitted,
    Approved,
    CancelAsked,
    Completed,
    Lapsed,
    Marked,
    Planned,
    Retried,
    Revised,
    Started,
    State,
)
from bot.errors import IllegalEvent
from tests.contract.store_kit import NOW, REPORT, Store, at

PLAN = Report("## Plan\n\n1. Look.\n")


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def _planned(store: Store):
    held = await store.running(plan_first=True)
    await store.record(held, Planned(PLAN))
    return held


async def test_a_plan_is_told_with_its_question_and_nobody_claims_it_for_a_day(store):
    held = await _planned(store)
    await store.ledger.release("r", held.fence, NOW + PLAN_PATIENCE)

    assert await store.tell_all() == ["root", "card", "plan.1.1", "plan.1.2", "plan.1.3", "proposal.1"]
    seen = await store.ledger.held("r")
    assert (seen.state, seen.waiting, seen.planned_at) == (State.QUEUED, Waiting.APPROVAL, NOW)
    assert await store.ledger.claim("me", at(86_399), 60.0, 10) == []
    later = await store.take(now=at(86_400))
    await store.ledger.record("r", later.fence, Lapsed(), at(86_400))
    assert (await store.ledger.held("r")).state is State.EXPIRED


async def test_what_is_decided_begins_a_turn_that_goes_on_from_the_plan_and_has_no_interaction_yet(store):
    held = await _planned(store)
    await store.ledger.record("r", None, Revised("U1", 1, "Shorter"), at(1))
    revised = await store.take(now=at(1))
    assert (revised.turn, revised.words, revised.previous_interaction_id) == (2, "Shorter", "interaction r")
    assert (revised.interaction_id, revised.is_planning, revised.waiting) == (None, True, "")
    assert revised.fence > held.fence

    assert await store.ledger.mark("r", revised.fence, at(2), per_user=0, total=0)
    await store.record(revised, Started("second plan"), Planned(PLAN), now=at(3))
    await store.ledger.record("r", None, Approved("U9", 2), at(4))
    approved = await store.take(now=at(4))
    assert (approved.turn, approved.words, approved.previous_interaction_id) == (3, "", "second plan")
    assert (approved.approved_by, approved.is_planning, approved.interaction_id) == ("U9", False, None)

    assert await store.ledger.mark("r", approved.fence, at(5), per_user=0, total=0)
    marked = await store.ledger.held("r")
    assert (marked.state, marked.interaction_id) == (State.STARTING, None)  # a crash here is a question
    await store.record(approved, Started("research"), Completed(REPORT), now=at(6))
    assert await store.rows("SELECT turn, interaction_id FROM interaction ORDER BY id") == [
        (1, "interaction r"),
        (2, "second plan"),
        (3, "research"),
    ]


async def test_a_plan_is_decided_on_once(store):
    await _planned(store)
    for too_early in (Approved("U1", 2), Revised("U1", 0, "No"), Marked(), Admitted()):
        with pytest.raises(IllegalEvent):
            await store.ledger.record("r", None, too_early, at(1))
    await store.ledger.record("r", None, Approved("U1", 1), at(1))
    for too_late in (Approved("U1", 1), Revised("U1", 1, "No"), Approved("U1", 2)):
        with pytest.raises(IllegalEvent):
            await store.ledger.record("r", None, too_late, at(2))

    assert (await store.ledger.held("r")).turn == 2


async def test_whoever_had_it_when_it_was_decided_on_can_neither_write_nor_give_it_back(store):
    held = await _planned(store)
    await store.ledger.record("r", None, Approved("U1", 1), at(1))
    await store.ledger.release("r", held.fence, NOW + PLAN_PATIENCE)

    assert (await store.take(now=at(1))).turn == 2


async def test_a_wish_to_stop_ends_at_the_plan(store):
    held = await store.running(plan_first=True)
    await store.ledger.record("r", None, CancelAsked("U1"), at(1))
    await store.record(held, Planned(PLAN), now=at(2))

    seen = await store.ledger.held("r")
    assert (seen.state, seen.waiting) == (State.CANCELLED, "")


async def test_a_retry_is_a_turn_of_its_own(store):
    held = await store.running()
    await store.ledger.record("r", None, CancelAsked("U1"), at(1))
    await store.record(held, Completed(REPORT), now=at(2))
    with pytest.raises(IllegalEvent):
        await store.ledger.record("r", None, Retried("U1", 1), at(3))
    await store.admitted("s", depth=Depth.QUICK)
    await store.ledger.record("s", None, CancelAsked("U1"), at(3))
    await store.ledger.record("s", None, Retried("U1", 1), at(4))

    assert ((await store.ledger.held("s")).turn, (await store.ledger.held("s")).attempt) == (2, 2)
