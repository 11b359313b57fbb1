"""Installations on each engine: sealed, found by workspace or organisation, refreshed by one, revoked for good."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest
from sqlalchemy import select

from bot.domain.installation import Installation
from bot.errors import SecretSealed
from bot.store.database import Database
from bot.store.installations import INSTALLATION, SqlInstallations
from bot.store.keyring import Keyring
from bot.store.ledger import SqlLedger
from bot.store.office import SqlOffice
from bot.store.schema import migrate
from tests.contract.store_kit import NOW, at, question

OLD, NEW = bytes(32), bytes(range(32))
ACME = Installation(
    home="T1",
    name="Acme",
    app_id="A1",
    bot_id="B1",
    bot_user_id="U1",
    workspace_url="https://acme.slack.com/",
    token="xoxb-secret-1",
    refresh_token="xoxe-secret-1",
    expires_at=at(43_200),
    scopes="chat:write",
    installed_by="U2",
)


@pytest.fixture
async def database(database_url):
    async with Database.open(database_url) as opened:
        await migrate(opened)
        yield opened


@pytest.fixture
def shelf(database):
    return SqlInstallations(database, Keyring([NEW]))


async def rows(database):
    return await database.read(lambda connection: list(connection.execute(select(INSTALLATION))))


async def test_what_was_installed_is_found_and_nothing_in_the_row_tells_the_token(database, shelf):
    await shelf.save(ACME, NOW)
    found = await shelf.of("T1")
    (row,) = await rows(database)

    assert found == replace(ACME, version=1)
    assert b"secret" not in row.token + row.refresh_token
    assert "secret" not in repr(found)


async def test_nobody_else_is_found_by_it(shelf):
    await shelf.save(ACME, NOW)

    assert await shelf.of("T2") is None
    assert await shelf.of("") is None


async def test_a_workspace_has_the_app_through_its_organisation(shelf):
    await shelf.save(replace(ACME, home="E1", name="Org"), NOW)
    before = await shelf.of("T7")
    await shelf.note_workspace("T7", "E1")
    await shelf.note_workspace("T7", "E1")
    through = await shelf.of("T7")
    await shelf.save(replace(ACME, home="T7", name="Own"), NOW)
    own = await shelf.of("T7")

    assert before is None
    assert through is not None
    assert through.name == "Org"
    assert own is not None
    assert own.name == "Own"


async def test_a_token_that_was_copied_into_another_row_is_worth_nothing(database, shelf):
    await shelf.save(ACME, NOW)
    await shelf.save(replace(ACME, home="T2", token="xoxb-other"), NOW)
    stolen = (await rows(database))[0].token
    await database.write(
        lambda connection: connection.execute(
            INSTALLATION.update().where(INSTALLATION.c.home == "T2").values(token=stolen)
        )
    )

    with pytest.raises(SecretSealed):
        await shelf.of("T2")


async def test_of_many_refreshers_one_gets_the_turn(shelf):
    await shelf.save(ACME, NOW)
    turns: list[bool] = []

    async def refresh() -> None:
        turns.append(await shelf.lease_refresh("T1", 1, NOW, at(60)))

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(refresh)

    assert sorted(turns) == [False] * 7 + [True]
    assert not await shelf.lease_refresh("T1", 1, at(59), at(120))
    assert await shelf.lease_refresh("T1", 1, at(61), at(120))


async def test_a_refresh_that_was_overtaken_changes_nothing(shelf):
    await shelf.save(ACME, NOW)
    old = await shelf.of("T1")
    await shelf.refreshed(replace(old, token="xoxb-newer"))
    await shelf.refreshed(replace(old, token="xoxb-late"))
    found = await shelf.of("T1")

    assert (found.token, found.version) == ("xoxb-newer", 2)
    assert not await shelf.lease_refresh("T1", 1, at(61), at(120))


async def test_what_is_revoked_is_forgotten_and_works_again_after_a_new_installation(database, shelf):
    await shelf.save(ACME, NOW)
    first, second = await shelf.revoke("T1", at(1)), await shelf.revoke("T1", at(2))
    gone = await shelf.of("T1")
    (row,) = await rows(database)
    await shelf.save(ACME, at(10))
    late = await shelf.revoke("T1", at(5))
    again = await shelf.of("T1")

    assert (first, second, late) == (True, False, False)
    assert gone.is_revoked
    assert row.token == row.refresh_token == b""
    assert not again.is_revoked


async def gone_after(database, days):
    """How many workspaces an hour's round of the housekeeper erases so many days later."""
    return await SqlOffice(database).erase_departed(at(days * 86_400 + 60))


async def test_a_workspace_that_uninstalled_the_app_is_erased_after_the_grace_period(database, shelf):
    await SqlLedger(database).ask(question("r"))
    await SqlLedger(database).ask(question("theirs", team_id="T2"))
    await shelf.save(ACME, NOW)
    await shelf.save(replace(ACME, home="T2"), NOW)
    await shelf.revoke("T1", at(1))

    assert await gone_after(database, 29) == 0
    assert await gone_after(database, 30) == 1
    assert await gone_after(database, 60) == 0
    assert [row.home for row in await rows(database)] == ["T2"]
    assert (await SqlLedger(database).held("r")).question == ""
    assert (await SqlLedger(database).held("theirs")).question == "Why theirs?"


async def test_a_workspace_that_came_back_in_time_keeps_everything(database, shelf):
    await SqlLedger(database).ask(question("r"))
    await shelf.save(ACME, NOW)
    await shelf.revoke("T1", at(1))
    await shelf.save(ACME, at(86_400))

    assert await gone_after(database, 40) == 0
    assert (await SqlLedger(database).held("r")).question == "Why r?"


async def test_an_organisation_that_leaves_takes_along_the_workspaces_that_have_no_app_of_their_own(
    database, shelf
):
    for team in ("T7", "T8"):
        await SqlLedger(database).ask(question(team, team_id=team))
        await shelf.note_workspace(team, "E1")
    await shelf.save(replace(ACME, home="E1"), NOW)
    await shelf.save(replace(ACME, home="T8"), NOW)
    await shelf.revoke("T8", at(1))

    assert await gone_after(database, 30) == 0  # it still has the app through its organisation
    await shelf.save(replace(ACME, home="T8"), at(2))
    await shelf.revoke("E1", at(3))
    assert await gone_after(database, 31) == 2  # the organisation and T7
    assert [row.home for row in await rows(database)] == ["T8"]
    assert (await SqlLedger(database).held("T7")).question == ""
    assert (await SqlLedger(database).held("T8")).question == "Why T8?"


async def test_a_state_is_good_once_and_for_a_while(shelf):
    await shelf.issue_state("one", at(600), NOW)
    await shelf.issue_state("two", at(600), NOW)

    assert not await shelf.consume_state("other", NOW)
    assert await shelf.consume_state("one", NOW)
    assert not await shelf.consume_state("one", NOW)
    assert not await shelf.consume_state("two", at(601))


async def test_tokens_are_sealed_anew_after_a_rotation_of_keys(database):
    await SqlInstallations(database, Keyring([OLD])).save(ACME, NOW)
    both = SqlInstallations(database, Keyring([NEW, OLD]))
    counts = (await both.reseal(), await both.reseal())
    found = await SqlInstallations(database, Keyring([NEW])).of("T1")

    assert counts == (1, 0)
    assert found.token == ACME.token
