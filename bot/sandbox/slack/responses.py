"""Response URLs and trigger ids: short-lived permissions to answer what a person did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]
Source = tuple[str | None, str | None, str | None]
NOWHERE: Source = (None, None, None)
USES, LIFETIME = 5, 30 * 60.0
TRIGGER_LIFETIME = 3.0


@dataclass
class ResponseUrl:
    """Where the answer goes: the person and channel it came from, and the message of a click."""

    person: str
    channel: str
    expires: float
    slash: bool
    message_ts: str | None = None
    thread_ts: str | None = None
    ephemeral_id: str | None = None
    uses: int = 0


@dataclass
class Trigger:
    """A trigger id: good for 3 s and one view."""

    person: str
    expires: float
    used: bool = False


@dataclass
class Permissions:
    """The response URLs and trigger ids handed out so far."""

    clock: SandboxClock
    mint: Mint
    team_id: str
    urls: dict[str, ResponseUrl] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    base: str = ""
    trigger_lifetime: float = TRIGGER_LIFETIME

    def response_url(self, kind: str, person: str, channel: str, source: Source = NOWHERE) -> str:
        """A new response_url (Slack docs: 5 uses within 30 minutes); kind is `commands`, `actions` or `app`.

        `source` is the ts, thread and ephemeral id of the message it belongs to.
        """
        path = f"{kind}/{self.team_id}/{self.mint.secret()}"
        expires = self.clock.now() + LIFETIME
        self.urls[path] = ResponseUrl(person, channel, expires, kind == "commands", *source)
        return f"{self.base}/hooks/{path}"

    def use_url(self, path: str) -> ResponseUrl:
        """Counts one use; raises used_url or expired_url."""
        url = self.urls.get(path)
        if url is None or self.clock.now() > url.expires:
            raise Refusal("expired_url")
        if url.uses >= USES:
            raise Refusal("used_url")
        url.uses += 1
        return url

    def trigger(self, person: str) -> str:
        """A new trigger id."""
        name = f"{self.mint.short()}.{self.mint.short()}.{self.mint.secret()}"
        self.triggers[name] = Trigger(person, self.clock.now() + self.trigger_lifetime)
        return name

    def use_trigger(self, name: str) -> str:
        """The person a trigger id belongs to; raises invalid_, expired_ or exchanged_trigger_id."""
        trigger = self.triggers.get(name)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self.clock.now() > trigger.expires:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger.person
