"""Steps of workflows in the outbox, on each engine: ended once, behind the report, with or without a thread."""

from __future__ import annotations

import pytest

from bot.domain.research import Completed, Failed, Lapsed, Refused, Retried, State, Trouble
from bot.domain.steps import execution_of, key_of
from tests.contract.store_kit import NOW, REPORT, Store, at, names

STEP = {"request_key": key_of("Fx1")}


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


def test_only_the_key_of_a_step_names_an_execution():
    assert execution_of(key_of("Fx1")) == "Fx1"
    assert execution_of("message:C1:1.0") == ""


async def test_the_end_of_a_step_is_told_behind_its_report_and_leads_to_it(store):
    await store.completed(**STEP)

    assert await store.tell_all() == [
        "root", "card", "outcome.1", "report.1.1", "report.1.2", "report.1.3", "step",
    ]  # fmt: skip
    (held,) = await store.rows("SELECT state, open FROM delivery WHERE part = 'step'")
    assert held[0] == "sent"


async def test_it_carries_the_summary_and_where_the_outcome_is(store):
    held = await store.running(**STEP)
    assert held.is_step
    await store.record(held, Completed(REPORT))
    await store.posted("root", "card", "status", "outcome.1", "report.1")
    step = await store.only()

    assert (step.letter.part, step.method) == ("step", "functions.completeSuccess")
    end = step.letter.content
    assert (end.execution_id, end.view.state, end.told) == ("Fx1", State.COMPLETED, "ts outcome.1")
    assert end.summary
    await store.outbox.unsettled(step, at(15), "timed out")
    again = await store.only(at(16))
    assert again.letter.content == end
    await store.outbox.sent(again, "", at(17))
    assert await store.claim(at(60)) == []


async def test_what_never_began_has_no_thread_and_is_told_all_the_same(store):
    held = await store.ask(**STEP)
    await store.record(held, Refused(Trouble("not_allowed", "Guests cannot.")))
    told = {errand.letter.part: errand.letter.content for errand in await store.claim()}

    assert told["step"].view.trouble.detail == "Guests cannot."
    assert (told["step"].told, told["step"].summary) == ("", "")


async def test_a_step_ends_for_good_whatever_is_retried(store):
    held = await store.running(**STEP)
    await store.record(held, Failed(Trouble("failed"), REPORT))
    await store.posted("root", "card", "status", "outcome.1", "report.1")
    step = await store.only()
    assert step.letter.content.summary == ""  # what had been found is no report
    await store.outbox.sent(step, "", NOW)
    await store.ledger.record("r", None, Retried("U1"), at(1))
    again = await store.take(now=at(2))
    await store.record(again, Lapsed(), now=at(3))

    assert "step" not in names(await store.claim(at(4)))
    assert await store.rows("SELECT count(*) FROM delivery WHERE kind = 'step'") == [(1,)]


async def test_a_thread_that_moves_ends_its_step_no_second_time(store):
    await store.completed(**STEP)
    await store.posted("root", "card", "status", "outcome.1", "report.1")
    step = await store.only()
    await store.outbox.sent(step, "", NOW)
    await store.ledger.show_again("r", at(1))
    card = next(one for one in await store.claim(at(2)) if one.letter.part == "card")
    await store.outbox.redirect(card, "D1", "channel_not_found", at(3))

    assert await store.rows("SELECT state FROM delivery WHERE part = 'step'") == [("sent",)]


async def test_other_questions_end_no_step(store):
    held = await store.completed()

    assert not held.is_step
    assert await store.rows("SELECT count(*) FROM delivery WHERE kind = 'step'") == [(0,)]
