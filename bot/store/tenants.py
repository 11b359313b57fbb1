"""The rows of a workspace as a whole: who installed the app there, what its admins set, who did what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from bot.store.append_only import listen
from bot.store.columns import UtcDateTime, moment


class Installation(SQLModel, table=True):
    """One workspace or organisation that installed the app. Tokens are sealed, and empty once they are revoked."""

    home: str = Field(primary_key=True)
    """Team id, or enterprise id of an organisation that installed it for all its workspaces."""
    name: str
    app_id: str
    bot_id: str
    bot_user_id: str
    workspace_url: str
    scopes: str = Field(sa_type=Text)
    installed_by: str
    installed_at: datetime = Field(sa_type=UtcDateTime)
    token: bytes = Field(sa_type=LargeBinary)
    refresh_token: bytes = Field(sa_type=LargeBinary)
    expires_at: datetime | None = moment()
    version: int
    refreshing_until: datetime | None = moment()
    """Somebody asks Slack for a new token until then; nobody else may, since a refresh token counts once."""
    revoked_at: datetime | None = moment()


class Workspace(SQLModel, table=True):
    """Which organisation a workspace belongs to, for those that have the app through it."""

    team_id: str = Field(primary_key=True)
    enterprise_id: str


class OauthState(SQLModel, table=True):
    """A state of the OAuth dance that was given to a browser and not used yet (as a hash)."""

    state: str = Field(primary_key=True)
    until: datetime = Field(sa_type=UtcDateTime)


class HouseRow(SQLModel, table=True):
    """What a workspace's admins have set, as JSON."""

    __tablename__ = "house"

    team_id: str = Field(primary_key=True)
    version: int
    body: str = Field(sa_type=Text)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class LiftRow(SQLModel, table=True):
    """One question that a person may ask beyond the limits set in Slack."""

    __tablename__ = "lift"
    __table_args__ = (Index("ix_lift_person", "team_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    team_id: str
    person_id: str
    given_at: datetime = Field(sa_type=UtcDateTime)
    used_for: str = ""


class Departure(SQLModel, table=True):
    """A workspace that took the app away, and when it is erased unless it comes back."""

    team_id: str = Field(primary_key=True)
    erase_at: datetime = Field(sa_type=UtcDateTime)


class Deed(SQLModel, table=True):
    """Who did what and when. Written once: the database refuses to change or delete it."""

    __table_args__ = (Index("ix_deed_team", "team_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    team_id: str
    at: datetime = Field(sa_type=UtcDateTime)
    who: str
    what: str
    about: str = ""
    detail: str = Field(default="", sa_type=Text)


class Pseudonym(SQLModel, table=True):
    """The key that connects a person with their name in the audit; erased, nobody can any more."""

    team_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    key: bytes = Field(sa_type=LargeBinary)


listen(Deed.__table__)  # type: ignore[attr-defined]  # SQLModel adds it to table classes
