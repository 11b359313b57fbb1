"""What is forgotten, on each engine: words in every table and at Gemini; names when somebody asks; figures stay."""

from __future__ import annotations

import json

import pytest
from sqlmodel import SQLModel

from bot.domain.interaction import Usage
from bot.domain.research import Completed, Progressed, State, Thought
from bot.domain.status import StatusQuery
from bot.store.deeds import alias_of, deeds_of
from tests.contract.store_kit import NOW, REPORT, Store, at, question

WORDS = ("Why", "Found", "The answer", "A thought", "Ada")


@pytest.fixture
async def store(database_url):
    async with Store.open(database_url) as opened:
        yield opened


async def finished(store, name="r", **values):
    """A research with words in every table, told as far as it can be."""
    held = await store.running(name, agent="deep-research-x", **values)
    await store.record(held, Progressed((Thought("k", "A thought"),)))
    await store.change("UPDATE research SET asker_name = 'Ada' WHERE id = :name", name=name)
    await store.record(held, Completed(REPORT, Usage(1000, 0, 10, searches=1), b"The answer as it came"))
    return held


async def everything(store) -> str:
    """Every row of every table as text, bytes included."""
    tables = [table.name for table in SQLModel.metadata.sorted_tables if table.name != "deed"]
    rows = [await store.rows(f"SELECT * FROM {table}") for table in tables]
    return "\n".join(str(row) for found in rows for row in found)


async def test_after_the_set_days_no_words_are_left_in_any_table_and_figures_stay(store):
    await finished(store)
    before = await everything(store)
    assert all(words in before for words in WORDS)
    assert await store.ledger.forget(at(60), 10) == 1
    left = await everything(store)

    assert not any(words in left for words in WORDS)
    (line,) = (await store.office.page(StatusQuery("T1"), NOW)).lines
    assert line.view.cost is not None
    assert line.view.usage == Usage(1000, 0, 10, searches=1)
    assert await store.ledger.forget(at(60), 10) == 0


async def test_what_is_forgotten_here_is_due_to_go_at_gemini_until_gemini_says_it_is_gone(store):
    await finished(store)
    assert await store.office.forgettable(at(60), 10) == []
    await store.ledger.forget(at(60), 10)
    ((key, interaction_id),) = await store.office.forgettable(at(60), 10)
    await store.office.forget_later(key, at(3600))

    assert interaction_id == "interaction r"
    assert await store.office.forgettable(at(120), 10) == []
    assert len(await store.office.forgettable(at(3600), 10)) == 1
    await store.office.forgotten_there(key)
    assert await store.office.forgettable(at(9999), 10) == []
    assert "interaction r" not in await everything(store)


async def test_an_erased_person_leaves_figures_and_an_audit_that_nobody_can_connect_to_them(store):
    await finished(store)
    await finished(store, "other", asker_id="U2")
    await store.running("open")
    await store.office.lift("T1", "U1", "U9", NOW)
    alias = await store.database.write(lambda connection: alias_of(connection, "T1", "U1"))

    assert await store.office.erase_person("T1", "U1", "U9", at(60)) == 2
    held = await store.ledger.held("open")
    assert held.state is State.CANCELLING
    await store.record(held, Completed(REPORT))
    await store.ledger.forget(at(-999_999), 10)
    left = await everything(store)

    assert "U1" not in left
    assert "Why r?" not in left
    assert "Why open?" not in left
    assert "Why other?" in left
    assert f"gone:{alias}" in left
    deeds = await store.database.read(lambda connection: deeds_of(connection, "T1"))
    assert [one.who for one in deeds if one.what == "research.asked"].count(alias) == 2
    assert await store.database.write(lambda connection: alias_of(connection, "T1", "U1")) != alias
    assert len(await store.office.forgettable(at(3600), 10)) == 2


async def test_a_persons_own_is_exported_whole_and_nobody_elses(store):
    await finished(store)
    await finished(store, "other", asker_id="U2")
    await store.office.lift("T1", "U1", "U9", NOW)
    kept = json.loads(await store.office.export_person("T1", "U1", "U9", NOW))

    assert [one["question"] for one in kept["researches"]] == ["Why r?"]
    assert kept["researches"][0]["reports"][0]["markdown"] == REPORT.markdown
    assert kept["researches"][0]["thoughts"] == ["A thought"]
    assert [one["what"] for one in kept["audit"]] == ["research.asked"]
    assert len(kept["lift"]) == 1
    assert "Why other?" not in str(kept)


async def test_a_workspace_that_left_is_erased_when_its_time_is_over_and_not_before(store):
    await finished(store)
    await finished(store, "theirs", team_id="T2")
    await store.office.settle_house("T1", await store.office.house("T1"), "U9", NOW)
    await store.office.depart("T1", at(3600))

    assert await store.office.erase_departed(at(60)) == 0
    await store.office.stay("T1")
    assert await store.office.erase_departed(at(7200)) == 0
    await store.office.depart("T1", at(3600))
    assert await store.office.erase_departed(at(7200)) == 1
    left = await everything(store)
    assert "Why r?" not in left
    assert "Why theirs?" in left
    assert await store.rows("SELECT * FROM house") == []
    assert await store.office.erase_departed(at(9999)) == 0


async def test_the_audit_survives_an_erased_workspace(store):
    await store.ledger.ask(question("r"))
    await store.office.depart("T1", NOW)
    await store.office.erase_departed(NOW)
    deeds = await store.database.read(lambda connection: deeds_of(connection, "T1"))

    assert [one.what for one in deeds][:1] == ["research.asked"]
    assert deeds[-1].what in ("workspace.erased", "research.stopped")
