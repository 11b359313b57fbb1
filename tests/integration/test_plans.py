"""The plan first: nothing is researched before somebody who may presses Start, and each turn is one POST."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.gemini import Fault
from tests.integration.kit import (
    card_says,
    hears,
    no_code_words,
    part_name,
    pings,
    rows,
    settled,
    whole_report,
)
from tests.world import World, visible

if TYPE_CHECKING:
    from bot.sandbox.slack.message import Message

AGENT = "deep-research-preview-04-2026"


async def _proposal(world: World, root: Message, turn: int = 1) -> Message:
    """The message with the buttons of a turn's plan, once it is there."""
    await world.slack.until(lambda: world.part(root, f"proposal.{turn}") is not None, timeout=60)
    found = world.part(root, f"proposal.{turn}")
    assert found is not None
    return found


def _buttons(message: Message) -> list[str]:
    return [e["text"]["text"] for b in message.blocks if b["type"] == "actions" for e in b["elements"]]


def _session(world: World, root: Message) -> str:
    """What Slack's agent session of a thread shows."""
    found = world.slack.threads.session(root.channel, root.ts)
    return found["status"] if found else ""


def _planning(world: World) -> list[tuple[bool | None, str | None, str]]:
    """Of each create: whether it asked for a plan, what it went on from, and what it said."""
    return [
        (
            one.request["agent_config"].get("collaborative_planning"),
            one.request.get("previous_interaction_id"),
            one.question,
        )
        for one in world.gemini.creates
    ]


async def test_a_plan_is_shown_changed_and_started_and_each_turn_is_one_create(world: World):
    async with world.bot():
        await world.ask("plan: How do heat pumps work?")
        root = await world.root()
        first = await _proposal(world, root)
        await world.slack.until(lambda: "about $0.05 (estimated)" in visible(first))
        shown = visible(first)
        assert [part_name(one) for one in world.thread(root)] == ["card", "plan.1.1", "proposal.1"]
        assert "Research plan" in visible(world.part(root, "plan.1.1"))
        await card_says(world, root, "nothing is researched before somebody presses Start")
        await world.slack.until(lambda: _session(world, root) == "suspended")

        await world.slack.people.click("ada", "research", first.ts, "plan_change")
        await world.slack.people.submit_view("ada", {"change": {"change": "Only air to water, please."}})
        second = await _proposal(world, root, 2)
        await world.slack.until(lambda: not _buttons(first))
        assert "I have worked your remarks into the plan" in visible(world.part(root, "plan.2.1"))
        await world.slack.people.click("ada", "research", second.ts, "plan_start")
        outcome = await world.outcome(root)
        await whole_report(world, root, 2)
        await settled(world, root, "Report ready")
        await world.slack.until(lambda: _session(world, root) == "active")

    ids = [one.id for one in world.gemini.creates]
    assert _planning(world) == [
        (True, None, "How do heat pumps work?"),
        (True, ids[0], "Only air to water, please."),
        (False, ids[1], "The plan looks good. Please carry it out."),
    ]
    assert "usually 5–20 min, $1–3" in shown
    assert "The plan itself cost about $0.05 (estimated)." in shown
    assert "lapses on" in shown
    assert "your report is ready" in visible(outcome)
    assert "This plan was changed." in visible(first)
    assert "This plan was started." in visible(second)
    assert _buttons(second) == []
    assert pings(world) == [(part, {"U0ADA"}) for part in ("proposal.1", "proposal.2", "outcome.1")]
    assert rows(world, "SELECT turn, is_plan FROM interaction ORDER BY id") == [(1, 1), (2, 1), (3, 0)]
    no_code_words(world)


async def test_pressed_twice_or_too_late_or_by_others_a_plan_starts_once(world: World):
    async with world.bot():
        await world.ask("max: plan: How do heat pumps work?")
        root = await world.root()
        proposal = await _proposal(world, root)
        await world.slack.people.click("ben", "research", proposal.ts, "plan_start")
        refused = await hears(world, "ben", "can decide on the plan of this research")
        await world.slack.people.click("ben", "research", proposal.ts, "plan_change")
        assert world.slack.people.view("ben") is None
        await world.slack.people.click("ada", "research", proposal.ts, "plan_change")
        old_blocks = list(proposal.blocks)
        await world.slack.people.click("ada", "research", proposal.ts, "plan_start")
        ack = await world.slack.people.submit_view("ada", {"change": {"change": "Shorter"}})
        proposal.blocks = old_blocks  # as somebody still has it on their screen
        await world.slack.people.click("ada", "research", proposal.ts, "plan_start")
        await hears(world, "ada", "This plan was started already.")
        await world.outcome(root)

    assert "U0ADA" in refused
    assert ack.payload == {
        "response_action": "errors",
        "errors": {"change": "This plan was started already."},
    }
    assert [one.agent for one in world.gemini.creates] == ["deep-research-max-preview-04-2026"] * 2
    assert [plan for plan, _, _ in _planning(world)] == [True, False]
    no_code_words(world)


async def test_a_plan_that_is_cancelled_costs_only_the_plan_and_says_so(world: World):
    async with world.bot():
        await world.ask("plan: How do heat pumps work?")
        root = await world.root()
        proposal = await _proposal(world, root)
        old_blocks = list(proposal.blocks)
        await world.slack.people.click("ada", "research", proposal.ts, "research_cancel")
        outcome = await world.outcome(root)
        await world.slack.until(lambda: "This plan was not started." in visible(proposal))
        proposal.blocks = old_blocks
        await world.slack.people.click("ada", "research", proposal.ts, "plan_start")
        await hears(world, "ada", "was stopped, so its plan is not started")
        await card_says(world, root, "only the plan was paid for")

    assert "Only its plan was paid for" in visible(outcome)
    assert len(world.gemini.creates) == 1
    no_code_words(world)


@pytest.mark.parametrize("turn", [1, 2])
async def test_a_lost_answer_to_any_turn_is_a_question_and_its_retry_is_that_turn_again(
    world: World, turn: int
):
    async with world.bot():
        if turn == 1:
            world.gemini.faults.add("create", Fault.drop_after())
        await world.ask("plan: How do heat pumps work?")
        root = await world.root()
        if turn == 2:
            proposal = await _proposal(world, root)
            world.gemini.faults.add("create", Fault.drop_after())
            await world.slack.people.click("ada", "research", proposal.ts, "plan_start")
        lost = await world.outcome(root)
        before = len(world.gemini.creates)
        await world.slack.people.click("ada", "research", lost.ts, "research_retry")
        if turn == 1:
            proposal = await _proposal(world, root, 2)
            await world.slack.people.click("ada", "research", proposal.ts, "plan_start")
        await world.outcome(root, 2)

    price = "$0.02–0.20" if turn == 1 else "$1–3"
    assert f"If so, it costs {price}" in visible(lost)
    assert before == turn
    assert len(world.gemini.creates) == 3
    plans = [plan for plan, _, _ in _planning(world)]
    assert plans == ([True, True, False] if turn == 1 else [True, False, False])
    no_code_words(world)


async def test_a_plan_waits_through_a_restart_and_lapses_after_a_day(world: World):
    async with world.bot():
        await world.ask("plan: How do heat pumps work?")
        root = await world.root()
        proposal = await _proposal(world, root)
    async with world.bot():
        await world.slack.until(lambda: bool(_buttons(proposal)))
    world.clock.ahead += 86_400
    async with world.bot():
        outcome = await world.outcome(root)
        await world.slack.until(lambda: "has lapsed" in visible(proposal))

    assert "its plan has lapsed. Only the plan was paid for, usually $0.02–0.20" in visible(outcome)
    assert _buttons(outcome) == []
    assert len(world.gemini.creates) == 1
    no_code_words(world)
