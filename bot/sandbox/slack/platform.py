"""The simulated Slack without its server: all state and services that methods, people and the page share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anyio.abc import TaskGroup

from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.delivery import Deliveries
from bot.sandbox.slack.faults import Faults
from bot.sandbox.slack.files import FileShelf
from bot.sandbox.slack.functions import Executions
from bot.sandbox.slack.furnish import TEAM_ID, TEAM_NAME, furnished
from bot.sandbox.slack.grants import Grants
from bot.sandbox.slack.http_delivery import HttpDelivery
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.pacing import Pacing, TooMany
from bot.sandbox.slack.responses import Permissions
from bot.sandbox.slack.sessions import ThreadStates
from bot.sandbox.slack.socket import SocketHub
from bot.sandbox.slack.streams import Streams
from bot.sandbox.slack.traffic import Call, CallLog, Traffic
from bot.sandbox.slack.view_store import ViewStore

Json = dict[str, Any]
SUMMARY_CHARACTERS = 100
SCOPES = frozenset(
    [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "usergroups:read",
        "users:read",
    ]
)
SUBSCRIPTIONS = frozenset(
    [
        "agent_session_stopped",
        "agent_session_title_changed",
        "app_context_changed",
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "function_executed",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
        "tokens_revoked",
    ]
)


class Platform:
    """One workspace with one installed app. Plain attributes are switches that a test may set at any time."""

    def __init__(
        self,
        clock: SandboxClock,
        mint: Mint | None = None,
        team_id: str = TEAM_ID,
        team_name: str = TEAM_NAME,
    ) -> None:
        self.clock = clock
        self.mint = mint or Mint(clock)
        self.workspace = furnished(self.mint, team_id, team_name)
        self.changes = Changes()
        self.log = CallLog()
        self.traffic = Traffic(self.changes)
        self.faults = Faults()
        self.pacing = Pacing(clock)
        self.socket = SocketHub(self.workspace.app.app_id, self.mint, self.changes)
        self.delivery = Deliveries(self.socket, self.traffic, clock.now)
        self.permissions = Permissions(clock, self.mint, self.workspace.team_id)
        self.threads = ThreadStates(clock, self.changes, self._can_stop, self.sees)
        self.files = FileShelf(self.mint)
        self.views = ViewStore(self.mint)
        self.streams = Streams(clock)
        self.functions = Executions(clock, self.mint)
        self.grants = Grants(clock, self.mint)
        self.background: TaskGroup | None = None
        self.url = ""
        self.bot_token = f"xoxb-sandbox-{self.mint.secret()}"
        self.app_token = f"xapp-sandbox-{self.mint.secret()}"
        self.signing_secret = self.mint.secret()
        self.client_id, self.client_secret = "1234567890.9876543210", self.mint.secret()
        self.scopes: set[str] = set(SCOPES)
        self.subscriptions: set[str] = set(SUBSCRIPTIONS)
        self.refuse_blocks: set[str] = set()
        self.oauth_codes: dict[str, Platform] = {}
        self.scenarios: list[Json] = []
        self.notices: list[str] = []
        self.revoked = False
        self.enterprise_id = ""
        self.strict_limits = True
        self.unlisted = False
        self.agent = True
        self.echo_own_messages = True
        self.should_escape = True
        self.share_delay = 0.2

    @property
    def calls(self) -> list[Call]:
        """Web API calls of the app in order."""
        return self.log.all

    def calls_of(self, method: str) -> list[Call]:
        """Web API calls of one method in order."""
        return self.log.by_method.get(method, [])

    @property
    def ledger(self) -> list[TooMany]:
        """The 429s that the rate limits handed out (planned faults are not among them)."""
        return self.pacing.ledger

    def oauth_code(self) -> str:
        """A code as Slack's consent page gives to the redirect URL, good for one oauth.v2.access."""
        code = self.mint.secret()
        self.oauth_codes[code] = self
        return code

    def revoke(self) -> None:
        """The app is uninstalled: its bot token answers token_revoked."""
        self.revoked = True
        self.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.workspace.app.bot_user]}})
        self.event({"type": "app_uninstalled"})

    def reinstall(self) -> None:
        """The app is installed again, under a new token."""
        self.revoked = False
        self.bot_token = f"xoxb-sandbox-{self.mint.secret()}"

    def restore(self) -> None:
        """The token works again, as it was."""
        self.revoked = False

    def advance(self, seconds: float) -> None:
        """Moves the clock for every deadline and clears what has timed out."""
        self.clock.advance(seconds)
        self.threads.sweep()
        self.changes.notify()

    def deliver_to(self, url: str) -> HttpDelivery:
        """From now on the app is told by signed HTTP requests to `url` instead of Socket Mode."""
        http = HttpDelivery(url, self.signing_secret, self.clock, self.socket.ack_timeout)
        self.delivery.transport, self.delivery.over_http = http, True
        return http

    def note_traffic(self, entry: Json) -> None:
        """Adds an exchange of someone else's (Gemini's) to the traffic that the page shows."""
        self.traffic.note(entry)

    async def until(self, predicate: Callable[[], object], timeout: float = 30.0) -> None:  # noqa: ASYNC109 - see Changes
        """Waits until `predicate()` holds, asking at each change; TimeoutError after `timeout` seconds."""
        await self.changes.until(predicate, timeout)

    def sees(self, person: str, channel: str) -> bool:
        """Whether a person can open a channel."""
        found = self.workspace.channels.get(channel)
        return found is not None and person in self.workspace.people and self.workspace.sees(person, found)

    def _can_stop(self) -> bool:
        return self.agent and "agent_session_stopped" in self.subscriptions

    def event(self, event: Json, subscription: str | None = None) -> Json | None:
        """Sends an event to the app if it subscribes to it; gives back the outer event, or None."""
        outer = self.outer_event(event, subscription)
        if outer is not None:
            self.delivery.event(outer)
        return outer

    def outer_event(self, event: Json, subscription: str | None = None) -> Json | None:
        """The event_callback around an event; None if the app does not subscribe to it."""
        if (subscription or event["type"]) not in self.subscriptions:
            return None
        app = self.workspace.app
        event.setdefault("event_ts", self.mint.ts())
        channel = self.workspace.channels.get(str(event.get("channel")))
        return {
            "token": "verification_token",
            "team_id": app.team_id,
            "context_team_id": app.team_id,
            "enterprise_id": self.enterprise_id or None,
            "context_enterprise_id": self.enterprise_id or None,
            "api_app_id": app.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": self.mint.id("Ev"),
            "event_time": int(self.clock.now()),
            "authorizations": [
                {
                    "enterprise_id": self.enterprise_id or None,
                    "team_id": app.team_id,
                    "user_id": app.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": bool(self.enterprise_id),
                }
            ],
            "is_ext_shared_channel": channel is not None and channel.ext_shared,
            "event_context": "4-sandbox",
        }

    def changed(self, message: Message) -> None:
        """A message appeared, changed or went: waiting tests and open pages hear of it."""
        self.changes.notify()
        if not self.changes.watched:
            return
        event = {"type": "changed", "channel": message.channel, "thread_ts": message.thread_ts}
        only = message.ephemeral_to
        self.changes.publish(
            event, lambda person: person == only if only else self.sees(person, message.channel)
        )

    def show_view(self, person: str) -> None:
        """A person's modal or Home tab changed: their page is given what is open now."""
        self.changes.notify()
        if not self.changes.watched:
            return
        app = self.workspace.app
        top, home = self.views.top(person), self.views.homes.get(person)
        event = {
            "type": "view",
            "view": top.shape(app) if top else None,
            "home": home.shape(app) if home else None,
        }
        self.changes.publish(event, lambda watcher: watcher == person)

    def note_call(self, call: Call, ms: float, response: Any) -> None:
        """Notes an answered Web API call."""
        self.log.add(call)
        self.traffic.note(
            {
                "at": call.at,
                "from": "app",
                "kind": "web api",
                "name": call.method,
                "ok": call.ok,
                "ms": round(ms, 1),
                "summary": call.error or self._about(call.args),
                "request": call.args,
                "response": response,
            }
        )

    def _about(self, args: Json) -> str:
        """One line on what a call is about: the channel and the beginning of what it says."""
        channel = self.workspace.channels.get(str(args.get("channel") or args.get("channel_id") or ""))
        said = args.get("status") or args.get("text") or args.get("filename") or ""
        return " ".join(filter(None, (f"#{channel.name}" if channel else "", str(said)[:SUMMARY_CHARACTERS])))
