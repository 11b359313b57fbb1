"""One workspace (or a whole organisation) that installed the app: who we are there, and the token to say so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

GRACE = timedelta(days=30)
"""So long what a workspace asked is kept after it took the app away, should it come back."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack gave when somebody installed the app (Slack docs: oauth.v2.access, auth.test)."""

    home: str
    """The team id; the enterprise id where the app is installed for all of an organisation (Enterprise Grid)."""
    name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    workspace_url: str
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    """When the token ends; None for one that does not rotate."""
    scopes: str = ""
    installed_by: str = ""
    is_revoked: bool = False
    version: int = 0
    """Grows with each new token, so that two refreshers cannot both believe that theirs is the newest."""
