"""Many workspaces: whose token is it, who are we there, and a new token before the old one ends.

What is remembered here is a cache of rows for a few seconds; a workspace that nobody installed is not remembered, so
that it works from the moment when somebody does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.errors import Remedy, SlackError, SlackRefused, SlackUncertain, StoreError
from bot.slack.identity import Identity
from bot.slack.memory import Remembered

if TYPE_CHECKING:
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.domain.installation import Installation
    from bot.keeping import Installations
    from bot.ports import Clock, Journal

SECONDS = 10.0
"""A token that was revoked or replaced is used no longer than this."""
EARLY = timedelta(hours=2)
"""Before its end a token is exchanged; tokens last 12 hours (Slack docs: using token rotation)."""
PATIENCE = timedelta(seconds=60)
"""What an exchange may take before somebody else tries."""
DEAD = ("invalid_refresh_token", "token_revoked", "token_expired", "account_inactive", "invalid_auth")


class Installed:
    """Tokens and identities of all workspaces that installed the app."""

    def __init__(
        self,
        installations: Installations,
        client: AsyncWebClient,
        credentials: tuple[str, str],
        clock: Clock,
        journal: Journal,
    ) -> None:
        """`client` calls oauth.v2.access; `credentials` are the app's client id and secret."""
        self._installations = installations
        self._client = client
        self._credentials = credentials
        self._clock = clock
        self._journal = journal
        self._known: Remembered[str, Installation] = Remembered(clock, SECONDS)

    async def token(self, team_id: str) -> str:
        """The token of a workspace. Raises `SlackRefused` (to be parked) where it has none (any more)."""
        return (await self._of(team_id)).token

    async def identity(
        self, team_id: str, enterprise_id: str = "", *, by_organisation: bool = False
    ) -> Identity:
        """Who we are in a workspace; a request that came `by_organisation` says where the workspace belongs."""
        if by_organisation and enterprise_id and team_id:
            try:
                await self._of(team_id)
            except SlackRefused:
                await self._note(team_id, enterprise_id)
        one = await self._of(team_id or enterprise_id)
        return Identity(
            team_id or one.home, enterprise_id or None, one.bot_id, one.bot_user_id, one.workspace_url
        )

    async def left(self, team_id: str, at: datetime) -> bool:
        """The app was uninstalled at a moment; False where that was known, or it was installed again since."""
        one = await self._installations.of(team_id)
        if one is None or not await self._installations.revoke(one.home, at):
            return False
        self._known.drop(team_id)
        self._journal.note("app.uninstalled", home=one.home)
        return True

    async def _of(self, team_id: str) -> Installation:
        one = await self._known.get(team_id, lambda: self._look(team_id))
        if one.expires_at is not None and one.expires_at <= self._clock.now():
            raise SlackRefused("tokens", "token_expired", remedy=Remedy.PARK)
        return one

    async def _look(self, team_id: str) -> Installation:
        try:
            found = await self._installations.of(team_id)
        except StoreError as error:
            raise SlackUncertain("tokens", str(error)) from None
        if found is None or found.is_revoked:
            raise SlackRefused("tokens", "token_revoked", remedy=Remedy.PARK)
        now = self._clock.now()
        if found.expires_at is None or now < found.expires_at - EARLY:
            return found
        try:
            return await self._exchanged(found)
        except SlackError as error:
            self._journal.note("token.refresh_failed", home=found.home, error=error.code)
            return found  # good until it ends; the next look tries again

    async def _exchanged(self, old: Installation) -> Installation:
        """The installation with a new token; the old one where somebody else is exchanging it right now."""
        now = self._clock.now()
        if not await self._installations.lease_refresh(old.home, old.version, now, now + PATIENCE):
            return old
        client_id, client_secret = self._credentials
        try:
            answer = await self._client.oauth_v2_access(
                client_id=client_id,
                client_secret=client_secret,
                grant_type="refresh_token",
                refresh_token=old.refresh_token,
            )
        except SlackApiError as refused:
            code = str(refused.response.get("error") or "")
            if code in DEAD:
                await self._installations.revoke(old.home, now)
            raise SlackRefused("oauth.v2.access", code, remedy=Remedy.PARK) from None
        except (SlackClientError, OSError):
            raise SlackUncertain("oauth.v2.access", "no_answer") from None
        new = replace(
            old,
            token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            expires_at=now + timedelta(seconds=int(answer["expires_in"])),
        )
        await self._installations.refreshed(new)
        self._journal.note("token.refreshed", home=old.home)
        return new

    async def _note(self, team_id: str, enterprise_id: str) -> None:
        try:
            await self._installations.note_workspace(team_id, enterprise_id)
        except StoreError as error:
            raise SlackUncertain("tokens", str(error)) from None
