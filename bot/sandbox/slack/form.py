"""Fills in a modal's form: turns what a person entered into the view's state."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.controls import chosen_of, elements_of, nothing_chosen

Json = dict[str, Any]


def _value_object(element: Json, value: Any) -> Json:
    kind = str(element["type"])
    if isinstance(value, dict):
        return {**value, "type": kind}
    if value in (None, "", []):
        return {"type": kind, **nothing_chosen(kind)}
    wanted = ",".join(value) if isinstance(value, list) else str(value)
    return {"type": kind, **chosen_of(element, wanted)}


def _initial(element: Json) -> Json:
    kind = str(element["type"])
    shown: Json = {"type": kind, **nothing_chosen(kind)}
    for key, value in element.items():
        if key.startswith("initial_"):
            name = key.removeprefix("initial_")
            shown["value" if name == "value" else f"selected_{name}"] = value
    return shown


def filled(blocks: list[Json], values: Json) -> Json:
    """The state `{block_id: {action_id: value object}}`; what was not entered keeps its initial value.

    LookupError for a block or action that the form does not have.
    """
    entered = values.get("values", values)
    state: Json = {}
    for block_id, element in elements_of(blocks):
        if element["type"] == "button":
            continue
        action_id = str(element.get("action_id"))
        given = entered.get(block_id, {})
        field = _value_object(element, given[action_id]) if action_id in given else _initial(element)
        state.setdefault(block_id, {})[action_id] = field
    for block_id, fields in entered.items():
        for action_id in fields:
            if action_id not in state.get(block_id, {}):
                raise LookupError(f"the form has no field {block_id}/{action_id}")
    return state


def response_targets(blocks: list[Json], state: Json) -> list[Json]:
    """Where view_submission offers a response_url: conversation menus with response_url_enabled."""
    targets = []
    for block_id, element in elements_of(blocks):
        if not element.get("response_url_enabled"):
            continue
        action_id = str(element["action_id"])
        chosen = state[block_id][action_id]
        channel = chosen.get("selected_conversation") or chosen.get("selected_channel")
        if channel:
            targets.append({"block_id": block_id, "action_id": action_id, "channel_id": channel})
    return targets
