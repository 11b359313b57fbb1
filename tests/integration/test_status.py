"""`/research-status`: who sees what, in pages, privately."""

from __future__ import annotations

from tests.integration.kit import hears, no_code_words, private, runs, told
from tests.world import World


async def _status(world: World, person: str, channel: str = "general") -> None:
    ack = await world.slack.people.command(person, channel, "/research-status")
    assert ack.acked


async def test_an_admin_sees_all_with_state_asker_age_and_link_and_can_cancel(world: World):
    async with world.bot():
        await world.ask("Ada's finished one demo:quick")
        root = await world.root()
        await world.outcome(root)
        await world.ask("Ben's running one demo:slow", person="ben")
        running = await world.root(1)
        await runs(world, 2, thoughts=1)
        await _status(world, "cleo")
        seen = await hears(world, "cleo", "2 in all, 1 running")
        shown = private(world, "cleo", "2 in all, 1 running")
        research_id = running.metadata["event_payload"]["research"]
        await world.slack.people.click(
            "cleo", "general", shown.ephemeral_id, "research_cancel", block_id=f"actions:{research_id}"
        )
        await hears(world, "cleo", "Stopping. The thread will say")
        await world.outcome(running)

    assert seen.index("Ben's running one") < seen.index("Ada's finished one")
    assert "Researching" in seen
    assert "Report ready" in seen
    assert research_id in seen
    assert "asked" in seen
    assert [url.rpartition("/archives/")[2] for url in _links(shown)] == [
        f"{one.channel}/p{one.ts.replace('.', '')}" for one in (running, root)
    ]
    assert _people(shown) == ["U0BEN", "U0ADA"]
    assert world.gemini.creates[1].status == "cancelled"
    assert not any("2 in all" in one for person in ("ada", "ben") for one in told(world, person))
    no_code_words(world)


def _elements(message) -> list[dict]:
    return [
        inner
        for block in message.blocks
        if block["type"] == "rich_text"
        for outer in block["elements"]
        for inner in outer["elements"]
    ]


def _links(message) -> list[str]:
    return [one["url"] for one in _elements(message) if one["type"] == "link"]


def _people(message) -> list[str]:
    return [one["user_id"] for one in _elements(message) if one["type"] == "user"]


async def test_everyone_else_sees_only_their_own(world: World):
    async with world.bot():
        await world.ask("Ada's own demo:quick")
        await world.outcome(await world.root())
        await world.ask("Ben's own demo:quick", person="ben")
        await world.outcome(await world.root(1))
        await _status(world, "ben")
        seen = await hears(world, "ben", "1 in all")

    assert "Ben's own" in seen
    assert "Ada's own" not in seen


async def test_nobody_sees_the_question_of_a_private_channel_that_they_are_not_in(world: World):
    async with world.bot():
        await world.ask("The secret question demo:quick", channel="secret")
        await world.outcome(await world.root(channel="C0SECRET"))
        await world.ask("The direct question demo:quick", channel="D0ADA")
        await world.slack.until(lambda: bool(world.roots("D0ADA")))
        await world.outcome(world.roots("D0ADA")[0])
        await world.ask("No place yet", channel="vault")
        await hears(world, "ada", "I am not in this conversation")
        await _status(world, "cleo")
        seen = await hears(world, "cleo", "3 in all")
        await _status(world, "ada")
        own = await hears(world, "ada", "3 in all")

    assert "secret question" not in seen
    assert "direct question" not in seen
    assert "No place yet" not in seen
    assert seen.count("(a conversation that you are not in)") >= 3
    assert "The secret question" in own
    no_code_words(world)


async def test_a_long_list_comes_in_pages_that_replace_each_other(world: World):
    async with world.bot(RESEARCH_MAX_ACTIVE_PER_USER="0"):
        for number in range(12):
            await world.ask(f"Question number {number} demo:quick", channel="D0ADA")
        await world.gemini.until(lambda: len(world.gemini.creates) == 12)
        await _status(world, "cleo")
        first = await hears(world, "cleo", "Page 1 of 2")
        shown = private(world, "cleo", "Page 1 of 2")
        await world.slack.people.click("cleo", "general", shown.ephemeral_id, "status_page_older")
        second = await hears(world, "cleo", "Page 2 of 2")
        again = private(world, "cleo", "Page 2 of 2")
        await world.slack.people.click("cleo", "general", again.ephemeral_id, "status_page_newer")
        await world.slack.until(lambda: not any("Page 2 of 2" in one for one in told(world, "cleo")))

    assert first.count("asked") + second.count("asked") >= 12
    assert len(told(world, "cleo")) == 1
    assert len(shown.blocks) <= 50


async def test_an_empty_list_says_how_to_start_one(world: World):
    async with world.bot():
        await _status(world, "ben")
        seen = await hears(world, "ben", "none yet")

    assert "/research <question>" in seen
