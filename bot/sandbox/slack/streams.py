"""Streaming messages: their lifetime of five minutes and the chunks that make up their content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.message import Message

Json = dict[str, Any]
LIFETIME = 300.0


@dataclass
class Stream:
    """One stream; `recipient` is the only person who sees it grow in a channel."""

    opened: float
    recipient: str
    text: str = ""
    plan_title: str = ""
    tasks: dict[str, Json] = field(default_factory=dict)
    blocks: list[Json] = field(default_factory=list)
    stopped: bool = False
    stopped_by_user: bool = False

    def take(self, chunk: Json) -> None:
        """Merges one chunk: text appends, title and status replace, details append (Slack docs: appendStream)."""
        kind = chunk.get("type")
        if kind == "markdown_text":
            self.text += str(chunk["text"])
        elif kind == "plan_update":
            self.plan_title = str(chunk["title"])
        elif kind == "blocks":
            self.blocks += chunk["blocks"]
        elif kind == "task_update":
            task = self.tasks.setdefault(str(chunk["id"]), {"task_id": str(chunk["id"]), "title": "Task"})
            task |= {key: chunk[key] for key in ("title", "status", "sources") if key in chunk}
            for key in ("details", "output"):
                if key in chunk:
                    task[key] = task.get(key, "") + str(chunk[key])

    def rendered(self) -> list[Json]:
        """The content as blocks."""
        shown: list[Json] = []
        if self.tasks or self.plan_title:
            tasks = [self._task(task) for task in self.tasks.values()]
            shown.append({"type": "plan", "title": self.plan_title or "Plan", "tasks": tasks})
        if self.text:
            shown.append({"type": "markdown", "text": self.text})
        return shown + self.blocks

    def _task(self, task: Json) -> Json:
        shown = dict(task)
        for key in ("details", "output"):
            if key in shown:
                section = {"type": "rich_text_section", "elements": [{"type": "text", "text": shown[key]}]}
                shown[key] = {"type": "rich_text", "elements": [section]}
        if self.stopped and shown.get("status") in ("in_progress", "pending"):
            shown["status"] = "error"
        return shown


@dataclass
class Streams:
    """Streams by (channel, ts)."""

    clock: SandboxClock
    by_message: dict[tuple[str, str], Stream] = field(default_factory=dict)

    def alive(self, channel: str, ts: str) -> bool:
        """Whether a message is still streaming."""
        stream = self.by_message.get((channel, ts))
        return stream is not None and not stream.stopped and self.clock.now() < stream.opened + LIFETIME

    def stop_in(self, channel: str, thread: list[Message]) -> list[str]:
        """Stops the streams of a thread because a person pressed Stop; gives their timestamps."""
        stopped = []
        for message in thread:
            if self.alive(channel, message.ts):
                stream = self.by_message[channel, message.ts]
                stream.stopped = stream.stopped_by_user = True
                message.streaming = False
                stopped.append(message.ts)
        return stopped
