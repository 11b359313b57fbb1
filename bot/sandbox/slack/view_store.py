"""Modals and Home tabs of the simulated workspace: who has what open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.message import AppIdentity
from bot.sandbox.slack.mint import Mint

Json = dict[str, Any]


@dataclass
class View:
    """One view of one person; `content` is what the app gave, `hash` changes with each update."""

    id: str
    person: str
    content: Json
    hash: str
    root: str
    previous: str | None = None
    values: Json = field(default_factory=dict)

    def shape(self, app: AppIdentity) -> Json:
        """The view object of payloads and answers (Slack docs: views)."""
        return {
            "callback_id": "",
            "private_metadata": "",
            "external_id": "",
            "clear_on_close": False,
            "notify_on_close": False,
            "title": None,
            "submit": None,
            "close": None,
            **self.content,
            "id": self.id,
            "team_id": app.team_id,
            "app_id": app.app_id,
            "app_installed_team_id": app.team_id,
            "bot_id": app.bot_id,
            "hash": self.hash,
            "state": {"values": self.values},
            "root_view_id": self.root,
            "previous_view_id": self.previous,
        }


class ViewStore:
    """Each person's stack of modals and Home tab."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self.by_id: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}

    def make(self, person: str, content: Json, parent: View | None = None) -> View:
        """A new view, not yet shown."""
        view_id = self._mint.id("V")
        view = View(view_id, person, content, self._new_hash(), parent.root if parent else view_id)
        view.previous = parent.id if parent else None
        self.by_id[view.id] = view
        return view

    def replace(self, view: View, content: Json) -> None:
        """New content for a view."""
        view.content, view.hash = content, self._new_hash()

    def top(self, person: str) -> View | None:
        """The modal a person sees."""
        stack = self.stacks.get(person)
        return stack[-1] if stack else None

    def close(self, view: View) -> None:
        """Takes a modal off its person's stack."""
        stack = self.stacks.get(view.person, [])
        if view in stack:
            stack.remove(view)
        self.by_id.pop(view.id, None)

    def close_all(self, person: str) -> None:
        """Closes every modal of a person."""
        for view in list(self.stacks.get(person, [])):
            self.close(view)

    def _new_hash(self) -> str:
        return f"{self._mint.short()}.{self._mint.short()}"
