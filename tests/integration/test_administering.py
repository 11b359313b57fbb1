"""`/research-status settings` and `lift`: what admins set holds at once, and nobody else can set it."""

from __future__ import annotations

from tests.integration.kit import card_says, hears, no_code_words, runs, was_told
from tests.world import World


async def _settings(world: World, person: str = "cleo") -> None:
    await world.slack.people.command(person, "general", "/research-status", "settings")


async def _saved(world: World, **values: dict) -> None:
    await _settings(world)
    await world.slack.until(lambda: world.slack.people.view("cleo") is not None)
    await world.slack.people.submit_view("cleo", {name: {"value": value} for name, value in values.items()})
    assert world.slack.people.view("cleo") is None


async def test_a_limit_holds_from_the_moment_it_is_saved_until_an_admin_lifts_it(any_world: World):
    world = any_world
    async with world.bot():
        await _saved(world, daily_per_user="1", style="brief")
        await world.ask("The first demo:quick")
        await hears(world, "ada", "number 1 of the 1 questions")
        await world.ask("The second")
        await hears(world, "ada", "as many questions as are allowed within 24 hours")
        await world.slack.people.command("cleo", "general", "/research-status", "lift @ada")
        await hears(world, "cleo", "can ask one question beyond")
        await world.ask("The third demo:quick")
        await runs(world, 2)

    assert "Please keep the report brief" in str(world.gemini.creates[0].request)
    assert "The second" not in str([run.request for run in world.gemini.creates])
    no_code_words(world)


async def test_only_admins_can_set_or_lift_anything(world: World):
    async with world.bot():
        await _settings(world, "ada")
        await hears(world, "ada", "Only admins of this workspace")
        await world.slack.people.command("ben", "general", "/research-status", "lift @ben")
        await hears(world, "ben", "Only admins of this workspace")
        assert world.slack.people.view("ada") is None


async def test_whom_the_lists_shut_out_is_told_so_and_nothing_is_spent(world: World):
    world.slack.workspace.groups["S0TEAM"] = {"U0BEN"}
    async with world.bot():
        await _saved(world, people_allowed_groups="S0TEAM", channels_denied=["C0GENERAL"])
        await world.ask("Ada asks")
        await hears(world, "ada", "admins have not opened deep research to you")
        await world.ask("Ben asks in a closed channel", person="ben", channel="general")
        await hears(world, "ben", "have not opened deep research in this channel")
        await world.ask("Ben asks demo:quick", person="ben")
        await world.outcome(await world.root())

    assert len(world.gemini.creates) == 1
    assert not was_told(world, "ben", "opened deep research to you")


async def test_a_group_that_slack_does_not_know_lets_nobody_in(world: World):
    async with world.bot():
        await _saved(world, people_allowed_groups="S0GONE")
        await world.ask("Ben asks", person="ben")
        await hears(world, "ben", "Slack did not tell whether you may start")

    assert not world.gemini.creates


async def test_guests_are_let_in_by_a_setting(world: World):
    async with world.bot():
        await _saved(world, admitted=["admits_guests"])
        await world.ask("Gus asks demo:quick", person="gus")
        await world.outcome(await world.root())

    assert len(world.gemini.creates) == 1


async def test_who_has_to_wait_sees_their_place_in_the_line(world: World):
    async with world.bot(RESEARCH_MAX_ACTIVE="1"):
        await world.ask("First demo:slow")
        await runs(world, 1)
        await world.ask("Second demo:quick", person="ben")
        second = await world.root(1)
        await card_says(world, second, "number 1 in line")
        world.gemini.finish(world.gemini.creates[0].id)
        await world.outcome(second)


async def test_settings_that_somebody_else_changed_meanwhile_are_not_overwritten(world: World):
    async with world.bot() as running:
        await _settings(world)
        await world.slack.until(lambda: world.slack.people.view("cleo") is not None)
        office = running.bench.office
        await office.settle_house(
            "T0SANDBOX", await office.house("T0SANDBOX"), "U9", running.bench.clock.now()
        )
        ack = await world.slack.people.submit_view("cleo", {"active": {"value": "5"}})

    assert "Somebody else has changed the settings" in str(ack.payload)
    assert world.slack.people.view("cleo") is not None
