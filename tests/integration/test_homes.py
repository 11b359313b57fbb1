"""The Home tab: what a person sees there, and what they can do from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.sandbox.slack import Fault
from tests.integration.kit import no_code_words, nothing_was_refused, part_name, runs
from tests.world import visible

if TYPE_CHECKING:
    from tests.world import World


def _blocks(world: World, person: str) -> list[dict[str, Any]]:
    home = world.slack.people.home(person)
    return [] if home is None else home["blocks"]


def shown(world: World, person: str = "ada") -> str:
    """What the Home tab of a person says."""
    return str(_blocks(world, person))


def modal(world: World, person: str = "ada") -> str:
    """What the modal that a person sees says."""
    return str((world.slack.people.view(person) or {}).get("blocks"))


async def shows(world: World, words: str, person: str = "ada", *, gone: str = "") -> str:
    """Waits until the Home tab of a person says these words, and others no more."""
    await world.slack.until(
        lambda: words in shown(world, person) and (not gone or gone not in shown(world, person))
    )
    return shown(world, person)


async def until_modal(world: World, words: str, person: str = "ada") -> str:
    await world.slack.until(lambda: words in modal(world, person))
    return modal(world, person)


async def press(world: World, action: str, value: str | None = None, person: str = "ada") -> None:
    """Presses or chooses something in the Home tab."""
    home = world.slack.people.home(person)
    assert home is not None
    assert (await world.slack.people.click_view(person, action, value, view_id=home["id"])).acked


async def test_a_tab_without_researches_teaches_by_example_and_opens_the_form(world: World):
    async with world.bot():
        assert (await world.slack.people.open_home("ada")).acked
        empty = await shows(world, "/research quick:")
        await press(world, "home_depth", "max")
        await shows(world, "'initial_option': {'text': {'type': 'plain_text', 'text': 'Thorough: ")
        await press(world, "home_new")
        form = await until_modal(world, "What would you like to know?")

    assert "for admins" not in empty
    assert "'initial_option': {'text': {'type': 'plain_text', 'text': 'Thorough'" in form
    assert nothing_was_refused(world)


async def test_it_shows_what_runs_until_it_is_stopped_there_and_then_among_what_was(any_world: World):
    world = any_world
    async with world.bot():
        world.gemini.hold()
        await world.slack.people.open_home("ada")
        await shows(world, "For example")
        await world.ask("How heavy is gold?")
        await runs(world)
        running = await shows(world, "archives/C0RESEARCH", gone="For example")
        await press(world, "research_cancel")
        world.gemini.hold(False)
        ended = await shows(world, "Nothing of yours runs or waits now")

    assert "Running and waiting" in running
    assert "How heavy is gold?" in running
    assert "How heavy is gold?" in ended
    assert "Stopped" in ended
    assert nothing_was_refused(world)


async def test_what_was_is_searched_and_read_in_pages(world: World):
    async with world.bot(RESEARCH_MAX_ACTIVE_PER_USER="0"):
        for number in range(10):
            await world.ask(f"How heavy is element {number}? demo:quick")
        await world.slack.until(lambda: len(world.gemini.creates) == 10)
        await world.ask("What is Gold for? demo:quick")
        await world.outcome(await world.root(10))
        await world.slack.people.open_home("ada")
        first = await shows(world, "Page 1 of 2")
        await press(world, "home_page_older")
        second = await shows(world, "Page 2 of 2")
        await press(world, "home_search", "gold FOR")
        found = await shows(world, "1 with", gone="Page")
        await press(world, "home_search", "nothing like it")
        await shows(world, "Nothing of yours holds")
        await press(world, "home_search", "")
        await shows(world, "Page 1 of 2")

    assert "What is Gold for?" in first
    assert "What is Gold for?" not in second
    assert "element 0" in second
    assert "heavy" not in found


async def test_an_admin_sees_the_workspace_and_goes_on_in_the_console(world: World):
    async with world.bot():
        await world.ask("Ada's own demo:quick")
        await world.outcome(await world.root())
        await world.ask("The secret question demo:quick", channel="secret")
        await world.outcome(await world.root(channel="C0SECRET"))
        await world.slack.people.open_home("cleo")
        tab = await shows(world, "for admins", "cleo")
        await press(world, "status_page_all", person="cleo")
        await until_modal(world, "Researches of this workspace", "cleo")
        await world.slack.people.click_view("cleo", "status_details")
        details = await until_modal(world, "Calls and cost", "cleo")
        await world.slack.people.open_home("ben")
        colleague = await shows(world, "For example", "ben")

    assert "Ada's own" in tab
    assert "secret question" not in tab + details
    assert "C0SECRET" not in tab + details
    assert "Ada's own" not in colleague
    assert nothing_was_refused(world)


async def test_what_is_somebody_elses_is_not_told_however_it_is_pressed(world: World):
    async with world.bot():
        await world.ask("Ada's own demo:quick", channel="secret")
        root = await world.root(channel="C0SECRET")
        await world.outcome(root)
        research_id = root.metadata["event_payload"]["research"]
        world.gemini.hold()
        await world.ask("Ben's own", person="ben")
        await runs(world, 2)
        await world.slack.people.open_home("ben")
        await shows(world, "Ben's own", "ben")
        for action in ("status_details", "research_cancel"):
            await press(world, action, research_id, "ben")
            await until_modal(world, "not here any more", "ben")
            await world.slack.people.close_view("ben")

    assert "Ada's own" not in shown(world, "ben")
    no_code_words(world)


async def test_who_wants_it_is_told_directly_once_that_a_research_has_ended_in_a_channel(any_world: World):
    world = any_world

    def notices() -> list[str]:
        said = world.slack.workspace.messages("D0ADA")
        return [visible(one) for one in said if part_name(one).startswith("notice.")]

    async with world.bot():
        await world.slack.people.open_home("ada")
        await shows(world, "For example")
        await press(world, "home_notify", "yes")
        await shows(world, "initial_options")
        await world.ask("How heavy is gold? demo:quick")
        root = await world.root()
        await world.slack.until(lambda: len(notices()) == 1)
        await press(world, "home_notify", "")
        await shows(world, "home_notify", gone="initial_options")
        await world.ask("How heavy is silver? demo:quick")
        await world.outcome(await world.root(1))

    (notice,) = notices()
    assert "How heavy is gold?" in notice
    assert f"archives/C0RESEARCH/p{root.ts.replace('.', '')}" in str(
        [one.blocks for one in world.slack.workspace.messages("D0ADA")]
    )
    assert nothing_was_refused(world)


async def test_what_slack_does_not_take_at_first_is_shown_all_the_same(world: World):
    faults = [Fault.error("hash_conflict"), Fault.rate_limited(1), Fault.status(503), Fault.drop_after()]
    async with world.bot():
        for fault in faults:
            world.slack.faults.add("views.publish", fault)
        await world.slack.people.open_home("ada")
        await world.slack.until(lambda: len(world.slack.calls_of("views.publish")) > len(faults))
        await press(world, "home_depth", "max")
        await shows(world, "'initial_option': {'text': {'type': 'plain_text', 'text': 'Thorough: ")

    no_code_words(world)


async def test_a_tab_that_was_opened_before_a_crash_is_shown_by_the_next_process(any_world: World):
    world = any_world
    async with world.bot():
        world.slack.faults.add("views.publish", Fault.status(503), times=50)
        await world.slack.people.open_home("ada")
        await world.slack.until(lambda: bool(world.slack.calls_of("views.publish")))
    assert _blocks(world, "ada") == []
    world.slack.faults.clear()
    async with world.bot():
        await shows(world, "For example")


async def test_a_tab_that_slack_refuses_is_left_alone_until_it_is_opened_again(world: World):
    async with world.bot():
        world.slack.faults.add("views.publish", Fault.error("not_enabled"))
        await world.slack.people.open_home("ada")
        await world.slack.until(lambda: len(world.slack.calls_of("views.publish")) == 1)
        await world.clock.sleep(60)
        assert len(world.slack.calls_of("views.publish")) == 1
        await world.slack.people.open_home("ada")
        await shows(world, "For example")
