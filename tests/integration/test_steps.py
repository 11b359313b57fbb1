"""The step of workflows: in the name of somebody who may ask, ended once, with a summary and a link or a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.slack import Fault
from tests.integration.kit import outcomes, rows, runs, settled
from tests.world import World, visible

if TYPE_CHECKING:
    from bot.sandbox.slack.functions import Execution

OUTPUTS = ("report_summary", "report_url")


async def run(world: World, question: str = "Which ones? demo:quick", **inputs: str) -> Any:
    asked = {"question": question, "requester": "U0ADA", "channel": "C0RESEARCH"} | inputs
    return await world.slack.people.run_step("deep_research", asked, OUTPUTS)


def executions(world: World) -> list[Execution]:
    return list(world.slack.people.platform.functions.by_id.values())


async def ended(world: World) -> Execution:
    """The newest step, once it waits no more."""
    await world.slack.until(lambda: executions(world) and executions(world)[-1].state != "running")
    return executions(world)[-1]


def calls(world: World) -> list[str | None]:
    """How Slack answered each call that ends a step."""
    return [
        call.error
        for method in ("functions.completeSuccess", "functions.completeError")
        for call in world.slack.calls_of(method)
    ]


async def test_a_step_ends_with_a_summary_and_a_link_to_its_report(world: World):
    async with world.bot():
        assert (await run(world)).acked
        root = await world.root()
        outcome = await world.outcome(root)
        step = await ended(world)
        await settled(world, root, "Report ready")

    assert step.state == "completed"
    assert step.outputs["report_url"].endswith(
        f"/archives/C0RESEARCH/p{outcome.ts.replace('.', '')}?thread_ts={root.ts}&cid=C0RESEARCH"
    )
    summary = step.outputs["report_summary"]
    assert len(summary) > 40
    assert summary[:30] in visible(outcome)
    assert not {"<", ">"} & set(summary)
    assert rows(world, "SELECT asker_id, undelivered FROM research") == [("U0ADA", "")]
    assert calls(world) == [None]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({"requester": "U0NOBODY"}, "is not in this workspace"),
        ({"requester": ""}, "is not in this workspace"),
        ({"requester": "U0GUS"}, "guests"),
        ({"requester": "U0BEN", "channel": "C0SECRET"}, "not in the channel"),
        ({"channel": "C0NOWHERE"}, "Invite the bot"),
        ({"question": "  "}, "is empty"),
    ],
)
async def test_a_step_in_a_name_that_may_not_ask_ends_at_once_and_charges_nobody(
    world: World, inputs, sentence
):
    async with world.bot():
        assert (await run(world, **inputs)).acked
        step = await ended(world)

    assert (step.state, step.outputs) == ("failed", {})
    assert sentence in step.error
    assert "Nothing was started" in step.error or "guests" in step.error
    assert rows(world, "SELECT count(*) FROM research") == [(0,)]
    assert world.gemini.creates == []


async def test_a_step_that_slack_brings_twice_is_one_research_and_ends_once(world: World):
    async with world.bot():
        world.slack.faults.add("functions.completeSuccess", Fault.drop_after())
        await run(world)
        event = world.slack.people.platform
        first = executions(world)[0]
        again = {"question": "Which ones? demo:quick", "requester": "U0ADA", "channel": "C0RESEARCH"}
        await _again(event, first.id, again)
        root = await world.root()
        step = await ended(world)
        await settled(world, root, "Report ready")
        await world.slack.until(lambda: len(calls(world)) == 2, timeout=60)

    assert step.state == "completed"
    assert len(world.roots()) == 1
    assert len(world.gemini.creates) == 1
    assert calls(world)[-1] == "execution_not_in_running_state"
    assert rows(world, "SELECT state, open, error FROM delivery WHERE part = 'step'") == [("sent", 0, "")]
    assert rows(world, "SELECT undelivered FROM research") == [("",)]


async def _again(platform: Any, execution_id: str, inputs: dict[str, str]) -> None:
    event = {
        "type": "function_executed",
        "function": {"callback_id": "deep_research"},
        "inputs": inputs,
        "function_execution_id": execution_id,
    }
    await platform.delivery.event_now(platform.outer_event(event))


async def test_a_step_whose_research_is_stopped_says_so_and_a_retry_ends_it_no_second_time(world: World):
    async with world.bot():
        await run(world, "Which ones? demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await world.slack.people.press_stop("ada", "research", root.ts)
        step = await ended(world)
        await settled(world, root, "Stopped")
        (outcome,) = outcomes(world, root)
        await world.slack.people.click("ada", "research", outcome.ts, "research_retry")
        await runs(world, thoughts=2)

    assert step.state == "failed"
    assert "stopped" in step.error
    assert calls(world) == [None]


async def test_a_workflow_that_was_stopped_meanwhile_is_left_alone(world: World):
    async with world.bot():
        await run(world)
        executions(world)[0].state = "cancelled"
        root = await world.root()
        await settled(world, root, "Report ready")
        await world.slack.until(lambda: calls(world) == ["execution_not_in_running_state"])

    assert rows(world, "SELECT undelivered FROM research") == [("",)]
