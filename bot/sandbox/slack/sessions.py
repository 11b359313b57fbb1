"""Thread statuses (assistant.threads.setStatus) and agent sessions with their native Stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.clock import SandboxClock

Json = dict[str, Any]
Key = tuple[str, str]
STATUS_LIFETIME, PROCESSING_LIFETIME = 120.0, 3600.0
SessionStatus = Literal["active", "processing", "suspended", "closed"]
SESSION_STATUSES = frozenset({"active", "processing", "suspended", "closed"})


@dataclass
class Session:
    """One agent session; `processing` falls back to `active` at `deadline`."""

    status: str = "active"
    title: str = ""
    deadline: float = 0.0


@dataclass
class ThreadStates:
    """The status line and the session of each (channel, thread). `history` is every status text ever set."""

    clock: SandboxClock
    changes: Changes
    can_stop: Callable[[], bool]
    sees: Callable[[str, str], bool]
    sessions: dict[Key, Session] = field(default_factory=dict)
    history: list[tuple[str, str, str, float]] = field(default_factory=list)
    _texts: dict[Key, tuple[str, float]] = field(default_factory=dict)

    def status(self, channel: str, thread_ts: str) -> str:
        """The status line now, empty when none is shown."""
        text, until = self._texts.get((channel, thread_ts), ("", 0.0))
        return text if self.clock.now() < until else ""

    def set_status(self, channel: str, thread_ts: str, text: str) -> None:
        """Shows a status line for 2 minutes; empty clears it. Creates the session, as Slack's bridge does."""
        self.history.append((channel, thread_ts, text, self.clock.now()))
        self._put(channel, thread_ts, text)
        self.set_session(channel, thread_ts, "processing" if text else "active")

    def replied(self, channel: str, thread_ts: str) -> None:
        """The app has posted into the thread: its status line goes (Slack docs: setStatus); a session stays."""
        if (channel, thread_ts) in self._texts:
            self._put(channel, thread_ts, "")

    def _put(self, channel: str, thread_ts: str, text: str) -> None:
        key = (channel, thread_ts)
        if text:
            self._texts[key] = (text, self.clock.now() + STATUS_LIFETIME)
        else:
            self._texts.pop(key, None)
        event = {"type": "status", "channel": channel, "thread_ts": thread_ts, "status": text}
        self._publish(channel, event)

    def set_session(self, channel: str, thread_ts: str, status: str, title: str = "") -> Session:
        """Creates or changes a session; the title counts only when it creates one."""
        session = self.sessions.setdefault((channel, thread_ts), Session(title=title))
        session.status = status
        session.deadline = self.clock.now() + PROCESSING_LIFETIME
        shown = self.session(channel, thread_ts) or {}
        self._publish(channel, {"type": "session", "channel": channel, "thread_ts": thread_ts, **shown})
        return session

    def session(self, channel: str, thread_ts: str) -> Json | None:
        """{status, title, can_stop} of a session, None without one."""
        session = self.sessions.get((channel, thread_ts))
        if session is None:
            return None
        if session.status == "processing" and self.clock.now() >= session.deadline:
            session.status = "active"
        can_stop = session.status == "processing" and self.can_stop()
        return {"status": session.status, "title": session.title, "can_stop": can_stop}

    def sweep(self) -> None:
        """Clears what has timed out, so that open pages hear of it."""
        now = self.clock.now()
        for (channel, thread_ts), (_, until) in list(self._texts.items()):
            if now >= until:
                self._put(channel, thread_ts, "")
        for (channel, thread_ts), session in list(self.sessions.items()):
            if session.status == "processing" and now >= session.deadline:
                self.set_session(channel, thread_ts, "active")

    def _publish(self, channel: str, event: Json) -> None:
        self.changes.notify()
        if self.changes.watched:
            self.changes.publish(event, lambda person: self.sees(person, channel))
