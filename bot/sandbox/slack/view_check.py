"""Validates modals and Home tabs (Slack docs: view objects)."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.blocks import find_problems
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.problems import Json, Problems
from bot.sandbox.slack.refusal import Refusal

KEYS = frozenset(
    [
        "type",
        "title",
        "blocks",
        "close",
        "submit",
        "private_metadata",
        "callback_id",
        "clear_on_close",
        "notify_on_close",
        "external_id",
        "submit_disabled",
    ]
)
TITLE_CHARACTERS = 24


def check_view(view: Json, kind: str, mint: Mint) -> Json:
    """The view with block ids; raises invalid_arguments with every problem."""
    if view.get("type") != kind:
        raise Refusal(
            "invalid_arguments", response_metadata={"messages": [f"[ERROR] expected a {kind} view"]}
        )
    blocks = view.get("blocks")
    blocks = blocks if isinstance(blocks, list) else [None]
    problems = find_problems(blocks, "modal" if kind == "modal" else "home", (), "/view/blocks")
    problems.keys(view, KEYS, "/view")
    problems.optional_string(view, "private_metadata", "/view", 3000)
    problems.optional_string(view, "callback_id", "/view", 255)
    if kind == "modal":
        _check_modal(view, blocks, problems)
    problems.refuse("invalid_arguments")
    given = [one if "block_id" in one else {**one, "block_id": mint.short()} for one in blocks]
    return {**view, "blocks": [_with_action_ids(one, mint) for one in given]}


def _check_modal(view: Json, blocks: list[Any], problems: Problems) -> None:
    problems.text(view.get("title"), "/view/title", TITLE_CHARACTERS, ("plain_text",))
    for key in ("submit", "close"):
        if view.get(key) is not None:
            problems.text(view[key], f"/view/{key}", TITLE_CHARACTERS, ("plain_text",))
    has_input = any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)
    if has_input and not view.get("submit"):
        problems.add("must provide submit when there are input blocks", "/view/submit")


def _with_action_ids(block: Json, mint: Mint) -> Json:
    element = block.get("element")
    if block.get("type") != "input" or not isinstance(element, dict) or "action_id" in element:
        return block
    return {**block, "element": {**element, "action_id": mint.short()}}
