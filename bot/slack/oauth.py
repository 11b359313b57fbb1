"""Installing the app in a workspace: `GET /slack/install` and `/slack/oauth_redirect`, carried out by Bolt's OAuth flow.

The state of the dance is bound to the browser by a cookie and good for one use (only its hash is stored). No address is
made from what a request says (Host, X-Forwarded-*): Slack sends people to the redirect URL of the app's settings.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from datetime import UTC, datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.domain.installation import Installation
from bot.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from aiohttp import web
    from slack_bolt.oauth.async_callback_options import AsyncFailureArgs, AsyncSuccessArgs
    from slack_sdk.oauth.installation_store import Installation as Granted
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.keeping import Installations
    from bot.ports import Clock, Journal

    Page = Callable[[web.Request], Awaitable[web.Response]]

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"
STATE_SECONDS = 600
"""How long somebody may look at Slack's consent page."""
AUTHORIZE = "https://slack.com/oauth/v2/authorize"

_QUIET = logging.getLogger("bot.slack.oauth")
_QUIET.setLevel(logging.CRITICAL)  # Bolt's flow would log the codes that it was given
_WHY = {
    "access_denied": "You chose not to install it. Nothing was changed.",
    "invalid_browser": "This page was opened in another browser than the one in which you began.",
    "invalid_state": "The link was used already, or more than ten minutes have passed.",
    "storage_error": "The installation could not be written down.",
}
_UNCLEAR = "Slack did not confirm the installation."


class _States(AsyncOAuthStateStore):
    """Bolt's interface to the states; the database knows only their hashes."""

    def __init__(self, installations: Installations, clock: Clock) -> None:
        self._installations = installations
        self._clock = clock

    async def async_issue(self, *_: Any, **__: Any) -> str:
        """A new state."""
        state, now = secrets.token_urlsafe(32), self._clock.now()
        await self._installations.issue_state(_hash(state), now + timedelta(seconds=STATE_SECONDS), now)
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether it is one of ours, and not used before."""
        return await self._installations.consume_state(_hash(state), self._clock.now())


class _Shelf(AsyncInstallationStore):
    """Bolt's interface to the installations, as far as installing needs it."""

    def __init__(
        self, installations: Installations, client: AsyncWebClient, clock: Clock, journal: Journal
    ) -> None:
        self._installations = installations
        self._client = client
        self._clock = clock
        self._journal = journal

    async def async_save(self, installation: Granted) -> None:
        """Keeps what Slack granted; `BoltError`, which the flow shows as a page, where that is not possible."""
        if not installation.bot_token or not (installation.team_id or installation.enterprise_id):
            raise BoltError("no bot token was granted")
        now = self._clock.now()
        try:
            answer = await self._client.auth_test(token=installation.bot_token)
            await self._installations.save(_installation(installation, str(answer.get("url") or "")), now)
        except (SlackClientError, OSError, StoreError) as error:
            raise BoltError(type(error).__name__) from None
        self._journal.note("app.installed", team=installation.team_id or installation.enterprise_id)


def pages(
    installations: Installations,
    client: AsyncWebClient,
    credentials: tuple[str, str],
    scopes: Sequence[str],
    clock: Clock,
    journal: Journal,
    authorize_url: str = AUTHORIZE,
) -> dict[str, Page]:
    """The two pages by their paths. `credentials` are the app's client id and secret."""
    client_id, client_secret = credentials
    flow = AsyncOAuthFlow(
        client=client,
        logger=_QUIET,
        settings=AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=list(scopes),
            authorization_url=authorize_url,
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            install_page_rendering_enabled=False,
            installation_store=_Shelf(installations, client, clock, journal),
            state_store=_States(installations, clock),
            state_expiration_seconds=STATE_SECONDS,
            callback_options=AsyncCallbackOptions(success=_installed, failure=_not_installed),
            logger=_QUIET,
        ),
    )

    async def install(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await flow.handle_installation(await to_bolt_request(request)))

    async def redirect(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await flow.handle_callback(await to_bolt_request(request)))

    return {INSTALL: install, REDIRECT: redirect}


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    where = args.installation.team_name or args.installation.enterprise_name or "your workspace"
    words = "In a channel, type /invite @Deep Research, and then /research and your question."
    return _page(args, 200, f"Deep Research is installed in {where}.", words)


async def _not_installed(args: AsyncFailureArgs) -> BoltResponse:
    why = _WHY.get(args.reason, _UNCLEAR)
    again = f'<p><a href="{INSTALL}">Try again</a></p>'
    return _page(args, args.suggested_status_code, "Deep Research was not installed.", why, again)


def _page(
    args: AsyncSuccessArgs | AsyncFailureArgs, status: int, title: str, words: str, more: str = ""
) -> BoltResponse:
    body = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title></head>'
        f'<body style="font: 1.1em system-ui; max-width: 40em; margin: 4em auto; padding: 0 1em">'
        f"<h1>{escape(title)}</h1><p>{escape(words)}</p>{more}</body></html>"
    )
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Set-Cookie": args.settings.state_utils.build_set_cookie_for_deletion(),
    }
    return BoltResponse(status=status, body=body, headers=headers)


def _installation(granted: Granted, workspace_url: str) -> Installation:
    by_organisation = bool(granted.is_enterprise_install)
    home = granted.enterprise_id if by_organisation else granted.team_id
    name = granted.enterprise_name if by_organisation else granted.team_name
    ends = granted.bot_token_expires_at
    return Installation(
        home=home or "",
        name=name or "",
        app_id=granted.app_id or "",
        bot_id=granted.bot_id or "",
        bot_user_id=granted.bot_user_id or "",
        workspace_url=workspace_url or granted.enterprise_url or "https://slack.com/",
        token=granted.bot_token or "",
        refresh_token=granted.bot_refresh_token or "",
        expires_at=None if ends is None else datetime.fromtimestamp(ends, UTC),
        scopes=",".join(granted.bot_scopes or ()),
        installed_by=granted.user_id or "",
    )


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
