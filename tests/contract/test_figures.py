"""Numbers that are true of all processes, on each engine: what there is, what waits and since when, what it costs."""

from __future__ import annotations

import pytest

from bot.domain.figures import LATE_DELIVERY, LATE_RESEARCH, Backlog
from bot.domain.interaction import Usage
from bot.domain.policy import OFFERS, Depth
from bot.domain.prices import DOLLAR, cost_of
from bot.domain.research import Completed
from tests.contract.store_kit import NOW, REPORT, Store, at, question

AGENT = "deep-research-preview-04-2026"
USAGE = Usage(input_tokens=100_000, output_tokens=10_000, searches=10)


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def test_without_researches_everything_is_nothing(store):
    found = await store.office.figures(NOW)

    assert found.backlog == Backlog()
    assert set(found.researches.values()) == {0}
    assert set(found.micros.values()) == {0}


async def test_researches_are_counted_by_state_and_money_by_what_is_known_of_it(store):
    await store.ledger.ask(question("queued", team_id="T2"))
    await store.running("running", agent=AGENT)
    held = await store.running("done", agent=AGENT)
    await store.record(held, Completed(REPORT, USAGE))
    await store.change("UPDATE research SET stuck_at = :now WHERE id = 'running'", now=str(NOW))
    await store.change("UPDATE research SET undelivered = 'is_archived' WHERE id = 'done'")
    found = await store.office.figures(at(1))

    real, reserved = cost_of(AGENT, USAGE, 0).micros, OFFERS[Depth.STANDARD].dollars[1] * DOLLAR
    assert {state: count for state, count in found.researches.items() if count} == {
        "queued": 1,
        "running": 1,
        "completed": 1,
    }
    assert (found.stuck, found.undelivered) == (1, 1)
    assert found.micros == {"real": real, "estimated": 0, "reserved": reserved}
    assert found.dearest == real + reserved


async def test_what_nobody_has_taken_is_late_after_a_while_and_what_somebody_has_is_not(store):
    await store.ledger.ask(question("r"))
    waiting = await store.office.backlog(at(LATE_RESEARCH + 10))
    await store.ledger.claim("somebody", at(1), 1e6, 10)
    taken = await store.office.backlog(at(LATE_RESEARCH + 10))

    assert (waiting.researches, waiting.research_lag) == (1, LATE_RESEARCH + 10)
    assert "1 researches wait for a process" in waiting.trouble
    assert (taken.researches, taken.trouble) == (0, "")


async def test_a_message_that_is_due_is_late_unless_slack_refuses_it(store):
    await store.running("r")
    late = at(LATE_DELIVERY + 10)
    untold = await store.office.backlog(late)
    await store.change("UPDATE research SET undelivered = 'is_archived'")
    refused = await store.office.backlog(late)

    assert untold.deliveries > 0
    assert "messages wait for their turn at Slack" in untold.trouble
    assert refused.deliveries == 0
