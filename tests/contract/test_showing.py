"""Long reports in the outbox, on each engine: shown in full once, with contents that know where everything is."""

from __future__ import annotations

import pytest

from bot.domain.letters import Contents, Entry, File, Part
from tests.contract.store_kit import NOW, Store, at

GUIDE = Contents((Entry("First", 2, 1), Entry("Second", 2, 2)), "about", ({"type": "divider"},))


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def next_post(store, second):
    """The next post that is due, whatever edits are due besides."""
    for later in range(second, second + 20, 2):
        if posts := await store.posts(at(later)):
            return posts[0], later
    raise AssertionError("nothing is due")


async def expanded(store, *contents):
    """A completed research whose report was cut into these; gives the moment it was."""
    await store.completed()
    await store.posted("root", "card", "outcome.1")
    whole, second = await next_post(store, 0)
    await store.outbox.expand(whole, contents, at(second))
    return second


async def test_contents_know_where_each_message_and_file_before_them_is(store):
    second = await expanded(store, Part("one", []), File("a.md", "a", "text/markdown", "", b"a", "F1"), GUIDE)
    one, second = await next_post(store, second)
    await store.outbox.sent(one, "1.000001", at(second))
    file, second = await next_post(store, second + 2)
    await store.outbox.stored_file(file, "F1")
    await store.outbox.sent(file, "2.000001", at(second))
    contents, second = await next_post(store, second + 2)

    assert contents.letter.content.told == {1: "1.000001", 2: "F1"}
    assert contents.letter.content.entries == GUIDE.entries
    assert contents.letter.content.end == GUIDE.end


async def test_of_a_message_that_slack_refused_whole_the_first_piece_counts(store):
    second = await expanded(store, Part("one", []), GUIDE)
    one, second = await next_post(store, second)
    await store.outbox.expand(one, [Part("a", []), Part("b", [])], at(second))
    for ts in ("1.1", "1.2"):
        piece, second = await next_post(store, second + 2)
        await store.outbox.sent(piece, ts, at(second))
    contents, second = await next_post(store, second + 2)

    assert contents.letter.content.told == {1: "1.1"}


async def test_a_report_is_shown_in_full_once_however_often_it_is_asked_for(store):
    second = await expanded(store, Part("brief", []))
    brief, second = await next_post(store, second)
    await store.outbox.sent(brief, "1.1", at(second))

    assert await store.outbox.show_report("r", 1, NOW)
    assert not await store.outbox.show_report("r", 1, NOW)
    assert not await store.outbox.show_report("r", 0, NOW)
    whole, _ = await next_post(store, second + 2)
    assert whole.letter.content.in_full
    assert whole.letter.content.report.markdown


async def test_what_has_no_report_cannot_be_shown(store):
    await store.running()

    assert not await store.outbox.show_report("r", 1, NOW)
    assert not await store.outbox.show_report("other", 0, NOW)
