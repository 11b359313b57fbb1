"""A report as PDF and Word, on a button below it: into the thread, once, for whoever sees the thread."""

from __future__ import annotations

import io
import zipfile

import pytest

from bot.domain.letters import Form
from bot.slack import press
from bot.slack.buttons import EXPORTS
from tests.integration import kit
from tests.world import World

pytestmark = pytest.mark.skipif(
    set(press.forms()) != set(Form), reason="the extra `export` or Pango is not installed"
)

ORDERED, KNOWN = "The PDF is being made", "The Word file is in this thread already"


async def test_two_people_press_twice_and_a_guest_once_and_the_thread_holds_each_file_once(tmp_path):
    # Slower than other tests, because making a file takes the time that it takes.
    async with World.open(f"sqlite+aiosqlite:///{tmp_path}/research.db", speed=3) as world, world.bot():
        await world.ask("What do we know about batteries? demo:quick")
        root = await world.root()
        last = await has_buttons(world, root)
        for person in ("ada", "ben"):
            for action in (*EXPORTS, *EXPORTS):
                assert (await world.slack.people.click(person, "research", last.ts, action)).acked
        assert (await world.slack.people.click("gus", "research", last.ts, "research_pdf")).acked
        await kit.hears(world, "ada", ORDERED)
        await kit.hears(world, "ben", KNOWN)
        await world.slack.until(lambda: bool(kit.told(world, "gus")))
        assert not kit.was_told(world, "gus", "is being made")
        assert not kit.was_told(world, "gus", "already")
        await world.slack.until(lambda: len(files(world, root)) == 2, timeout=60)

        made = {name: content(world, file) for name, file in files(world, root).items()}
        assert [name.rpartition(".")[2] for name in made] == ["pdf", "docx"]
        assert all(name.startswith("what-do-we-know-about-batteries") for name in made)
        pdf, word = made.values()
        assert pdf[:5] == b"%PDF-"
        assert "batter" in zipfile.ZipFile(io.BytesIO(word)).read("word/document.xml").decode()
        assert [granted for (granted,) in kit.rows(world, "SELECT state FROM delivery WHERE kind = 'export'")] == [
            "sent", "sent",
        ]  # fmt: skip
        assert kit.nothing_was_refused(world)


async def has_buttons(world, root):
    """The last message of the report, once it is there."""

    def found():
        return [one for one in kit.parts(world, root) if "research_pdf" in str(one.blocks)]

    await world.slack.until(lambda: bool(found()), timeout=60)
    (last,) = found()
    return last


def files(world, root):
    """The files of a thread by their names, in order."""
    return {file["name"]: file for message in world.thread(root) for file in message.files or []}


def content(world, file):
    return world.slack.files.by_id[file["id"]].content
