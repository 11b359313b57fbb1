"""A message of the simulated workspace, persistent or ephemeral, and the shape Slack gives it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass
class AppIdentity:
    """Who the app is in this workspace: what its messages and events carry."""

    app_id: str
    bot_id: str
    bot_user: str
    name: str
    team_id: str

    def profile(self) -> Json:
        """The `bot_profile` of a message (Slack docs: chat.postMessage response)."""
        return {
            "id": self.bot_id,
            "app_id": self.app_id,
            "name": self.name,
            "icons": {"image_36": "https://a.slack-edge.com/sandbox/bot_36.png"},
            "deleted": False,
            "updated": 1729605216,
            "team_id": self.team_id,
        }


@dataclass(eq=False)
class Message:
    """One message. `notified` is who a post has pinged (user ids, `here`, `channel`, `everyone`, `S…`);
    `mentions` is every live mention in its present content, also those an edit brought, which ping nobody.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    parent_user: str | None = None
    bot: bool = False
    subtype: str | None = None
    client_msg_id: str | None = None
    metadata: Json | None = None
    attachments: list[Json] = field(default_factory=list)
    files: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    broadcast: bool = False
    unfurl_links: bool = True
    unfurl_media: bool = True
    edited_at: str | None = None
    updates: list[float] = field(default_factory=list)
    ephemeral_to: str | None = None
    ephemeral_id: str | None = None
    streaming: bool = False
    recipient: str | None = None
    first_blocks: list[Json] = field(default_factory=list)
    notified: set[str] = field(default_factory=set)
    mentions: set[str] = field(default_factory=set)
    replies: list[Message] = field(default_factory=list, repr=False)
    reply_users: list[str] = field(default_factory=list)

    @property
    def deleted(self) -> bool:
        """Whether only its tombstone is left (a parent that still has replies)."""
        return self.subtype == "tombstone"

    def shape(self, app: AppIdentity, *, all_metadata: bool = False) -> Json:
        """The message object of the Web API and of events.

        Metadata comes whole only with `all_metadata`, otherwise its `event_type` alone
        (Slack docs: conversations.replies, include_all_metadata).
        """
        shape: Json = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
            "team": app.team_id,
        }
        if self.bot:
            shape |= {"bot_id": app.bot_id, "app_id": app.app_id, "bot_profile": app.profile()}
        shape |= {
            key: value
            for key, value in (
                ("blocks", self.blocks),
                ("attachments", self.attachments),
                ("files", self.files),
                ("subtype", self.subtype),
                ("client_msg_id", self.client_msg_id),
                ("thread_ts", self.thread_ts),
                ("parent_user_id", self.parent_user),
            )
            if value
        }
        if self.edited_at:
            shape["edited"] = {"user": self.user, "ts": self.edited_at}
        if self.reactions:
            shape["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        if self.replies:
            shape |= self.thread_summary()
        if self.metadata:
            shape["metadata"] = self.metadata if all_metadata else {"event_type": self.metadata["event_type"]}
        return shape

    def thread_summary(self) -> Json:
        """What a parent says about its replies."""
        return {
            "thread_ts": self.ts,
            "reply_count": len(self.replies),
            "reply_users": self.reply_users[:5],
            "reply_users_count": len(self.reply_users),
            "latest_reply": self.replies[-1].ts if self.replies else None,
        }
