"""`kill -9` at any moment and a restart: one outcome, every part once and in order, every POST counted.

These run real processes, at real speed, against the sandbox servers of the test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
import pytest

from bot.sandbox.gemini import Fault as GeminiFault
from bot.sandbox.gemini import SimulatedGemini
from bot.sandbox.slack import Fault as SlackFault
from bot.sandbox.slack import SimulatedSlack
from tests.clocks import HurriedClock
from tests.integration.kit import (
    cancels,
    card_says,
    has_card,
    kept_thoughts,
    outcomes,
    part_name,
    parts,
    pings,
    rows,
    runs,
    settled,
    whole_report,
)
from tests.world import World, visible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.slack.message import Message

REPOSITORY = Path(__file__).parents[2]
PACE = 0.15
SOON = {
    "RESEARCH_POLL_INITIAL_SECONDS": "0.1",
    "RESEARCH_POLL_MAX_SECONDS": "0.5",
    "RESEARCH_PROGRESS_SECONDS": "0.2",
    "RUNNER_SETTLE_PAUSE": "1.5",
}


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[World]:
    """Slack and Gemini in this loop, in real time; bots are processes of their own."""
    async with SimulatedSlack.serve() as slack, SimulatedGemini.serve(pace=PACE) as gemini:
        environ = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "GEMINI_API_KEY": gemini.api_key,
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/research.db",
            "PORT": "0",
            **SOON,
        }
        yield World(slack, gemini, HurriedClock(1.0), environ)


@asynccontextmanager
async def process(world: World, **environ: str) -> AsyncIterator[anyio.abc.Process]:
    """A bot as a process of its own, once it hears Slack; killed at the end if it still lives."""
    there = world.slack.socket.connections
    around = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    bot = await anyio.open_process(
        [sys.executable, "-m", "tests.runner"],
        cwd=REPOSITORY,
        env={**around, **world.environ, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None,
    )
    async with bot:
        try:
            await world.slack.until(lambda: world.slack.socket.connections > there, timeout=15)
            yield bot
        finally:
            with suppress(ProcessLookupError):
                bot.kill()


async def killed(world: World, bot: anyio.abc.Process) -> None:
    """SIGKILL, and nothing of it left."""
    bot.send_signal(signal.SIGKILL)
    await bot.wait()
    await world.slack.until(lambda: not world.slack.socket.connections)


async def holds(world: World, query: str) -> None:
    """Waits until the database of the other process gives a row."""
    with anyio.fail_after(10):
        while not await anyio.to_thread.run_sync(rows, world, query):  # noqa: ASYNC110  # no event crosses processes
            await anyio.sleep(0.01)


RUNNING = "SELECT 1 FROM research WHERE state = 'running'"
STARTING = "SELECT 1 FROM research WHERE state = 'starting'"
SENDING = "SELECT 1 FROM delivery WHERE state = 'sending' AND kind = 'outcome'"


async def ends_well(world: World, root: Message) -> None:
    """One outcome, the report once and in order, root and card closed."""
    await world.outcome(root, within=20)
    await whole_report(world, root)
    await settled(world, root, "Report ready")
    names = [part_name(one) for one in world.thread(root)]
    assert len(names) == len(set(names))
    assert len(world.roots()) == 1
    assert len(outcomes(world, root)) == 1
    assert pings(world) == [("outcome.1", {"U0ADA"})]
    assert len(world.gemini.creates) == 1


async def test_killed_right_after_the_ack_it_is_researched_by_the_next_process(real: World):
    real.slack.faults.add("users.info", SlackFault.delay(1))
    async with process(real) as bot:
        ack = await real.ask("Remember me demo:quick")
        await killed(real, bot)
        before = (len(real.roots()), len(real.gemini.creates))
    async with process(real):
        root = await real.root()
        await ends_well(real, root)

    assert ack.acked
    assert before == (0, 0)


async def test_killed_in_the_middle_of_the_post_the_asker_is_asked_and_no_second_run_starts(real: World):
    real.gemini.faults.add("create", GeminiFault.delay(8))
    async with process(real) as bot:
        await real.ask("Started or not? demo:quick")
        root = await real.root()
        await holds(real, STARTING)
        await real.gemini.until(lambda: real.gemini.faults.is_met("create"))
        await killed(real, bot)
    await real.gemini.until(lambda: len(real.gemini.creates) == 1)
    async with process(real):
        outcome = await real.outcome(root)
        await settled(real, root, "Unclear")
        before = len(real.gemini.creates)
        await real.slack.people.click("ada", "research", outcome.ts, "research_retry")
        await real.outcome(root, 2)
        await whole_report(real, root, 1)

    assert before == 1
    assert "unknown whether Google is running it" in visible(outcome)
    assert len(real.gemini.creates) == 2


async def test_killed_while_it_runs_it_is_followed_to_its_end_without_losing_a_thought(real: World):
    async with process(real) as bot:
        await real.ask("Keep going demo:partial")
        root = await real.root()
        await has_card(real, root)
        await runs(real, thoughts=4)
        await holds(real, RUNNING)
        await killed(real, bot)
        await runs(real, thoughts=7)
    async with process(real):
        await ends_well(real, root)

    assert kept_thoughts(real) == list(real.gemini.creates[0].thoughts)


async def test_killed_after_the_end_at_gemini_the_report_is_still_delivered(real: World):
    async with process(real) as bot:
        await real.ask("Finished without us demo:quick")
        root = await real.root()
        await holds(real, RUNNING)
        await killed(real, bot)
        await real.gemini.until(lambda: real.gemini.creates[0].ended)
    async with process(real):
        await ends_well(real, root)


@pytest.mark.parametrize("count", [2, 4])
async def test_killed_between_two_parts_the_rest_follows_once_and_in_order(real: World, count: int):
    async with process(real) as bot:
        await real.ask("In parts demo:table demo:quick")
        root = await real.root()
        await real.slack.until(lambda: len(parts(real, root, "")) >= count, timeout=20)
        await killed(real, bot)
    async with process(real):
        await ends_well(real, root)


@pytest.mark.parametrize(
    "fault", [SlackFault.drop_after(), SlackFault.delay(2)], ids=["answer lost", "under way"]
)
async def test_killed_while_a_message_is_on_its_way_it_is_read_back_before_it_is_sent_again(
    real: World, fault: SlackFault
):
    async with process(real) as bot:
        await real.ask("On its way demo:quick")
        root = await real.root()
        await has_card(real, root)
        real.slack.faults.add("chat.postMessage", fault)
        posts = len(real.slack.calls_of("chat.postMessage"))
        await real.gemini.until(lambda: real.gemini.creates[0].ended)
        await holds(real, SENDING)
        await killed(real, bot)
    async with process(real):
        await ends_well(real, root)

    assert len(real.slack.calls_of("chat.postMessage")) >= posts + 1


async def test_killed_while_cancelling_it_is_cancelled_all_the_same(real: World):
    real.gemini.faults.add("cancel", GeminiFault.delay(20))
    async with process(real) as bot:
        await real.ask("Stop demo:slow")
        root = await real.root()
        await holds(real, RUNNING)
        await cancels(real, "ada", root)
        await killed(real, bot)
    async with process(real):
        await real.outcome(root)
        await settled(real, root, "Stopped")
        await card_says(real, root, "Stopped by")

    assert real.gemini.creates[0].status == "cancelled"
    assert len(real.gemini.creates) == 1
    assert len(outcomes(real, root)) == 1


async def test_sigterm_hands_over_within_ten_seconds(real: World):
    async with process(real) as bot:
        await real.ask("Hand me over")
        root = await real.root()
        await runs(real, thoughts=3)
        bot.send_signal(signal.SIGTERM)
        with anyio.fail_after(10):
            code = await bot.wait()
        held = rows(real, "SELECT leased_by FROM research")
    async with process(real):
        await ends_well(real, root)

    assert code == 0
    assert held == [(None,)]


async def test_sigterm_in_the_middle_of_the_post_keeps_its_id(real: World):
    real.gemini.faults.add("create", GeminiFault.delay(10))
    async with process(real) as bot:
        await real.ask("Just a moment demo:quick")
        root = await real.root()
        await holds(real, STARTING)
        bot.send_signal(signal.SIGTERM)
        with anyio.fail_after(10):
            code = await bot.wait()
    async with process(real):
        await ends_well(real, root)

    assert code == 0


async def test_killed_right_after_start_was_pressed_the_plan_is_carried_out_once(real: World):
    async with process(real) as bot:
        await real.ask("plan: How do heat pumps work? demo:quick")
        root = await real.root()
        await real.slack.until(lambda: bool(parts(real, root, "proposal.")), timeout=20)
        (proposal,) = parts(real, root, "proposal.")
        pressed = await real.slack.people.click("ada", "research", proposal.ts, "plan_start")
        await killed(real, bot)
    async with process(real):
        await real.outcome(root, within=20)
        await whole_report(real, root, 1)
        await settled(real, root, "Report ready")

    assert pressed.acked
    assert len(real.gemini.creates) == 2
    names = [part_name(one) for one in real.thread(root)]
    assert len(names) == len(set(names))
    assert names[:3] == ["card", "plan.1.1", "proposal.1"]


async def test_killed_while_an_answer_is_being_written_it_goes_on_in_the_same_message(real: World):
    async with process(real) as bot:
        await real.ask("How do glaciers move? demo:quick")
        root = await real.root()
        await real.outcome(root, within=20)
        await settled(real, root, "Report ready")
        await whole_report(real, root)
        await real.slack.people.say("ada", "research", "<@U0BOT> How fast?", root.ts)
        await real.slack.until(lambda: bool(parts(real, root, "answer.")), timeout=20)
        (begun,) = parts(real, root, "answer.")
        await killed(real, bot)
    async with process(real):
        await real.slack.until(lambda: "Research deeper" in str(begun.blocks), timeout=20)

    assert parts(real, root, "answer.") == [begun]
    assert len(real.gemini.creates) == 2
