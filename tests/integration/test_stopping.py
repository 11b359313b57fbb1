"""Stopping: who may, what they and the thread are told, and that nothing reverts it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from bot.sandbox.gemini import Fault as GeminiFault
from tests.integration.kit import (
    cancels,
    card,
    card_says,
    direct_roots,
    has_card,
    hears,
    no_code_words,
    outcomes,
    pings,
    runs,
    settled,
    told,
    was_told,
    whole_report,
)
from tests.world import World, visible


@pytest.mark.parametrize(
    ("person", "admins"), [("ada", ""), ("cleo", ""), ("ben", "U0BEN"), ("ben", "T0SANDBOX:U0BEN")]
)
async def test_the_asker_and_admins_stop_a_run_and_the_card_says_who(world: World, person: str, admins: str):
    async with world.bot(RESEARCH_ADMINS=admins):
        await world.ask("Something slow demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await cancels(world, person, root)
        outcome = await world.outcome(root)
        await settled(world, root, "Stopped")
        await card_says(world, root, "Stopped by")

    stopper = world.slack.workspace.person(person).id
    assert world.gemini.creates[0].status == "cancelled"
    assert "Google charges for what it used" in visible(outcome)
    assert stopper in _people(world, root)
    assert _cancel_path(world) in [call.path for call in world.gemini.calls]
    assert pings(world) == [("outcome.1", {"U0ADA"})]
    assert len(outcomes(world, root)) == 1
    no_code_words(world)


def _cancel_path(world: World) -> str:
    return next(call.path for call in world.gemini.calls if call.path.endswith("/cancel"))


def _people(world: World, root) -> set[str]:
    shown = world.part(root, "card")
    assert shown is not None
    return {
        element["user_id"]
        for block in shown.blocks
        if block["type"] == "rich_text"
        for outer in block["elements"]
        for element in outer["elements"]
        if element["type"] == "user"
    }


async def test_a_colleague_is_refused_privately_and_told_who_may(world: World):
    async with world.bot():
        await world.ask("Mine demo:slow")
        root = await world.root()
        await runs(world)
        await cancels(world, "ben", root)
        await hears(world, "ben", "<@U0ADA>")
        running = world.gemini.creates[0].status
        research_id = _id_of(world, root)
        ack = await world.slack.people.command("ben", "research", "/research", f"cancel {research_id}")

    assert running == "in_progress"
    assert "admins can stop this research" in told(world, "ben")[0]
    assert "<@U0ADA>" in str(ack.payload["blocks"][0].get("text", {}).get("text", ""))
    assert told(world, "ada")[1:] == []
    no_code_words(world)


def _id_of(world: World, root) -> str:
    return root.metadata["event_payload"]["research"]


async def test_cancel_by_command_needs_only_the_id(world: World):
    async with world.bot():
        await world.ask("By hand demo:slow")
        root = await world.root()
        await runs(world)
        await world.ask(f"cancel {_id_of(world, root)}")
        await world.outcome(root)
        await world.ask("cancel r_doesnotexist")

    assert was_told(world, "ada", "The thread will say when it has stopped")
    assert was_told(world, "ada", "This research is not here any more")
    assert world.gemini.creates[0].status == "cancelled"


async def test_slacks_own_stop_by_the_asker(world: World):
    async with world.bot():
        await world.ask("Stop me demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await world.slack.until(lambda: bool(world.slack.threads.status(root.channel, root.ts)))
        await world.slack.people.press_stop("ada", "research", root.ts)
        outcome = await world.outcome(root)
        await settled(world, root, "Stopped")
        await world.slack.until(lambda: not world.slack.threads.status(root.channel, root.ts))

    assert world.gemini.creates[0].status == "cancelled"
    assert "stopped" in visible(outcome)


async def test_slacks_own_stop_by_a_colleague_is_refused_and_the_status_line_comes_back(world: World):
    async with world.bot():
        await world.ask("Stop me not demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await world.slack.until(lambda: bool(world.slack.threads.status(root.channel, root.ts)))
        await world.slack.people.press_stop("ben", "research", root.ts)
        await hears(world, "ben", "admins can stop this research")
        await world.slack.until(lambda: bool(world.slack.threads.status(root.channel, root.ts)))

    assert world.gemini.creates[0].status == "in_progress"
    no_code_words(world)


async def test_a_double_click_stops_once(world: World):
    async with world.bot():
        await world.ask("Twice demo:slow")
        root = await world.root()
        await runs(world)
        await cancels(world, "ada", root)
        shown = await has_card(world, root)
        with suppress(LookupError):  # where the button is gone already
            await world.slack.people.click("ada", "research", shown.ts, "research_cancel")
        await world.outcome(root)
        await settled(world, root, "Stopped")

    assert len(outcomes(world, root)) == 1
    assert [call.path.endswith("/cancel") for call in world.gemini.calls].count(True) == 1


async def test_a_queued_one_is_cancelled_at_once_and_costs_nothing(world: World):
    async with world.bot(RESEARCH_MAX_ACTIVE_PER_USER="1"):
        await world.ask("First demo:slow")
        await world.root()
        await runs(world)
        await world.ask("Second")
        second = await world.root(1)
        await cancels(world, "ada", second)
        outcome = await world.outcome(second)
        await settled(world, second, "Stopped")

    assert len(world.gemini.creates) == 1
    assert "Nothing was spent" in visible(outcome)
    assert "nothing spent" in card(world, second)
    no_code_words(world)


async def test_a_cancel_while_the_start_is_under_way_reaches_the_run_that_comes_of_it(world: World):
    world.gemini.faults.add("create", GeminiFault.delay(30))
    async with world.bot():
        await world.ask("Slow to start demo:slow")
        root = await world.root()
        await world.slack.until(lambda: "Starting" in visible(root) or "Planning" in card(world, root))
        await cancels(world, "ada", root)
        await card_says(world, root, "Stopping")
        await runs(world)
        await world.outcome(root)
        await settled(world, root, "Stopped")

    assert len(world.gemini.creates) == 1
    assert world.gemini.creates[0].status == "cancelled"
    no_code_words(world)


async def test_a_click_after_completion_says_too_late_and_the_report_is_there(world: World):
    async with world.bot():
        await world.ask("Fast demo:quick")
        root = await world.root()
        shown = await has_card(world, root)
        before = shown.blocks
        await world.outcome(root)
        await whole_report(world, root)
        await settled(world, root, "Report ready")
        research_id = _id_of(world, root)
        await world.ask(f"cancel {research_id}")

    assert any(block["type"] == "actions" for block in before)
    assert was_told(world, "ada", "Too late to stop")
    assert not any(block["type"] == "actions" for block in (await has_card(world, root)).blocks)
    no_code_words(world)


async def test_a_run_that_completes_all_the_same_delivers_and_says_so(world: World):
    async with world.bot():
        await world.ask("Too late demo:late")
        root = await world.root()
        await runs(world, thoughts=1)
        await cancels(world, "ada", root)
        outcome = await world.outcome(root)
        await whole_report(world, root)
        await settled(world, root, "Report ready")

    assert "finished before it could be stopped" in visible(outcome)
    assert "Stopped by" not in card(world, root)
    assert len(outcomes(world, root)) == 1
    no_code_words(world)


async def test_a_confirmation_that_lags_is_waited_for(world: World):
    async with world.bot():
        await world.ask("Lagging demo:lag demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await cancels(world, "ada", root)
        await card_says(world, root, "Stopping")
        await world.outcome(root)
        await settled(world, root, "Stopped")

    assert world.gemini.creates[0].status == "cancelled"


@pytest.mark.parametrize(
    "faults",
    [
        [GeminiFault.status(500), GeminiFault.status(503)],
        [GeminiFault.drop_before(), GeminiFault.drop_after()],
    ],
)
async def test_a_cancel_that_gemini_does_not_take_is_repeated_until_it_is_stopped(world: World, faults: list):
    world.gemini.faults.add("cancel", *faults)
    async with world.bot():
        await world.ask("Stubborn demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await cancels(world, "ada", root)
        await world.outcome(root)
        await settled(world, root, "Stopped")

    assert world.gemini.creates[0].status == "cancelled"
    assert len(outcomes(world, root)) == 1


async def test_a_404_to_the_cancel_means_go_and_look_and_again(world: World):
    world.gemini.faults.add("cancel", GeminiFault.status(404, "not_found"))
    async with world.bot():
        await world.ask("Unknown? demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await cancels(world, "ada", root)
        await world.outcome(root)
        await settled(world, root, "Stopped")

    assert world.gemini.creates[0].status == "cancelled"


async def test_a_retry_after_a_stop_is_a_new_run_in_the_same_thread(world: World):
    async with world.bot():
        await world.ask("Again? demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await cancels(world, "ada", root)
        outcome = await world.outcome(root)
        await settled(world, root, "Stopped")
        await world.slack.people.click("ben", "research", outcome.ts, "research_retry")
        await hears(world, "ben", "admins can retry this research")
        await world.slack.people.click("ada", "research", outcome.ts, "research_retry")
        await runs(world, 2, thoughts=1)
        await world.slack.people.click("ada", "research", outcome.ts, "research_retry")
        await hears(world, "ada", "nothing to retry")
        await settled_again(world, root)

    assert len(world.gemini.creates) == 2
    no_code_words(world)


async def settled_again(world: World, root) -> None:
    """Stops the second run too."""
    await world.slack.until(
        lambda: any(b["type"] == "actions" for b in world.part(root, "card").blocks), timeout=20
    )
    await cancels(world, "ada", root)
    await world.outcome(root, 2)


async def test_cancel_in_the_direct_message(world: World):
    async with world.bot():
        await world.ask("Here demo:slow", channel="D0ADA")
        await world.slack.until(lambda: bool(direct_roots(world)))
        root = direct_roots(world)[0]
        await runs(world)
        await cancels(world, "ada", root, "D0ADA")
        await world.outcome(root)

    assert world.gemini.creates[0].status == "cancelled"
