"""Mentions and direct messages: heard once however often Slack tells, answered in the thread where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.kit import hears, no_code_words, nothing_was_refused, rows, told
from tests.world import RESEARCH, World, visible

if TYPE_CHECKING:
    from bot.sandbox.slack.message import Message

NAME = "@Deep Research"


def replies(world: World, ts: str, channel: str = RESEARCH) -> list[Message]:
    """What stands under a message."""
    return world.slack.workspace.messages(channel, ts)[1:]


async def answered(world: World, ts: str, words: str, channel: str = RESEARCH) -> list[Message]:
    """Waits until the thread of a message says these words."""
    await world.slack.until(
        lambda: any(words in visible(one) for one in replies(world, ts, channel)), timeout=30
    )
    return replies(world, ts, channel)


def direct(world: World, person: str = "ada") -> str:
    return world.slack.workspace.dm(person).id


async def test_a_mention_is_answered_in_its_thread_once_though_its_twin_event_comes_too(world: World):
    """The sandbox sends message.channels beside app_mention, as Slack does where both are subscribed."""
    async with world.bot():
        world.slack.socket.duplicate_next()
        ts = await world.slack.people.say("ada", "research", f"{NAME} How do glaciers move? demo:quick")
        thread = await answered(world, ts, "your report is ready")

    assert "How do glaciers move?" in visible(thread[0])
    assert NAME not in visible(thread[0])
    assert len(world.gemini.creates) == 1
    assert world.roots() == []
    assert told(world, "ada") == []
    assert nothing_was_refused(world)
    no_code_words(world)


async def test_a_mention_in_a_thread_is_answered_there_and_a_second_one_asks_about_the_report(world: World):
    world.gemini.hold()
    async with world.bot():
        parent = await world.slack.people.say("ben", "research", "Glaciers move, they say.")
        await world.slack.people.say("ada", "research", f"{NAME}: max: How do they move? demo:quick", parent)
        await answered(world, parent, "Planning the research")
        await world.gemini.until(lambda: world.gemini.creates)
        await world.slack.people.say("ada", "research", f"{NAME} Well, how fast?", parent)
        early = await hears(world, "ada", "The report is not there yet")
        world.gemini.hold(held=False)
        world.gemini.finish(world.gemini.creates[0].id)
        thread = await answered(world, parent, "Run again")
        await world.slack.people.say("ben", "research", f"{NAME} How fast?", parent)
        thread = await answered(world, parent, "here is what I found")

    assert "Deep Research Max" in "".join(map(visible, thread))
    assert "ask again when it is" in early
    research, answer = world.gemini.creates
    assert (answer.question, answer.request["previous_interaction_id"]) == ("How fast?", research.id)


async def test_a_reply_in_the_direct_message_needs_no_mention_to_ask_about_the_report(world: World):
    async with world.bot():
        ts = await world.slack.people.say("ada", direct(world), "How do glaciers move? demo:quick")
        await answered(world, ts, "Run again", direct(world))
        await world.slack.people.say("ada", direct(world), "How fast?", ts)
        await answered(world, ts, "here is what I found", direct(world))

    assert [one.question for one in world.gemini.creates][1:] == ["How fast?"]
    assert nothing_was_refused(world)


async def test_a_message_in_the_messages_tab_is_answered_in_its_thread(world: World):
    async with world.bot():
        ts = await world.slack.people.say("ada", direct(world), "How do glaciers move? demo:quick")
        thread = await answered(world, ts, "your report is ready", direct(world))

    assert "How do glaciers move?" in visible(thread[0])
    assert len(world.gemini.creates) == 1
    assert nothing_was_refused(world)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("help", "max: <question>"),
        ("thanks!", "too short"),
        ("plan: quick: Who am I?", "A quick answer has no plan"),
        ("list", "none yet"),
        ("cancel r_nobody", "not here any more"),
        ("🎉 🎉 🎉", "no words"),
    ],
)
async def test_in_the_messages_tab_the_words_of_the_command_mean_the_same(
    world: World, written: str, said: str
):
    async with world.bot():
        ts = await world.slack.people.say("ada", direct(world), written)
        await answered(world, ts, said, direct(world))

    assert world.gemini.creates == []
    no_code_words(world)


@pytest.mark.parametrize(
    ("written", "said"), [(NAME, "max: <question>"), (f"I asked {NAME} and it knew", "begin the message")]
)
async def test_a_mention_that_asks_nothing_is_explained_to_its_writer_alone(
    world: World, written: str, said: str
):
    async with world.bot():
        ts = await world.slack.people.say("ada", "research", written)
        await hears(world, "ada", said)

    assert replies(world, ts) == []
    assert world.gemini.creates == []


async def test_edits_deletions_and_what_others_say_start_nothing(world: World):
    async with world.bot():
        ts = await world.slack.people.say("ada", "research", "How do glaciers move, anyway?")
        await world.slack.people.edit("ada", "research", ts, f"{NAME} How do glaciers move?")
        own = await world.slack.people.say("ada", direct(world), "thanks!")
        await world.slack.people.edit("ada", direct(world), own, "How do glaciers move, anyway?")
        await world.slack.people.delete("ada", direct(world), own)
        await world.slack.people.say("ada", "research", f"{NAME} help")
        await hears(world, "ada", "max: <question>")

    assert rows(world, "SELECT id FROM research") == []


async def test_a_guest_who_mentions_us_is_refused_privately(world: World):
    async with world.bot():
        ts = await world.slack.people.say("gus", "research", f"{NAME} May I ask this?")
        await hears(world, "gus", "costs money")

    assert replies(world, ts) == []
    assert world.gemini.creates == []


async def test_a_channel_closed_meanwhile_moves_the_answer_of_a_mention_to_the_direct_message(world: World):
    async with world.bot():
        ts = await world.slack.people.say("ada", "general", f"{NAME} How do glaciers move? demo:slow")
        await answered(world, ts, "How do glaciers move?", "C0GENERAL")
        await world.slack.people.archive("general")
        await world.slack.until(lambda: bool(world.roots(direct(world))), timeout=60)

    assert "How do glaciers move?" in visible(world.roots(direct(world))[0])
