"""The rows that are the program's only state. States are text, moments are UTC, contents are JSON text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field, SQLModel

from bot.store.columns import UtcDateTime, moment


class Research(SQLModel, table=True):
    """One question, one thread, one outcome."""

    __table_args__ = (
        UniqueConstraint("team_id", "request_key", name="uq_research_request"),
        Index(
            "ix_research_due",
            "due_at",
            sqlite_where=text("open = 1"),
            postgresql_where=text("open"),
        ),
        Index("ix_research_team_asked", "team_id", "asked_at"),
        Index("ix_research_asker", "team_id", "asker_id", "asked_at"),
        Index("ix_research_thread", "team_id", "channel_id", "thread_ts"),
        Index("ix_research_same", "team_id", "fingerprint", "asked_at"),
        Index("ix_research_anchor", "team_id", "channel_id", "anchor_ts"),
        Index("ix_research_state", "team_id", "state", "asked_at"),
        Index(
            "ix_research_undelivered",
            "team_id",
            "asked_at",
            sqlite_where=text("undelivered != ''"),
            postgresql_where=text("undelivered != ''"),
        ),
        Index(
            "ix_research_stuck",
            "team_id",
            sqlite_where=text("stuck_at IS NOT NULL"),
            postgresql_where=text("stuck_at IS NOT NULL"),
        ),
        Index("ix_research_parent", "parent_id"),
    )

    id: str = Field(primary_key=True)
    team_id: str
    channel_id: str
    channel_kind: str = "unknown"
    thread_ts: str | None = None
    """Where its thread is, once its root is there."""
    anchor_ts: str | None = None
    """The thread that it was asked in and is answered in; none where its root begins a thread of its own."""
    asker_id: str
    asker_name: str = ""
    request_key: str
    """What Slack called the request (trigger id), so that a second copy of it is the same research."""
    response_url: str = ""
    question: str = Field(sa_type=Text)
    thread_along: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The thread that goes along as background, because its asker said so."""
    background: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """What that thread said when the research was admitted."""
    fingerprint: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The same for the same question, however it was typed; empty once its words are forgotten."""
    same_as: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The earlier research with the same question that its asker was told of."""
    depth: str
    plan_first: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether its plan is shown and approved before anything is researched."""

    planned_at: datetime | None = moment()
    approved_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    words: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """What the next create says where that is not the question: what to change in a plan, that it is to be started."""
    previous_interaction_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Gemini's id of the interaction that the next create goes on from."""

    relation: str = Field(default="", sa_column_kwargs={"server_default": ""})
    parent_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The research that this one is about (`errands.Relation` says how)."""

    state: str
    open: bool = True
    attempt: int = 1
    turn: int = 1
    admitted: bool = False
    waiting: str = ""
    asked_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = moment()
    ended_at: datetime | None = moment()
    create_attempted_at: datetime | None = moment()
    changed_at: datetime | None = moment()
    """When Gemini last showed anything new; what is quiet for long is called stuck."""
    stuck_at: datetime | None = moment()
    cancelled_by: str = ""
    cancel_asked_at: datetime | None = moment()
    trouble_code: str = ""
    trouble_detail: str = Field(default="", sa_type=Text)
    sources: int | None = None
    usage: str | None = Field(default=None, sa_type=Text)
    micros: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    """Millionths of a dollar that its ended interactions cost."""
    is_estimate: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    undelivered: str = ""
    """Why Slack does not take what it must be told; empty while it does."""
    place_in_line: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    """While it waits for its turn: 1 is next."""
    erased_as: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The name of its asker in the audit, once they were erased: its words go as soon as it has ended."""

    traceparent: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """The span of its question (W3C), so that whoever goes on with it goes on with its trace; empty without tracing."""

    due_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    leased_by: str | None = None
    leased_until: datetime | None = moment()
    fence: int = 0


class Interaction(SQLModel, table=True):
    """One create at Gemini that a person asked for. `id` is Gemini's, once it is known."""

    __table_args__ = (
        UniqueConstraint("research_id", "turn", "attempt", name="uq_interaction_turn"),
        Index("ix_interaction_gemini", "interaction_id"),
        Index(
            "ix_interaction_erase",
            "erase_at",
            sqlite_where=text("erase_at IS NOT NULL"),
            postgresql_where=text("erase_at IS NOT NULL"),
        ),
        Index("ix_interaction_spent", "team_id", "create_attempted_at", "micros"),
    )

    id: int | None = Field(default=None, primary_key=True)
    research_id: str = Field(foreign_key="research.id", ondelete="CASCADE")
    team_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    turn: int
    attempt: int
    create_attempted_at: datetime = Field(sa_type=UtcDateTime)
    interaction_id: str | None = None
    last_event_id: str | None = None
    status: str = ""
    agent: str = Field(default="", sa_column_kwargs={"server_default": ""})
    micros: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    """Millionths of a dollar: reserved from the mark on, then what it cost (`spent` says which)."""
    spent: str = Field(default="", sa_column_kwargs={"server_default": ""})
    erase_at: datetime | None = moment()
    """When Gemini's own record of it has to be deleted; empty once it is, and as long as words are kept."""
    draft: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """What a model has written so far."""
    is_plan: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """A plan was asked for, which costs cents where the research costs dollars."""


class Thought(SQLModel, table=True):
    """One thinking summary, in the order it came."""

    __table_args__ = (UniqueConstraint("interaction_pk", "key", name="uq_thought_key"),)

    id: int | None = Field(default=None, primary_key=True)
    research_id: str = Field(foreign_key="research.id", ondelete="CASCADE", index=True)
    interaction_pk: int = Field(foreign_key="interaction.id", ondelete="CASCADE")
    key: str
    body: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


class Report(SQLModel, table=True):
    """What an attempt found, parsed, and the raw answer beside it (zlib)."""

    id: int | None = Field(default=None, primary_key=True)
    research_id: str = Field(foreign_key="research.id", ondelete="CASCADE", index=True)
    attempt: int
    partial: bool = False
    body: str = Field(sa_type=Text)
    raw: bytes = Field(default=b"", sa_type=LargeBinary)
    at: datetime = Field(sa_type=UtcDateTime)


class Delivery(SQLModel, table=True):
    """Something Slack must be told. `seq` orders the posts of a research; root and card are edited in place."""

    __table_args__ = (
        UniqueConstraint("research_id", "part", name="uq_delivery_part"),
        Index(
            "ix_delivery_due",
            "due_at",
            sqlite_where=text("open = 1"),
            postgresql_where=text("open"),
        ),
        Index("ix_delivery_research", "research_id", "seq"),
    )

    id: int | None = Field(default=None, primary_key=True)
    research_id: str = Field(foreign_key="research.id", ondelete="CASCADE")
    team_id: str
    part: str
    kind: str
    seq: int
    priority: int
    content: str = Field(default="", sa_type=Text)
    blob: bytes | None = Field(default=None, sa_type=LargeBinary)
    file_id: str = ""

    state: str = "pending"
    open: bool = True
    wanted: int = 1
    shown: int = 0
    ts: str | None = None
    tries: int = 0
    due_at: datetime = Field(sa_type=UtcDateTime)
    sending_at: datetime | None = moment()
    sent_at: datetime | None = moment()
    error: str = ""
    leased_by: str | None = None
    leased_until: datetime | None = moment()
    fence: int = 0


class Preference(SQLModel, table=True):
    """What a person set for themselves. An empty depth leaves it to the workspace."""

    team_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    depth: str = ""
    notify: bool = False


class HomeTab(SQLModel, table=True):
    """A person's Home tab: which page and words are seen there, and whether it is older than the rows (`open`)."""

    __tablename__ = "home_tab"
    __table_args__ = (
        Index("ix_home_tab_due", "due_at", sqlite_where=text("open = 1"), postgresql_where=text("open")),
    )

    team_id: str = Field(primary_key=True)
    person_id: str = Field(primary_key=True)
    page: int = 0
    search: str = ""
    seen: str = ""
    """Slack's hash of what it shows."""
    opened_at: datetime = Field(sa_type=UtcDateTime)
    open: bool = True
    wanted: int = 1
    due_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0


class Opinion(SQLModel, table=True):
    """What one person said about one report; said again, it replaces what was there."""

    research_id: str = Field(primary_key=True, foreign_key="research.id", ondelete="CASCADE")
    person_id: str = Field(primary_key=True)
    team_id: str
    good: bool
    reasons: str = ""
    words: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=UtcDateTime)


class Watch(SQLModel, table=True):
    """Somebody who wants to be told when a research ends."""

    research_id: str = Field(primary_key=True, foreign_key="research.id", ondelete="CASCADE")
    person_id: str = Field(primary_key=True)
    team_id: str
    at: datetime = Field(sa_type=UtcDateTime)


class Pace(SQLModel, table=True):
    """From when on a method is free again in a workspace, or in one channel of it (`channel_id` set)."""

    team_id: str = Field(primary_key=True)
    method: str = Field(primary_key=True)
    channel_id: str = Field(primary_key=True, default="")
    free_at: datetime = Field(sa_type=UtcDateTime)


class Lack(SQLModel, table=True):
    """A method that a workspace proved not to have: done without, and not tried again before `until`."""

    team_id: str = Field(primary_key=True)
    method: str = Field(primary_key=True)
    until: datetime = Field(sa_type=UtcDateTime)


class Stamp(SQLModel, table=True):
    """What this database belongs to: the addresses of Slack and Gemini."""

    name: str = Field(primary_key=True)
    value: str
