"""Slack refuses, limits, breaks: nothing is lost, nothing comes twice, everything in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.slack import Fault
from tests.integration.kit import (
    card_says,
    has_card,
    hears,
    no_code_words,
    outcomes,
    part_name,
    parts,
    pings,
    produced,
    rows,
    runs,
    settled,
    whole_report,
)
from tests.unit.report_reading import expected_letters, letters, missing_letter, visible_text
from tests.world import World, visible

if TYPE_CHECKING:
    from bot.sandbox.slack.message import Message

LONG = "Tell me all demo:long demo:quick"


async def test_a_workspace_that_refuses_plan_blocks_gets_a_plain_card(world: World):
    world.slack.refuse_blocks.add("plan")
    async with world.bot():
        await world.ask("Plainly")
        root = await world.root()
        shown = await has_card(world, root)
        await runs(world, thoughts=3)
        await card_says(world, root, "Generating a research plan")
        await world.outcome(root)
        await whole_report(world, root)
        await settled(world, root, "Report ready")

    assert all(block["type"] != "plan" for block in shown.blocks)
    assert "Worked for" in visible(shown)
    no_code_words(world)


async def test_slacks_own_session_says_when_we_work_and_that_we_stopped(world: World):
    async with world.bot():
        await world.ask("A session demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        await world.slack.until(lambda: _session(world, root) == ("processing", True))
        await world.slack.people.press_stop("ben", "research", root.ts)
        await hears(world, "ben", "who asked")
        await world.slack.until(lambda: _told(world) == ["processing", "processing"])
        await world.slack.people.press_stop("ada", "research", root.ts)
        await world.outcome(root)
        await world.slack.until(lambda: _told(world) == ["processing", "processing", "active"])
        await settled(world, root, "Stopped")

    assert _session(world, root) == ("active", False)
    assert not world.slack.ledger


async def test_an_app_that_is_no_agent_asks_once_and_misses_nothing(world: World):
    world.slack.agent = False
    async with world.bot():
        for question in ("One demo:quick", "Another demo:quick"):
            await world.ask(question)
            root = await world.root(len(world.roots()))
            await world.outcome(root)
            await whole_report(world, root, number=len(world.roots()) - 1)
            await settled(world, root, "Report ready")

    assert [call.error for call in world.slack.calls_of("agents.sessions.setStatus")] == ["not_agent_app"]
    assert rows(world, "SELECT count(*) FROM research WHERE undelivered != ''") == [(0,)]


def _session(world: World, root: Message) -> tuple[str, bool] | None:
    found = world.slack.threads.session(root.channel, root.ts)
    return (found["status"], found["can_stop"]) if found else None


def _told(world: World) -> list[str]:
    return [call.args["status"] for call in world.slack.calls_of("agents.sessions.setStatus")]


async def test_without_the_status_line_nothing_is_missing(world: World):
    world.slack.agent = False
    world.slack.faults.add("assistant.threads.setStatus", Fault.error("not_allowed_token_type"), times=99)
    async with world.bot():
        await world.ask("No status line demo:quick")
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)
        await settled(world, root, "Report ready")

    assert pings(world) == [("outcome.1", {"U0ADA"})]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.rate_limited(3),
        Fault.status(503),
        Fault.status(502, html=True),
        Fault.drop_before(),
        Fault.drop_after(),
        Fault.error("internal_error"),
    ],
    ids=["429", "503", "html", "drop before", "drop after", "internal error"],
)
async def test_whatever_becomes_of_a_post_a_long_report_arrives_once_and_in_order(world: World, fault: Fault):
    for place in (0, 1, 1, 2):
        world.slack.faults.add("chat.postMessage", fault, after=place)
    async with world.bot():
        await world.ask("Tell me in tables demo:table demo:quick")
        root = await world.root(within=20)
        await world.outcome(root, within=40)
        await whole_report(world, root, within=40)
        await settled(world, root, "Report ready")

    names = [part_name(one) for one in world.thread(root)]
    assert len(world.roots()) == 1
    assert sorted(set(names)) == sorted(names)
    assert names.index("outcome.1") < names.index("report.1.1")
    assert pings(world) == [("outcome.1", {"U0ADA"})]
    assert len(world.gemini.creates) == 1


@pytest.mark.parametrize("fault", [Fault.rate_limited(5), Fault.status(503), Fault.drop_after()])
async def test_edits_that_fail_heal_by_the_next(world: World, fault: Fault):
    world.slack.faults.add("chat.update", fault, times=3)
    async with world.bot():
        await world.ask("Edits demo:quick")
        root = await world.root()
        await world.outcome(root)
        await settled(world, root, "Report ready", within=30)

    assert "Worked for" in visible(await has_card(world, root))


async def test_a_post_that_the_connection_never_carried_is_sent_again(world: World):
    world.slack.faults.add("chat.postMessage", Fault.delay(0.2), times=3)
    async with world.bot():
        await world.ask("Slow Slack demo:quick")
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)

    assert len(world.roots()) == 1


@pytest.mark.parametrize("times", [1, 6, 40])
async def test_what_slack_refuses_is_cut_smaller_down_to_plain_text_and_files(world: World, times: int):
    world.slack.faults.add("chat.postMessage", Fault.error("invalid_blocks"), after=3, times=times)
    async with world.bot():
        await world.ask("Tell me in tables demo:table demo:quick")
        root = await world.root(within=20)
        await _told_in_order(world, root)
        await settled(world, root, "Report ready", within=60)

    assert pings(world) == [("outcome.1", {"U0ADA"})]


@pytest.mark.parametrize("kind", ["table", "header", "actions"])
async def test_a_kind_of_block_that_slack_refuses_costs_no_text(world: World, kind: str):
    async with world.bot():
        await world.ask("Tell me in tables demo:table")
        root = await world.root(within=20)
        await has_card(world, root)
        world.slack.refuse_blocks.add(kind)
        await _told_in_order(world, root)
        await settled(world, root, "Report ready", within=60)

    assert kind not in {block["type"] for one in parts(world, root) for block in one.blocks}


async def _told_in_order(world: World, root) -> None:
    """Waits until messages and files of the thread hold all of the report, in order, and its end."""
    await world.outcome(root)
    expected = expected_letters(re.sub(r"\[cite:[^\]]*\]", "", produced(world).partition("**Sources:**")[0]))

    def is_told() -> bool:
        told = [
            _text_of(world, one) for one in world.thread(root) if not part_name(one).startswith("outcome")
        ]
        return missing_letter(expected, letters("\n".join(told))) is None

    await world.slack.until(lambda: is_told() and world.said(root, "Written by an AI model"), timeout=60)


def _text_of(world: World, message) -> str:
    files = [world.slack.files.by_id[file["id"]].content.decode(errors="ignore") for file in message.files]
    return "\n".join([visible_text(message.blocks or []), *files])


async def test_files_of_a_long_report_survive_faults_and_come_once(world: World):
    world.slack.faults.add("upload", Fault.status(503))
    world.slack.faults.add("files.getUploadURLExternal", Fault.drop_before())
    world.slack.faults.add("files.completeUploadExternal", Fault.drop_after())
    async with world.bot():
        await world.ask(LONG)
        root = await world.root()
        await world.outcome(root, within=30)
        await world.slack.until(lambda: len(_files(world, root)) >= 2, timeout=40)
        await settled(world, root, "Report ready", within=30)

    assert sorted(name.rpartition(".")[2] for name in _files(world, root)) == ["html", "md"]


def _files(world: World, root) -> list[str]:
    return [file["name"] for one in world.thread(root) for file in one.files]


async def test_in_normal_work_slack_never_has_to_say_slower(world: World):
    async with world.bot(RESEARCH_MAX_ACTIVE_PER_USER="0"):
        for number in range(4):
            await world.ask(f"Number {number} demo:quick")
        for number in range(4):
            root = await world.root(number, within=20)
            await world.outcome(root, within=40)
            await settled(world, root, "Report ready", within=40)

    assert world.slack.ledger == []


async def test_the_socket_breaks_and_comes_back_without_losing_anything(world: World):
    async with world.bot():
        await world.ask("Before the break demo:quick")
        root = await world.root()
        await world.slack.socket.drop()
        await world.outcome(root)
        await world.slack.until(lambda: world.slack.socket.connections > 0, timeout=20)
        ack = await world.ask("After the break demo:quick")
        await world.outcome(await world.root(1))

    assert ack.acked
    assert len(outcomes(world, root)) == 1


async def test_a_token_revoked_while_it_runs_kills_nothing_and_is_kept_as_undelivered(world: World):
    async with world.bot() as running:
        await world.ask("Revoked")
        await world.root()
        await runs(world, thoughts=2)
        world.slack.revoke()
        await world.gemini.until(lambda: world.gemini.creates[0].ended, timeout=20)
        await _until_undelivered(world, running)
        page = await running.bench.office.page(_query(), world.clock.now())

    assert page.lines[0].undelivered
    assert page.lines[0].view.state == "completed"


async def _until_undelivered(world: World, running) -> None:
    import anyio

    with anyio.fail_after(15):
        while True:
            page = await running.bench.office.page(_query(), world.clock.now())
            if page.lines[0].undelivered and page.lines[0].view.ended_at:
                return
            await world.clock.sleep(1)


def _query():
    from bot.domain.status import StatusQuery

    return StatusQuery("T0SANDBOX")
