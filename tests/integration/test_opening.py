"""What stops a start says so in a sentence; a database that is busy for a while stops nothing."""

from __future__ import annotations

import sqlite3
import threading

import anyio
import anyio.to_thread
import psycopg  # noqa: F401  # its first import reads files, which must not happen on the loop
import pytest

from bot.errors import BotError, ConfigurationError, StoreError
from bot.sandbox.slack import Fault
from bot.settings import load
from tests.integration.kit import hears, no_code_words, rows, runs, told, whole_report
from tests.world import World


def _only(error: BaseException) -> BotError:
    while isinstance(error, BaseExceptionGroup):
        (error,) = error.exceptions
    assert isinstance(error, BotError)
    return error


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "GEMINI_API_KEY", "SLACK_APP_TOKEN"])
async def test_a_missing_setting_is_named(world: World, name: str):
    with pytest.raises(ConfigurationError, match=name):
        load({key: value for key, value in world.environ.items() if key != name})


async def test_all_malformed_settings_are_named_at_once_without_their_values(world: World):
    wrong = {
        **world.environ,
        "SLACK_BOT_TOKEN": "xoxp-oh-no-secret",
        "SLACK_APP_TOKEN": "hello",
        "PORT": "no",
    }
    with pytest.raises(ConfigurationError) as caught:
        load(wrong)

    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "PORT"):
        assert name in str(caught.value)
    assert "oh-no-secret" not in str(caught.value)


@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive", "not_authed"])
async def test_a_bot_token_that_slack_refuses_is_a_configuration_error_with_what_to_do(
    world: World, code: str
):
    world.slack.faults.add("auth.test", Fault.error(code), times=9)
    with pytest.raises((ConfigurationError, BaseExceptionGroup)) as caught:
        async with world.bot():
            pass

    error = _only(caught.value)
    assert isinstance(error, ConfigurationError)
    assert "SLACK_BOT_TOKEN" in str(error)
    assert "Install the app to your workspace again" in str(error)
    assert world.slack.bot_token not in str(error)


async def test_an_app_token_that_slack_refuses_is_a_configuration_error_too(world: World):
    with pytest.raises((ConfigurationError, BaseExceptionGroup)) as caught, anyio.fail_after(20):
        async with world.bot(SLACK_APP_TOKEN="xapp-1-A0000000000-1234567890-abcdef"):
            pass

    error = _only(caught.value)
    assert isinstance(error, ConfigurationError)
    assert "SLACK_APP_TOKEN" in str(error)


async def test_a_slack_that_is_down_at_the_start_is_waited_for(world: World):
    world.slack.faults.add("auth.test", Fault.status(503), times=2)
    async with world.bot():
        await world.ask("Are you there? demo:quick")
        await world.outcome(await world.root())


async def test_a_socket_that_cannot_be_opened_at_the_start_is_waited_for(world: World):
    world.slack.faults.add("apps.connections.open", Fault.status(503), times=2)
    async with world.bot():
        await world.slack.until(lambda: world.slack.socket.connections > 0, timeout=20)
        await world.ask("Are you there? demo:quick")
        await world.outcome(await world.root())


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite:////nonexistent/place/research.db", "postgresql://nobody:secret@127.0.0.1:9/none"],
)
async def test_a_database_that_cannot_be_opened_says_so(world: World, url: str):
    with pytest.raises((StoreError, BaseExceptionGroup)) as caught:
        async with world.bot(DATABASE_URL=url):
            pass

    error = _only(caught.value)
    assert isinstance(error, StoreError)
    assert "secret" not in str(error)
    assert len(str(error)) > 20


async def test_a_file_that_is_no_database_says_so(world: World, tmp_path):
    path = tmp_path / "letter.db"
    await anyio.Path(path).write_text("Dear reader, this is not a database. " * 100)
    with pytest.raises((StoreError, BaseExceptionGroup)) as caught:
        async with world.bot(DATABASE_URL=f"sqlite+aiosqlite:///{path}"):
            pass

    assert isinstance(_only(caught.value), StoreError)


async def test_a_database_of_another_workspace_is_refused(world: World):
    async with world.bot():
        pass
    with pytest.raises((ConfigurationError, BaseExceptionGroup)) as caught:
        async with world.bot(GOOGLE_GEMINI_BASE_URL="http://127.0.0.1:9"):
            pass

    assert "DATABASE_URL" in str(_only(caught.value))


async def test_a_second_process_on_the_same_file_is_refused(world: World):
    async with world.bot():
        with pytest.raises((StoreError, BaseExceptionGroup)) as caught:
            async with world.bot():
                pass

    assert "Another process" in str(_only(caught.value))


async def test_a_database_locked_for_seconds_by_another_connection_loses_nothing(world: World):
    async with world.bot():
        await world.ask("Locked out")
        root = await world.root()
        await runs(world, thoughts=2)
        path = world.environ["DATABASE_URL"].partition("///")[2]
        await anyio.to_thread.run_sync(_lock, path, threading.Event(), threading.Event(), 2.7)
        await world.outcome(root, within=30)
        await whole_report(world, root)

    assert len(world.gemini.creates) == 1
    assert [row[0] for row in rows(world, "SELECT count(*) FROM thought")] == [
        len(world.gemini.creates[0].thoughts)
    ]
    no_code_words(world)


async def test_questions_asked_while_the_database_is_locked_are_answered_in_time_and_told_later_what_became_of_them(
    world: World,
):
    async with world.bot(RESEARCH_DAILY_PER_USER="1"), anyio.create_task_group() as tasks:
        path = world.environ["DATABASE_URL"].partition("///")[2]
        is_locked, are_answered = threading.Event(), threading.Event()
        tasks.start_soon(anyio.to_thread.run_sync, _lock, path, is_locked, are_answered, name="lock")
        await anyio.to_thread.run_sync(is_locked.wait)
        async with anyio.create_task_group() as people:
            people.start_soon(world.ask, "Written slowly? demo:quick", name="first")
            people.start_soon(world.ask, "And once more? demo:quick", name="second")
        said = told(world, "ada")
        are_answered.set()
        await hears(world, "ada", "Your research begins")
        await hears(world, "ada", "as many questions as are allowed")
        await world.outcome(await world.root())

    assert len(said) == 2
    assert all("takes longer than usual" in one for one in said)
    assert len(world.gemini.creates) == 1
    no_code_words(world)


def _lock(path: str, is_locked: threading.Event, until: threading.Event, seconds: float = 20) -> None:
    """Keeps everybody else from writing until then, at most for so long."""
    with sqlite3.connect(path, isolation_level=None, timeout=10) as connection:
        connection.execute("BEGIN IMMEDIATE")
        is_locked.set()
        until.wait(seconds)
        connection.execute("ROLLBACK")
    connection.close()
