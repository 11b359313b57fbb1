"""What readers say and wish, on each engine: one word a person, and everybody who wished it is told once."""

from __future__ import annotations

import pytest

from bot.domain.feedback import Feedback, Reason
from bot.domain.research import CancelAsked, Completed, Failed, Retried, Trouble
from bot.domain.status import StatusQuery
from bot.store.opinions import SqlOpinions
from tests.contract.store_kit import NOW, REPORT, Store, at


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


@pytest.fixture
def opinions(store):
    return SqlOpinions(store.database)


async def feedback(store):
    """What admins see of it, newest first."""
    return (await store.office.dossier("T1", "r", at(3))).feedback


async def outcomes(store):
    """Whom the outcomes mention besides the asker."""
    await store.posted("root", "card", "status", "session")
    told = []
    for second in range(0, 9, 2):
        for errand in await store.posts(at(second)):
            if errand.letter.part.startswith("outcome"):
                told.append(errand.letter.content.watchers)
            await store.outbox.sent(errand, "1.0", NOW)
    return told


async def test_what_a_person_says_again_replaces_what_they_said(store, opinions):
    await store.completed()
    await opinions.rate(Feedback("r", "U2", True), NOW)
    bad = Feedback("r", "U3", False, (Reason.WRONG, Reason.SOURCES), "It never was so.")
    await opinions.rate(bad, at(1))
    await opinions.rate(Feedback("r", "U2", False), at(2))

    assert await feedback(store) == (Feedback("r", "U2", False), bad)
    (line,) = (await store.office.page(StatusQuery("T1"), at(3))).lines
    assert (line.liked, line.disliked) == (0, 2)


async def test_pressing_again_takes_a_wish_back(store, opinions):
    held = await store.running()

    assert [await opinions.watch("r", who, NOW) for who in ("U2", "U3", "U2")] == [True, True, False]
    await store.record(held, Completed(REPORT))
    assert await outcomes(store) == [("U3",)]


async def test_everybody_is_told_once_and_has_to_wish_it_anew(store, opinions):
    held = await store.running()
    assert await opinions.watch("r", "U2", NOW)
    await store.record(held, Failed(Trouble("failed")))
    assert await opinions.watch("r", "U2", NOW) is None
    await store.ledger.record("r", None, Retried("U1"), NOW)
    await store.ledger.record("r", None, CancelAsked("U1"), NOW)

    assert await outcomes(store) == [("U2",), ()]


async def test_nobody_can_wish_to_be_told_of_what_is_not_there(opinions):
    assert await opinions.watch("r_nothing", "U2", NOW) is None


async def test_the_words_of_a_reader_are_forgotten_with_the_report(store, opinions):
    await store.completed()
    await opinions.rate(Feedback("r", "U3", False, (Reason.WRONG,), "It never was so."), NOW)
    await store.ledger.forget(at(1), 10)

    assert await feedback(store) == (Feedback("r", "U3", False, (Reason.WRONG,), ""),)


async def test_what_an_erased_person_said_and_wished_goes_with_them(store, opinions):
    held = await store.running()
    for who in ("U2", "U3"):
        await opinions.rate(Feedback("r", who, False, (Reason.WRONG,), "No."), NOW)
        await opinions.watch("r", who, NOW)
    await store.office.erase_person("T1", "U2", "U9", at(1))
    await store.record(held, Completed(REPORT), now=at(2))

    assert [one.person_id for one in await feedback(store)] == ["U3"]
    assert await outcomes(store) == [("U3",)]
