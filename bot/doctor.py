"""`doctor`: looks at everything that the bot needs from outside, and says in a line each what is there and what to do.

It changes nothing: no message, no paid run, no migration.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import aiohttp
import anyio
from pydantic import SecretStr
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import create_async_engine

from bot.domain.letters import Form
from bot.errors import (
    GeminiError,
    GeminiNotFound,
    GeminiRefused,
    NoAccess,
    NoCredit,
    NotMade,
    StoreError,
    WrongKey,
)
from bot.gemini.client import GeminiClient
from bot.settings import Settings
from bot.slack import press
from bot.slack.scopes import SCOPES
from bot.store.database import Database, normalise
from bot.store.installations import SqlInstallations
from bot.store.keyring import Keyring
from bot.store.schema import is_current

_NAMES = {Form.PDF: "PDF", Form.WORD: "Word"}
_FONTS = "apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji (Debian, Ubuntu)"
_PANGO = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian, Ubuntu)"
_EXPORT = f"pip install '.[export]', and for PDF {_PANGO}, {_FONTS}"
_SECONDS = 15.0
_NOBODY = "v1_doctor_looks_for_nothing"
_REINSTALL = "update the app from manifest.yml, reinstall it to the workspace, and take its new token"
_SLACK_SAYS = {
    "invalid_auth": "the token is not valid (any more): copy it again from the Slack app's settings",
    "not_authed": "the token is not valid: copy it again from the Slack app's settings",
    "account_inactive": "the app was removed from the workspace or switched off: install it again",
    "token_revoked": "the token was revoked: install the app again and take its new token",
    "token_expired": "the token has expired: switch token rotation off in a new app",
    "missing_scope": "a scope is missing: an app-level token needs connections:write",
    "not_allowed_token_type": "the token is of another kind: bot tokens start with xoxb-, app-level tokens with xapp-",
    "forbidden_team": "the app may not be used in this workspace: ask its admins",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. `remedy` says what to do; with it the bot cannot work, unless `stops` is False."""

    what: str
    remedy: str = ""
    stops: bool = True

    @property
    def line(self) -> str:
        """As it is printed."""
        sign = "✓" if not self.remedy else ("✗" if self.stops else "!")
        return " ".join((f"{sign} {self.what}" + (f" → {self.remedy}" if self.remedy else "")).split())


async def run(settings: Settings, tell: Callable[[str], object] = print) -> int:
    """Checks everything and tells a line each; 1 if anything would stop the bot from working, else 0."""
    stops = False
    tell(Finding("Configuration: every variable is there and in its range").line)
    for check in (slack, gemini, database, keys, files, traces):
        for finding in await check(settings):
            tell(finding.line)
            stops = stops or bool(finding.remedy and finding.stops)
    tell("Something above would stop the bot from working." if stops else "The bot can work.")
    return 1 if stops else 0


async def slack(settings: Settings) -> list[Finding]:
    """Both tokens and the granted scopes (Slack docs: auth.test, apps.connections.open, header x-oauth-scopes)."""
    if settings.slack_bot_token is None:
        return [Finding("Slack OAuth: set up; workspaces install the app at https://YOUR-HOST/slack/install")]
    base, found = settings.slack_api_url, []
    timeout = aiohttp.ClientTimeout(total=_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        answer, headers = await _call(session, base, "auth.test", settings.slack_bot_token)
        if answer.get("ok"):
            whose = f"{answer.get('user')} in {answer.get('team')} ({answer.get('team_id')})"
            found += [Finding(f"Slack bot token: {whose}"), scopes(headers.get("x-oauth-scopes", ""))]
        else:
            found.append(_refused("Slack bot token (SLACK_BOT_TOKEN)", base, answer))
        if settings.slack_app_token is None:
            found.append(
                Finding("Slack signing secret: set; only a request from Slack can show that it is right")
            )
            return found
        answer, _ = await _call(session, base, "apps.connections.open", settings.slack_app_token)
        if answer.get("ok"):
            found.append(Finding("Slack app token: Socket Mode connections can be opened"))
        else:
            found.append(_refused("Slack app token (SLACK_APP_TOKEN)", base, answer))
    return found


def scopes(granted: str) -> Finding:
    """What a token may do, against what the manifest asks for; `granted` is the header's list."""
    having = {one.strip() for one in granted.split(",") if one.strip()}
    if not having:
        return Finding(
            "Slack scopes: Slack does not say what is granted", "compare them with manifest.yml", stops=False
        )
    missing = [f"{scope} ({purpose})" for scope, purpose in SCOPES.items() if scope not in having]
    if missing:
        return Finding(f"Slack scopes: missing {', '.join(missing)}", _REINSTALL)
    return Finding(f"Slack scopes: all {len(SCOPES)} of the manifest are granted")


async def gemini(settings: Settings) -> list[Finding]:
    """The key, by asking for an interaction that does not exist: "not found" is what a good key is told."""
    where = f"Gemini key (GEMINI_API_KEY) at {settings.google_gemini_base_url}"
    key = settings.gemini_api_key.get_secret_value()
    try:
        async with GeminiClient(settings.google_gemini_base_url, settings.gemini_api_version, key) as client:
            await client.fetch(_NOBODY)
    except (WrongKey, NoCredit, NoAccess) as error:
        return [Finding(f"{where}: {error}", _what_to_do(error))]
    except (GeminiNotFound, GeminiRefused):
        pass
    except GeminiError as error:
        return [
            Finding(f"{where}: {error}", "check the address, the network and a proxy; else try again later")
        ]
    return [Finding("Gemini key: accepted (whether its plan has Deep Research shows at the first research)")]


async def database(settings: Settings) -> list[Finding]:
    """Whether the database can be used and has this program's schema; a SQLite file is not created."""
    address = normalise(settings.database_url)
    place = f"Database {address.render_as_string(hide_password=True)}"
    if not await _is_there(address):
        return [Finding(f"{place}: not there yet; the bot makes it at its start")]
    try:
        current = await _has_current_schema(settings.database_url)
    except StoreError as error:
        return [Finding(f"{place}: {error}", "make it reachable, or change DATABASE_URL")]
    if current:
        return [Finding(f"{place}: reachable"), Finding("Database schema: current")]
    late = Finding(
        "Database schema: not current", "`serve` updates it at its start; `migrate` does too", stops=False
    )
    return [Finding(f"{place}: reachable"), late]


async def keys(settings: Settings) -> list[Finding]:
    """Whether ENCRYPTION_KEYS open the tokens that are stored, where workspaces install the app by OAuth."""
    if settings.credentials is None or not await _is_there(normalise(settings.database_url)):
        return []
    try:
        async with _looked_at(settings.database_url) as found:
            locked = await SqlInstallations(found, Keyring(settings.keys)).locked()
    except StoreError:
        return []  # there is no such table yet, or no database, of which a line above tells
    if locked:
        homes = ", ".join(locked[:10]) + (" …" if len(locked) > 10 else "")
        what = f"Stored tokens: no key of ENCRYPTION_KEYS opens those of {homes}"
        return [
            Finding(
                what,
                "put the key that sealed them behind the others, or have these workspaces install the app again",
            )
        ]
    return [Finding("Stored tokens: ENCRYPTION_KEYS open all of them")]


async def files(_: Settings) -> list[Finding]:
    """Whether reports can be had as PDF and Word, and whether the fonts here cover what they are written in."""
    able = press.forms()
    if not able:
        return [
            Finding("Reports as PDF and Word: not installed, so there are no buttons", _EXPORT, stops=False)
        ]
    if Form.PDF not in able:
        return [Finding("Reports as Word: yes; as PDF: Pango is missing", _PANGO, stops=False)]
    try:
        missing = await press.without_font()
    except NotMade as error:
        return [Finding(f"Reports as PDF: {error}", _PANGO, stops=False)]
    shown = " and ".join(_NAMES[form] for form in able)
    if missing:
        return [Finding(f"Reports as {shown}: no font for {', '.join(missing)}", _FONTS, stops=False)]
    return [Finding(f"Reports as {shown}: they can be made, with every font that they need")]


async def traces(settings: Settings) -> list[Finding]:
    """Whether what sends traces is installed, where somebody wants them."""
    if settings.otel_exporter_otlp_endpoint is None:
        return []
    if find_spec("opentelemetry") is None:
        remedy = "pip install '.[tracing]', or take OTEL_EXPORTER_OTLP_ENDPOINT away"
        return [Finding("Traces: the extra is not installed, so that there are none", remedy, stops=False)]
    return [Finding(f"Traces: sent to {settings.otel_exporter_otlp_endpoint}")]


async def _is_there(address: URL) -> bool:
    """Whether a SQLite file is there, which looking at it would make; of a server only trying tells."""
    on_sqlite = address.get_backend_name() == "sqlite"
    return not on_sqlite or await anyio.Path(address.database or "").is_file()


async def _has_current_schema(url: str) -> bool:
    async with _looked_at(url) as found:
        return await is_current(found)


@asynccontextmanager
async def _looked_at(url: str) -> AsyncIterator[Database]:
    """Not `Database.open`, which locks a SQLite file: a running bot may be looked at, too."""
    engine = create_async_engine(normalise(url))
    try:
        yield Database(engine, None)
    finally:
        await engine.dispose()


async def _call(
    session: aiohttp.ClientSession, base: str, method: str, token: SecretStr
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """One call; what went wrong on the way is an answer too, with `error` None."""
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"}
    try:
        async with session.post(f"{base}{method}", headers=headers, allow_redirects=False) as response:
            answer = await response.json(content_type=None)
            return (answer if isinstance(answer, dict) else {}), response.headers
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        return {"trouble": type(error).__name__}, {}


def _refused(what: str, base: str, answer: Mapping[str, Any]) -> Finding:
    code = str(answer.get("error", ""))
    if not code:
        trouble = answer.get("trouble", "no answer that could be understood")
        return Finding(
            f"{what}: {base} gave no answer ({trouble})", "check SLACK_API_URL, the network and a proxy"
        )
    return Finding(f"{what}: {code}", _SLACK_SAYS.get(code, "see this code in Slack's method reference"))


def _what_to_do(error: GeminiError) -> str:
    match error:
        case WrongKey():
            return "make a new key in Google AI Studio and set GEMINI_API_KEY to it"
        case NoCredit():
            return "top the account up in Google AI Studio"
        case _:
            return "enable the Gemini API and a paid plan for the key's project, and lift restrictions of the key"
