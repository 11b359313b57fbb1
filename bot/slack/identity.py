"""Who we are in a workspace. With one workspace: one `auth.test` at start, then no question to Slack per request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.errors import ConfigurationError, Remedy, SlackRefused, SlackUnreachable

if TYPE_CHECKING:
    from bot.slack.web import SlackWeb


@dataclass(frozen=True, slots=True)
class Identity:
    """What `auth.test` says of our token. `workspace_url` is `https://….slack.com/`."""

    team_id: str
    enterprise_id: str | None
    bot_id: str
    bot_user_id: str
    workspace_url: str


class Workspaces(Protocol):
    """Which workspaces we are in. Both methods raise `SlackError` where that is not known, or not any more."""

    async def token(self, team_id: str) -> str:
        """The bot token of a workspace."""
        ...

    async def identity(
        self, team_id: str, enterprise_id: str = "", *, by_organisation: bool = False
    ) -> Identity:
        """Who we are there; `by_organisation` where a request says that its organisation installed us."""
        ...


class OneWorkspace:
    """The workspace whose token was configured."""

    def __init__(self, token: str) -> None:
        self._token = token
        self._identity: Identity | None = None

    def is_known(self, identity: Identity) -> None:
        """Slack said who we are."""
        self._identity = identity

    async def token(self, _team_id: str) -> str:
        """The one token."""
        return self._token

    async def identity(
        self, _team_id: str, _enterprise_id: str = "", *, by_organisation: bool = False
    ) -> Identity:
        """The same for every request."""
        if self._identity is None:
            raise SlackUnreachable("auth.test")
        return self._identity


async def identify(web: SlackWeb) -> Identity:
    """Asks Slack once. Raises `ConfigurationError` when the token is not good, `SlackError` when Slack is not there."""
    try:
        answer = await web.call("", "auth.test")
    except SlackRefused as error:
        if error.remedy is Remedy.PARK or error.code in ("not_authed", "invalid_auth"):
            raise ConfigurationError(_refused(error.code)) from None
        raise
    return Identity(
        team_id=answer["team_id"],
        enterprise_id=answer.get("enterprise_id"),
        bot_id=answer.get("bot_id") or "",
        bot_user_id=answer["user_id"],
        workspace_url=answer.get("url") or "https://slack.com/",
    )


def _refused(code: str) -> str:
    why = {
        "token_revoked": "was revoked",
        "token_expired": "has expired",
        "account_inactive": "belongs to an app that was removed from the workspace",
    }.get(code, "is not one that Slack knows")
    return (
        f"SLACK_BOT_TOKEN {why} (Slack says: {code}). Install the app to your workspace again (api.slack.com/apps, "
        "your app, “Install App”) and put the bot token that begins with xoxb- there."
    )
