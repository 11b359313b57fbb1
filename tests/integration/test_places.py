"""Where a research lives: channels with and without the app, direct messages, and places that close meanwhile."""

from __future__ import annotations

import anyio
import pytest

from bot.sandbox.slack import Fault
from bot.work import dispatcher
from tests.integration.kit import (
    card_says,
    direct_roots,
    has_card,
    hears,
    no_code_words,
    pings,
    private,
    runs,
    told,
    was_told,
    whole_report,
)
from tests.world import World, visible


async def test_without_the_bot_the_question_is_kept_and_runs_in_the_direct_message(world: World):
    async with world.bot():
        ack = await world.ask("What is kept? demo:quick", channel="random")
        offer = await hears(world, "ada", "I am not in this conversation")
        spent = len(world.gemini.creates)
        shown = private(world, "ada", "I am not in this conversation")
        await world.slack.people.click("ada", "random", shown.ephemeral_id, "research_direct")
        await world.slack.until(lambda: bool(direct_roots(world)))
        root = direct_roots(world)[0]
        await world.outcome(root)
        await whole_report(world, root)

    assert ack.acked
    assert spent == 0
    assert "nothing is spent" in offer
    assert "/invite" in offer
    assert was_told(world, "ada", "in our direct message")
    assert "What is kept?" in visible(root)
    assert world.roots("C0RANDOM") == []
    no_code_words(world)


async def test_after_an_invitation_it_runs_where_it_was_asked(world: World):
    async with world.bot():
        await world.ask("Here after all? demo:quick", channel="random")
        await hears(world, "ada", "I am not in this conversation")
        shown = private(world, "ada", "I am not in this conversation")
        await world.slack.people.click("ada", "random", shown.ephemeral_id, "research_here")
        await world.slack.until(lambda: sum("I am not in" in one for one in told(world, "ada")) == 2)
        await world.slack.people.invite("ada", "random")
        again = private(world, "ada", "I am not in this conversation")
        await world.slack.people.click("ada", "random", again.ephemeral_id, "research_here")
        root = await world.root(channel="C0RANDOM")
        await world.outcome(root)
        await world.slack.people.click("ada", "random", again.ephemeral_id, "research_here")
        await hears(world, "ada", "does not wait for a place any more")

    assert len(world.gemini.creates) == 1
    no_code_words(world)


async def test_a_private_channel_without_the_bot_offers_the_direct_message(world: World):
    async with world.bot():
        await world.ask("A secret? demo:quick", channel="vault")
        await hears(world, "ada", "I am not in this conversation")
        shown = private(world, "ada", "I am not in this conversation")
        await world.slack.people.click("ada", "vault", shown.ephemeral_id, "research_direct")
        await world.slack.until(lambda: bool(direct_roots(world)))
        await world.outcome(direct_roots(world)[0])

    no_code_words(world)


async def test_a_direct_message_of_two_others_offers_ours(world: World):
    place = world.slack.workspace.dm("ada", "ben")
    async with world.bot():
        await world.ask("Between us? demo:quick", channel=place.id)
        await hears(world, "ada", "I am not in this conversation")
        shown = private(world, "ada", "I am not in this conversation")
        await world.slack.people.click("ada", place.id, shown.ephemeral_id, "research_direct")
        await world.slack.until(lambda: bool(direct_roots(world)))
        await world.outcome(direct_roots(world)[0])

    assert world.roots(place.id) == []


async def test_an_archived_channel_says_so_and_offers_only_the_direct_message(world: World):
    async with world.bot():
        await world.ask("Old things? demo:quick", channel="museum")
        said = await hears(world, "ada", "archived")
        shown = private(world, "ada", "archived")
        with pytest.raises(LookupError):
            await world.slack.people.click("ada", "museum", shown.ephemeral_id, "research_here")
        await world.slack.people.click("ada", "museum", shown.ephemeral_id, "research_direct")
        await world.slack.until(lambda: bool(direct_roots(world)))
        await world.outcome(direct_roots(world)[0])

    assert "invite" not in said
    no_code_words(world)


async def test_a_research_in_the_direct_message_with_the_app(world: World):
    async with world.bot():
        await world.ask("Between you and me? demo:quick", channel="D0ADA")
        await world.slack.until(lambda: bool(direct_roots(world)))
        root = direct_roots(world)[0]
        await world.outcome(root)
        await whole_report(world, root)

    assert not told(world, "ada")[1:]


async def test_a_question_without_a_place_can_be_cancelled_and_says_that_nothing_was_spent(world: World):
    async with world.bot():
        await world.ask("Never mind", channel="random")
        await hears(world, "ada", "I am not in this conversation")
        await world.ask("list", channel="random")
        await hears(world, "ada", "Waiting: it has no place")
        shown = private(world, "ada", "Your researches")
        await world.slack.people.click("ada", "random", shown.ephemeral_id, "research_cancel")
        said = await hears(world, "ada", "Stopped before it started")

    assert "Nothing was spent" in said
    assert world.gemini.creates == []
    no_code_words(world)


@pytest.mark.parametrize("how", ["archived", "removed"])
async def test_a_place_that_closes_while_it_runs_moves_the_report_to_the_direct_message(
    world: World, how: str
):
    async with world.bot():
        await world.ask("Will it arrive?")
        root = await world.root()
        await has_card(world, root)
        await runs(world, thoughts=2)
        if how == "archived":
            await world.slack.people.archive("research")
        else:
            await world.slack.people.remove_app("ada", "research")
        await world.slack.until(lambda: bool(direct_roots(world)), timeout=30)
        moved = direct_roots(world)[0]
        await world.outcome(moved)
        await whole_report(world, moved)
        await card_says(world, moved, "Worked for")

    assert len(world.gemini.creates) == 1
    assert pings(world) == [("outcome.1", {"U0ADA"})]
    no_code_words(world)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is parked is tried again after seconds."""
    monkeypatch.setattr(dispatcher, "PARKED", (5.0, 5.0))


@pytest.mark.usefixtures("soon")
@pytest.mark.parametrize("opens", ["their account", "the channel"])
async def test_what_can_be_told_nowhere_is_kept_shown_as_not_delivered_and_told_when_a_way_opens(
    world: World, opens: str
):
    asker = world.slack.workspace.person("ada")
    async with world.bot():
        await world.ask("Nowhere? demo:slow")
        root = await world.root()
        await runs(world, thoughts=1)
        asker.deleted = True
        await world.slack.people.archive("research")
        await world.ask("cancel " + root.metadata["event_payload"]["research"], "cleo", "general")
        await world.gemini.until(lambda: world.gemini.creates[0].ended, timeout=20)
        shown = await _not_delivered(world)
        if opens == "the channel":
            await world.slack.people.unarchive("research")
        else:
            asker.deleted = False
            await world.slack.until(lambda: bool(direct_roots(world)), timeout=30)
            root = direct_roots(world)[0]
        await world.outcome(root)
        await card_says(world, root, "Stopped")

    assert "Nowhere?" in shown
    assert "the asker’s account is deactivated" in shown
    assert len(direct_roots(world)) + len(world.roots()) == (1 if opens == "the channel" else 2)
    no_code_words(world)


async def _not_delivered(world: World) -> str:
    """What `/research-status` says as soon as it says that something was not delivered."""
    with anyio.fail_after(20):
        while not was_told(world, "cleo", "not delivered"):
            await world.slack.people.command("cleo", "general", "/research-status")
            await world.clock.sleep(2)
    return next(one for one in reversed(told(world, "cleo")) if "not delivered" in one)


@pytest.mark.usefixtures("soon")
async def test_a_token_that_is_revoked_and_restored_delays_the_report_and_loses_nothing(world: World):
    async with world.bot():
        await world.ask("Will it come back?")
        root = await world.root()
        await runs(world, thoughts=2)
        world.slack.revoked = True
        await world.gemini.until(lambda: world.gemini.creates[0].ended, timeout=20)
        await world.clock.sleep(10)
        assert world.part(root, "outcome.1") is None
        world.slack.restore()
        await world.outcome(root)
        await whole_report(world, root)
        await card_says(world, root, "Worked for")

    assert len(world.roots()) == 1
    assert not direct_roots(world)


@pytest.mark.parametrize("place", ["C0RESEARCH", "D0ADA"])
async def test_a_thread_that_an_admin_deleted_goes_on_anew_and_whole_in_the_direct_message(
    world: World, place: str
):
    async with world.bot():
        await world.ask("Deleted?", channel=place)
        await world.slack.until(lambda: bool(world.roots(place)))
        root = world.roots(place)[0]
        await has_card(world, root)
        await runs(world, thoughts=2)
        await world.slack.people.delete_thread("ada", place, root.ts)
        await world.slack.until(lambda: bool(direct_roots(world)), timeout=30)
        anew = direct_roots(world)[0]
        await world.outcome(anew)
        await whole_report(world, anew)
        await card_says(world, anew, "Worked for")

    assert anew.ts != root.ts
    assert len(direct_roots(world)) == 1
    assert pings(world) == [("outcome.1", {"U0ADA"})]


async def test_a_root_that_was_deleted_while_its_thread_is_there_changes_nothing_for_the_thread(world: World):
    async with world.bot():
        await world.ask("Only the root?")
        root = await world.root()
        await has_card(world, root)
        await world.slack.people.delete("cleo", "research", root.ts)
        await world.outcome(root)
        await whole_report(world, root)

    assert not direct_roots(world)


async def test_where_slack_lets_only_some_post_the_research_goes_to_the_direct_message(world: World):
    world.slack.workspace.channel("research").restriction = "restricted_action_read_only_channel"
    async with world.bot():
        await world.ask("May I post? demo:quick")
        await world.slack.until(lambda: bool(direct_roots(world)), timeout=20)
        root = direct_roots(world)[0]
        await world.outcome(root)
        await whole_report(world, root)

    assert len(world.gemini.creates) == 1


async def test_a_direct_message_that_slack_does_not_open_says_try_again(world: World):
    async with world.bot():
        await world.ask("Where? demo:quick", channel="random")
        await hears(world, "ada", "I am not in this conversation")
        world.slack.faults.add("conversations.open", Fault.status(503), times=1)
        shown = private(world, "ada", "I am not in this conversation")
        await world.slack.people.click("ada", "random", shown.ephemeral_id, "research_direct")
        await hears(world, "ada", "try again")
        await world.slack.people.click("ada", "random", shown.ephemeral_id, "research_direct")
        await world.slack.until(lambda: bool(direct_roots(world)))
        await world.outcome(direct_roots(world)[0])

    no_code_words(world)
