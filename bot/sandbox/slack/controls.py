"""Finds the interactive elements of blocks and what clicking them sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
PICKED = {
    "users_select": "selected_user",
    "channels_select": "selected_channel",
    "conversations_select": "selected_conversation",
    "multi_users_select": "selected_users",
    "multi_channels_select": "selected_channels",
    "multi_conversations_select": "selected_conversations",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}


def elements_of(blocks: list[Json]) -> Iterator[tuple[str, Json]]:
    """Every interactive element with the id of its block."""
    for block in blocks:
        block_id = str(block.get("block_id", ""))
        found = list(block.get("elements", [])) if block.get("type") in ("actions", "context_actions") else []
        found += [block[key] for key in ("accessory", "element") if isinstance(block.get(key), dict)]
        for element in found:
            if element.get("type") != "image":
                yield block_id, element
        for key in ("child_blocks", "actions"):
            if isinstance(block.get(key), list):
                yield from elements_of([one for one in block[key] if isinstance(one, dict)])


def find_element(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[str, Json]:
    """The element with this action id (in this block); LookupError if there is none."""
    for found_block, element in elements_of(blocks):
        if element.get("action_id") == action_id and block_id in (None, found_block):
            return found_block, element
    raise LookupError(f"no element with action_id {action_id!r}")


def is_shown(element: Json, person: str) -> bool:
    """Whether a person sees the element (`visible_to_user_ids`)."""
    only = element.get("visible_to_user_ids")
    return not only or person in only


def _option(element: Json, value: str) -> Json:
    groups = element.get("option_groups") or [{"options": element.get("options", [])}]
    for group in groups:
        for option in group["options"]:
            if option.get("value") == value:
                return dict(option)
    raise LookupError(f"no option {value!r}")


def chosen_of(element: Json, value: str | None) -> Json:
    """What a click adds to the action: the button's value or what was picked (several by commas)."""
    kind = str(element.get("type"))
    if kind in ("button", "icon_button"):
        sent = element.get("value") if value is None else value
        return {"value": sent} if sent is not None else {}
    if kind == "feedback_buttons":
        sides = [element["positive_button"]["value"], element["negative_button"]["value"]]
        if value is not None and value not in sides:
            raise LookupError(f"no feedback {value!r}")
        return {"value": sides[0] if value is None else value}
    if value is None:
        raise LookupError(f"a {kind} needs the value that is picked")
    if kind.endswith("_input"):
        return {"value": value}
    if kind in ("overflow", "static_select", "radio_buttons"):
        return {"selected_option": _option(element, value)}
    picked = [one for one in value.split(",") if one]
    if kind in ("checkboxes", "multi_static_select"):
        return {"selected_options": [_option(element, one) for one in picked]}
    name = PICKED.get(kind, "selected_option")
    return {name: picked if kind.startswith("multi_") else value}


def nothing_chosen(kind: str) -> Json:
    """The state of an input in which nothing was entered: null, or an empty list where several could be."""
    if kind.endswith("_input"):
        return {"value": None}
    if kind in ("checkboxes", "multi_static_select", "multi_external_select"):
        return {"selected_options": []}
    name = PICKED.get(kind, "selected_option")
    return {name: [] if kind.startswith("multi_") else None}
