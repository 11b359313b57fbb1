"""Following a run at Gemini: whatever the stream does, every thought once and the report whole."""

from __future__ import annotations

import anyio
import pytest

from bot.sandbox.gemini import Fault
from tests.integration.kit import (
    card,
    card_says,
    has_card,
    kept_thoughts,
    no_code_words,
    outcomes,
    rows,
    runs,
    settled,
    visible_facts,
    whole_report,
)
from tests.world import World, visible

CUTS = ["eof", "json_array", "gateway_timeout", "gateway_timeout_no_done", "mid_event", "abort", "not_found"]


@pytest.mark.parametrize("how", CUTS)
async def test_a_stream_cut_in_any_way_loses_no_thought_and_doubles_none(world: World, how: str):
    world.gemini.faults.add("stream", Fault.cut(how, after=4), times=3)
    async with world.bot():
        await world.ask("Cut me")
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)

    assert _thoughts(world) == kept_thoughts(world)


def _thoughts(world: World, number: int = 0) -> list[str]:
    return list(world.gemini.creates[number].thoughts)


@pytest.mark.parametrize(
    "word", ["demo:cut", "demo:noids", "demo:blips", "demo:queued", "demo:partial", "demo:unknown"]
)
async def test_strange_streams_lose_nothing(world: World, word: str):
    async with world.bot():
        await world.ask(f"Strange {word}")
        root = await world.root()
        await world.outcome(root, within=40)
        await whole_report(world, root)
        await settled(world, root, "Report ready")

    assert _thoughts(world) == kept_thoughts(world)
    assert len(outcomes(world, root)) == 1
    no_code_words(world)


async def test_a_stream_that_replays_everything_doubles_no_thought(world: World):
    world.gemini.faults.add("stream", Fault.cut("eof", after=5))
    world.gemini.faults.add("stream", Fault.replay())
    async with world.bot():
        await world.ask("Again and again")
        await world.outcome(await world.root())

    assert _thoughts(world) == kept_thoughts(world)


async def test_a_silent_stream_is_overtaken_by_the_polls(world: World):
    async with world.bot() as running:
        running.bench.policy = _impatient(running.bench.policy)
        await world.ask("Silence demo:silent")
        root = await world.root()
        await world.outcome(root, within=40)
        await whole_report(world, root)

    assert len(world.gemini.creates) == 1


async def test_without_streaming_polls_alone_bring_the_report(world: World):
    async with world.bot(RESEARCH_STREAM="false"):
        await world.ask("Polls only demo:partial")
        root = await world.root()
        await world.outcome(root, within=40)
        await whole_report(world, root)
        await settled(world, root, "Report ready")

    assert not any("stream=true" in str(call.query) for call in world.gemini.calls)
    assert not world.gemini.creates[0].streamed
    assert set(kept_thoughts(world)) <= set(_thoughts(world))
    assert len(set(kept_thoughts(world))) == len(kept_thoughts(world))


@pytest.mark.parametrize("first", ["true", "false"])
async def test_changing_the_way_of_following_at_a_restart_doubles_no_thought(world: World, first: str):
    async with world.bot(RESEARCH_STREAM=first):
        await world.ask("One way and the other demo:partial")
        root = await world.root()
        with anyio.fail_after(30):
            while len(kept_thoughts(world)) < 2:  # noqa: ASYNC110  # the database rings no bell for tests
                await anyio.sleep(0.01)
    async with world.bot(RESEARCH_STREAM="false" if first == "true" else "true"):
        await world.outcome(root, within=40)

    kept = kept_thoughts(world)
    assert kept == [thought for thought in _thoughts(world) if thought in kept]


@pytest.mark.parametrize("stream", ["true", "false"])
async def test_the_old_schema_is_read_too(world: World, stream: str):
    async with world.bot(RESEARCH_STREAM=stream):
        await world.ask("Old demo:legacy demo:quick")
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)


@pytest.mark.parametrize(
    ("word", "words", "has_partial"),
    [
        ("demo:fail", "gave up", False),
        ("demo:mute", "gave up", False),
        ("demo:steperror", "gave up", False),
        ("demo:incomplete", "reached its limit", True),
        ("demo:budget", "token budget", False),
        ("demo:action", "asked for something", False),
        ("demo:empty", "report is empty", False),
    ],
)
async def test_a_bad_end_says_what_happened_what_it_cost_and_offers_retry(
    world: World, word: str, words: str, has_partial: bool
):
    async with world.bot():
        await world.ask(f"Badly {word}")
        root = await world.root()
        outcome = await world.outcome(root, within=40)
        await settled(world, root, "Failed")
        said = visible(outcome)
        if has_partial:
            await world.slack.until(lambda: world.part(root, "report.1.1") is not None)

    assert words in said
    assert "charges" in said
    assert [e["text"]["text"] for b in outcome.blocks if b["type"] == "actions" for e in b["elements"]] == [
        "Retry"
    ]
    assert ("What had been found" in said) == (world.part(root, "report.1.1") is not None)
    assert sorted(outcome.notified) == ["U0ADA"]
    assert "nothing spent" not in card(world, root)
    no_code_words(world)


async def test_usage_that_comes_late_is_added_to_the_card(world: World):
    async with world.bot():
        await world.ask("Late figures demo:quick")
        root = await world.root()
        await world.outcome(root)
        await card_says(world, root, "tokens")

    assert "searches" in card(world, root)


async def test_usage_that_never_comes_holds_nothing_up(world: World):
    async with world.bot():
        await world.ask("No figures demo:quick demo:nousage")
        root = await world.root()
        await world.outcome(root, within=5)
        await whole_report(world, root)
        await settled(world, root, "Report ready")

    assert "tokens" not in visible_facts(await has_card(world, root))


async def test_a_run_in_which_nothing_happens_is_called_stuck_and_in_the_end_expires(world: World):
    async with world.bot(RESEARCH_DEADLINE_SECONDS="70") as running:
        running.bench.policy = _impatient(running.bench.policy)
        await world.ask("Stuck demo:stuck")
        root = await world.root()
        said = await card_says(world, root, "nothing new for", within=20)
        outcome = await world.outcome(root, within=40)
        await settled(world, root, "Ended without a report")

    assert "you can wait, or cancel and retry" in said
    assert "did not end in time" in visible(outcome)
    assert "charges" in visible(outcome)
    assert world.gemini.creates[0].cancel_asked
    assert world.gemini.creates[0].id in str(rows(world, "SELECT interaction_id FROM interaction"))
    no_code_words(world)


async def test_a_run_that_cannot_be_looked_at_for_long_is_called_stuck_too(world: World):
    async with world.bot() as running:
        running.bench.policy = _impatient(running.bench.policy)
        await world.ask("Out of sight demo:stuck")
        root = await world.root()
        await runs(world)
        world.gemini.faults.add("get", Fault.status(503), times=99)
        world.gemini.faults.add("stream", Fault.status(503), times=99)
        said = await card_says(world, root, "nothing new for", within=30)

    assert "you can wait, or cancel and retry" in said
    assert len(world.gemini.creates) == 1


def _impatient(policy):
    from dataclasses import replace

    return replace(policy, stuck_after=20.0, slow_poll=15.0)


async def test_the_last_look_before_the_deadline_may_still_find_the_report(world: World):
    world.gemini.faults.add("get", Fault.status(503), times=4)
    async with world.bot(RESEARCH_DEADLINE_SECONDS="20", RESEARCH_STREAM="false"):
        await world.ask("Just in time")
        root = await world.root()
        await world.outcome(root, within=40)
        await whole_report(world, root)


async def test_a_run_that_gemini_does_not_know_at_first_is_not_given_up(world: World):
    world.gemini.faults.add("get", Fault.status(404), times=3)
    async with world.bot(RESEARCH_STREAM="false"):
        await world.ask("Who? demo:quick")
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)


@pytest.mark.parametrize(
    "fault", [Fault.status(500), Fault.html(502), Fault.rate_limited(1), Fault.drop_before()]
)
async def test_passing_trouble_at_gemini_never_fails_a_research(world: World, fault: Fault):
    world.gemini.faults.add("get", fault, times=4)
    world.gemini.faults.add("stream", fault, times=2)
    async with world.bot(RESEARCH_STREAM="false"):
        await world.ask("Trouble demo:quick")
        root = await world.root()
        await world.outcome(root, within=30)
        await whole_report(world, root)


async def test_the_status_line_follows_the_thoughts_and_goes_with_the_end(world: World):
    async with world.bot():
        await world.ask("Follow me")
        root = await world.root()
        await runs(world, thoughts=3)
        await world.slack.until(
            lambda: "is researching" in (world.slack.threads.status(root.channel, root.ts) or "")
        )
        await world.outcome(root)
        await world.slack.until(lambda: not world.slack.threads.status(root.channel, root.ts))

    assert len(world.slack.threads.history) > 3
