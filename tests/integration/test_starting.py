"""The one POST: refused, postponed, or lost; never made twice by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from bot.sandbox.gemini import Fault
from tests.integration.kit import (
    card,
    hears,
    no_code_words,
    outcomes,
    pings,
    runs,
    settled,
    visible_facts,
    whole_report,
)
from tests.world import World, visible

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.research import Event, State
    from bot.work.bench import Bench


def _posts(world: World) -> int:
    return sum(call.method == "POST" and call.path.endswith("/interactions") for call in world.gemini.calls)


def _buttons(message) -> list[str]:
    return [e["text"]["text"] for b in message.blocks if b["type"] == "actions" for e in b["elements"]]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.status(401), "does not accept this bot's API key"),
        (Fault.status(402), "no credit left"),
        (Fault.status(403), "may not use the research agent"),
        (Fault.status(404), "does not know (any more) the research agent"),
        (Fault.status(400, message="The question is not allowed."), "The question is not allowed."),
    ],
)
async def test_a_refused_start_says_why_and_that_nothing_was_spent(world: World, fault: Fault, words: str):
    world.gemini.faults.add("create", fault)
    async with world.bot():
        await world.ask("Will it start?")
        root = await world.root()
        outcome = await world.outcome(root)
        await settled(world, root, "Failed")

    said = visible(outcome)
    assert words in said
    assert "nothing was spent" in said
    assert _buttons(outcome) == ["Retry"]
    assert "nothing spent" in card(world, root)
    assert _posts(world) == 1
    assert sorted(outcome.notified) == ["U0ADA"]
    no_code_words(world)


async def test_a_wrong_key_is_never_shown(world: World):
    secret = "AIzaSyA-not-the-right-key-at-all-0123456789"
    async with world.bot(GEMINI_API_KEY=secret):
        await world.ask("Which key?")
        root = await world.root()
        outcome = await world.outcome(root)

    assert "does not accept" in visible(outcome)
    assert all(secret not in visible(one) for one in [root, *world.thread(root)])
    assert secret not in str(world.slack.calls)


@pytest.mark.parametrize("fault", [Fault.rate_limited(1), Fault.grpc_429(2), Fault.rate_limited(None)])
async def test_a_busy_gemini_is_tried_again_by_itself_and_the_thread_says_so(world: World, fault: Fault):
    world.gemini.faults.add("create", fault, times=2)
    async with world.bot():
        await world.ask("Busy? demo:quick")
        root = await world.root()
        await world.slack.until(lambda: "trying again by itself" in visible(root))
        await world.outcome(root)
        await whole_report(world, root)

    assert len(world.gemini.creates) == 1
    assert _posts(world) == 3
    assert len(outcomes(world, root)) == 1
    no_code_words(world)


async def test_a_start_that_waits_for_gemini_can_be_cancelled(world: World):
    world.gemini.faults.add("create", Fault.rate_limited(60), times=9)
    async with world.bot():
        await world.ask("Busy for long")
        root = await world.root()
        await world.slack.until(lambda: "trying again by itself" in visible(root))
        await world.slack.until(lambda: world.part(root, "card") is not None)
        await world.slack.people.click("ada", "research", world.part(root, "card").ts, "research_cancel")
        outcome = await world.outcome(root)
        await settled(world, root, "Stopped")

    assert "Nothing was spent" in visible(outcome)
    assert world.gemini.creates == []
    no_code_words(world)


@pytest.mark.parametrize(
    ("fault", "executed"),
    [
        (Fault.text(503, "upstream connect error"), 0),
        (Fault.html(502), 0),
        (Fault.status(500), 0),
        (Fault.status(503, executed=True), 1),
        (Fault.drop_before(), 0),
        (Fault.drop_after(), 1),
    ],
)
async def test_a_start_whose_answer_is_lost_is_asked_about_and_never_repeated_by_itself(
    world: World, fault: Fault, executed: int
):
    world.gemini.faults.add("create", fault)
    async with world.bot():
        await world.ask("Lost? demo:quick")
        root = await world.root()
        outcome = await world.outcome(root)
        await settled(world, root, "Unclear")
        before = (_posts(world), len(world.gemini.creates))
        await world.slack.people.click("ada", "research", outcome.ts, "research_retry")
        await world.outcome(root, 2)
        await whole_report(world, root, executed)

    said = visible(outcome)
    assert before == (1, executed)
    assert "unknown whether Google is running it" in said
    assert "$1–3" in said
    assert "press Retry" in said
    assert _buttons(outcome) == ["Retry"]
    assert _posts(world) == 2
    assert pings(world) == [("outcome.1", {"U0ADA"}), ("outcome.2", {"U0ADA"})]
    no_code_words(world)


async def test_a_lost_start_is_shown_as_maybe_paid(world: World):
    world.gemini.faults.add("create", Fault.drop_after())
    async with world.bot():
        await world.ask("Paid?")
        root = await world.root()
        await world.outcome(root)
        await settled(world, root, "Unclear")

    assert "nothing, or $1–3" in visible_facts(world.part(root, "card"))


async def test_retry_by_somebody_else_is_refused(world: World):
    world.gemini.faults.add("create", Fault.drop_before())
    async with world.bot():
        await world.ask("Lost?")
        root = await world.root()
        outcome = await world.outcome(root)
        await world.slack.people.click("ben", "research", outcome.ts, "research_retry")
        await hears(world, "ben", "admins can retry this research")

    assert world.gemini.creates == []
    no_code_words(world)


async def test_a_double_retry_starts_one_run(world: World):
    world.gemini.faults.add("create", Fault.drop_before())
    async with world.bot():
        await world.ask("Lost? demo:quick")
        root = await world.root()
        outcome = await world.outcome(root)
        await world.slack.people.click("ada", "research", outcome.ts, "research_retry")
        await world.slack.people.click("ada", "research", outcome.ts, "research_retry")
        await world.outcome(root, 2)

    assert len(world.gemini.creates) == 1


async def test_gemini_out_of_reach_is_waited_for(world: World):
    closed = "http://127.0.0.1:9"
    async with world.bot(GOOGLE_GEMINI_BASE_URL=closed):
        await world.ask("Anybody there?")
        root = await world.root()
        await world.slack.until(lambda: "trying again by itself" in visible(root))

    assert world.gemini.creates == []
    assert outcomes(world, root) == []
    no_code_words(world)


@pytest.mark.parametrize("taken", [True, False], ids=["taken over meanwhile", "still ours"])
async def test_a_process_asleep_between_the_mark_and_the_post_starts_nothing_under_a_lease_that_is_over(
    world: World, taken: bool
):
    async with world.bot() as running:
        running.bench.ledger = asleep = Asleep(running.bench, world, taken=taken)
        await world.ask("Good night demo:quick")
        root = await world.root()
        if taken:
            await asleep.written.wait()
            before = _posts(world)
        else:
            await world.outcome(root)
            await whole_report(world, root)
            before = 0

    assert before == 0
    assert len(world.gemini.creates) == (0 if taken else 1)


class Asleep:
    """The ledger of a process that is stopped for longer than its lease right after the first mark; meanwhile another
    one may take the research over.
    """

    def __init__(self, bench: Bench, world: World, *, taken: bool) -> None:
        self._bench, self._ledger, self._world, self._taken = bench, bench.ledger, world, taken
        self._slept = False
        self.written = anyio.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    async def mark(self, research_id: str, *arguments: Any, **limits: Any) -> bool:
        marked = await self._ledger.mark(research_id, *arguments, **limits)
        if not self._slept:
            self._slept = True
            lease = self._bench.policy.lease
            self._world.clock.ahead += lease + 1
            if self._taken:
                assert await self._ledger.claim("another", self._bench.clock.now(), 10 * lease, 1)
        return marked

    async def record(self, research_id: str, fence: int | None, event: Event, now: datetime) -> State:
        try:
            return await self._ledger.record(research_id, fence, event, now)
        finally:
            if self._slept:
                self.written.set()


async def test_an_answer_that_comes_late_still_starts_one_run(world: World):
    world.gemini.faults.add("create", Fault.delay(20))
    async with world.bot():
        await world.ask("Slow to answer demo:quick")
        root = await world.root()
        await runs(world)
        await world.outcome(root)

    assert len(world.gemini.creates) == 1
