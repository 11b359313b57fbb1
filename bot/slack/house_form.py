"""The form with which admins set what holds in their workspace, and what it means when it comes back. Pure."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bot.domain.house import House, Limits, Style
from bot.domain.policy import OFFERS, Depth
from bot.slack.elements import Block, context, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CALLBACK = "house_settings"

View = dict[str, Any]
Values = dict[str, dict[str, Any]]

_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_LONGEST_RETENTION = 3650
_COUNTS = {
    "active_per_user": "Researches of one person at once",
    "active": "Researches of the workspace at once",
    "daily_per_user": "Questions of one person within 24 hours",
}
_MONEY = {
    "monthly_usd": "Budget of the workspace a month, in US dollars",
    "monthly_per_user_usd": "Budget of one person a month, in US dollars",
}
_ADMITTED = {
    "admits_guests": "Guests of this workspace",
    "admits_externals": "People from other companies (Slack Connect)",
    "admits_bots": "Bots and workflows",
}
_CHANNELS = {
    "channels_allowed": "Only in these channels (nothing chosen: everywhere)",
    "channels_denied": "Never in these channels",
}
_PEOPLE = {
    "people_allowed": "Only these people (nobody chosen: everyone)",
    "people_denied": "Never these people",
}
_STYLES = {
    Style.AS_IT_COMES: "As Google’s agent writes it",
    Style.BRIEF: "Brief: the answer first, about 800 words",
    Style.DETAILED: "Detailed: background, evidence, what is disputed",
}


def house_form(house: House, ceiling: Limits, retention_days: int) -> View:
    """The settings as they stand. The version goes along, so that two admins do not overwrite each other."""
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": str(house.version),
        "title": plain_text("Research settings"),
        "submit": plain_text("Save"),
        "close": plain_text("Cancel"),
        "blocks": [
            _heading("Limits"),
            context("Empty is no limit of your own. Whoever runs this bot sets the highest; here you can only lower it."),
            *(_count(name, label, house, ceiling) for name, label in _COUNTS.items()),
            *(_money(name, label, house, ceiling) for name, label in _MONEY.items()),
            _people("people_exempt", "These people are held to the highest limits only", house.people_exempt),
            _heading("Who and where"),
            _checkboxes(house),
            *(_conversations(name, label, getattr(house, name)) for name, label in _CHANNELS.items()),
            *(_people(name, label, getattr(house, name)) for name, label in _PEOPLE.items()),
            *(_groups(name, getattr(house, name)) for name in _PEOPLE),
            _heading("Reports"),
            _select("depth", "Depth of /research without a prefix", _depths(), house.depth.value),
            _select("style", "Length of reports", {style.value: words for style, words in _STYLES.items()}, house.style.value),
            _number(
                "retention_days",
                "Days for which questions and reports are kept here",
                house.retention_days or None,
                f"At most {retention_days}. Figures stay; what stands in Slack is Slack’s to keep.",
            ),
        ],
    }  # fmt: skip


def house_of(values: Values, before: House, retention_days: int) -> House | dict[str, str]:
    """The settings that a submitted form means, or what is wrong with it, by block."""
    errors: dict[str, str] = {}
    numbers = {
        name: _number_of(values, name, whole=name not in _MONEY, errors=errors)
        for name in (*_COUNTS, *_MONEY, "retention_days")
    }
    if numbers["retention_days"] > min(retention_days, _LONGEST_RETENTION):
        errors["retention_days"] = f"At most {retention_days} days are allowed by whoever runs this bot."
    groups = {name: _groups_of(values, name, errors) for name in _PEOPLE}
    if errors:
        return errors
    admitted = {one["value"] for one in _value(values, "admitted").get("selected_options") or ()}
    return replace(
        before,
        limits=Limits(
            active_per_user=int(numbers["active_per_user"]),
            active=int(numbers["active"]),
            daily_per_user=int(numbers["daily_per_user"]),
            monthly_usd=numbers["monthly_usd"],
            monthly_per_user_usd=numbers["monthly_per_user_usd"],
        ),
        depth=Depth(_value(values, "depth")["selected_option"]["value"]),
        style=Style(_value(values, "style")["selected_option"]["value"]),
        retention_days=int(numbers["retention_days"]),
        people_exempt=_chosen(values, "people_exempt"),
        channels_allowed=_chosen(values, "channels_allowed"),
        channels_denied=_chosen(values, "channels_denied"),
        people_allowed=(*_chosen(values, "people_allowed"), *groups["people_allowed"]),
        people_denied=(*_chosen(values, "people_denied"), *groups["people_denied"]),
        admits_guests="admits_guests" in admitted,
        admits_externals="admits_externals" in admitted,
        admits_bots="admits_bots" in admitted,
    )


def _value(values: Values, name: str) -> dict[str, Any]:
    return values.get(name, {}).get("value") or {}


def _number_of(values: Values, name: str, *, whole: bool, errors: dict[str, str]) -> float:
    words = str(_value(values, name).get("value") or "").strip()
    if not words:
        return 0
    try:
        number = float(words)
    except ValueError:
        number = -1
    if not 0 < number <= 1_000_000 or (whole and number != int(number)):
        errors[name] = (
            "Please enter a whole number above 0, or nothing." if whole else "Please enter a number above 0."
        )
        return 0
    return number


def _groups_of(values: Values, name: str, errors: dict[str, str]) -> tuple[str, ...]:
    words = str(_value(values, f"{name}_groups").get("value") or "").replace(",", " ").split()
    if any(not _GROUP.fullmatch(word) for word in words):
        errors[f"{name}_groups"] = "Ids of user groups begin with S, for example S0123ABCD."
    return tuple(words)


def _chosen(values: Values, name: str) -> tuple[str, ...]:
    value = _value(values, name)
    return tuple(value.get("selected_users") or value.get("selected_conversations") or ())


def _heading(words: str) -> Block:
    return {"type": "header", "text": plain_text(words)}


def _input(name: str, label: str, element: Block, hint: str = "") -> Block:
    block: Block = {
        "type": "input",
        "block_id": name,
        "optional": True,
        "label": plain_text(label),
        "element": {"action_id": "value", **element},
    }
    return block | ({"hint": plain_text(hint)} if hint else {})


def _number(name: str, label: str, value: float | None, hint: str, *, decimals: bool = False) -> Block:
    element: Block = {"type": "number_input", "is_decimal_allowed": decimals, "min_value": "0"}
    if value is not None:
        element["initial_value"] = f"{value:g}"
    return _input(name, label, element, hint)


def _count(name: str, label: str, house: House, ceiling: Limits) -> Block:
    highest = getattr(ceiling, name)
    return _number(name, label, getattr(house.limits, name) or None, f"At most {highest}" if highest else "")


def _money(name: str, label: str, house: House, ceiling: Limits) -> Block:
    highest = getattr(ceiling, name)
    hint = f"At most ${highest:,.2f}" if highest else ""
    return _number(name, label, getattr(house.limits, name) or None, hint, decimals=True)


def _people(name: str, label: str, people: Sequence[str]) -> Block:
    element: Block = {"type": "multi_users_select"}
    if users := [one for one in people if not one.startswith("S")]:
        element["initial_users"] = users
    return _input(name, label, element)


def _groups(name: str, people: Sequence[str]) -> Block:
    label = "Only these user groups" if name == "people_allowed" else "Never these user groups"
    element: Block = {"type": "plain_text_input"}
    if groups := " ".join(one for one in people if one.startswith("S")):
        element["initial_value"] = groups
    return _input(
        f"{name}_groups", label, element, "Ids such as S0123ABCD: in a group’s profile, Copy group ID"
    )


def _conversations(name: str, label: str, channels: Sequence[str]) -> Block:
    element: Block = {
        "type": "multi_conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if channels:
        element["initial_conversations"] = list(channels)
    return _input(name, label, element)


def _checkboxes(house: House) -> Block:
    options = {name: _option(name, label) for name, label in _ADMITTED.items()}
    element: Block = {"type": "checkboxes", "options": list(options.values())}
    if ticked := [option for name, option in options.items() if getattr(house, name)]:
        element["initial_options"] = ticked
    return _input("admitted", "Besides members of the workspace, these may ask", element)


def _select(name: str, label: str, choices: Mapping[str, str], chosen: str) -> Block:
    options = {value: _option(value, words) for value, words in choices.items()}
    element: Block = {
        "type": "static_select",
        "options": list(options.values()),
        "initial_option": options[chosen],
    }
    return _input(name, label, element) | {"optional": False}


def _option(value: str, words: str) -> Block:
    return {"text": plain_text(words), "value": value}


def _depths() -> dict[str, str]:
    return {depth.value: f"{offer.name}: {offer.line}" for depth, offer in OFFERS.items()}
