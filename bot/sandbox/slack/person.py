"""A person (or bot user) of the simulated workspace, in the shape users.info gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class Person:
    """One member. `name` is the handle, `real_name` what is displayed, `title` the role shown on the page.

    `team_id` is set for a `stranger` of another workspace (Slack Connect).
    """

    id: str
    name: str
    real_name: str
    title: str = ""
    admin: bool = False
    owner: bool = False
    guest: bool = False
    bot: bool = False
    deleted: bool = False
    stranger: bool = False
    tz: str = "Europe/Amsterdam"
    team_id: str = ""

    def shape(self, team_id: str) -> dict[str, Any]:
        """The user object of users.info (Slack docs: users.info)."""
        return {
            "id": self.id,
            "team_id": self.team_id or team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": self.deleted,
            "tz": self.tz,
            "is_admin": self.admin or self.owner,
            "is_owner": self.owner,
            "is_primary_owner": False,
            "is_restricted": self.guest,
            "is_ultra_restricted": False,
            "is_bot": self.bot,
            "is_stranger": self.stranger,
            "is_app_user": False,
            "updated": 0,
            "profile": {
                "real_name": self.real_name,
                "display_name": self.name,
                "title": self.title,
                "team": self.team_id or team_id,
            },
        }
