"""Slack's agent sessions in the outbox, on each engine: said when it changes, kept alive, and gone without."""

from __future__ import annotations

import pytest

from bot.domain.letters import Waiting
from bot.domain.research import Admitted, CancelAsked, Completed, Progressed, Retried, Stopped, Thought
from bot.domain.sessions import KEEP_ALIVE, SessionStatus
from tests.contract.store_kit import REPORT, Store, at

SESSION = "agents.sessions.setStatus"
PROCESSING, SUSPENDED, ACTIVE = SessionStatus.PROCESSING, SessionStatus.SUSPENDED, SessionStatus.ACTIVE


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def session(store, seconds):
    """The session's errand if it is its turn then, with everything else told."""
    found = None
    for errand in await store.claim(at(seconds)):
        if errand.letter.part == "session":
            found = errand
        elif errand.is_edit:
            await store.outbox.shown(errand, at(seconds))
        else:
            await store.outbox.sent(errand, f"ts {errand.letter.part}", at(seconds))
    return found


async def said(store, seconds):
    """What Slack is told of the session then, confirmed; None for nothing."""
    errand = await session(store, seconds)
    if errand is None:
        return None
    status = errand.letter.content.status
    if status is PROCESSING:
        await store.outbox.kept(errand, at(seconds + KEEP_ALIVE))
    else:
        await store.outbox.shown(errand, at(seconds))
    return status


async def announced(store, name="r"):
    held = await store.running(name)
    await store.posted("root", "card", "status")
    return held


async def test_it_is_said_once_that_we_work_however_much_is_thought(store):
    held = await announced(store)
    errand = await session(store, 0)
    assert (errand.method, errand.is_edit, errand.letter.content.status) == (SESSION, True, PROCESSING)
    assert errand.letter.content.question == "Why r?"
    await store.outbox.kept(errand, at(KEEP_ALIVE))

    for number in range(1, 5):
        await store.record(held, Progressed((Thought(f"{number}", "**One**"),)))
        assert await said(store, 10 * number) is None


async def test_it_is_said_again_well_before_slack_forgets_it(store):
    await announced(store)
    assert await said(store, 0) is PROCESSING

    assert await said(store, KEEP_ALIVE - 1) is None
    assert await said(store, KEEP_ALIVE) is PROCESSING
    assert await said(store, 2 * KEEP_ALIVE - 1) is None
    assert await said(store, 2 * KEEP_ALIVE) is PROCESSING


@pytest.mark.parametrize("end", [Completed(REPORT), Stopped()])
async def test_at_the_end_it_is_said_that_we_do_not_work_and_nothing_more(store, end):
    held = await announced(store)
    assert await said(store, 0) is PROCESSING
    await store.record(held, end, now=at(60))

    assert await said(store, 61) is ACTIVE
    assert await said(store, 3 * KEEP_ALIVE) is None


async def test_an_end_that_comes_while_slack_is_told_is_said_at_once(store):
    held = await announced(store)
    under_way = await session(store, 0)
    await store.record(held, Completed(REPORT), now=at(1))
    await store.outbox.kept(under_way, at(KEEP_ALIVE))

    assert await said(store, 2) is ACTIVE


async def test_whoever_takes_over_after_a_crash_says_it_as_it_is_then(store):
    held = await announced(store)
    assert await session(store, 0) is not None
    await store.record(held, Completed(REPORT), now=at(5))

    assert await said(store, 30) is None
    assert await said(store, 61) is ACTIVE


async def test_a_wish_to_stop_changes_nothing_until_it_has_stopped(store):
    held = await announced(store)
    assert await said(store, 0) is PROCESSING
    await store.record(held, CancelAsked("U1"), now=at(10))
    assert await said(store, 11) is None

    await store.ledger.show_again("r", at(20))
    assert await said(store, 21) is PROCESSING


async def test_a_retry_is_work_again(store):
    held = await announced(store)
    await store.record(held, Stopped(), now=at(10))
    assert await said(store, 11) is ACTIVE
    await store.ledger.record("r", None, Retried("U1"), at(20))

    assert await said(store, 21) is PROCESSING


async def test_where_a_person_has_to_decide_it_is_suspended_but_only_behind_the_status_line(store):
    held = await store.admitted()
    await store.posted("root", "card", "status", "session")
    await store.ledger.wait_for("r", held.fence, Waiting.APPROVAL, at(1))
    await store.change("UPDATE delivery SET wanted = wanted + 1, open = :yes WHERE kind = 'status'", yes=True)

    first = [errand.letter.part for errand in await store.claim(at(2))]
    assert "status" in first
    assert "session" not in first
    await store.posted("status")
    assert await said(store, 4) is SUSPENDED
    assert await said(store, 3 * KEEP_ALIVE) is None


async def test_it_never_holds_up_what_is_posted_and_goes_behind_it(store):
    await store.completed()

    assert await store.tell_all() == [
        "root", "card", "outcome.1", "report.1.1", "report.1.2", "report.1.3",
    ]  # fmt: skip


async def test_a_workspace_without_sessions_is_asked_once_a_day(store):
    for name in ("a", "b"):
        await announced(store, name)
    errand = await session(store, 0)
    await store.outbox.forgo(errand, "not_agent_app", at(86_400))
    await announced(store, "c")
    await store.admitted("elsewhere", team_id="T2")
    await store.posted("root", "card", "status")

    claimed = [e for s in range(1, 9) for e in await store.claim(at(s)) if e.letter.part == "session"]
    assert [errand.letter.research_id for errand in claimed] == ["elsewhere"]
    await store.change("DELETE FROM delivery")
    later = await store.ask("later")
    await store.ledger.record("later", later.fence, Admitted(), at(86_401))
    await store.posted("root", "card", "status")
    assert await said(store, 86_402) is PROCESSING


async def test_a_thread_that_moved_has_a_session_of_its_own(store):
    await announced(store)
    assert await said(store, 0) is PROCESSING
    await store.ledger.show_again("r", at(1))
    card = next(e for e in await store.claim(at(1)) if e.letter.part == "card")
    await store.outbox.redirect(card, "D1", "channel_not_found", at(2))
    await store.posted("root", "card", "status")

    assert await said(store, 3) is PROCESSING
