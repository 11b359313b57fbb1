"""The Ledger, on each engine: what happened is written once, together with what Slack must be told."""

from __future__ import annotations

import json

import pytest

from bot.domain.interaction import Usage
from bot.domain.letters import Waiting, Whisper
from bot.domain.report import Report
from bot.domain.research import (
    CancelAsked,
    Completed,
    DeadlinePassed,
    Failed,
    Lapsed,
    Marked,
    Progressed,
    Refused,
    Retried,
    Started,
    State,
    Stopped,
    Thought,
    Trouble,
)
from bot.errors import IllegalEvent, LeaseLost
from tests.contract.store_kit import NOW, REPORT, Store, at, place

TROUBLE = Trouble("code", "detail")
AGENT = "deep-research-preview-04-2026"
COUNTED = Usage(input_tokens=100_000, output_tokens=10_000, searches=10)


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


# --- recording


async def test_an_end_and_what_slack_must_be_told_are_one_transaction(store):
    held = await store.running()
    await store.change(
        "ALTER TABLE report RENAME TO elsewhere"
    )  # so that the last of the rows cannot be written
    before = await store.rows("SELECT part FROM delivery ORDER BY id")
    with pytest.raises(Exception, match="report"):
        await store.record(held, Completed(REPORT))
    await store.change("ALTER TABLE elsewhere RENAME TO report")

    assert (await store.ledger.held("r")).state is State.RUNNING
    assert await store.rows("SELECT part FROM delivery ORDER BY id") == before


async def test_a_completed_research_is_told_in_order(store):
    await store.completed()

    kinds = await store.rows("SELECT kind FROM delivery WHERE kind NOT IN ('status', 'session') ORDER BY seq")
    assert kinds == [("root",), ("card",), ("outcome",), ("whole",)]


async def test_an_illegal_event_changes_nothing(store):
    held = await store.completed()
    before = await store.rows("SELECT * FROM research"), await store.rows("SELECT * FROM delivery")
    for event in (Failed(TROUBLE), Stopped(), Marked(), Retried("U1"), CancelAsked("U1"), DeadlinePassed()):
        with pytest.raises(IllegalEvent):
            await store.ledger.record("r", held.fence, event, at(1))

    assert (await store.rows("SELECT * FROM research"), await store.rows("SELECT * FROM delivery")) == before


async def test_a_research_that_is_not_there_cannot_be_recorded(store):
    with pytest.raises(IllegalEvent, match="no such"):
        await store.ledger.record("nothing", None, CancelAsked("U1"), NOW)
    assert await store.ledger.held("nothing") is None


async def test_a_thought_is_kept_once_by_its_key_however_often_it_is_replayed(store):
    held = await store.running()
    await store.tell_all()
    thoughts = (Thought("1", "**A**", "e1"), Thought("2", "**B**", "e2"))
    await store.record(held, Progressed(thoughts, "e2"), now=at(5))
    wanted = await store.rows("SELECT wanted FROM delivery ORDER BY id")
    await store.record(held, Progressed(thoughts, "e2"), now=at(9))

    assert await store.rows("SELECT key, body FROM thought ORDER BY id") == [("1", "**A**"), ("2", "**B**")]
    assert await store.rows("SELECT wanted FROM delivery ORDER BY id") == wanted
    seen = await store.ledger.held("r")
    assert (seen.last_event_id, seen.changed_at) == ("e2", at(5))


async def test_a_thought_that_a_stream_and_a_look_tell_is_one_and_words_said_twice_are_two(store):
    words = ("**A**", "**B**", "**A**")
    by_stream = tuple(Thought(f"e{number}", text, f"e{number}") for number, text in enumerate(words))
    by_look = tuple(Thought(f"0.{number}", text) for number, text in enumerate(words))
    held = await store.running()
    await store.record(held, Progressed(by_stream[:1], "e0"), now=at(1))
    await store.record(held, Progressed(by_look[:2]), now=at(2))
    await store.record(held, Progressed(by_look[:2]), now=at(3))
    await store.record(held, Progressed(by_stream, "e2"), now=at(4))
    await store.record(held, Progressed(by_look), now=at(5))
    await store.record(held, Progressed(by_stream, "e2"), now=at(6))

    assert [body for _, body in await store.rows("SELECT key, body FROM thought ORDER BY id")] == list(words)
    assert (await store.ledger.held("r")).changed_at == at(4)


async def test_a_thought_after_a_quiet_time_ends_the_quiet(store):
    held = await store.running()
    await store.ledger.heartbeat("r", held.fence, stuck_at=at(-1))
    assert (await store.ledger.held("r")).stuck_at == at(-1)

    await store.record(held, Progressed((Thought("1", "A"),)), now=at(5))
    assert (await store.ledger.held("r")).stuck_at is None


@pytest.mark.parametrize(
    "end", [Failed(TROUBLE), DeadlinePassed(), Stopped()], ids=["failed", "expired", "cancelled"]
)
async def test_a_late_report_is_delivered_all_the_same(store, end):
    held = await store.running()
    await store.record(held, end)
    await store.tell_all()
    await store.ledger.record("r", None, Completed(REPORT, raw=b"{}"), at(60))

    assert (await store.ledger.held("r")).state is State.COMPLETED
    assert await store.rows("SELECT trouble_code, sources FROM research") == [("", 0)]
    assert await store.tell_all(at(60)) == ["outcome.2", "report.1.1", "report.1.2", "report.1.3"]


async def test_what_was_found_before_it_failed_is_kept_and_delivered(store):
    held = await store.running()
    await store.record(held, Failed(TROUBLE, Report("Half.")))

    assert await store.rows("SELECT partial FROM report") == [(True,)]
    assert "report.1.1" in await store.tell_all()


async def test_a_retried_research_is_a_new_attempt_with_a_clean_slate(store):
    held = await store.running()
    await store.record(held, Progressed((Thought("1", "**Old**"),), "e1"), Failed(TROUBLE, usage=Usage(1)))
    await store.ledger.record("r", None, Retried("U2"), at(10))
    again = await store.take("two", at(10))

    assert (again.state, again.attempt, again.admitted) == (State.QUEUED, 2, True)
    assert (again.interaction_id, again.last_event_id, again.started_at, again.tries) == (None, None, None, 0)
    assert await store.rows("SELECT trouble_code, usage, ended_at FROM research") == [("", None, None)]
    await store.ledger.mark("r", again.fence, at(11), per_user=1, total=1)
    await store.record(again, Started("second"), Progressed((Thought("1", "**New**"),), "n1"))
    assert [r[0] for r in await store.rows("SELECT interaction_id FROM interaction ORDER BY id")] == [
        "interaction r",
        "second",
    ]
    card = next(e for e in await store.claim(at(12)) if e.letter.part == "root")
    await store.outbox.sent(card, "1.0", at(12))
    (card,) = [e for e in await store.claim(at(14)) if e.letter.part == "card"]
    assert card.letter.content.progress.current == "New"


async def test_a_person_is_told_privately_of_an_end_before_there_is_a_thread(store):
    held = await store.ask(response_url="https://slack.test/response")
    await store.record(held, Refused(TROUBLE))

    (errand,) = await store.claim()
    assert errand.letter.content.kind == "whisper"
    assert errand.letter.content.person_id == "U1"
    assert errand.letter.content.view.state is State.FAILED


async def test_a_queued_research_is_cancelled_at_once_and_a_running_one_is_wished_to_stop(store):
    await store.admitted("queued")
    running = await store.running("running")

    assert await store.ledger.record("queued", None, CancelAsked("U1"), NOW) is State.CANCELLED
    assert await store.ledger.record("running", None, CancelAsked("U2"), NOW) is State.CANCELLING
    assert await store.ledger.record("running", None, CancelAsked("U3"), NOW) is State.CANCELLING
    assert await store.ledger.wishes("me") == {"running"}
    assert await store.ledger.wishes("other") == frozenset()
    await store.record(running, Stopped())
    assert await store.ledger.wishes("me") == frozenset()
    cancelled = await store.rows("SELECT cancelled_by FROM research WHERE id = 'running'")
    assert cancelled == [("U2",)]


async def test_a_wish_for_a_research_that_nobody_holds_makes_it_due(store):
    held = await store.running()
    await store.ledger.release("r", held.fence, at(500))
    await store.ledger.record("r", None, CancelAsked("U1"), at(5))

    assert (await store.take("two", at(5))).state is State.CANCELLING


# --- waiting, moving, figures


async def test_why_a_research_waits_is_shown_once(store):
    held = await store.admitted()
    await store.tell_all()
    for _ in range(3):
        await store.ledger.wait_for("r", held.fence, Waiting.TURN, NOW)

    assert (await store.ledger.held("r")).waiting == Waiting.TURN
    assert await store.rows("SELECT wanted - shown FROM delivery WHERE part = 'root'") == [(1,)]


async def test_a_research_that_waits_for_a_place_can_be_moved_and_no_other(store):
    held = await store.ask()
    assert not await store.ledger.move("r", "D1", "url", NOW)
    await store.ledger.wait_for("r", held.fence, Waiting.PLACE, NOW)
    assert await store.ledger.move("r", "D1", "url", at(1))

    with pytest.raises(LeaseLost):
        await store.record(held, Lapsed())
    moved = await store.take("two", at(1))
    assert (moved.channel_id, moved.waiting, moved.response_url) == ("D1", "", "url")
    assert not await store.ledger.move("r", "D2", "url", at(2))


async def test_figures_that_come_after_the_end_are_added(store):
    held = await store.completed()
    await store.tell_all()
    await store.ledger.note_usage("r", held.fence, Usage(total_tokens=7), at(1))

    (card,) = [e for e in await store.claim(at(60)) if e.letter.part == "card"]
    assert card.letter.content.view.usage.total_tokens == 7


async def edited_outcome(store):
    """The errand of its edit, which waits for its turn behind the card's."""
    due = [errand for second in (60, 65, 70) for errand in await store.claim(at(second))]
    (outcome,) = [errand for errand in due if errand.letter.part == "outcome.1"]
    return outcome


async def test_an_outcome_that_is_told_is_edited_to_say_what_google_counted(store):
    held = await store.completed(agent=AGENT)
    await store.tell_all()
    await store.ledger.note_usage("r", held.fence, COUNTED, at(1))

    outcome = await edited_outcome(store)
    assert (outcome.is_edit, outcome.method) == (True, "chat.update")
    assert not outcome.letter.content.view.cost.is_estimate
    await store.outbox.shown(outcome, at(71))
    (row,) = await store.rows("SELECT state, open FROM delivery WHERE kind = 'outcome'")
    assert (row.state, bool(row.open)) == ("sent", False)


async def test_an_outcome_that_waits_still_is_told_once_with_what_google_counted(store):
    held = await store.completed(agent=AGENT)
    await store.ledger.note_usage("r", held.fence, COUNTED, at(1))
    await store.tell_all()

    (told,) = await store.rows("SELECT state, shown, wanted, content FROM delivery WHERE kind = 'outcome'")
    assert (told.state, told.shown) == ("sent", told.wanted)
    assert json.loads(told.content)["view"]["cost"]["is_estimate"] is False


async def test_an_outcome_that_cannot_be_edited_is_told_all_the_same(store):
    held = await store.completed(agent=AGENT)
    await store.tell_all()
    await store.ledger.note_usage("r", held.fence, COUNTED, at(1))
    outcome = await edited_outcome(store)
    await store.outbox.dead(outcome, "cant_update_message")

    (row,) = await store.rows("SELECT state, open FROM delivery WHERE kind = 'outcome'")
    (research,) = await store.rows("SELECT undelivered FROM research")
    assert (row.state, bool(row.open), research.undelivered) == ("sent", False, "")


async def test_what_a_later_attempt_used_changes_no_outcome_of_an_earlier_one(store):
    held = await store.running(agent=AGENT)
    await store.record(held, Failed(TROUBLE))
    await store.tell_all()
    told = await store.rows("SELECT content, wanted FROM delivery WHERE kind = 'outcome'")
    await store.ledger.record("r", None, Retried("U1", 1), at(40))
    again = await store.take(now=at(40))
    assert await store.ledger.mark("r", again.fence, at(40), per_user=0, total=0, agent=AGENT)
    await store.record(again, Started("second"), now=at(41))
    await store.ledger.note_usage("r", again.fence, COUNTED, at(42))

    assert await store.rows("SELECT content, wanted FROM delivery WHERE kind = 'outcome'") == told


async def test_figures_are_not_added_by_whoever_overslept_the_lease(store):
    held = await store.completed()

    with pytest.raises(LeaseLost):
        await store.ledger.note_usage("r", held.fence, Usage(total_tokens=7), at(3600))


async def test_a_thread_leads_to_its_research(store):
    await store.admitted()
    await store.tell_all()

    assert await store.ledger.of_thread("T1", "C1", "ts root") == "r"
    assert await store.ledger.of_thread("T2", "C1", "ts root") is None
    assert await store.ledger.of_thread("T1", "C1", "ts other") is None


async def test_tries_before_the_start_are_counted_and_the_place_is_kept(store):
    held = await store.ask()
    await store.ledger.tried("r", held.fence)
    await store.ledger.settle_place("r", held.fence, place("private"), "Ada " * 50)

    seen = await store.ledger.held("r")
    assert (seen.tries, seen.channel_kind) == (1, "private")


async def test_who_waits_for_a_place_is_asked_for_one_in_the_same_transaction_and_once(store):
    held = await store.ask()
    for _ in range(2):
        await store.ledger.wait_for("r", held.fence, Waiting.PLACE, NOW, Whisper("U1", "no_place", "r"))
    with pytest.raises(LeaseLost):
        await store.ledger.wait_for("r", held.fence - 1, Waiting.TURN, NOW, Whisper("U1", "again", "r"))

    assert await store.rows("SELECT waiting FROM research") == [("place",)]
    assert await store.rows("SELECT part, state FROM delivery") == [("whisper.1", "pending")]
