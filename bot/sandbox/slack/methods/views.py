"""views.*: modals and the Home tab."""

from __future__ import annotations

import json
from typing import Any

from bot.sandbox.slack.content import parsed
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.view_check import check_view
from bot.sandbox.slack.view_store import View

Json = dict[str, Any]
DEEPEST_STACK = 3
LARGEST_VIEW = 250_000


def _read_view(call: WebCall, kind: str) -> Json:
    view = parsed(call.args.get("view"), "invalid_arguments")
    if not isinstance(view, dict):
        raise Refusal(
            "invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]}
        )
    if len(json.dumps(view)) > LARGEST_VIEW:
        raise Refusal("view_too_large")
    checked = check_view(view, kind, call.platform.mint)
    external = view.get("external_id")
    taken = (
        one
        for one in call.platform.views.by_id.values()
        if external and one.content.get("external_id") == external
    )
    if any(one.id != call.args.get("view_id") and external != call.args.get("external_id") for one in taken):
        raise Refusal("duplicate_external_id")
    return checked


def _answer(call: WebCall, view: View) -> Json:
    call.platform.show_view(view.person)
    return {"view": view.shape(call.platform.workspace.app)}


def open_view(call: WebCall) -> Json:
    """Slack docs: views.open, Tier 4; the trigger id lives 3 s and works once."""
    (trigger,) = call.need("trigger_id")
    content = _read_view(call, "modal")
    person = call.platform.permissions.use_trigger(trigger)
    views = call.platform.views
    views.close_all(person)
    view = views.make(person, content)
    views.stacks[person] = [view]
    return _answer(call, view)


def push(call: WebCall) -> Json:
    """Slack docs: views.push, Tier 4; at most three modals deep."""
    (trigger,) = call.need("trigger_id")
    content = _read_view(call, "modal")
    person = call.platform.permissions.use_trigger(trigger)
    views = call.platform.views
    top = views.top(person)
    if top is None:
        raise Refusal("not_found")
    if len(views.stacks[person]) >= DEEPEST_STACK:
        raise Refusal("push_limit_reached")
    view = views.make(person, content, top)
    views.stacks[person].append(view)
    return _answer(call, view)


def _found(call: WebCall) -> View:
    views = call.platform.views
    view_id, external = call.args.get("view_id"), call.args.get("external_id")
    found = views.by_id.get(str(view_id)) if view_id else None
    if external and found is None:
        found = next(
            (one for one in views.by_id.values() if one.content.get("external_id") == external), None
        )
    if found is None:
        raise Refusal("not_found")
    return found


def _check_hash(call: WebCall, view: View | None) -> None:
    wanted = call.args.get("hash")
    if wanted and view is not None and view.hash != wanted:
        raise Refusal("hash_conflict")


def update(call: WebCall) -> Json:
    """Slack docs: views.update, Tier 4; hash_conflict when it was changed in between."""
    view = _found(call)
    content = _read_view(call, str(view.content["type"]))
    _check_hash(call, view)
    call.platform.views.replace(view, content)
    return _answer(call, view)


def publish(call: WebCall) -> Json:
    """Slack docs: views.publish, Tier 4; the Home tab of one person."""
    (person,) = call.need("user_id")
    if person not in call.platform.workspace.people:
        raise Refusal("user_not_found")
    views = call.platform.views
    view = views.homes.get(person)
    content = _read_view(call, "home")
    _check_hash(call, view)
    if view is None:
        view = views.homes[person] = views.make(person, content)
    else:
        views.replace(view, content)
    return _answer(call, view)


METHODS = {
    "views.open": Method(open_view, 4),
    "views.push": Method(push, 4),
    "views.update": Method(update, 4),
    "views.publish": Method(publish, 4),
}
