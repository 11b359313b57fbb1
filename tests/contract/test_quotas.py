"""Limits on each engine: of the environment, lowered in Slack, lifted by an admin; a fair line; an audit that stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.errands import Answer
from bot.domain.house import House, Limits, Style
from bot.domain.permits import Kind
from bot.domain.policy import Depth
from bot.domain.research import CancelAsked, Failed, Retried, Trouble
from bot.errors import StoreError
from bot.store.deeds import alias_of, deeds_of
from bot.store.office import SqlOffice
from tests.contract.store_kit import NOW, Store, at, place, question


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


@pytest.fixture
def office(store):
    return SqlOffice(store.database)


async def settle(office, **values):
    house = await office.house("T1")
    assert await office.settle_house("T1", replace(house, **values), "U9", NOW)


async def answer(store, name, **values):
    return (await store.ledger.ask(question(name, **values))).answer


async def test_settings_are_kept_per_workspace_and_two_admins_do_not_overwrite_each_other(store, office):
    first = await office.house("T1")
    assert await office.settle_house("T1", replace(first, style=Style.BRIEF), "U9", NOW)
    assert not await office.settle_house("T1", replace(first, depth=Depth.MAX), "U8", NOW)
    second = await office.house("T1")

    assert (second.style, second.depth, second.version) == (Style.BRIEF, Depth.STANDARD, 1)
    assert await office.settle_house("T1", replace(second, depth=Depth.MAX), "U8", NOW)
    assert await office.house("T2") == House()


async def test_a_limit_of_a_day_set_in_slack_holds_at_once_and_says_when_it_opens_again(store, office):
    await settle(office, limits=Limits(daily_per_user=2))
    await store.ledger.ask(question("a", asked_at=at(-7200)))
    near = await store.ledger.ask(question("b"))
    refused = await store.ledger.ask(question("c", asked_at=at(60)))

    assert near.answer is Answer.ACCEPTED
    assert [(one.used, one.limit) for one in near.nearing] == [(2, 2)]
    assert refused.answer is Answer.OVER_DAILY_LIMIT
    assert refused.opens_at == at(-7200) + timedelta(days=1)
    assert await answer(store, "d", asker_id="U2") is Answer.ACCEPTED
    assert await answer(store, "e", team_id="T2") is Answer.ACCEPTED


async def test_the_environment_is_the_ceiling(store, office):
    await settle(office, limits=Limits(daily_per_user=50), people_exempt=("U1",))
    await store.ledger.ask(question("a", daily_limit=1))
    await office.lift("T1", "U1", "U9", NOW)

    assert await answer(store, "b", daily_limit=1) is Answer.OVER_DAILY_LIMIT


async def test_a_lift_is_good_for_one_question_and_an_exemption_for_all(store, office):
    await settle(office, limits=Limits(daily_per_user=1))
    await store.ledger.ask(question("a"))
    assert await answer(store, "b") is Answer.OVER_DAILY_LIMIT
    await office.lift("T1", "U1", "U9", NOW)

    assert await answer(store, "c") is Answer.ACCEPTED
    assert await answer(store, "d") is Answer.OVER_DAILY_LIMIT
    await settle(office, people_exempt=("U1",))
    assert [await answer(store, name) for name in "efg"] == [Answer.ACCEPTED] * 3


async def test_a_person_has_a_budget_of_their_own(store, office):
    await settle(office, limits=Limits(monthly_per_user_usd=6.0))  # two standard ones at most

    assert [await answer(store, name) for name in "abc"] == [
        Answer.ACCEPTED,
        Answer.ACCEPTED,
        Answer.OVER_OWN_BUDGET,
    ]
    assert await answer(store, "d", asker_id="U2") is Answer.ACCEPTED


async def test_from_four_fifths_of_a_budget_on_the_asker_is_told(store, office):
    receipts = [await store.ledger.ask(question(name, monthly_budget_usd=12.0)) for name in "abcd"]
    refused = await store.ledger.ask(question("e", monthly_budget_usd=12.0))

    assert [bool(one.nearing) for one in receipts] == [False, False, False, True]
    assert refused.opens_at == NOW.replace(month=12, day=1, hour=0)


async def test_the_depth_that_nobody_chose_is_the_workspaces_own(store, office):
    await settle(office, depth=Depth.MAX)
    await store.ledger.ask(question("a", depth_is_default=True))
    await store.ledger.ask(question("b"))

    assert {row.id: row.depth for row in await store.rows("SELECT id, depth FROM research")} == {
        "a": "max",
        "b": "standard",
    }


async def mark(store, held, per_user=0, total=0):
    return await store.ledger.mark(held.research_id, held.fence, NOW, per_user=per_user, total=total)


async def places(store):
    rows = await store.rows("SELECT id, place_in_line FROM research WHERE waiting = 'turn'")
    return {row.id: row.place_in_line for row in rows}


async def test_the_line_is_fair_between_people_and_everybody_sees_their_place(store):
    running = await store.admitted("a0", asked_at=at(-10))
    assert await mark(store, running, total=1)
    waiting = [await store.admitted(f"a{number}", asked_at=at(number - 9)) for number in (1, 2)]
    late = await store.admitted("b", asker_id="U2", asked_at=at(-5))
    for held in (*waiting, late):
        assert not await mark(store, held, total=1)
    for held in (*waiting, late):
        await mark(store, held, total=1)

    assert places_in_order(await places(store)) == ["b", "a1", "a2"]
    await store.begun(running)
    await store.record(running, Failed(Trouble("failed")))
    assert not await mark(store, waiting[0], total=1)
    assert await mark(store, late, total=1)


def places_in_order(found):
    assert sorted(found.values()) == list(range(1, len(found) + 1))
    return sorted(found, key=found.__getitem__)


async def test_who_waits_for_something_else_keeps_nobody_waiting(store):
    first = await store.admitted("a", asked_at=at(-10))
    await store.ledger.wait_for("a", first.fence, "gemini", NOW)
    second = await store.admitted("b", asker_id="U2")

    assert await mark(store, second, total=1)


async def test_a_place_that_becomes_free_wakes_those_in_front(store):
    running = await store.running("a")
    waiting = await store.admitted("b", asker_id="U2")
    await mark(store, waiting, total=1)
    await store.ledger.release("b", waiting.fence, at(300))
    await store.record(running, Failed(Trouble("failed")), now=at(5))

    assert [held.research_id for held in await store.ledger.claim("me", at(5), 60, 5)] == ["b"]


async def test_limits_at_once_are_lowered_in_slack(store, office):
    await settle(office, limits=Limits(active_per_user=1))
    await store.running("a")
    second = await store.admitted("b")

    assert not await mark(store, second, per_user=3)
    await settle(office, people_exempt=("U1",))
    assert await mark(store, second, per_user=3)


async def deeds(store, team_id="T1"):
    return await store.database.read(lambda connection: deeds_of(connection, team_id))


async def test_the_audit_says_who_did_what_under_names_that_only_their_keys_explain(store, office):
    held = await store.admitted("r")
    await store.ledger.settle_place("r", held.fence, place(Kind.PRIVATE), "Ada")
    await store.ledger.record("r", None, CancelAsked("U2"), NOW)
    await store.ledger.record("r", None, Retried("U1"), NOW)
    await settle(office, limits=Limits(active=5))
    await office.lift("T1", "U1", "U9", NOW)
    await office.note("T1", "U2", "report.exported", "r", NOW)
    found = await deeds(store)
    ada = await store.database.write(lambda connection: alias_of(connection, "T1", "U1"))

    assert [(one.what, one.about) for one in found] == [
        ("research.asked", "r"),
        ("research.stopped", "r"),
        ("research.retried", "r"),
        ("settings.changed", ""),
        ("limit.lifted", ""),
        ("report.exported", "r"),
    ]
    assert found[0].who == found[2].who == ada != found[1].who
    assert "active: 0 → 5" in found[3].detail
    assert not any(
        person in str([tuple(one) for one in found]) for person in ("U1", "U2", "U9", "Ada", "Why")
    )
    assert await deeds(store, "T2") == []


@pytest.mark.parametrize("statement", ["UPDATE deed SET who = 'nobody'", "DELETE FROM deed"])
async def test_the_database_itself_refuses_to_change_the_audit(store, statement):
    await store.ledger.ask(question("r"))
    with pytest.raises(StoreError, match="append-only"):
        await store.database.write(lambda connection: connection.execute(text(statement)))

    assert len(await deeds(store)) == 1


async def test_a_copy_of_a_question_is_no_second_deed(store):
    await store.ledger.ask(question("a"))
    await store.ledger.ask(question("b", request_key="key a"))

    assert len(await deeds(store)) == 1
