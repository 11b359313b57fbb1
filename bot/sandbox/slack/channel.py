"""A conversation of the simulated workspace: a public or private channel, or a direct message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["public", "private", "im", "mpim"]

SCOPE_FAMILY: dict[Kind, str] = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
EVENT_TYPE: dict[Kind, str] = {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}
SLASH_NAME: dict[Kind, str | None] = {
    "public": None,
    "private": "privategroup",
    "im": "directmessage",
    "mpim": None,
}


@dataclass
class Channel:
    """One conversation. `restriction` is a `restricted_action…` error code that posting meets, or empty."""

    id: str
    name: str
    kind: Kind
    members: set[str] = field(default_factory=set)
    archived: bool = False
    ext_shared: bool = False
    restriction: str = ""
    messages_tab: bool = True
    topic: str = ""

    def shape(self, bot_user: str) -> dict[str, Any]:
        """The channel object of conversations.info as the app sees it (Slack docs: conversations.info)."""
        direct = self.kind in ("im", "mpim")
        shape: dict[str, Any] = {
            "id": self.id,
            "created": 1700000000,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": self.kind == "im",
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
            "is_archived": self.archived,
            "is_general": self.name == "general",
            "is_ext_shared": self.ext_shared,
            "is_org_shared": False,
            "is_shared": self.ext_shared,
        }
        if not direct:
            shape["name"] = shape["name_normalized"] = self.name
            shape["topic"] = {"value": self.topic, "creator": "", "last_set": 0}
            shape["purpose"] = {"value": "", "creator": "", "last_set": 0}
        if self.kind == "im":
            shape["user"] = next((one for one in self.members if one != bot_user), bot_user)
            shape["is_open"] = True
        else:
            shape["is_member"] = bot_user in self.members
        return shape
