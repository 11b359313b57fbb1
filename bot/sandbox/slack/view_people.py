"""What people do with modals, Home tabs, shortcuts and workflows of the app."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import payloads
from bot.sandbox.slack.ack import FAILED, Ack
from bot.sandbox.slack.controls import chosen_of, find_element
from bot.sandbox.slack.form import filled, response_targets
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.view_check import check_view
from bot.sandbox.slack.view_store import View

Json = dict[str, Any]


class ViewPeople:
    """The part of People that concerns views; each deed returns with the app's ack."""

    platform: Platform

    def _person(self, person: str) -> Person:
        return self.platform.workspace.person(person)

    async def _interact(self, payload: Json, *, accepts_response: bool = False) -> Ack:
        ack = await self.platform.delivery.interact("interactive", payload, accepts_response=accepts_response)
        self.platform.changes.notify()
        return ack

    async def shortcut(
        self, person: str, callback_id: str, channel: str | None = None, message_ts: str | None = None
    ) -> Ack:
        """Runs a global shortcut or, with a message, a message shortcut."""
        who = self._person(person)
        if channel is None or message_ts is None:
            return await self._interact(payloads.global_shortcut(self.platform, who, callback_id))
        where = self.platform.workspace.channel(channel)
        message = self.platform.workspace.message(where.id, message_ts)
        if message is None or not self.platform.workspace.sees(who.id, where):
            raise LookupError(f"no message {message_ts} in {where.name}")
        return await self._interact(payloads.message_shortcut(self.platform, who, message, callback_id))

    async def open_home(self, person: str, tab: str = "home") -> Ack:
        """Opens the app's Home (or `messages`) tab."""
        who = self._person(person)
        app = self.platform.workspace.app
        event: Json = {
            "type": "app_home_opened",
            "user": who.id,
            "channel": self.platform.workspace.dm(who.id).id,
            "tab": tab,
        }
        view = self.platform.views.homes.get(who.id)
        if view is not None and tab == "home":
            event["view"] = view.shape(app)
        return await self._event(event)

    async def _event(self, event: Json) -> Ack:
        outer = self.platform.outer_event(event)
        return await self.platform.delivery.event_now(outer) if outer else Ack(False, error=FAILED)

    def view(self, person: str) -> Json | None:
        """The modal that a person sees, as the view object."""
        top = self.platform.views.top(self._person(person).id)
        return top.shape(self.platform.workspace.app) if top else None

    def home(self, person: str) -> Json | None:
        """The Home tab that was published for a person."""
        view = self.platform.views.homes.get(self._person(person).id)
        return view.shape(self.platform.workspace.app) if view else None

    def _view(self, who: Person, view_id: str | None) -> View:
        found = self.platform.views.by_id.get(view_id) if view_id else self.platform.views.top(who.id)
        if found is None or found.person != who.id:
            raise LookupError(f"{who.name} has no such view open")
        return found

    async def click_view(
        self, person: str, action_id: str, value: str | None = None, *, view_id: str | None = None
    ) -> Ack:
        """Clicks a button in the open modal, or in the Home tab if no modal is open."""
        who = self._person(person)
        home = self.platform.views.homes.get(who.id)
        view_id = view_id or (home.id if home and not self.platform.views.top(who.id) else None)
        view = self._view(who, view_id)
        block_id, element = find_element(view.content["blocks"], action_id)
        clicked = payloads.action(self.platform, block_id, element, chosen_of(element, value))
        shape = view.shape(self.platform.workspace.app)
        return await self._interact(payloads.view_actions(self.platform, who, shape, clicked))

    async def submit_view(self, person: str, values: Json, view_id: str | None = None) -> Ack:
        """Submits a modal with `{block_id: {action_id: value}}` (plain values, or Slack's value objects).

        The app's response_action is applied; without one the modal closes, with `errors` it stays.
        """
        who = self._person(person)
        view = self._view(who, view_id)
        view.values = filled(view.content["blocks"], values)
        urls = [
            {**target, "response_url": self._target_url(who, target)}
            for target in response_targets(view.content["blocks"], view.values)
        ]
        payload = payloads.view_submission(self.platform, who, view.shape(self.platform.workspace.app), urls)
        ack = await self._interact(payload, accepts_response=True)
        if ack.acked:
            self._settle(view, ack.payload or {})
        self.platform.show_view(who.id)
        return ack

    def _target_url(self, who: Person, target: Json) -> str:
        return self.platform.permissions.response_url("app", who.id, target["channel_id"])

    def _settle(self, view: View, answer: Json) -> None:
        """Applies a response_action (Slack docs: modals); an invalid view leaves the modal as it is."""
        views = self.platform.views
        wanted = answer.get("response_action")
        if wanted == "errors":
            return
        if wanted == "clear":
            views.close_all(view.person)
        elif wanted in ("update", "push"):
            try:
                content = check_view(answer["view"], "modal", self.platform.mint)
            except Refusal:
                return
            if wanted == "update":
                views.replace(view, content)
            else:
                views.stacks[view.person].append(views.make(view.person, content, view))
        else:
            views.close(view)

    async def close_view(self, person: str, view_id: str | None = None) -> Ack | None:
        """Closes a modal; the app hears of it if the view said notify_on_close."""
        who = self._person(person)
        view = self._view(who, view_id)
        shape = view.shape(self.platform.workspace.app)
        self.platform.views.close(view)
        self.platform.show_view(who.id)
        if not view.content.get("notify_on_close"):
            return None
        return await self._interact(payloads.view_closed(self.platform, who, shape))

    async def run_step(self, callback_id: str, inputs: Json, required_outputs: tuple[str, ...] = ()) -> Ack:
        """A workflow reaches the app's custom step: function_executed with a step token of 15 minutes."""
        execution = self.platform.functions.start(required_outputs, inputs)
        function = {
            "id": self.platform.mint.id("Fn"),
            "callback_id": callback_id,
            "title": callback_id,
            "type": "app",
            "input_parameters": [{"type": "string", "name": name, "is_required": True} for name in inputs],
            "output_parameters": [
                {"type": "string", "name": name, "is_required": True} for name in required_outputs
            ],
            "app_id": self.platform.workspace.app.app_id,
        }
        event = {
            "type": "function_executed",
            "function": function,
            "inputs": inputs,
            "function_execution_id": execution.id,
            "workflow_execution_id": self.platform.mint.id("Wx"),
            "bot_access_token": execution.token,
        }
        return await self._event(event)
