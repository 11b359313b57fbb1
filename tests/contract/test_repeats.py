"""The same question again in the store: which earlier ones there are, the offer, and what is decided, on both engines."""

from __future__ import annotations

import pytest

from bot.domain.errands import Answer
from bot.domain.letters import Waiting, Whisper
from bot.domain.policy import Depth
from bot.domain.research import CancelAsked, State
from bot.errors import LeaseLost
from tests.contract.store_kit import NOW, Store, at, question

WEEK = 7 * 86_400


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def asked(store: Store, name: str, words: str = "Why so?", **values):
    await store.ledger.ask(question(name, question=words, **values))


async def found(store: Store, name: str, now=NOW) -> list[str]:
    held = await store.ledger.held(name)
    return [one.research_id for one in await store.ledger.earlier(held, now)]


async def test_the_same_question_asked_before_is_found_newest_first_and_never_a_later_one(store: Store):
    await asked(store, "a", "Why so?")
    await asked(store, "b", "why  SO", asked_at=at(1))
    await asked(store, "c", "Why not so?", asked_at=at(2))
    await asked(store, "d", "Why so", asked_at=at(3))

    assert await found(store, "d") == ["b", "a"]
    assert await found(store, "a") == []


async def test_only_of_the_same_workspace_and_at_least_as_thorough(store: Store):
    await asked(store, "foreign", team_id="T2")
    await asked(store, "quick", depth=Depth.QUICK)
    await asked(store, "max", depth=Depth.MAX)
    await asked(store, "own", asked_at=at(1))

    assert await found(store, "own") == ["max"]


async def test_a_report_is_found_for_a_week_and_what_was_stopped_never(store: Store):
    await store.completed("done", question="Why so?")
    await asked(store, "stopped")
    await store.ledger.record("stopped", None, CancelAsked("U1"), NOW)
    await asked(store, "own", asked_at=at(1))

    assert await found(store, "own", at(WEEK - 1)) == ["done"]
    assert await found(store, "own", at(WEEK + 1)) == []


async def test_a_root_in_a_thread_that_it_did_not_begin_is_posted_and_looked_for_there(store: Store):
    await store.admitted("r", anchor_ts="5.0")
    root = await store.post()
    await store.outbox.unsettled(root, at(1), "no answer")
    unsettled = await store.only(at(2))
    await store.outbox.sent(unsettled, "6.0", at(2))
    held = await store.ledger.held("r")

    assert root.letter.address.thread_ts == "5.0"
    assert unsettled.method == "conversations.replies"
    assert held.thread_ts == "5.0"


async def test_the_offer_waits_tells_once_and_is_decided_once(store: Store):
    await asked(store, "own")
    [held] = await store.ledger.claim("me", NOW, 60, 1)
    await store.ledger.offer_earlier("own", held.fence, "other", Whisper("U1", "", "own"), NOW)
    waiting = await store.ledger.held("own")
    decided = [await store.ledger.insist("own", NOW), await store.ledger.insist("own", NOW)]
    after = await store.ledger.held("own")
    errands, _ = await store.outbox.claim("me", NOW, 60, 10)

    assert (waiting.waiting, waiting.same_as, waiting.state) == (Waiting.SAME, "other", State.QUEUED)
    assert decided == [True, False]
    assert (after.waiting, after.same_as) == ("", "other")
    assert [errand.letter.part for errand in errands] == ["whisper.same"]
    with pytest.raises(LeaseLost):
        await store.ledger.offer_earlier("own", held.fence, "other", Whisper("U1", "", "own"), NOW)


async def test_one_that_waits_for_its_asker_is_no_earlier_one(store: Store):
    await asked(store, "a")
    [held] = await store.ledger.claim("me", NOW, 60, 1)
    await store.ledger.offer_earlier("a", held.fence, "x", Whisper("U1", "", "a"), NOW)
    await asked(store, "b", asked_at=at(1))

    assert await found(store, "b") == []


async def test_forgotten_words_are_no_question_any_more(store: Store):
    await asked(store, "a")
    await store.ledger.record("a", None, CancelAsked("U1"), NOW)
    await store.ledger.forget(at(1), 10)
    [row] = await store.rows("SELECT fingerprint FROM research")

    assert row[0] == ""


async def test_a_thread_holds_one_research_and_names_it_to_whoever_asks_there_again(store: Store):
    first = await store.ledger.ask(question("a", anchor_ts="5.0"))
    again = await store.ledger.ask(question("x", request_key="key a", anchor_ts="5.0"))
    second = await store.ledger.ask(question("b", anchor_ts="5.0"))
    elsewhere = await store.ledger.ask(question("c", anchor_ts="5.0", channel_id="C2"))
    foreign = await store.ledger.ask(question("d", anchor_ts="5.0", team_id="T2"))

    assert (first.answer, again.answer) == (Answer.ACCEPTED, Answer.KNOWN)
    assert (second.answer, second.research_id) == (Answer.IN_THREAD, "a")
    assert {elsewhere.answer, foreign.answer} == {Answer.ACCEPTED}
    assert await store.ledger.of_thread("T1", "C1", "5.0") == "a"
