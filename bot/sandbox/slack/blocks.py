"""Validates the blocks of messages and views as Slack does (Slack docs: Block Kit reference)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, Literal

from bot.sandbox.slack import elements, rich
from bot.sandbox.slack.problems import Json, Problems, kind_of

Surface = Literal["message", "modal", "home"]
PLAIN = ("plain_text",)
MARKDOWN_CHARACTERS = 12_000


def _section(block: Json, pointer: str, problems: Problems) -> None:
    problems.keys(block, ("type", "block_id", "text", "fields", "accessory", "expand"), pointer)
    if "text" not in block and "fields" not in block:
        problems.add("must provide one of text, fields", pointer)
    if "text" in block:
        problems.text(block["text"], f"{pointer}/text", 3000)
    if "fields" in block:
        for i, one in enumerate(problems.items(block["fields"], f"{pointer}/fields", 10)):
            problems.text(one, f"{pointer}/fields/{i}", 2000)
    if "accessory" in block:
        elements.check_element(block["accessory"], f"{pointer}/accessory", problems, elements.IN_ACCESSORY)


def _header(block: Json, pointer: str, problems: Problems) -> None:
    problems.keys(block, ("type", "block_id", "text", "level"), pointer)
    problems.text(block.get("text"), f"{pointer}/text", 150, PLAIN)


def _divider(block: Json, pointer: str, problems: Problems) -> None:
    problems.keys(block, ("type", "block_id"), pointer)


def _image(block: Json, pointer: str, problems: Problems) -> None:
    problems.keys(block, ("type", "block_id", "image_url", "slack_file", "alt_text", "title"), pointer)
    elements.check_image(block, pointer, problems)
    if "title" in block:
        problems.text(block["title"], f"{pointer}/title", 2000, PLAIN)


def _context(block: Json, pointer: str, problems: Problems) -> None:
    problems.keys(block, ("type", "block_id", "elements"), pointer)
    for i, one in enumerate(problems.items(block.get("elements"), f"{pointer}/elements", 10)):
        at = f"{pointer}/elements/{i}"
        if isinstance(one, dict) and one.get("type") == "image":
            elements.check_image(one, at, problems)
        else:
            problems.text(one, at, 3000)


def _elements(block: Json, pointer: str, problems: Problems, most: int, allowed: frozenset[str]) -> None:
    problems.keys(block, ("type", "block_id", "elements"), pointer)
    found = problems.items(block.get("elements"), f"{pointer}/elements", most)
    for i, one in enumerate(found):
        elements.check_element(one, f"{pointer}/elements/{i}", problems, allowed)
    ids = [one["action_id"] for one in found if isinstance(one, dict) and "action_id" in one]
    problems.unique(ids, "action_id", f"{pointer}/elements")


def _actions(block: Json, pointer: str, problems: Problems) -> None:
    _elements(block, pointer, problems, 25, elements.IN_ACTIONS)


def _context_actions(block: Json, pointer: str, problems: Problems) -> None:
    _elements(block, pointer, problems, 5, elements.IN_CONTEXT_ACTIONS)


def _markdown(block: Json, pointer: str, problems: Problems) -> None:
    problems.keys(block, ("type", "block_id", "text"), pointer)
    problems.string(block.get("text"), f"{pointer}/text", MARKDOWN_CHARACTERS, 1)


def _input(block: Json, pointer: str, problems: Problems) -> None:
    problems.keys(
        block, ("type", "block_id", "label", "element", "hint", "optional", "dispatch_action"), pointer
    )
    problems.text(block.get("label"), f"{pointer}/label", 2000, PLAIN)
    if "hint" in block:
        problems.text(block["hint"], f"{pointer}/hint", 2000, PLAIN)
    elements.check_element(block.get("element"), f"{pointer}/element", problems, elements.IN_INPUT)


def _alert(block: Json, pointer: str, problems: Problems) -> None:
    problems.choice(
        block.get("level", "default"), f"{pointer}/level", ["default", "info", "warning", "error", "success"]
    )


def _video(block: Json, pointer: str, problems: Problems) -> None:
    problems.text(block.get("title"), f"{pointer}/title", 199, PLAIN)


def _container(block: Json, pointer: str, problems: Problems) -> None:
    children = problems.items(block.get("child_blocks"), f"{pointer}/child_blocks", 10)
    for i, child in enumerate(children):
        _check_one(child, f"{pointer}/child_blocks/{i}", problems, IN_CONTAINER)


def _unchecked(block: Json, pointer: str, problems: Problems) -> None:
    """Block types that Slack knows and that are accepted as they come."""


CHECKS: dict[str, Callable[[Json, str, Problems], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "image": _image,
    "context": _context,
    "actions": _actions,
    "context_actions": _context_actions,
    "markdown": _markdown,
    "input": _input,
    "rich_text": rich.check_rich_text,
    "table": rich.check_table,
    "plan": rich.check_plan,
    "task_card": rich.check_task,
    "alert": _alert,
    "video": _video,
    "container": _container,
    "file": _unchecked,
    "call": _unchecked,
    "card": _unchecked,
    "carousel": _unchecked,
    "data_table": _unchecked,
    "data_visualization": _unchecked,
}
MESSAGE_ONLY = frozenset({"context_actions", "markdown", "plan", "task_card", "table", "call"})
IN_CONTAINER = frozenset(
    [
        "actions",
        "context",
        "divider",
        "file",
        "header",
        "image",
        "input",
        "rich_text",
        "section",
        "table",
        "video",
    ]
)
ON: dict[Surface, frozenset[str]] = {
    "message": frozenset(CHECKS) - {"alert"},
    "modal": frozenset(CHECKS) - MESSAGE_ONLY - {"container"},
    "home": frozenset(CHECKS) - MESSAGE_ONLY - {"alert"},
}


def _check_one(block: Any, pointer: str, problems: Problems, allowed: Collection[str]) -> None:
    kind = kind_of(block)
    if not isinstance(block, dict) or kind not in allowed:
        problems.add(f"unsupported type: {kind}", f"{pointer}/type" if isinstance(block, dict) else pointer)
        return
    problems.optional_string(block, "block_id", pointer, 255)
    CHECKS[kind](block, pointer, problems)


def find_problems(blocks: list[Any], surface: Surface, refused: Collection[str], pointer: str) -> Problems:
    """Everything wrong with blocks; `refused` are types this workspace does not know."""
    problems = Problems()
    most = 50 if surface == "message" else 100
    allowed = ON[surface] - set(refused)
    for i, block in enumerate(problems.items(blocks, pointer, most, 0)):
        _check_one(block, f"{pointer}/{i}", problems, allowed)
    whole = [block for block in blocks if isinstance(block, dict)]
    ids = [b["block_id"] for b in whole if "block_id" in b and b.get("type") != "markdown"]
    problems.unique(ids, "block_id", pointer)
    if sum(block.get("type") == "table" for block in whole) > 1:
        problems.add("only one table block is allowed per message", pointer)
    return problems


def check_blocks(blocks: list[Any], refused: Collection[str] = ()) -> None:
    """Raises invalid_blocks with every problem of a message's blocks."""
    find_problems(blocks, "message", refused, "/blocks").refuse()
