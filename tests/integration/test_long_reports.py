"""A long report: the answer, its files and contents at once, all of it in the thread for whoever presses."""

from __future__ import annotations

import re

from tests.integration.kit import (
    no_code_words,
    nothing_was_refused,
    part_name,
    parts,
    pings,
    produced,
    settled,
    whole_report,
)
from tests.unit.report_reading import expected_letters, letters, missing_letter
from tests.world import World, visible

LONG = "Tell me all demo:long demo:quick"


async def in_brief(world: World):
    """A long report as it comes by itself: its root, once everything of it is there."""
    await world.ask(LONG)
    root = await world.root()
    await world.outcome(root)
    await world.slack.until(lambda: world.said(root, "Show it all here"), timeout=40)
    await settled(world, root, "Report ready")
    await world.slack.until(lambda: "estimated" not in visible(world.part(root, "outcome.1")))
    return root


def links_of(message):
    """The addresses that a message links to, by their labels."""
    return dict(re.findall(r"'type': 'link', 'url': '([^']+)', 'text': '([^']+)'", str(message.blocks)))


async def test_a_long_report_comes_as_answer_files_contents_and_sources(world: World):
    async with world.bot():
        root = await in_brief(world)

    outcome = world.part(root, "outcome.1")
    thread = world.thread(root)
    files = [file for message in thread for file in message.files]
    assert re.search(
        r"about [\d,]+ words, \d+ min to read · \d+ sources · took .+ · .*\$\d+\.\d+.* at Google",
        visible(outcome),
    )
    assert "The report follows." in visible(outcome)
    assert [file["name"].rpartition(".")[2] for file in files] == ["md", "html"]
    markdown = world.slack.files.by_id[files[0]["id"]].content.decode()
    expected = expected_letters(re.sub(r"\[cite:[^\]]*\]", "", produced(world).partition("**Sources:**")[0]))
    assert missing_letter(expected, letters(markdown)) is None
    (contents,) = [one for one in thread if "Contents" in one.text]
    assert set(links_of(contents)) == {files[0]["permalink"]}
    assert len(thread) <= 8
    assert pings(world) == [("outcome.1", {"U0ADA"})]
    no_code_words(world)
    assert nothing_was_refused(world)


async def test_who_presses_gets_all_of_it_once_with_contents_that_lead_to_it(world: World):
    async with world.bot():
        root = await in_brief(world)
        last = world.thread(root)[-1]
        await world.slack.people.click("ada", "research", last.ts, "report_show_all")
        await world.slack.people.click("ben", "research", last.ts, "report_show_all")
        await whole_report(world, root, stem="text.", within=90)
        await world.slack.until(lambda: world.said(root, "leads to its place above"), timeout=40)

    told = parts(world, root, "text.")
    by_address = {f"p{one.ts.replace('.', '')}": one for one in told}
    contents = told[-1]
    for address, title in links_of(contents).items():
        place = re.search(r"/(p\d+)", address)[1]
        headers = [b["text"]["text"] for b in by_address[place].blocks if b["type"] == "header"]
        assert title in headers
    assert "Show it all here" not in visible(contents)
    assert len({part_name(one) for one in told}) == len(told)
    answers = [one.text for person in ("ada", "ben") for one in world.slack.workspace.ephemerals_of(person)]
    assert any("follows in this thread" in text for text in answers)
    assert any("in this thread already" in text for text in answers)
    assert nothing_was_refused(world)


async def test_a_guest_cannot_have_it_shown(world: World):
    async with world.bot():
        root = await in_brief(world)
        before = len(world.thread(root))
        await world.slack.people.click("gus", "research", world.thread(root)[-1].ts, "report_show_all")
        await world.slack.until(lambda: world.slack.workspace.ephemerals_of("gus"))

    assert len(world.thread(root)) == before


async def test_sources_are_the_pages_behind_googles_redirects(world: World):
    async with world.bot():
        await world.ask("demo:quick Which heat pumps suit old buildings?")
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)
        await settled(world, root, "Report ready")

    shown = str([one.blocks for one in parts(world, root)])
    assert "vertexaisearch" in produced(world)
    assert "vertexaisearch" not in shown
    assert "/pages/1'" in shown
