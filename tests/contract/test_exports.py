"""A report as a file, in the outbox, on each engine: ordered once, again where it failed, and never after forgetting."""

from __future__ import annotations

import pytest

from bot.domain.errands import Granted, Wish
from bot.domain.letters import File, Form
from bot.errors import LeaseLost
from tests.contract.store_kit import REPORT, Store, at, parts

PDF = Wish("r", 1, Form.PDF, "U2")
FILE = File("why.pdf", "Why? (PDF)", "application/pdf", "", b"%PDF-")


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        await opened.completed()
        await opened.tell_all()
        yield opened


async def ordered(store, now):
    """The errand of a file that is to be made."""
    (errand,) = await store.posts(now)
    assert errand.letter.content.kind == "export"
    return errand


async def test_a_wish_becomes_one_file_behind_everything_else_however_often_it_is_pressed(store):
    granted = [await store.outbox.export(PDF, at(40)) for _ in range(3)]
    errand = await ordered(store, at(41))
    await store.outbox.expand(errand, [FILE], at(42))
    (file,) = await store.posts(at(43))

    assert granted == [Granted.ORDERED, Granted.KNOWN, Granted.KNOWN]
    assert (errand.letter.content.report, errand.letter.content.form) == (REPORT, Form.PDF)
    assert (file.letter.part, file.letter.content.content) == ("export.pdf.1.1.1", b"%PDF-")
    await store.outbox.sent(file, "ts file", at(44))
    assert await store.outbox.export(PDF, at(45)) is Granted.KNOWN
    deeds = await store.rows("SELECT what, about, detail FROM deed WHERE what = 'report.exported'")
    assert [tuple(deed) for deed in deeds] == [("report.exported", "r", "pdf")]
    assert await store.posts(at(46)) == []


async def test_each_form_of_a_report_is_a_wish_of_its_own(store):
    assert await store.outbox.export(PDF, at(40)) is Granted.ORDERED
    assert await store.outbox.export(Wish("r", 1, Form.WORD, "U2"), at(40)) is Granted.ORDERED


@pytest.mark.parametrize("wish", [Wish("r", 2, Form.PDF, "U2"), Wish("other", 1, Form.PDF, "U2")])
async def test_no_file_is_made_of_a_report_that_is_not_there(store, wish):
    assert await store.outbox.export(wish, at(40)) is Granted.FORGOTTEN
    assert await store.posts(at(41)) == []


async def test_words_instead_of_a_file_are_a_failure_that_may_be_tried_again(store):
    await store.outbox.export(PDF, at(40))
    await store.outbox.expand(await ordered(store, at(41)), parts("It could not be made."), at(42))
    await store.tell(at(44))

    assert await store.outbox.export(PDF, at(50)) is Granted.ORDERED
    assert await store.outbox.export(PDF, at(50)) is Granted.KNOWN
    assert (await ordered(store, at(51))).letter.part == "export.pdf.1.2"


async def test_a_file_that_slack_does_not_take_may_be_tried_again(store):
    await store.outbox.export(PDF, at(40))
    await store.outbox.expand(await ordered(store, at(41)), [FILE], at(42))
    (file,) = await store.posts(at(43))
    await store.outbox.dead(file, "file_uploads_disabled")

    assert await store.outbox.export(PDF, at(50)) is Granted.ORDERED


async def test_whoever_dies_while_making_a_file_leaves_it_to_the_next_and_it_is_posted_once(store):
    await store.outbox.export(PDF, at(40))
    dying = await ordered(store, at(41))
    assert await store.posts(at(300)) == []  # making one may take longer than any call

    next_one = await ordered(store, at(400))
    await store.outbox.expand(next_one, [FILE], at(401))
    with pytest.raises(LeaseLost):
        await store.outbox.expand(dying, [FILE], at(402))
    assert [errand.letter.part for errand in await store.posts(at(403))] == ["export.pdf.1.1.1"]


async def test_what_a_thread_is_told_meanwhile_does_not_wait_for_the_file(store):
    await store.outbox.export(PDF, at(40))
    await ordered(store, at(41))
    await store.change(
        "UPDATE delivery SET state = 'pending', open = :yes WHERE part = 'report.1.3'", yes=True
    )
    await store.change("UPDATE delivery SET seq = 1000000 WHERE part = 'report.1.3'")

    assert [errand.letter.part for errand in await store.posts(at(43))] == ["report.1.3"]


async def test_no_file_is_made_of_what_was_forgotten(store):
    await store.outbox.export(PDF, at(40))
    assert await store.ledger.forget(at(100), 10) == 1

    assert await store.outbox.export(Wish("r", 1, Form.WORD, "U2"), at(101)) is Granted.FORGOTTEN
    assert await store.posts(at(102)) == []


async def test_what_was_being_made_when_its_report_was_forgotten_is_not_posted(store):
    await store.outbox.export(PDF, at(40))
    errand = await ordered(store, at(41))
    assert await store.ledger.forget(at(100), 10) == 1

    with pytest.raises(LeaseLost):
        await store.outbox.expand(errand, [FILE], at(101))
    assert await store.rows("SELECT id FROM delivery WHERE blob IS NOT NULL") == []
