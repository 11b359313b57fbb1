"""The same question again: offered what is there, or researched anew; and nothing is said of what one may not see."""

from __future__ import annotations

import pytest

from tests.integration.kit import (
    direct_roots,
    hears,
    no_code_words,
    nothing_was_refused,
    private,
    runs,
    told,
    was_told,
)
from tests.world import World

ASKED = "How do glaciers move? demo:quick"
AGAIN = "  how do GLACIERS move – demo:quick"


async def press(world: World, person: str, action: str, words: str = "asked the same question") -> None:
    """Presses a button below the offer."""
    message = private(world, person, words)
    ack = await world.slack.people.click(person, message.channel, message.ephemeral_id, action)
    assert ack.acked


async def test_a_report_that_a_colleague_has_is_offered_before_money_is_spent_again(world: World):
    async with world.bot():
        await world.ask(ASKED)
        root = await world.root()
        await world.outcome(root)
        await world.ask(AGAIN, person="ben")
        said = await hears(world, "ben", "asked the same question")
        link = _link(private(world, "ben", "asked the same question"))
        await press(world, "ben", "research_leave")
        await hears(world, "ben", "Nothing was spent")

    assert "Ada asked" in said
    assert "has its report" in said
    assert link.endswith(f"/archives/{root.channel}/p{root.ts.replace('.', '')}")
    assert len(world.roots()) == 1
    assert len(world.gemini.creates) == 1
    assert nothing_was_refused(world)
    no_code_words(world)


async def test_who_insists_gets_a_research_of_their_own_and_is_not_asked_again(world: World):
    async with world.bot():
        await world.ask("How do glaciers move? demo:slow")
        await runs(world)
        await world.ask("How do glaciers move? demo:slow", person="ben")
        said = await hears(world, "ben", "asked the same question")
        await press(world, "ben", "research_insist")
        await world.root(1)
        await runs(world, 2)
        await press(world, "ben", "research_insist")
        await hears(world, "ben", "does not wait for that any more")

    assert "is being researched" in said
    assert len(world.roots()) == 2


async def test_nobody_else_decides_for_the_asker(world: World):
    async with world.bot() as running:
        await world.ask(ASKED)
        await world.outcome(await world.root())
        await world.ask(AGAIN, person="ben")
        await hears(world, "ben", "asked the same question")
        research_id = private(world, "ben", "asked the same question").blocks[-1]["elements"][0]["value"]
        from bot.work.desk import Desk

        reply = await Desk(running.bench).insist(research_id, "T0SANDBOX", "U0CLEO")
        foreign = await Desk(running.bench).insist(research_id, "T0OTHER", "U0BEN")

    assert not reply.done
    assert not foreign.done
    assert "not here any more" in foreign.sentence


@pytest.mark.parametrize("channel", ["secret", "D0ADA"])
async def test_nothing_is_said_of_a_research_that_one_may_not_see(world: World, channel: str):
    async with world.bot():
        await world.ask(ASKED, channel=channel)
        elsewhere = world.slack.workspace.channel(channel).id
        await world.outcome(await world.root(0, elsewhere))
        await world.ask(ASKED, person="ben")
        await world.outcome(await world.root())
        await world.ask(AGAIN, channel="general")
        said = await hears(world, "ada", "asked the same question")

    assert not was_told(world, "ben", "asked the same question")
    assert len(world.gemini.creates) == 2
    assert "Ben asked" in said


async def test_what_is_asked_more_thoroughly_or_after_a_failure_is_not_offered(world: World):
    async with world.bot():
        await world.ask(ASKED)
        await world.outcome(await world.root())
        await world.ask(f"max: {ASKED}")
        await world.outcome(await world.root(1))
        await world.ask("Will this fail? demo:fail")
        await world.outcome(await world.root(2))
        await world.ask("Will this fail? demo:fail")
        await world.outcome(await world.root(3))

    assert not was_told(world, "ada", "asked the same question")


async def test_a_form_and_a_message_are_asked_the_same(world: World):
    async with world.bot():
        await world.ask(ASKED)
        await world.outcome(await world.root())
        await world.slack.people.say("ben", "research", f"@Deep Research {AGAIN}")
        await hears(world, "ben", "asked the same question")
        await world.ask("", person="cleo")
        await world.slack.until(lambda: world.slack.people.view("cleo") is not None)
        await world.slack.people.submit_view("cleo", {"question": {"question": ASKED}})
        await hears(world, "cleo", "asked the same question")

    assert len(world.gemini.creates) == 1
    assert len(told(world, "ben")) == 1
    assert direct_roots(world, "cleo") == []


def _link(message) -> str:
    elements = [
        inner
        for block in message.blocks
        for outer in block.get("elements", [])
        for inner in outer.get("elements", [])
    ]
    return next(one["url"] for one in elements if one["type"] == "link")
