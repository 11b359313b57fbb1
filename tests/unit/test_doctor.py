"""The doctor: a line for each thing, what to do where it is wrong, and 1 where the bot could not work."""

from __future__ import annotations

from base64 import b64encode
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

import psycopg  # noqa: F401  # SQLAlchemy would import it on the loop, where reading files blocks
import pytest
from aiohttp import web

from bot import doctor
from bot.domain.installation import Installation
from bot.domain.letters import Form
from bot.ops.health import listening
from bot.sandbox.gemini import SimulatedGemini
from bot.sandbox.slack import SimulatedSlack
from bot.settings import load
from bot.slack import press
from bot.slack.scopes import SCOPES
from bot.store.database import Database
from bot.store.installations import SqlInstallations
from bot.store.keyring import Keyring
from bot.store.schema import migrate
from tests.contract.store_kit import NOW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ALL = ",".join(SCOPES)


@asynccontextmanager
async def slack(answers: dict[str, dict[str, Any]], scopes: str = ALL) -> AsyncIterator[str]:
    """A Slack that gives these answers; the address of its Web API."""

    def answering(body: dict[str, Any]) -> Any:
        async def handle(_: web.Request) -> web.Response:
            return web.json_response(body, headers={"x-oauth-scopes": scopes})

        return handle

    routes = {f"/api/{method}": answering(body) for method, body in answers.items()}
    async with listening("127.0.0.1", 0, checks={}, routes=routes) as port:
        yield f"http://127.0.0.1:{port}/api/"


GOOD_SLACK = {
    "auth.test": {"ok": True, "user": "deepresearch", "team": "Acme", "team_id": "T1"},
    "apps.connections.open": {"ok": True, "url": "wss://x"},
}


@pytest.fixture
async def environ(tmp_path):
    """Everything in order: the sandbox's servers and a database that has its schema."""
    url = f"sqlite+aiosqlite:///{tmp_path}/research.db"
    async with AsyncExitStack() as stack:
        async with Database.open(url) as database:
            await migrate(database)
        gemini = await stack.enter_async_context(SimulatedGemini.serve())
        yield {
            "SLACK_BOT_TOKEN": "xoxb-1-abc",
            "SLACK_APP_TOKEN": "xapp-1-abc",
            "SLACK_API_URL": await stack.enter_async_context(slack(GOOD_SLACK)),
            "GEMINI_API_KEY": gemini.api_key,
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
            "DATABASE_URL": url,
        }


@pytest.fixture(autouse=True)
def fonts(monkeypatch) -> list[str]:
    """Which writings no font has; looking takes seconds, and `test_pdf` does it."""
    missing: list[str] = []

    async def without_font() -> list[str]:
        return missing

    monkeypatch.setattr(press, "without_font", without_font)
    return missing


async def examined(environ: dict[str, str]) -> tuple[int, list[str]]:
    lines: list[str] = []
    return await doctor.run(load(environ), lines.append), lines


async def test_with_everything_in_order_it_says_so_in_a_line_each(environ):
    code, lines = await examined(environ)

    assert code == 0
    assert all(line.startswith("✓ ") for line in lines[:-1])
    assert lines[-1] == "The bot can work."
    assert "✓ Slack bot token: deepresearch in Acme (T1)" in lines
    assert "✓ Database schema: current" in lines


async def test_the_simulated_workspace_passes_too(environ):
    async with SimulatedSlack.serve() as simulated:
        code, lines = await examined(
            environ
            | {
                "SLACK_BOT_TOKEN": simulated.bot_token,
                "SLACK_APP_TOKEN": simulated.app_token,
                "SLACK_API_URL": simulated.api_url,
            }
        )

    assert code == 0, lines


@pytest.mark.parametrize(
    ("method", "code", "says"),
    [
        (
            "auth.test",
            "invalid_auth",
            "✗ Slack bot token (SLACK_BOT_TOKEN): invalid_auth → the token is not valid",
        ),
        ("auth.test", "account_inactive", "install it again"),
        ("apps.connections.open", "missing_scope", "✗ Slack app token (SLACK_APP_TOKEN): missing_scope → "),
        (
            "apps.connections.open",
            "brand_new_code",
            "brand_new_code → see this code in Slack's method reference",
        ),
    ],
)
async def test_a_token_that_slack_refuses_is_explained(environ, method, code, says):
    async with slack(GOOD_SLACK | {method: {"ok": False, "error": code}}) as url:
        exit_code, lines = await examined(environ | {"SLACK_API_URL": url})

    assert exit_code == 1
    assert any(says in line for line in lines)


async def test_missing_scopes_are_named_with_what_they_are_for(environ):
    async with slack(GOOD_SLACK, ALL.replace("files:write,", "")) as url:
        code, lines = await examined(environ | {"SLACK_API_URL": url})

    (line,) = [line for line in lines if "Slack scopes:" in line]
    assert code == 1
    assert line.startswith(
        "✗ Slack scopes: missing files:write (attaching reports, charts and pictures) → update"
    )


async def test_a_slack_that_does_not_answer_is_told(environ):
    code, lines = await examined(environ | {"SLACK_API_URL": "http://127.0.0.1:9/api/"})

    assert code == 1
    assert sum("gave no answer" in line for line in lines) == 2


async def test_a_signing_secret_cannot_be_checked_and_that_is_no_fault(environ):
    del environ["SLACK_APP_TOKEN"]

    code, lines = await examined(environ | {"SLACK_SIGNING_SECRET": "abc"})

    assert code == 0
    assert any("signing secret: set" in line for line in lines)


async def test_a_wrong_gemini_key_is_told_with_what_to_do(environ):
    code, lines = await examined(environ | {"GEMINI_API_KEY": "wrong"})

    (line,) = [line for line in lines if "Gemini key" in line]
    assert code == 1
    assert line.startswith("✗ Gemini key (GEMINI_API_KEY)")
    assert "make a new key in Google AI Studio" in line


async def test_a_gemini_that_cannot_be_reached_is_told(environ):
    code, lines = await examined(environ | {"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9"})

    assert code == 1
    assert any("✗ Gemini key" in line and "check the address" in line for line in lines)


async def test_a_sqlite_file_that_is_not_there_is_no_fault_and_is_not_made(environ, tmp_path):
    code, lines = await examined(environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/other.db"})

    assert code == 0
    assert any("not there yet; the bot makes it at its start" in line for line in lines)
    assert not (tmp_path / "other.db").exists()


async def test_an_old_schema_is_told_and_does_not_stop_the_bot(environ, tmp_path):
    (tmp_path / "empty.db").touch()

    code, lines = await examined(environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db"})

    assert code == 0
    assert any(line.startswith("! Database schema: not current → ") for line in lines)


async def test_a_running_bot_may_be_looked_at(environ):
    async with Database.open(environ["DATABASE_URL"]):
        code, lines = await examined(environ)

    assert code == 0, lines


@pytest.mark.parametrize("url", ["sqlite:///{tmp_path}/broken.db", "postgresql://me:hidden@127.0.0.1:9/x"])
async def test_a_database_that_cannot_be_used_is_told_without_its_password(environ, tmp_path, url):
    (tmp_path / "broken.db").write_text(
        "this is no database, and long enough for SQLite to notice " * 20, "utf-8"
    )

    code, lines = await examined(environ | {"DATABASE_URL": url.format(tmp_path=tmp_path)})

    assert code == 1
    assert any(line.startswith("✗ Database ") and "change DATABASE_URL" in line for line in lines)
    assert "hidden" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("key", "code", "says"),
    [
        (bytes(32), 0, "✓ Stored tokens: ENCRYPTION_KEYS open all of them"),
        (
            bytes(range(32)),
            1,
            "✗ Stored tokens: no key of ENCRYPTION_KEYS opens those of T1 → put the key that",
        ),
    ],
)
async def test_whether_the_keys_open_the_stored_tokens_is_told(environ, key, code, says):
    acme = Installation("T1", "Acme", "A1", "B1", "U1", "https://acme.slack.com/", token="xoxb-secret")
    async with Database.open(environ["DATABASE_URL"]) as database:
        await SqlInstallations(database, Keyring([bytes(32)])).save(acme, NOW)
    oauth = {
        "SLACK_CLIENT_ID": "1.2",
        "SLACK_CLIENT_SECRET": "abcdefgh",
        "SLACK_SIGNING_SECRET": "abc",
        "ENCRYPTION_KEYS": b64encode(key).decode(),
    }
    del environ["SLACK_BOT_TOKEN"], environ["SLACK_APP_TOKEN"]
    exit_code, lines = await examined(environ | oauth)

    assert exit_code == code
    assert any(says in line for line in lines)


async def test_reports_as_files_are_no_must(environ, monkeypatch):
    monkeypatch.setattr(press, "forms", tuple)
    code, lines = await examined(environ)

    assert code == 0
    assert any(
        line.startswith("! Reports as PDF and Word: not installed") and "[export]" in line for line in lines
    )


@pytest.mark.skipif(Form.PDF not in press.forms(), reason="Pango is not installed")
async def test_a_missing_font_is_named_with_its_package(environ, fonts):
    fonts.append("Arabic")
    code, lines = await examined(environ)

    assert code == 0
    assert any("no font for Arabic → apt-get install fonts-noto-core" in line for line in lines)
