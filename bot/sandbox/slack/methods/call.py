"""One Web API call on its way through the simulated Slack, and the checks that many methods share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.channel import SCOPE_FAMILY, Channel
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]
TRUE = frozenset({True, "1", "true", "True"})


@dataclass
class WebCall:
    """The platform and the merged arguments of a call; `warnings` end up in the answer."""

    platform: Platform
    method: str
    args: Json
    warnings: list[str] = field(default_factory=list)

    def need(self, *names: str) -> list[str]:
        """The values of required arguments as strings; raises invalid_arguments naming what is missing."""
        missing = [name for name in names if self.args.get(name) in (None, "")]
        if missing:
            messages = [f"[ERROR] missing required field: {name}" for name in missing]
            raise Refusal("invalid_arguments", response_metadata={"messages": messages})
        return [str(self.args[name]) for name in names]

    def flag(self, name: str) -> bool:
        """A boolean argument, however it was spelled."""
        value = self.args.get(name)
        return isinstance(value, (str, int)) and value in TRUE

    def number(self, name: str, default: float, refusal: str) -> float:
        """A numeric argument; raises `refusal` if it is none."""
        value = self.args.get(name)
        try:
            return float(value) if value not in (None, "") else default
        except (TypeError, ValueError):
            raise Refusal(refusal) from None

    def scope(self, *any_of: str) -> None:
        """Raises missing_scope unless one of these is granted."""
        granted = self.platform.scopes
        if not granted.intersection(any_of):
            raise Refusal("missing_scope", needed=",".join(any_of), provided=",".join(sorted(granted)))

    def family_scope(self, channel: Channel | None, kind: str) -> None:
        """The `read` or `history` scope for this kind of channel."""
        if channel is not None:
            self.scope(f"{SCOPE_FAMILY[channel.kind]}:{kind}")
        else:
            self.scope(*(f"{family}:{kind}" for family in SCOPE_FAMILY.values()))

    def visible(self, channel_id: str) -> Channel:
        """A channel that the app can know of; raises channel_not_found (private without the app, or none)."""
        channel = self.platform.workspace.channels.get(channel_id)
        member = channel is not None and self.platform.workspace.app.bot_user in channel.members
        if channel is None or (channel.kind != "public" and not member):
            raise Refusal("channel_not_found")
        return channel

    def inside(self, channel_id: str) -> Channel:
        """A channel that the app is a member of; raises channel_not_found or not_in_channel."""
        channel = self.visible(channel_id)
        if self.platform.workspace.app.bot_user not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def writable(self, channel_id: str) -> Channel:
        """A channel that the app can post in (a `U…` id means the DM with that person).

        Raises channel_not_found, not_in_channel, is_archived, messages_tab_disabled or a restricted_action.
        """
        workspace = self.platform.workspace
        if channel_id[:1] in ("U", "W") and channel_id in workspace.people:
            channel = workspace.dm(channel_id)
        elif "chat:write.public" in self.platform.scopes:
            channel = self.visible(channel_id)
        else:
            channel = self.inside(channel_id)
        if channel.archived:
            raise Refusal("is_archived")
        if not channel.messages_tab:
            raise Refusal("messages_tab_disabled")
        if channel.restriction:
            raise Refusal(channel.restriction)
        return channel

    def own_message(self, channel: Channel, ts: str, refusal: str) -> Message:
        """A message by the app; raises message_not_found, or `refusal` for someone else's."""
        message = self.platform.workspace.message(channel.id, ts)
        if message is None or message.deleted:
            raise Refusal("message_not_found")
        if not message.bot:
            raise Refusal(refusal)
        return message

    def thread(self, channel: Channel) -> str | None:
        """The thread_ts argument; raises thread_not_found without a parent, cannot_reply_to_message for a reply."""
        ts = self.args.get("thread_ts")
        if not ts:
            return None
        parent = self.platform.workspace.message(channel.id, str(ts))
        if parent is None:
            raise Refusal("thread_not_found")
        if parent.thread_ts and parent.thread_ts != parent.ts:
            raise Refusal("cannot_reply_to_message")
        return str(ts)


@dataclass(frozen=True)
class Method:
    """A Web API method: what runs, any of which scopes it needs, its rate limit tier (0: none)."""

    run: Callable[[WebCall], Json]
    tier: int
    scopes: tuple[str, ...] = ()
    app_token: bool = False
    tokenless: bool = False
