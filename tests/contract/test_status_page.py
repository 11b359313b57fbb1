"""A page of `/research-status`, on each engine: newest first, of one asker or of all, with the counts of everything."""

from __future__ import annotations

import pytest

from bot.domain.permits import Kind
from bot.domain.research import CancelAsked, Failed, Trouble
from bot.domain.status import PAGE_LENGTH, StatusQuery
from tests.contract.store_kit import NOW, Store, at, place, question


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


def ids(page):
    return [line.view.research_id for line in page.lines]


async def test_pages_are_newest_first_and_together_show_everything_once(store):
    for number in range(2 * PAGE_LENGTH + 3):
        await store.ledger.ask(question(f"r{number:02}", asked_at=at(number // 2)))
    pages = [await store.ledger.page(StatusQuery("T1", page=number), NOW) for number in range(3)]
    everything = [name for page in pages for name in ids(page)]

    assert [len(page.lines) for page in pages] == [PAGE_LENGTH, PAGE_LENGTH, 3]
    assert len(set(everything)) == 2 * PAGE_LENGTH + 3
    asked = [line.view.asked_at for page in pages for line in page.lines]
    assert asked == sorted(asked, reverse=True)
    assert all((page.total, page.pages) == (2 * PAGE_LENGTH + 3, 3) for page in pages)


async def test_one_asker_sees_only_their_own_and_a_workspace_only_its_own(store):
    await store.ledger.ask(question("mine", asker_id="U1"))
    await store.ledger.ask(question("yours", asker_id="U2"))
    await store.ledger.ask(question("theirs", asker_id="U1", team_id="T2"))

    assert ids(await store.ledger.page(StatusQuery("T1", "U1"), NOW)) == ["mine"]
    assert sorted(ids(await store.ledger.page(StatusQuery("T1"), NOW))) == ["mine", "yours"]


async def test_what_runs_is_counted_over_all_pages(store):
    for number in range(PAGE_LENGTH + 2):
        await store.running(f"r{number}")
    await store.ledger.ask(question("queued"))
    await store.ledger.record("r0", None, CancelAsked("U1"), NOW)
    held = await store.ledger.held("r1")
    await store.record(held, Failed(Trouble("failed")))
    page = await store.ledger.page(StatusQuery("T1", page=1), NOW)

    assert (page.total, page.running) == (PAGE_LENGTH + 3, PAGE_LENGTH + 1)


async def test_a_line_says_where_it_is_and_why_slack_does_not_take_it(store):
    held = await store.running()
    await store.ledger.settle_place("r", held.fence, place("private"), "Ada")
    (root,) = await store.claim()
    await store.outbox.park(root, "token_revoked", at(600))
    (line,) = (await store.ledger.page(StatusQuery("T1"), at(5))).lines

    assert (line.channel_id, line.channel_kind, line.thread_ts) == ("C1", Kind.PRIVATE, None)
    assert (line.undelivered, line.view.asker_name, line.view.question) == ("token_revoked", "Ada", "Why r?")


async def test_a_page_of_nothing_is_one_empty_page(store):
    page = await store.ledger.page(StatusQuery("T1"), NOW)

    assert (page.lines, page.total, page.running, page.pages) == ((), 0, 0, 1)
    assert (await store.ledger.page(StatusQuery("T1", page=7), NOW)).lines == ()
