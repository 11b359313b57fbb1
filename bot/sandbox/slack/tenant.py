"""One workspace with everything that acts on it: its people, and its part of the server's addresses."""

from __future__ import annotations

from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.furnish import TEAM_ID, TEAM_NAME
from bot.sandbox.slack.hooks import Hooks
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.people import People
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.web_api import WebApi


class Tenant(Platform):
    """A workspace in which the app is installed. `people` are what persons do; see Platform for the rest."""

    def __init__(
        self,
        clock: SandboxClock,
        mint: Mint | None = None,
        team_id: str = TEAM_ID,
        team_name: str = TEAM_NAME,
    ) -> None:
        super().__init__(clock, mint, team_id, team_name)
        self.people = People(self)
        self.api = WebApi(self)
        self.hooks = Hooks(self)

    def knows_token(self, token: str) -> bool:
        """Whether a bot or workflow token is one of this workspace's."""
        if token == self.bot_token or self.grants.works(token) is not None:
            return True
        return self.functions.token_works(token) is not None
