"""A page of `/research-status`, on each engine: newest first, of one asker or of all, with the counts of everything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.house import Limits
from bot.domain.interaction import Usage
from bot.domain.permits import Kind
from bot.domain.prices import DOLLAR
from bot.domain.research import CancelAsked, Completed, Failed, Refused, Retried, Trouble
from bot.domain.status import PAGE_LENGTH, Lens, StatusQuery
from tests.contract.store_kit import NOW, REPORT, Store, at, place, question


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


def ids(page):
    return [line.view.research_id for line in page.lines]


async def test_pages_are_newest_first_and_together_show_everything_once(store):
    for number in range(2 * PAGE_LENGTH + 3):
        await store.ledger.ask(question(f"r{number:02}", asked_at=at(number // 2)))
    pages = [await store.office.page(StatusQuery("T1", page=number), NOW) for number in range(3)]
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

    assert ids(await store.office.page(StatusQuery("T1", "U1"), NOW)) == ["mine"]
    assert sorted(ids(await store.office.page(StatusQuery("T1"), NOW))) == ["mine", "yours"]


async def test_what_runs_is_counted_over_all_pages(store):
    for number in range(PAGE_LENGTH + 2):
        await store.running(f"r{number}")
    await store.ledger.ask(question("queued"))
    await store.ledger.record("r0", None, CancelAsked("U1"), NOW)
    held = await store.ledger.held("r1")
    await store.record(held, Failed(Trouble("failed")))
    page = await store.office.page(StatusQuery("T1", page=1), NOW)

    assert (page.total, page.running) == (PAGE_LENGTH + 3, PAGE_LENGTH + 1)


async def test_a_line_says_where_it_is_and_why_slack_does_not_take_it(store):
    held = await store.running()
    await store.ledger.settle_place("r", held.fence, place("private"), "Ada")
    (root,) = await store.claim()
    await store.outbox.park(root, "token_revoked", at(600))
    (line,) = (await store.office.page(StatusQuery("T1"), at(5))).lines

    assert (line.channel_id, line.channel_kind, line.thread_ts) == ("C1", Kind.PRIVATE, None)
    assert (line.undelivered, line.view.asker_name, line.view.question) == ("token_revoked", "Ada", "Why r?")


async def test_a_page_of_nothing_is_one_empty_page(store):
    page = await store.office.page(StatusQuery("T1"), NOW)

    assert (page.lines, page.total, page.running, page.pages) == ((), 0, 0, 1)
    assert (await store.office.page(StatusQuery("T1", page=7), NOW)).lines == ()


async def test_pages_turned_by_their_edges_show_everything_once_whatever_comes_on_top(store):
    for number in range(3 * PAGE_LENGTH):
        await store.ledger.ask(question(f"r{number:02}", asked_at=at(number // 3)))
    first = await store.office.page(StatusQuery("T1"), NOW)
    await store.ledger.ask(question("new", asked_at=at(1000)))
    second = await store.office.page(StatusQuery("T1", page=1, cursor=first.last), NOW)
    third = await store.office.page(StatusQuery("T1", page=2, cursor=second.last), NOW)
    back = await store.office.page(StatusQuery("T1", page=1, cursor=third.first), NOW)

    assert sorted(ids(first) + ids(second) + ids(third)) == [f"r{n:02}" for n in range(3 * PAGE_LENGTH)]
    assert ids(back) == ids(second)


async def test_each_lens_shows_what_stands_like_that_and_counts_all_kinds(store):
    await store.ledger.ask(question("queued", asked_at=at(5)))
    await store.running("stuck")
    await store.ledger.heartbeat("stuck", (await store.ledger.held("stuck")).fence, stuck_at=NOW)
    failed = await store.running("failed", asker_id="U2", channel_id="C2")
    await store.record(failed, Failed(Trouble("failed")))
    stopped = await store.running("stopped", asked_at=at(-90_000))
    await store.record(stopped, CancelAsked("U1"))
    await store.ask("cancelled")
    await store.ledger.record("cancelled", None, CancelAsked("U1"), NOW)
    await store.completed("finished")
    await store.change("UPDATE research SET undelivered = 'is_archived' WHERE id = 'finished'")

    shown = {lens: sorted(ids(await store.office.page(StatusQuery("T1", lens=lens), NOW))) for lens in Lens}
    assert shown == {
        Lens.RUNNING: ["stopped", "stuck"],
        Lens.QUEUED: ["queued"],
        Lens.STUCK: ["stuck"],
        Lens.UNDELIVERED: ["finished"],
        Lens.FAILED: ["failed"],
        Lens.STOPPED: ["cancelled"],
        Lens.FINISHED: ["finished"],
    }
    page = await store.office.page(StatusQuery("T1"), NOW)
    assert page.counts == {lens: len(names) for lens, names in shown.items()}
    assert page.total == 6
    assert ids(await store.office.page(StatusQuery("T1", channel_id="C2"), NOW)) == ["failed"]
    assert ids(await store.office.page(StatusQuery("T1", "U2", lens=Lens.FAILED), NOW)) == ["failed"]
    assert len(ids(await store.office.page(StatusQuery("T1", days=1), NOW))) == 5
    exported = await store.office.exported(StatusQuery("T1", lens=Lens.FAILED), NOW)
    assert [line.view.research_id for line in exported] == ["failed"]


async def test_a_dossier_tells_everything_of_one_research(store):
    held = await store.running("r", agent="deep-research-x")
    await store.record(held, Failed(Trouble("failed", "It said no"), None, Usage(1000, 0, 500, searches=3)))
    await store.ledger.record("r", None, Retried("U1"), at(10))
    (root,) = await store.posts()
    await store.outbox.dead(root, "channel_not_found")
    found = await store.office.dossier("T1", "r", at(20))

    assert [words for _, words in found.timeline] == ["asked", "sent to Google", "retried"]
    assert [(one.attempt, one.agent, one.spent) for one in found.calls] == [(1, "deep-research-x", "real")]
    assert ("root", "dead", "channel_not_found") in [(p.part, p.state, p.error) for p in found.posts]
    assert await store.office.dossier("T2", "r", NOW) is None
    assert await store.office.dossier("T1", "nothing", NOW) is None


async def test_what_was_given_up_is_told_again_when_somebody_asks(store):
    await store.admitted("r")
    (root,) = await store.posts()
    await store.outbox.dead(root, "channel_not_found")
    await store.change("UPDATE research SET undelivered = 'channel_not_found'")

    assert await store.office.deliver_again("T1", "r", "U9", at(30)) >= 1
    assert "root" in [errand.letter.part for errand in await store.claim(at(31))]
    (line,) = (await store.office.page(StatusQuery("T1"), NOW)).lines
    assert line.undelivered == ""


async def test_totals_say_who_spent_where_on_what_and_when(store):
    usage = Usage(input_tokens=1_000_000, output_tokens=0, searches=0)
    for name, values in (("a", {}), ("b", {"asker_id": "U2", "channel_id": "C2"}), ("c", {})):
        held = await store.running(name, agent="deep-research-x", **values)
        await store.record(held, Completed(REPORT, usage))
    refused = await store.admitted("d")
    await store.record(refused, Refused(Trouble("not_allowed")))
    await store.ledger.ask(question("e"))
    house = await store.office.house("T1")
    await store.office.settle_house("T1", replace(house, limits=Limits(active=4)), "U9", NOW)
    found = await store.office.totals("T1", at(-60), NOW)

    assert (found.runs, found.spent) == (3, 9 * DOLLAR)
    assert [(one.name, one.runs, one.micros) for one in found.people] == [
        ("U1", 2, 4 * DOLLAR),
        ("U2", 1, 2 * DOLLAR),
    ]
    assert [one.name for one in found.channels] == ["C1", "C2"]
    assert [(one.name, one.micros) for one in found.agents] == [("deep-research-x", 6 * DOLLAR)]
    assert [(one.name, one.runs) for one in found.months] == [("2026-11", 3)]
    assert (found.running, found.waiting, found.limits.active) == (0, 1, 4)
