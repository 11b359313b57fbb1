"""Which workspaces this process serves: the one of SLACK_BOT_TOKEN, or all that installed the app by OAuth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.errors import SlackError
from bot.slack.identity import OneWorkspace, identify
from bot.slack.installed import Installed
from bot.slack.oauth import AUTHORIZE, pages
from bot.slack.scopes import SCOPES
from bot.slack.web import sdk_client
from bot.store.installations import SqlInstallations
from bot.store.keyring import Keyring

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.ops.health import Handler
    from bot.ports import Clock, Journal
    from bot.settings import Settings
    from bot.slack.web import SlackWeb
    from bot.store.database import Database

SLACK = "https://slack.com/api/"
SLACK_PAUSE = 5.0
"""Seconds between tries to reach Slack at start."""


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Whose tokens there are, and the pages by which workspaces join (none where there is one)."""

    workspaces: OneWorkspace | Installed
    installations: SqlInstallations | None = None
    pages: Mapping[str, Handler] = field(default_factory=dict)

    async def begin(self, web: SlackWeb, clock: Clock, journal: Journal) -> None:
        """Asks Slack who we are until it can be reached; or seals tokens anew after the keys were rotated."""
        if self.installations is not None:
            resealed = await self.installations.reseal()
            if resealed:
                journal.note("tokens.resealed", count=resealed)
        while isinstance(self.workspaces, OneWorkspace):
            try:
                self.workspaces.is_known(await identify(web))
            except SlackError as error:
                journal.note("slack.introduction_failed", error=error.code or type(error).__name__)
                await clock.sleep(SLACK_PAUSE)
            else:
                return


def tenancy(settings: Settings, database: Database, clock: Clock, journal: Journal) -> Tenancy:
    """As the settings say."""
    if settings.credentials is None:
        assert settings.slack_bot_token is not None
        return Tenancy(OneWorkspace(settings.slack_bot_token.get_secret_value()))
    installations = SqlInstallations(database, Keyring(settings.keys))
    client = sdk_client(settings.slack_api_url)
    doors = pages(
        installations, client, settings.credentials, tuple(SCOPES), clock, journal, _authorize(settings)
    )
    workspaces = Installed(installations, client, settings.credentials, clock, journal)
    return Tenancy(workspaces, installations, doors)


def _authorize(settings: Settings) -> str:
    """Slack's consent page; the sandbox has its own."""
    if settings.slack_api_url == SLACK:
        return AUTHORIZE
    return settings.slack_api_url.removesuffix("api/") + "oauth/v2/authorize"
