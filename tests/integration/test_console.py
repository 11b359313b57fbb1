"""The console: filters, one research in full, costs, files, and what can be done from there."""

from __future__ import annotations

from tests.integration.kit import card_says, hears, no_code_words, private, runs, told
from tests.world import World, visible


async def _status(world: World, person: str, words: str = "") -> None:
    assert (await world.slack.people.command(person, "general", "/research-status", words)).acked


async def _press(world: World, person: str, words: str, action: str) -> None:
    shown = private(world, person, words)
    await world.slack.people.click(person, "general", shown.ephemeral_id, action)


async def _files(world: World, channel: str, number: int) -> list[str]:
    """The contents of so many files in a channel, once they are all there."""

    def found() -> list[str]:
        return [one["id"] for message in world.slack.workspace.messages(channel) for one in message.files]

    await world.slack.until(lambda: len(found()) == number)
    return [(world.slack.files.by_id[file_id].content or b"").decode("utf-8-sig") for file_id in found()]


async def test_an_admin_finds_what_failed_reads_why_and_what_it_cost(any_world: World):
    world = any_world
    async with world.bot():
        await world.ask("Why does it fail? demo:fail")
        await world.outcome(await world.root())
        await world.ask("Ben's good one demo:quick", person="ben")
        root = await world.root(1)
        await world.outcome(root)
        research_id = root.metadata["event_payload"]["research"]
        await _status(world, "cleo", "failed @ada 7d")
        failed = await hears(world, "cleo", "Researches that fit")
        await _press(world, "cleo", "Researches that fit", "status_details")
        details = await hears(world, "cleo", "Timeline")
        await card_says(world, root, "41 searches")
        await _status(world, "cleo", research_id)
        good = await hears(world, "cleo", f"{research_id}: Report ready")
        await _status(world, "cleo", "costs")
        costs = await hears(world, "cleo", "Room left")

    assert "1 found" in failed
    assert "Ben's good one" not in failed
    assert "gave up on this question" in details
    assert "sent to Google" in details
    assert "Calls and cost" in good
    assert "41 searches" in good
    assert "$" in good
    assert "for 2 runs" in costs
    assert "deep-research-preview-04-2026" in costs


async def test_a_colleague_sees_only_their_own_whatever_they_type(world: World):
    async with world.bot():
        await world.ask("Ada's own demo:quick")
        root = await world.root()
        await world.outcome(root)
        research_id = root.metadata["event_payload"]["research"]
        await _status(world, "ben", "@ada")
        await hears(world, "ben", "none")
        await _status(world, "ben", research_id)
        await hears(world, "ben", "not here any more")
        await _status(world, "ben", "costs")
        await hears(world, "ben", "Only admins")
        await _status(world, "ben", "audit")
        await world.slack.until(lambda: sum("Only admins" in one for one in told(world, "ben")) == 2)

    assert "Ada's own" not in "".join(told(world, "ben"))


async def test_of_a_private_channel_an_admin_learns_that_one_exists_and_what_it_costs(world: World):
    async with world.bot():
        await world.ask("The secret question demo:fail", channel="secret")
        root = await world.root(channel="C0SECRET")
        await world.outcome(root)
        research_id = root.metadata["event_payload"]["research"]
        for words in ("", research_id, "costs"):
            await _status(world, "cleo", words)
        await hears(world, "cleo", "Room left")
        await hears(world, "cleo", "Calls and cost")
        await _status(world, "cleo", "export")
        await hears(world, "cleo", "in our direct message")
        (listed,) = await _files(world, "D0CLEO", 1)
    seen = "".join(told(world, "cleo")) + listed

    assert research_id in seen
    assert "$1.00" in seen or "about" in seen
    for hidden in ("secret question", "C0SECRET", "gave up", root.ts):
        assert hidden not in seen
    assert research_id in listed


async def test_lists_and_the_audit_come_as_files_that_only_their_reader_gets(world: World):
    async with world.bot():
        await world.ask("=1+1 is the question demo:quick")
        await world.outcome(await world.root())
        await _status(world, "cleo", "export")
        await hears(world, "cleo", "in our direct message")
        await _status(world, "cleo", "audit")
        listed, audit = await _files(world, "D0CLEO", 2)

    assert "'=1+1 is the question" in listed
    assert "research.asked" in audit
    assert "list.exported" in audit
    assert "U0ADA" not in audit
    assert "is the question" not in audit


async def test_a_late_report_is_fetched_when_somebody_asks_and_what_slack_refused_is_sent_again(world: World):
    async with world.bot(RESEARCH_DEADLINE_SECONDS="20", RESEARCH_STREAM="false"):
        world.gemini.hold()
        await world.ask("Slow one")
        await runs(world, 1)
        root = await world.root()
        outcome = await world.outcome(root)
        assert "without a report" in visible(outcome)
        research_id = root.metadata["event_payload"]["research"]
        await _status(world, "ada", research_id)
        await hears(world, "ada", "Timeline")
        await _press(world, "ada", "Timeline", "status_look_again")
        await hears(world, "ada", "no report for it")
    no_code_words(world)


async def test_what_is_kept_of_a_person_goes_to_that_person_or_goes_away(any_world: World):
    world = any_world
    async with world.bot():
        await world.ask("My own question demo:quick", channel="secret")
        await world.outcome(await world.root(channel="C0SECRET"))
        await _status(world, "ben", "export @ada")
        await hears(world, "ben", "Only admins")
        await _status(world, "cleo", "export @ada")
        await hears(world, "cleo", "for their eyes")
        (kept,) = await _files(world, "D0ADA", 1)
        await _status(world, "cleo", "erase @ada")
        await hears(world, "cleo", "Slack’s to delete")
        await _press(world, "cleo", "Erase everything", "status_erase_person")
        await hears(world, "cleo", "Erased, with 1 research.")
        await _status(world, "ada")
        await hears(world, "ada", "none yet")
        await _status(world, "cleo")
        seen = await hears(world, "cleo", "somebody erased")

    assert "My own question" in kept
    assert "My own question" not in seen
    assert not any("My own question" in one for one in told(world, "cleo"))
