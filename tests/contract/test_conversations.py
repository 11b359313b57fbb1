"""Researches about others in the rows, on each engine: whom a thread means, what is kept of a report, what is shared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.errands import Answer, Relation
from bot.domain.policy import Depth
from bot.domain.research import (
    CONTEXT_GONE,
    Admitted,
    Completed,
    Planned,
    Postponed,
    Retried,
    Started,
    StartLost,
    State,
    Trouble,
)
from bot.errors import LeaseLost
from tests.contract.store_kit import NOW, REPORT, Store, at, parts, question

THREAD = ("T1", "C1", "ts root")


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def _reported(store: Store) -> None:
    """A research whose report is in its thread."""
    await store.completed()
    await store.posted("root")
    await store.tell_all()


def _follow_up(name: str, **values):
    about = {"relation": Relation.FOLLOW_UP, "parent_id": "r", "thread_ts": "ts root", "depth": Depth.QUICK}
    return question(name, **about | {"previous_interaction_id": "interaction r"} | values)


async def test_a_thread_means_what_is_open_in_it_and_its_report_is_the_newest(store):
    await _reported(store)
    assert await store.ledger.of_thread(*THREAD) == "r"
    assert await store.ledger.last_answered(*THREAD) == "r"

    await store.ledger.ask(_follow_up("f", asked_at=at(5)))
    assert await store.ledger.of_thread(*THREAD) == "f"
    assert await store.ledger.ended_children("r", Relation.FOLLOW_UP) == 0
    held = await store.take(now=at(6))
    assert (held.relation, held.parent_id, held.previous_interaction_id) == (
        Relation.FOLLOW_UP,
        "r",
        "interaction r",
    )

    assert await store.ledger.mark("f", held.fence, at(7), per_user=0, total=0)
    await store.record(held, Started("interaction f"), Completed(REPORT), now=at(8))
    assert await store.ledger.of_thread(*THREAD) == "r"
    assert await store.ledger.last_answered(*THREAD) == "f"
    assert await store.ledger.ended_children("r", Relation.FOLLOW_UP) == 1
    assert await store.ledger.last_answered("T1", "C2", "ts root") is None
    assert await store.ledger.last_answered("T2", "C1", "ts root") is None


async def test_an_answer_is_one_message_that_grows_and_then_holds_the_first_part(store):
    held = await store.running("q", depth=Depth.QUICK)
    await store.outbox.sent(await store.post(), "ts root", NOW)
    await store.outbox.sent(await store.post(at(2)), "ts answer", at(2))
    await store.ledger.write("q", held.fence, "It is")
    seen = {errand.letter.part: errand.letter.content for errand in await store.claim(at(4))}
    assert seen["answer.1"].draft == "It is"
    with pytest.raises(LeaseLost):
        await store.ledger.write("q", held.fence - 1, "It was")

    await store.record(held, Completed(REPORT), now=at(5))
    (whole,) = [one for one in await store.claim(at(100)) if one.letter.content.kind == "whole"]
    await store.outbox.expand(whole, parts("one", "two"), at(100))
    claimed = [one for seconds in (200, 202) for one in await store.claim(at(seconds))]  # edits take turns
    edits = {one.letter.part: one.letter.content for one in claimed if one.is_edit}
    assert edits["answer.1"] == parts("one")[0]
    rest = await store.rows("SELECT part, content FROM delivery WHERE part LIKE 'report.1.%'")
    assert [(part, "two" in content) for part, content in rest] == [("report.1.1", True)]
    assert await store.rows("SELECT part FROM delivery WHERE kind = 'outcome'") == []


async def test_a_retried_answer_gets_a_message_of_its_own(store):
    held = await store.admitted("q", depth=Depth.QUICK)
    assert await store.ledger.mark("q", held.fence, NOW, per_user=0, total=0)
    await store.record(held, StartLost(Trouble("start_lost")))
    await store.ledger.record("q", None, Retried("U1", 1), at(1))

    answers = await store.rows("SELECT part FROM delivery WHERE kind = 'answer' ORDER BY id")
    assert answers == [("answer.1",), ("answer.2",)]


async def test_what_google_has_forgotten_is_asked_again_without_it_at_once(store):
    await _reported(store)
    await store.ledger.ask(_follow_up("f"))
    held = await store.take()
    assert await store.ledger.mark("f", held.fence, NOW, per_user=0, total=0)
    await store.record(held, Postponed(at(600), Trouble(CONTEXT_GONE)))

    seen = await store.ledger.held("f")
    assert (seen.state, seen.previous_interaction_id, seen.lacks_context, seen.waiting) == (
        State.QUEUED,
        "",
        True,
        "",
    )
    assert await store.ledger.report_of("r") == REPORT.markdown
    assert await store.ledger.report_of("nothing") is None


async def test_a_plan_is_kept_as_context_until_there_is_a_report(store):
    held = await store.running(plan_first=True)
    await store.record(held, Planned(replace(REPORT, markdown="The plan")))

    assert await store.ledger.report_of("r") == "The plan"


async def test_a_report_is_shared_once_for_each_channel_and_costs_and_counts_nothing(store):
    await _reported(store)
    share = question(
        "s", channel_id="C2", relation=Relation.SHARE, parent_id="r", previous_interaction_id="interaction r"
    )
    first = await store.ledger.share(share, "Ada", "public")
    second = await store.ledger.share(replace(share, research_id="t"), "Ada", "public")

    assert (first.answer, second.answer, second.research_id) == (Answer.ACCEPTED, Answer.KNOWN, "s")
    shared = await store.ledger.held("s")
    assert (shared.state, shared.channel_id, shared.thread_ts) == (State.COMPLETED, "C2", None)
    assert await store.ledger.claim("me", at(1), 60.0, 10) == []
    assert await store.tell_all(at(1)) == ["root", "report.1.1", "report.1.2", "report.1.3"]
    assert await store.ledger.report_of("s") == REPORT.markdown
    deeds = await store.office.deeds("T1")
    assert [(what, about, detail) for _, _, what, about, detail in deeds if "shared" in what] == [
        ("research.shared", "r", "C2")
    ]
    limited = question("u", daily_limit=2, asked_at=at(2))
    assert (await store.ledger.ask(limited)).answer is Answer.ACCEPTED


async def test_what_is_forgotten_cannot_be_shared(store):
    await _reported(store)
    await store.change("DELETE FROM report")
    share = question("s", channel_id="C2", relation=Relation.SHARE, parent_id="r")

    assert (await store.ledger.share(share, "Ada", "public")).answer is Answer.FORGOTTEN


async def test_an_answer_whose_channel_closed_goes_on_under_a_root_of_its_own(store):
    await _reported(store)
    await store.ledger.ask(_follow_up("f", asked_at=at(40)))
    held = await store.take(now=at(40))
    await store.record(held, Admitted(), now=at(40))
    (answer,) = [one for one in await store.posts(at(41)) if one.letter.research_id == "f"]
    assert answer.letter.address.thread_ts == "ts root"
    await store.outbox.redirect(answer, "D1", "is_archived", at(42))

    assert await store.tell_all(at(45)) == ["root", "answer.1"]
    moved = await store.ledger.held("f")
    assert (moved.channel_id, moved.thread_ts) == ("D1", "ts root")
    assert (await store.ledger.held("r")).channel_id == "C1"
