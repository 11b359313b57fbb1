"""Readers: what they say about a report, and being told of an end that they wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.integration.kit import (
    has_card,
    hears,
    no_code_words,
    parts,
    pings,
    rows,
    runs,
    settled,
    told,
    whole_report,
)
from tests.world import World, visible

if TYPE_CHECKING:
    from bot.sandbox.slack.message import Message

NOT_THEIRS = "This research is not here any more."


async def read(world: World, question: str = "Which ones? demo:quick", channel: str = "research") -> Message:
    """A research with its whole report; gives the message that ends it."""
    await world.ask(question, channel=channel)
    root = await world.root(channel=world.slack.workspace.channel(channel).id)
    await world.outcome(root)
    await whole_report(world, root)
    await settled(world, root, "Report ready")
    return parts(world, root)[-1]


async def presses(world: World, person: str, message: Message, side: str) -> None:
    value = f"{side}:{rows(world, 'SELECT id FROM research')[0][0]}"
    ack = await world.slack.people.click(person, message.channel, message.ts, "research_rate", value)
    assert ack.acked


async def test_a_thumb_counts_once_a_person_and_the_lower_one_asks_why(world: World):
    async with world.bot():
        last = await read(world)
        await presses(world, "ada", last, "good")
        await hears(world, "ada", "Thank you")
        await presses(world, "ada", last, "good")
        await presses(world, "ben", last, "bad")
        await world.slack.until(lambda: world.slack.people.view("ben"))
        form = world.slack.people.view("ben")
        assert rows(world, "SELECT person_id, good FROM opinion ORDER BY person_id") == [
            ("U0ADA", 1), ("U0BEN", 0),
        ]  # fmt: skip

        values = {"reasons": {"reasons": ["wrong", "sources"]}, "words": {"words": "Never <!channel> so."}}
        assert (await world.slack.people.submit_view("ben", values)).acked
        await hears(world, "ben", "Thank you")
        await presses(world, "ada", last, "bad")
        await world.slack.until(lambda: world.slack.people.view("ada"))
        await world.slack.people.command("cleo", "research", "/research-status")
        await hears(world, "cleo", "👍 0 👎 2")
        ((research,),) = rows(world, "SELECT id FROM research")
        await world.slack.people.command("cleo", "research", "/research-status", research)
        await hears(world, "cleo", "Something in it is wrong; The sources are weak, or do not say it; Never")

    assert form is not None
    assert form["title"]["text"] == "What was wrong?"
    said = rows(world, "SELECT person_id, good, reasons, words FROM opinion ORDER BY person_id")
    assert said == [("U0ADA", 0, "", ""), ("U0BEN", 0, "wrong,sources", "Never <!channel> so.")]
    assert pings(world) == [("outcome.1", {"U0ADA"})]
    no_code_words(world)


async def test_who_cannot_see_a_report_cannot_rate_it_and_learns_nothing(world: World):
    world.slack.refuse_blocks.add("context_actions")  # so that what a button carries can be forged
    async with world.bot():
        last = await read(world, channel="secret")
        research = rows(world, "SELECT id FROM research")[0][0]
        await world.slack.people.click("ada", "secret", last.ts, "research_rate_good")
        await hears(world, "ada", "Thank you")
        elsewhere = await read_elsewhere(world)
        for value in (f"good:{research}", "good:r_nothing", "good:", "bad:"):
            await world.slack.people.click("ben", "general", elsewhere.ts, "research_rate_good", value)
        await world.slack.until(lambda: sum(NOT_THEIRS in one for one in told(world, "ben")) == 4)

    assert rows(world, "SELECT person_id FROM opinion") == [("U0ADA",)]
    assert world.slack.people.view("ben") is None


async def read_elsewhere(world: World) -> Message:
    await world.ask("Elsewhere demo:quick", "cleo", "general")
    root = await world.root(channel="C0GENERAL")
    await world.outcome(root)
    await whole_report(world, root, number=1)
    return parts(world, root)[-1]


async def test_a_workspace_that_refuses_the_thumbs_gets_buttons(world: World):
    world.slack.refuse_blocks.add("context_actions")
    async with world.bot():
        last = await read(world)
        ack = await world.slack.people.click("ben", "research", last.ts, "research_rate_good")
        assert ack.acked
        await hears(world, "ben", "Thank you")

    assert {"actions"} <= {block["type"] for block in last.blocks}
    assert rows(world, "SELECT person_id, good FROM opinion") == [("U0BEN", 1)]


async def test_whoever_pressed_notify_me_is_mentioned_once_at_the_end(world: World):
    async with world.bot():
        await world.ask("When does it end? demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        card = await has_card(world, root)
        for person in ("ben", "cleo", "cleo", "ada", "gus"):
            await world.slack.people.click(person, "research", card.ts, "research_watch")
        await hears(world, "ben", "You will be mentioned here once")
        await hears(world, "cleo", "Taken back")
        await hears(world, "ada", "You asked, so you are told")
        await hears(world, "gus", NOT_THEIRS)
        await world.slack.people.click("ada", "research", card.ts, "research_cancel")
        outcome = await world.outcome(root)
        await settled(world, root, "Stopped")

    assert "For those who asked to be told" in visible(outcome)
    assert pings(world) == [("outcome.1", {"U0ADA", "U0BEN"})]
    no_code_words(world)
