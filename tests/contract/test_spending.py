"""What each research cost, on each engine: reserved while it runs, real or estimated once it has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.errands import Answer
from bot.domain.interaction import Usage
from bot.domain.policy import OFFERS, Depth
from bot.domain.prices import DOLLAR, Cost, cost_of
from bot.domain.research import Completed, Failed, Postponed, Refused, Retried, StartLost, Stopped, Trouble
from bot.store.spending import spent_since
from tests.contract.store_kit import NOW, REPORT, Store, at, question

AGENT = "deep-research-preview-04-2026"
USAGE = Usage(input_tokens=100_000, output_tokens=10_000, searches=10)
REAL = cost_of(AGENT, USAGE, 0).micros
LOW, HIGH = (one * DOLLAR for one in OFFERS[Depth.STANDARD].dollars)
MONTH = NOW.replace(day=1, hour=0)


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def spent(store, asker_id="", team_id="T1"):
    return await store.database.read(lambda connection: spent_since(connection, team_id, MONTH, asker_id))


async def cost(store, name="r"):
    (row,) = await store.rows("SELECT micros, is_estimate FROM research WHERE id = :name", name=name)
    return Cost(row.micros, bool(row.is_estimate))


async def test_the_most_is_reserved_from_the_question_on_and_the_real_cost_takes_its_place(store):
    await store.ledger.ask(question("r"))
    assert await spent(store) == HIGH
    held = await store.take()
    await store.ledger.mark("r", held.fence, NOW, per_user=0, total=0, agent=AGENT)
    assert await spent(store) == HIGH
    await store.begun(held)
    await store.record(held, Completed(REPORT, USAGE))

    assert await spent(store) == REAL
    assert await cost(store) == Cost(REAL)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Completed(REPORT), Cost((LOW + HIGH) // 2, is_estimate=True)),
        (Failed(Trouble("failed")), Cost(LOW, is_estimate=True)),
        (Stopped(usage=USAGE), Cost(REAL)),
    ],
)
async def test_an_end_without_usage_is_an_estimate(store, event, expected):
    held = await store.running(agent=AGENT)
    await store.record(held, event)

    assert await cost(store) == expected
    assert await spent(store) == expected.micros


async def test_usage_that_comes_later_makes_an_estimate_real(store):
    held = await store.running(agent=AGENT)
    await store.record(held, Completed(REPORT))
    await store.ledger.note_usage("r", held.fence, USAGE, NOW)

    assert await cost(store) == Cost(REAL)


async def test_what_was_not_started_costs_nothing_and_what_may_have_been_is_reserved(store):
    for name, event, expected in (
        ("busy", Postponed(at(60), Trouble("busy")), 0),
        ("refused", Refused(Trouble("wrong_key")), 0),
        ("lost", StartLost(Trouble("start_lost")), HIGH),
    ):
        held = await store.ask(name, asker_id=name)
        await store.ledger.mark(name, held.fence, NOW, per_user=0, total=0, agent=AGENT)
        await store.record(held, event)
        assert (await cost(store, name)).micros == expected
    assert await spent(store, "refused") == 0
    assert await spent(store, "busy") == HIGH  # it is queued again, and will cost that


async def test_a_second_attempt_adds_to_the_first(store):
    held = await store.running(agent=AGENT)
    await store.record(held, Failed(Trouble("failed"), None, USAGE))
    await store.ledger.record("r", None, Retried("U1"), NOW)
    held = await store.take()
    await store.ledger.mark("r", held.fence, NOW, per_user=0, total=0, agent=AGENT)
    await store.begun(held)
    await store.record(held, Completed(REPORT, USAGE))

    assert await cost(store) == Cost(2 * REAL)
    assert await spent(store) == 2 * REAL


async def test_money_is_counted_per_workspace_person_and_month(store):
    for name, values in (("a", {}), ("b", {"asker_id": "U2"}), ("c", {"team_id": "T2"})):
        await store.record(await store.running(name, agent=AGENT, **values), Completed(REPORT, USAGE))
    await store.change(
        "UPDATE interaction SET create_attempted_at = :then WHERE research_id = 'b'",
        then=str((MONTH - timedelta(seconds=1)).replace(tzinfo=None))
        if store.database.on_sqlite
        else MONTH - timedelta(seconds=1),
    )

    assert (await spent(store), await spent(store, "U2"), await spent(store, team_id="T2")) == (REAL, 0, REAL)


async def test_a_budget_counts_what_was_really_spent(store):
    held = await store.running(agent=AGENT)
    await store.record(held, Completed(REPORT, USAGE))
    fits = (REAL + HIGH) / DOLLAR

    assert (
        await store.ledger.ask(question("over", monthly_budget_usd=fits - 0.01))
    ).answer is Answer.OVER_BUDGET
    assert (await store.ledger.ask(question("fits", monthly_budget_usd=fits))).answer is Answer.ACCEPTED
