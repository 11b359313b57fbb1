"""Validates what blocks contain: buttons, menus, inputs, confirmations (Slack docs: block elements)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.problems import Json, Problems, kind_of

PLAIN = ("plain_text",)
SELECT_KINDS = ("static", "users", "conversations", "channels", "external")
SELECTS = frozenset(f"{many}{kind}_select" for many in ("", "multi_") for kind in SELECT_KINDS)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker", "checkboxes", "radio_buttons"})
INPUTS = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "file_input"}
) | {"rich_text_input"}
IN_ACTIONS = SELECTS | PICKERS | {"button", "overflow", "workflow_button"}
IN_ACCESSORY = IN_ACTIONS | {"image"}
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})
IN_INPUT = SELECTS | PICKERS | INPUTS
BUTTON_KEYS = frozenset(
    [
        "type",
        "text",
        "action_id",
        "value",
        "url",
        "style",
        "confirm",
        "accessibility_label",
        "visible_to_user_ids",
        "agent_prompt",
        "agent_prompt_display",
    ]
)


def check_confirm(value: Any, pointer: str, problems: Problems) -> None:
    """A confirmation dialog: title 100, text 300, buttons 30 characters."""
    if not isinstance(value, dict):
        problems.add("must provide an object", pointer)
        return
    problems.keys(value, ("title", "text", "confirm", "deny", "style"), pointer)
    problems.text(value.get("title"), f"{pointer}/title", 100, PLAIN)
    problems.text(value.get("text"), f"{pointer}/text", 300)
    problems.text(value.get("confirm"), f"{pointer}/confirm", 30, PLAIN)
    problems.text(value.get("deny"), f"{pointer}/deny", 30, PLAIN)
    if "style" in value:
        problems.choice(value["style"], f"{pointer}/style", ("primary", "danger"))


def _button(value: Json, pointer: str, problems: Problems) -> None:
    problems.keys(value, BUTTON_KEYS, pointer)
    problems.text(value.get("text"), f"{pointer}/text", 75, PLAIN)
    for key, longest in (("value", 2000), ("url", 3000), ("accessibility_label", 75), ("agent_prompt", 4000)):
        problems.optional_string(value, key, pointer, longest)
    if "style" in value:
        problems.choice(value["style"], f"{pointer}/style", ("primary", "danger"))
    if "visible_to_user_ids" in value:
        problems.items(value["visible_to_user_ids"], f"{pointer}/visible_to_user_ids", 100)


def _option(value: Any, pointer: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        problems.add("must provide an object", pointer)
        return
    problems.text(value.get("text"), f"{pointer}/text", 75)
    problems.string(value.get("value"), f"{pointer}/value", 150, 1)
    if "description" in value:
        problems.text(value["description"], f"{pointer}/description", 75)


def _options(value: Json, pointer: str, problems: Problems, most: int) -> None:
    if "option_groups" in value:
        for i, group in enumerate(problems.items(value["option_groups"], f"{pointer}/option_groups", 100)):
            _options(group, f"{pointer}/option_groups/{i}", problems, 100)
        return
    for i, option in enumerate(problems.items(value.get("options"), f"{pointer}/options", most)):
        _option(option, f"{pointer}/options/{i}", problems)


def _menu(value: Json, pointer: str, problems: Problems) -> None:
    kind = kind_of(value)
    if "placeholder" in value:
        problems.text(value["placeholder"], f"{pointer}/placeholder", 150, PLAIN)
    if kind in ("checkboxes", "radio_buttons"):
        _options(value, pointer, problems, 10)
    elif kind == "overflow":
        _options(value, pointer, problems, 5)
    elif kind in ("static_select", "multi_static_select"):
        _options(value, pointer, problems, 100)


def _text_input(value: Json, pointer: str, problems: Problems) -> None:
    if "placeholder" in value:
        problems.text(value["placeholder"], f"{pointer}/placeholder", 150, PLAIN)
    longest = value.get("max_length", 3000)
    if not isinstance(longest, int) or not 1 <= longest <= 3000:
        problems.add("must be between 1 and 3000", f"{pointer}/max_length")


def _feedback(value: Json, pointer: str, problems: Problems) -> None:
    problems.keys(value, ("type", "action_id", "positive_button", "negative_button"), pointer)
    for key in ("positive_button", "negative_button"):
        side, at = value.get(key), f"{pointer}/{key}"
        if not isinstance(side, dict):
            problems.add("must provide an object", at)
            continue
        problems.text(side.get("text"), f"{at}/text", 75, PLAIN)
        problems.string(side.get("value"), f"{at}/value", 2000, 1)
        problems.optional_string(side, "accessibility_label", at, 75)


def _icon_button(value: Json, pointer: str, problems: Problems) -> None:
    problems.string(value.get("icon"), f"{pointer}/icon", 75, 1)
    problems.text(value.get("text"), f"{pointer}/text", 75, PLAIN)
    problems.optional_string(value, "value", pointer, 2000)


def check_image(value: Json, pointer: str, problems: Problems) -> None:
    """An image element or block: a URL of at most 3,000 or a Slack file, alt text of at most 2,000 characters."""
    if ("image_url" in value) == ("slack_file" in value):
        problems.add("must provide exactly one of image_url, slack_file", pointer)
    problems.optional_string(value, "image_url", pointer, 3000)
    if not str(value.get("image_url", "https://")).startswith(("http://", "https://")):
        problems.add("must be a valid url", f"{pointer}/image_url")
    problems.string(value.get("alt_text"), f"{pointer}/alt_text", 2000, 1)


CHECKS: dict[str, Callable[[Json, str, Problems], None]] = {
    "button": _button,
    "feedback_buttons": _feedback,
    "icon_button": _icon_button,
    "image": check_image,
    "plain_text_input": _text_input,
}


def check_element(value: Any, pointer: str, problems: Problems, allowed: frozenset[str]) -> None:
    """One interactive element where only the `allowed` types may stand."""
    kind = kind_of(value)
    if not isinstance(value, dict) or kind not in allowed:
        problems.add(f"unsupported type: {kind}", f"{pointer}/type")
        return
    if kind != "image":
        problems.optional_string(value, "action_id", pointer, 255)
    if "confirm" in value:
        check_confirm(value["confirm"], f"{pointer}/confirm", problems)
    CHECKS.get(kind, _menu)(value, pointer, problems)
