"""The Outbox, on each engine: exactly once, whoever dies; reports in their place; and what cannot be told."""

from __future__ import annotations

import anyio
import pytest

from bot.domain.letters import File
from bot.domain.research import Completed, Failed, Retried, Trouble
from bot.errors import LeaseLost
from bot.store import claiming
from bot.store.candidates import candidates
from tests.contract.store_kit import LEASE, NOW, REPORT, Store, at, names, parts

URL = "https://slack.test/response"


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


# --- exactly once


async def test_a_post_is_marked_as_being_sent_when_it_is_claimed(store):
    await store.admitted()
    root = await store.only()

    assert not root.is_unsettled
    assert root.sending_since == NOW
    assert await store.rows("SELECT state FROM delivery WHERE part = 'root'") == [("sending",)]
    assert await store.claim(at(LEASE), "two") == []


async def test_a_post_of_a_dead_process_is_read_back_before_anything_is_sent_again(store):
    await store.admitted()
    old = await store.only()
    new = await store.only(at(LEASE + 1), "two")

    assert (new.is_unsettled, new.sending_since, new.method) == (True, NOW, "conversations.history")
    with pytest.raises(LeaseLost):
        await store.outbox.sent(old, "1.0", at(LEASE + 2))
    await store.outbox.sent(new, "1.0", at(LEASE + 2))
    assert await store.rows("SELECT state, ts FROM delivery WHERE part = 'root'") == [("sent", "1.0")]
    assert await store.ledger.of_thread("T1", "C1", "1.0") == "r"


async def test_a_post_that_was_read_back_and_is_not_there_waits_for_its_turn(store):
    await store.admitted()
    root = await store.only()
    await store.outbox.unsettled(root, at(15), "timed out")
    assert await store.claim(at(14)) == []

    root = await store.only(at(15))
    assert (root.is_unsettled, root.tries, root.sending_since) == (True, 1, NOW)
    await store.outbox.again(root, at(16), "")
    root = await store.only(at(16))
    assert (root.is_unsettled, root.method, root.sending_since) == (False, "chat.postMessage", at(16))


async def test_in_a_thread_the_thread_is_read_back_and_for_a_file_the_file(store):
    await store.completed()
    await store.posted("root", "card", "status", "outcome.1")
    whole = await store.only()
    await store.outbox.expand(whole, [File("r.md", "Report", "text/markdown", "it", b"x"), *parts("p")], NOW)
    file = await store.post(at(2))
    assert (file.letter.part, file.method) == ("report.1.1", "files.getUploadURLExternal")
    await store.outbox.stored_file(file, "F1")
    await store.outbox.again(file, at(3), "")
    file = await store.post(at(4))
    assert file.method == "files.completeUploadExternal"
    assert (file.letter.content.file_id, file.letter.content.content) == ("F1", b"x")
    await store.outbox.unsettled(file, at(20), "timed out")
    file = await store.post(at(20))
    assert (file.method, file.is_unsettled) == ("files.info", True)
    await store.outbox.sent(file, "1.5", at(21))

    part = await store.post(at(22))
    await store.outbox.unsettled(part, at(30), "timed out")
    part = await store.post(at(30))
    assert (part.letter.part, part.method) == ("report.1.2", "conversations.replies")


async def test_the_old_holder_of_an_errand_can_write_nothing(store):
    await store.completed()
    await store.posted("root", "card", "status", "outcome.1")
    old = await store.only()
    await store.only(at(LEASE + 1), "two")
    before = (
        await store.rows("SELECT * FROM delivery ORDER BY id"),
        await store.rows("SELECT * FROM research"),
    )

    for write in (
        store.outbox.sent(old, "1.0", NOW),
        store.outbox.shown(old, NOW),
        store.outbox.again(old, NOW, "x"),
        store.outbox.unsettled(old, NOW, "x"),
        store.outbox.dead(old, "x"),
        store.outbox.expand(old, parts("a"), NOW),
        store.outbox.stored_file(old, "F1"),
        store.outbox.park(old, "x", NOW),
    ):
        with pytest.raises(LeaseLost):
            await write
    after = await store.rows("SELECT * FROM delivery ORDER BY id"), await store.rows("SELECT * FROM research")
    assert after == before


async def test_many_claimers_at_once_never_get_the_same_errand(store):
    for number in range(8):
        await store.completed(f"r{number}", team_id=f"T{number}")
    claimed = []
    async with anyio.create_task_group() as tasks:

        async def claim(me):
            for second in range(0, 6, 2):
                claimed.extend(await store.claim(at(second), me))

        for number in range(4):
            tasks.start_soon(claim, f"p{number}", name=f"claim {number}")

    ids = [errand.delivery_id for errand in claimed]
    assert len(ids) == len(set(ids)) == 8


# --- reports


async def test_a_report_becomes_its_parts_in_its_place_and_nothing_else(store):
    held = await store.completed()
    await store.posted("root", "card", "status", "outcome.1")
    whole = await store.only()
    assert whole.letter.content.report == REPORT
    assert (whole.method, whole.is_unsettled) == ("", False)
    await store.ledger.release("r", held.fence, NOW)
    words = [f"part {number}" for number in range(25)]
    await store.outbox.expand(whole, parts(*words), NOW)
    told, second = [], 2
    while errands := await store.posts(at(second)):
        for errand in errands:
            told.append(errand.letter.content.text)
            await store.outbox.sent(errand, f"ts {errand.letter.part}", at(second))
        second += 2

    assert told == words


async def test_a_part_that_is_too_large_is_replaced_by_smaller_ones_before_the_next(store):
    await store.completed()
    await store.posted("root", "card", "status", "outcome.1")
    await store.outbox.expand(await store.only(), parts("1", "2", "3"), NOW)
    told = []
    for second in range(2, 40, 2):
        for errand in await store.posts(at(second)):
            if errand.letter.content.text in ("2", "2b"):
                smaller = [f"{errand.letter.content.text}{letter}" for letter in "abc"]
                await store.outbox.expand(errand, parts(*smaller), at(second))
            else:
                told.append(errand.letter.content.text)
                await store.outbox.sent(errand, f"ts {errand.letter.part}", at(second))

    assert told == ["1", "2a", "2ba", "2bb", "2bc", "2c", "3"]


async def test_even_where_there_is_no_room_between_two_parts_the_order_stays(store):
    await store.completed()
    await store.posted("root", "card", "status", "outcome.1")
    await store.outbox.expand(await store.only(), parts("1", "2", "3"), NOW)
    for number in (1, 2, 3):
        await store.change(f"UPDATE delivery SET seq = 5000 + {number} WHERE part = 'report.1.{number}'")
    first = await store.post(at(2))
    await store.outbox.expand(first, parts("1a", "1b", "1c"), at(2))
    contents = await store.rows("SELECT content FROM delivery WHERE part LIKE 'report.1.%' ORDER BY seq")

    assert [content.split('"')[3] for (content,) in contents] == ["1", "1a", "1b", "1c", "2", "3"]
    assert len(set(await store.rows("SELECT seq FROM delivery"))) == len(
        await store.rows("SELECT seq FROM delivery")
    )


async def test_a_second_end_comes_behind_everything_of_the_first(store):
    held = await store.running()
    await store.record(held, Failed(Trouble("failed"), REPORT))
    await store.ledger.record("r", None, Completed(REPORT), at(1))

    assert await store.tell_all() == [
        "root", "card",
        "outcome.1", "report.1.1", "report.1.2", "report.1.3",
        "outcome.2", "report.2.1", "report.2.2", "report.2.3",
    ]  # fmt: skip


async def test_a_message_that_cannot_be_told_does_not_hold_up_the_next(store):
    await store.completed()
    await store.posted("root", "card", "status")
    outcome = await store.only()
    await store.outbox.dead(outcome, "no")

    assert names(await store.posts(at(2))) == ["report.1"]


# --- where there is no way


async def test_what_is_parked_is_shown_as_undelivered_until_it_is_told(store):
    await store.completed()
    await store.posted("root", "card", "status")
    outcome = await store.only()
    await store.outbox.park(outcome, "token_revoked", at(600))
    assert await store.rows("SELECT undelivered FROM research") == [("token_revoked",)]
    assert await store.posts(at(599)) == []

    outcome = await store.post(at(600))
    assert not outcome.is_unsettled
    await store.outbox.sent(outcome, "1.1", at(601))
    assert await store.rows("SELECT undelivered FROM research") == [("",)]


async def test_an_edit_that_was_parked_ends_being_undelivered_too(store):
    await store.running()
    await store.posted("root", "card", "status")
    await store.ledger.show_again("r", at(0))
    card = next(e for e in await store.claim() if e.letter.part == "card")
    await store.outbox.park(card, "token_revoked", at(600))
    card = next(e for e in await store.claim(at(600)) if e.letter.part == "card")
    assert card.is_edit
    await store.outbox.shown(card, at(603))

    assert await store.rows("SELECT undelivered FROM research") == [("",)]


async def test_an_edit_that_was_parked_and_is_given_up_then_keeps_nothing_undelivered(store):
    await store.running()
    await store.posted("root", "card", "status")
    await store.ledger.show_again("r", at(0))
    card = next(e for e in await store.claim() if e.letter.part == "card")
    await store.outbox.park(card, "token_revoked", at(600))
    card = next(e for e in await store.claim(at(600)) if e.letter.part == "card")
    await store.outbox.dead(card, "message_not_found")

    assert await store.rows("SELECT undelivered FROM research") == [("",)]


async def test_what_was_told_ends_nothing_as_long_as_something_else_is_parked(store):
    await store.completed()
    await store.posted("root", "card", "status")
    await store.ledger.show_again("r", at(0))
    errands = {e.letter.part: e for e in await store.claim()}
    await store.outbox.park(errands["outcome.1"], "is_archived", at(600))
    await store.outbox.again(errands["card"], at(5), "ratelimited")
    card = next(e for e in await store.claim(at(5)) if e.letter.part == "card")
    await store.outbox.shown(card, at(8))

    assert await store.rows("SELECT undelivered FROM research") == [("is_archived",)]


async def test_a_parked_read_back_is_a_read_back_still(store):
    await store.admitted()
    await store.outbox.unsettled(await store.only(), at(15), "timed out")
    await store.outbox.park(await store.only(at(15)), "token_revoked", at(600))

    assert (await store.only(at(600))).is_unsettled


async def test_a_thread_that_is_moved_is_told_anew_and_whole_elsewhere(store):
    await store.completed()
    await store.posted("root", "card", "status", "outcome.1")
    await store.outbox.expand(await store.only(), parts("1", "2"), NOW)
    (part,) = await store.posts(at(2))
    await store.outbox.redirect(part, "D1", "is_archived", at(3))
    with pytest.raises(LeaseLost):
        await store.outbox.redirect(part, "D1", "is_archived", at(3))
    told = []
    for second in range(4, 40, 2):
        for errand in await store.posts(at(second)):
            told.append(
                (errand.letter.part, errand.letter.address.channel_id, errand.letter.address.thread_ts)
            )
            await store.outbox.sent(errand, f"new {errand.letter.part}", at(second))

    assert told == [
        ("root", "D1", None),
        ("card", "D1", "new root"),
        ("outcome.1", "D1", "new root"),
        ("report.1.1", "D1", "new root"),
        ("report.1.2", "D1", "new root"),
    ]
    assert await store.ledger.of_thread("T1", "D1", "new root") == "r"


async def test_a_call_that_was_under_way_when_its_thread_was_moved_notes_nothing(store):
    await store.admitted()
    root = await store.only()
    await store.outbox.redirect(root, "D1", "is_archived", at(1))

    with pytest.raises(LeaseLost):
        await store.outbox.sent(root, "old", at(2))
    assert await store.rows("SELECT thread_ts FROM research") == [(None,)]


async def test_what_was_read_before_its_thread_moved_is_not_taken_after_it(store, monkeypatch):
    """Another process looks for what is due while this one moves the thread, which only PostgreSQL lets happen."""
    await store.completed()
    await store.posted("root", "card")
    await store.change("UPDATE delivery SET wanted = wanted + 1, open = :yes WHERE part = 'card'", yes=True)
    seen = await store.database.read(lambda connection: candidates(connection, at(5)))
    outcome = await store.post()
    await store.outbox.redirect(outcome, "D1", "thread_not_found", at(5))
    monkeypatch.setattr(claiming, "candidates", lambda _connection, _now: seen)

    assert {"card", "outcome.1"} <= {row.part for row in seen}
    assert await store.claim(at(5), "two") == []
    monkeypatch.undo()
    (root,) = await store.claim(at(5), "two")
    assert (root.letter.part, root.letter.address.channel_id) == ("root", "D1")


async def test_a_retried_research_goes_on_in_its_thread(store):
    held = await store.running()
    await store.record(held, Failed(Trouble("failed")))
    await store.tell_all()
    await store.ledger.record("r", None, Retried("U1"), at(60))
    edits = await store.claim(at(60)) + await store.claim(at(62))

    assert sorted(names(edits)) == ["card", "root", "session", "status"]
    assert all(errand.is_edit for errand in edits)
