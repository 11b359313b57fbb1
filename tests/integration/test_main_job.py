"""`/research` from the question to the report, through the whole product."""

from __future__ import annotations

from tests.world import World, visible


async def test_a_question_becomes_a_thread_with_progress_and_a_cited_report(any_world: World):
    world = any_world
    async with world.bot():
        ack = await world.ask("What is new in solid-state batteries?")
        root = await world.root()
        outcome = await world.outcome(root)
        await world.slack.until(lambda: world.part(root, "report.1.1") is not None)
        await world.slack.until(lambda: "Worked for" in visible(world.part(root, "card")))

    assert ack.acked
    assert "solid-state batteries" in visible(root)
    assert sorted(outcome.notified) == ["U0ADA"]
    assert set() == set(root.notified)
    assert "Sources" in visible(world.thread(root)[-1])
    assert len(world.gemini.creates) == 1
    assert world.slack.ledger == []


async def test_two_copies_of_one_command_make_one_research(world: World):
    async with world.bot():
        world.slack.socket.duplicate_next()
        await world.ask("Is this asked once? demo:quick")
        root = await world.root()
        await world.outcome(root)

    assert len(world.gemini.creates) == 1
    assert len(world.roots()) == 1


async def test_the_asker_cancels_and_gemini_confirms(world: World):
    async with world.bot():
        await world.ask("Something long demo:slow")
        root = await world.root()
        await world.slack.until(lambda: world.part(root, "card") is not None)
        card = world.part(root, "card")
        await world.slack.people.click("ada", "research", card.ts, "research_cancel")
        outcome = await world.outcome(root)
        await world.slack.until(lambda: "Stopped by" in visible(world.part(root, "card")))

    assert "stopped" in visible(outcome)
    assert world.gemini.creates[0].status == "cancelled"
