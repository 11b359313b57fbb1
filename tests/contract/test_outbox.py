"""The Outbox, on each engine: in order per thread, the card's latest, and within Slack's limits."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import anyio
import pytest
from sqlalchemy import update

from bot.domain.letters import Whisper
from bot.domain.pacing import RATES
from bot.domain.research import Admitted, Completed, Progressed, Thought
from bot.store.claiming import claim as claim_errands
from bot.store.rows import DELIVERY
from tests.contract.plans import plan_of
from tests.contract.store_kit import LEASE, NOW, REPORT, Store, at, names, parts

URL = "https://slack.test/response"


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


# --- order


async def test_a_thread_is_told_in_order_root_first(store):
    await store.completed()

    assert await store.tell_all() == [
        "root", "card", "outcome.1", "report.1.1", "report.1.2", "report.1.3",
    ]  # fmt: skip


async def test_nothing_goes_into_a_thread_that_is_not_there_yet(store):
    await store.completed()
    root = await store.only()
    assert root.letter.part == "root"
    assert root.letter.address.thread_ts is None

    assert await store.claim(at(30)) == []
    await store.outbox.sent(root, "1.0", at(30))
    card = await store.post(at(32))
    assert (card.letter.part, card.letter.address.thread_ts) == ("card", "1.0")


async def test_a_later_message_waits_for_the_one_before_it_and_other_threads_do_not(store):
    for name in ("a", "b"):
        await store.completed(name, channel_id=f"C{name}")
    await store.tell(NOW)
    first = await store.posts(at(2))
    assert names(first) == ["card", "card"]
    await store.outbox.sent(first[0], "1.1", at(3))

    later = [e for second in (4, 6, 8) for e in await store.posts(at(second))]
    assert names(later) == ["outcome.1"]
    assert later[0].letter.research_id == first[0].letter.research_id


async def test_after_one_root_outcomes_go_before_more_roots_and_these_before_cards(store):
    await store.completed("done")
    await store.posted("root", "card")
    await store.admitted("card")
    await store.posted("root")
    for name in ("first", "second"):
        await store.admitted(name)
    claimed = [e for second in range(0, 8, 2) for e in await store.posts(at(second))]

    assert names(claimed) == ["root", "outcome.1", "root", "card"]


async def test_a_whisper_waits_for_nobody_and_nobody_waits_for_it(store):
    await store.admitted()
    await store.outbox.whisper("r", Whisper("U1", "psst", response_url=URL), NOW)
    await store.outbox.whisper("r", Whisper("U1", "psst again"), NOW)
    first = await store.claim(NOW)

    assert sorted(names(first)) == ["root", "whisper.1"]
    assert names(await store.claim(at(2))) == ["whisper.2"]
    await store.outbox.sent(next(e for e in first if e.letter.part == "root"), "1.0", at(3))
    assert names(await store.posts(at(4))) == ["card"]
    whisper = next(e for e in first if e.letter.part == "whisper.1").letter.content
    assert (whisper.text, whisper.response_url) == ("psst", URL)


# --- the card


async def test_of_many_changes_only_the_latest_is_shown(store):
    held = await store.running()
    await store.posted("root", "card", "status")
    for number in range(5):
        thought = Thought(str(number), f"**Thought {number}**")
        await store.record(held, Progressed((thought,)), now=at(number))
    card = next(e for e in await store.claim(at(10)) if e.letter.part == "card")

    assert (card.is_edit, card.method, card.ts) == (True, "chat.update", "ts card")
    assert card.letter.content.progress.current == "Thought 4"
    assert card.letter.content.at == at(10)
    await store.outbox.shown(card, at(13))
    assert [e for e in await store.claim(at(20)) if e.letter.part == "card"] == []


async def test_what_changes_while_an_edit_is_under_way_is_shown_by_the_next(store):
    held = await store.running()
    await store.posted("root", "card", "status")
    await store.record(held, Progressed((Thought("1", "**One**"),)))
    card = next(e for e in await store.claim() if e.letter.part == "card")
    await store.record(held, Progressed((Thought("2", "**Two**"),)))
    await store.outbox.shown(card, at(3))

    assert [e for e in await store.claim(at(2)) if e.letter.part == "card"] == []
    card = next(e for e in await store.claim(at(3)) if e.letter.part == "card")
    assert card.letter.content.progress.current == "Two"


async def test_a_card_that_slack_refused_once_is_tried_anew_with_the_next_change(store):
    held = await store.running()
    await store.posted("root", "card", "status")
    await store.record(held, Progressed((Thought("1", "**One**"),)))
    card = next(e for e in await store.claim() if e.letter.part == "card")
    await store.outbox.dead(card, "invalid_blocks")
    assert [e for e in await store.claim(at(5)) if e.letter.part == "card"] == []

    await store.record(held, Progressed((Thought("2", "**Two**"),)))
    card = next(e for e in await store.claim(at(10)) if e.letter.part == "card")
    assert (card.is_edit, card.ts) == (True, "ts card")


async def test_cards_that_wait_for_their_turn_keep_no_status_line_back(store):
    for number in range(12):
        await store.running(f"r{number}")
    await store.posted("root", "card", "status")
    for number in range(12):
        await store.ledger.show_again(f"r{number}", NOW)
    statuses = update(DELIVERY).where(DELIVERY.c.kind == "status").values(due_at=at(5))
    await store.database.write(
        lambda connection: connection.execute(statuses)
    )  # cards have waited for longer
    told = [e.letter.part for fifth in range(25) for e in await store.claim(at(10 + fifth / 5))]

    assert told.count("status") == 12
    assert 3 <= told.count("card") <= 5


# --- turns


async def test_two_processes_share_the_turns_of_a_workspace(store):
    rate = RATES["chat.postMessage"]
    for number in range(rate.burst + 5):
        await store.admitted(f"r{number}", channel_id=f"C{number}")
    claimed = []
    async with anyio.create_task_group() as tasks:

        async def claim(me):
            claimed.extend(await store.claim(NOW, me))

        for number in range(4):
            tasks.start_soon(claim, f"p{number}", name=f"claim {number}")
    assert len(claimed) == rate.burst

    gap = rate.team
    assert await store.claim(at(gap * 0.9), "other") == []
    assert len(await store.claim(at(gap), "other")) == 1


async def test_a_channel_gets_one_message_a_second(store):
    for number in range(3):
        await store.admitted(f"r{number}")
    moments = [tenth / 10 for tenth in range(40) if await store.claim(at(tenth / 10))]

    assert len(moments) == 3
    assert all(b - a >= 1 for a, b in pairwise(moments))


async def test_the_next_moment_is_when_the_next_can_go(store):
    await store.admitted("a")
    await store.admitted("b")
    _, next_at = await store.outbox.claim("me", NOW, LEASE, 10)
    assert next_at == at(RATES["chat.postMessage"].channel)
    _, next_at = await store.outbox.claim("me", at(2), LEASE, 10)
    assert next_at == at(LEASE)


async def test_nothing_to_do_has_no_next_moment(store):
    assert await store.outbox.claim("me", NOW, LEASE, 10) == ([], None)


async def test_who_asks_while_a_very_long_report_goes_out_sees_a_root_within_seconds(store):
    await very_long_report(store)
    waited = []
    for number, second in enumerate((2, 9, 16)):
        held = await store.ask(f"r{number}")
        await store.record(held, Admitted(), now=at(second))
        waited.append((await told(store, second, second + 7)).index((f"r{number}", "root")))

    assert waited == [0, 0, 0]


async def test_who_ends_while_a_very_long_report_goes_out_is_told_so_within_seconds(store):
    held = await store.running("short")
    await very_long_report(store)
    await told(store, 0, 20)
    await store.record(held, Completed(REPORT), now=at(20))

    assert (await told(store, 20, 27)).index(("short", "outcome.1")) <= 2


async def test_a_card_is_as_urgent_as_the_outcome_that_waits_for_it(store):
    """Behind the outcomes and reports of a busy channel it would keep its research from ending in Slack."""
    await very_long_report(store)
    held = await store.running("ended")
    before = await told(store, 0, 10)
    await store.record(held, Completed(REPORT), now=at(10))
    after = await told(store, 10, 20)

    assert ("ended", "root") in before
    assert ("ended", "card") not in before
    assert after.index(("ended", "card")) <= 2
    assert after.index(("ended", "outcome.1")) <= 4


async def very_long_report(store):
    """One of thirty messages is to be told, and nothing else."""
    await store.completed("long")
    await store.posted("root", "card", "status", "outcome.1")
    await store.outbox.expand(await store.only(), parts(*map(str, range(30))), NOW)


async def told(store, begin, end):
    """(research, part) of each post that has its turn from `begin` to `end`; Slack confirms it after 0.1 s."""
    found = []
    for tenth in range(10 * begin, 10 * end):
        for errand in await store.posts(at(tenth / 10)):
            await store.outbox.sent(errand, f"{tenth}", at((tenth + 1) / 10))
            found.append((errand.letter.research_id, errand.letter.part))
    return found


async def test_a_method_that_slack_paused_waits_and_no_other_does(store):
    held = await store.running()
    await store.posted("root", "card", "status", "session")
    await store.record(held, Progressed((Thought("1", "**One**"),)))
    await store.outbox.pause("T1", "chat.update", at(30))
    await store.outbox.pause("T1", "chat.update", at(10))
    await store.outbox.pause("T2", "assistant.threads.setStatus", at(30))

    assert names(await store.claim(at(20))) == ["status"]
    assert names(await store.claim(at(30))) == ["card"]


async def test_claiming_uses_the_index_of_open_deliveries(store):
    claim = partial(claim_errands, me="me", now=NOW, lease=LEASE, limit=5)

    assert "ix_delivery_due" in await plan_of(store.database, claim, "row_number")
