"""Home tabs as rows, on each engine: shown when they are old, in turn, once, and never of somebody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.home import FRESH, PAGE_LENGTH, Preferences
from bot.domain.house import House, Limits
from bot.domain.policy import Depth
from bot.domain.report import Report
from bot.domain.research import Admitted, CancelAsked, Failed, Refused, Trouble
from bot.store.homes import TAKEN, SqlHomes
from tests.contract.store_kit import NOW, Store, at, place, question

ADA = ("T1", "U1")


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


@pytest.fixture
def homes(store):
    return SqlHomes(store.database)


async def claimed(homes, now=NOW):
    return [(tab.team_id, tab.person_id) for tab in await homes.claim(now, 8)]


async def shown_once(homes, now=NOW):
    """A tab that was opened and shown."""
    await homes.opened(*ADA, "h0", now)
    (tab,) = await homes.claim(now, 8)
    await homes.shown(tab, "h1", now)


async def ended(store, name, **values):
    held = await store.ask(name, **values)
    await store.record(held, Refused(Trouble("code", "")))


async def test_an_opened_tab_is_taken_once_and_again_if_whoever_took_it_died(homes):
    await homes.opened(*ADA, "h0", NOW)

    (tab,) = await homes.claim(NOW, 8)
    assert tab.seen == "h0"
    assert await homes.claim(at(TAKEN - 1), 8) == []
    assert await claimed(homes, at(TAKEN)) == [ADA]


async def test_what_happens_to_its_researches_makes_it_old_and_what_comes_together_is_shown_together(
    store, homes
):
    await shown_once(homes)
    assert await homes.claim(at(60), 8) == []
    await store.ledger.ask(question("r", asked_at=at(60)))
    await store.ledger.record("r", None, CancelAsked("U1"), at(60.5))

    assert await homes.claim(at(61), 8) == []
    (tab,) = await homes.claim(at(63), 8)
    assert tab.seen == "h1"
    await homes.shown(tab, "h2", at(63))
    assert await homes.claim(at(600), 8) == []


async def test_what_changes_while_it_is_being_shown_is_shown_right_after(store, homes):
    await homes.opened(*ADA, "", NOW)
    (tab,) = await homes.claim(NOW, 8)
    await store.ask("r")
    await homes.shown(tab, "h1", at(1))

    assert await claimed(homes, at(1)) == [ADA]


async def test_others_and_who_has_not_looked_for_an_hour_are_left_alone(store, homes):
    await shown_once(homes)
    await store.ledger.ask(question("other", asker_id="U2", asked_at=at(60)))
    await store.ledger.ask(question("elsewhere", team_id="T2", asked_at=at(60)))
    assert await homes.claim(at(90), 8) == []
    await store.ledger.ask(question("later", asked_at=at(FRESH + 1)))

    assert await homes.claim(at(FRESH + 90), 8) == []


async def test_a_workspace_keeps_to_the_pace_and_holds_up_no_other(homes):
    for number in range(20):
        await homes.opened("T1", f"U{number}", "", at(number / 1000))
    await homes.opened("T2", "U1", "", at(1))
    first = await claimed(homes, at(1))
    second = await claimed(homes, at(1.7))

    assert ("T2", "U1") in first
    assert len(first) == 6
    assert len(second) == 1


async def test_page_and_words_are_kept_for_as_long_as_it_is_fresh(homes):
    await shown_once(homes)
    await homes.turn(*ADA, at(10), page=0, search="gold")
    await homes.turn(*ADA, at(11), page=2)
    (tab,) = await homes.claim(at(11), 8)
    assert (tab.page, tab.search) == (2, "gold")
    await homes.opened(*ADA, "h5", at(20))
    (tab,) = await homes.claim(at(20 + TAKEN), 8)
    assert (tab.page, tab.search, tab.seen) == (2, "gold", "h5")
    await homes.opened(*ADA, "h6", at(20 + FRESH))
    (tab,) = await homes.claim(at(20 + FRESH), 8)

    assert (tab.page, tab.search) == (0, "")


async def test_what_was_not_shown_is_tried_again_then_and_what_is_closed_is_not(homes):
    await homes.opened(*ADA, "h0", NOW)
    (tab,) = await homes.claim(NOW, 8)
    await homes.again(tab, at(5), seen="")
    assert await homes.claim(at(4), 8) == []
    (tab,) = await homes.claim(at(5), 8)
    assert (tab.tries, tab.seen) == (1, "")
    await homes.closed(tab)
    assert await homes.claim(at(500), 8) == []
    await homes.opened(*ADA, "h0", at(501))

    assert await claimed(homes, at(501)) == [ADA]


async def test_the_shelf_holds_a_persons_own_in_pages_and_finds_words_literally(store, homes):
    for number in range(PAGE_LENGTH + 1):
        asked_at = NOW - timedelta(hours=2) + timedelta(seconds=number)
        await ended(store, f"r{number}", asked_at=asked_at, question=f"Why 1{number}0_% gold?")
    await ended(store, "foreign", asker_id="U2", question="Why gold?")
    await store.running("running", question="Why now?")

    first = await homes.shelf(*ADA, 0, "", at(60))
    last = await homes.shelf(*ADA, 99, "", at(60))
    found = await homes.shelf(*ADA, 0, "GOLD 130_%", at(60))
    none = await homes.shelf(*ADA, 0, "1_0", at(60))

    assert [line.view.research_id for line in first.running] == ["running"]
    assert (first.total, first.pages, len(first.history)) == (PAGE_LENGTH + 1, 2, PAGE_LENGTH)
    assert first.history[0].view.research_id == f"r{PAGE_LENGTH}"
    assert (last.page, [line.view.research_id for line in last.history]) == (1, ["r0"])
    assert [line.view.research_id for line in found.history] == ["r3"]
    assert none.history == ()
    assert (first.open, first.asked_today) == (1, 1)
    assert first.spent > 0


async def test_a_persons_own_depth_holds_where_nobody_chose_one(store, homes):
    await store.office.settle_house("T1", House(depth=Depth.MAX, limits=Limits()), "U9", NOW)
    await homes.prefer(*ADA, Preferences(depth=Depth.QUICK))
    unchosen = {"depth_is_default": True}
    asked = {
        "own": question("own", **unchosen),
        "chosen": question("chosen"),
        "planned": question("planned", plan_first=True, **unchosen),
        "other": question("other", asker_id="U2", **unchosen),
    }
    for one in asked.values():
        await store.ledger.ask(one)
    depths = dict(await store.rows("SELECT id, depth FROM research"))
    await homes.prefer(*ADA, replace(await homes.preferences(*ADA), depth=None))
    await store.ledger.ask(question("again", **unchosen))

    assert depths == {"own": "quick", "chosen": "standard", "planned": "standard", "other": "max"}
    assert (await store.rows("SELECT depth FROM research WHERE id = 'again'"))[0].depth == "max"


async def test_tabs_and_settings_go_with_their_person_and_unused_tabs_after_a_while(store, homes):
    await homes.opened(*ADA, "", NOW)
    await homes.turn(*ADA, NOW, search="a secret word")
    await homes.prefer(*ADA, Preferences(depth=Depth.MAX))
    await homes.opened("T1", "U2", "", at(100))
    await homes.forget(at(50))
    assert [row.person_id for row in await store.rows("SELECT person_id FROM home_tab")] == ["U2"]
    await store.office.erase_person("T1", "U1", "U9", NOW)

    assert await store.rows("SELECT * FROM preference") == []


async def _noticed(store, homes, kind="public", **values):
    """A research of somebody who wants to be told directly, announced in a conversation of this kind."""
    await homes.prefer(*ADA, Preferences(notify=True))
    held = await store.ask("r", **values)
    await store.ledger.settle_place("r", held.fence, place(kind), "Ada")
    await store.record(held, Admitted())
    await store.posted("root", "card")
    return held


async def _fails(store, held):
    assert await store.ledger.mark("r", held.fence, NOW, per_user=0, total=0)
    await store.begun(held)
    await store.record(held, Failed(Trouble("failed", ""), Report("# Half")))


async def test_a_notice_follows_the_outcome_and_holds_up_no_report(store, homes):
    await _fails(store, await _noticed(store, homes))
    posted = [await store.tell(at(second)) for second in range(0, 20, 2)]
    told = [part for parts in posted for part in parts]

    assert told.index("outcome.1") < told.index("notice.1")
    assert told.count("notice.1") == 1
    assert "report.1.3" in told


async def test_who_is_told_in_a_direct_message_or_stopped_it_themselves_gets_no_notice(store, homes):
    await _fails(store, await _noticed(store, homes, "direct"))
    assert "notice.1" not in await store.tell_all()
    await store.change("DELETE FROM research")
    await _noticed(store, homes)
    await store.ledger.record("r", None, CancelAsked("U1"), NOW)

    assert "notice.1" not in await store.tell_all()


async def test_a_research_that_moves_to_the_direct_message_takes_its_waiting_notice_back(store, homes):
    await _fails(store, await _noticed(store, homes))
    outcome = await store.post()
    await store.outbox.redirect(outcome, "D1", "is_archived", NOW)

    assert "notice.1" not in await store.tell_all()
