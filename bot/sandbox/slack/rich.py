"""Validates the blocks with inner structure: rich text, tables, plans and task cards."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.problems import Json, Problems, kind_of

INLINE = frozenset(
    {
        "text",
        "link",
        "emoji",
        "user",
        "channel",
        "usergroup",
        "broadcast",
        "date",
        "color",
        "team",
        "citation",
    }
)
STATUSES = ("pending", "in_progress", "complete", "error")
TASK_KEYS = ("type", "block_id", "task_id", "title", "status", "details", "output", "sources", "hide_title")
TABLE_CHARACTERS = 10_000


def check_rich_text(value: Any, pointer: str, problems: Problems) -> None:
    """A rich_text block: sections, lists, preformatted and quotes of inline elements."""
    if not isinstance(value, dict) or value.get("type") != "rich_text":
        problems.add("must be a rich_text block", pointer)
        return
    problems.keys(value, ("type", "block_id", "elements"), pointer)
    for i, part in enumerate(problems.items(value.get("elements"), f"{pointer}/elements", 1000, 0)):
        _part(part, f"{pointer}/elements/{i}", problems)


def _part(part: Any, pointer: str, problems: Problems) -> None:
    kind = kind_of(part)
    if kind == "rich_text_list":
        problems.choice(part.get("style"), f"{pointer}/style", ("bullet", "ordered"))
        for i, item in enumerate(problems.items(part.get("elements"), f"{pointer}/elements", 1000, 0)):
            if not isinstance(item, dict) or item.get("type") != "rich_text_section":
                problems.add("must be a rich_text_section", f"{pointer}/elements/{i}")
            else:
                _part(item, f"{pointer}/elements/{i}", problems)
    elif kind in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
        for i, inline in enumerate(problems.items(part.get("elements"), f"{pointer}/elements", 10_000, 0)):
            _inline(inline, f"{pointer}/elements/{i}", problems)
    else:
        problems.add(f"unsupported type: {kind}", f"{pointer}/type")


def _inline(inline: Any, pointer: str, problems: Problems) -> None:
    kind = kind_of(inline)
    if kind not in INLINE:
        problems.add(f"unsupported type: {kind}", f"{pointer}/type")
    elif kind == "text":
        problems.string(inline.get("text"), f"{pointer}/text", 40_000, 1)
    elif kind == "link":
        problems.string(inline.get("url"), f"{pointer}/url", 3000, 1)
    elif kind == "user":
        problems.string(inline.get("user_id"), f"{pointer}/user_id", 30, 1)


def check_table(value: Json, pointer: str, problems: Problems) -> None:
    """A table: at most 100 rows of 20 cells and 10,000 characters (Slack docs: table block)."""
    problems.keys(value, ("type", "block_id", "rows", "column_settings"), pointer)
    characters = 0
    for r, row in enumerate(problems.items(value.get("rows"), f"{pointer}/rows", 100)):
        for c, cell in enumerate(problems.items(row, f"{pointer}/rows/{r}", 20)):
            characters += _cell(cell, f"{pointer}/rows/{r}/{c}", problems)
    if characters > TABLE_CHARACTERS:
        problems.add(f"must be less than {TABLE_CHARACTERS + 1} characters", f"{pointer}/rows")
    settings = problems.items(value.get("column_settings", []), f"{pointer}/column_settings", 20, 0)
    for i, setting in enumerate(settings):
        if isinstance(setting, dict) and "align" in setting:
            problems.choice(
                setting["align"], f"{pointer}/column_settings/{i}/align", ("left", "center", "right")
            )


def _cell(cell: Any, pointer: str, problems: Problems) -> int:
    kind = kind_of(cell)
    if kind == "raw_text":
        problems.string(cell.get("text"), f"{pointer}/text", TABLE_CHARACTERS, 1)
        return len(str(cell.get("text", "")))
    if kind == "rich_text":
        check_rich_text(cell, pointer, problems)
        return len("".join(plain_texts(cell)))
    if kind == "raw_number":
        return len(str(cell.get("text", cell.get("value", ""))))
    problems.add(f"unsupported type: {kind}", f"{pointer}/type")
    return 0


def plain_texts(node: Any) -> list[str]:
    """Every string in rich text that a reader sees."""
    if isinstance(node, list):
        return [text for one in node for text in plain_texts(one)]
    if not isinstance(node, dict):
        return []
    if node.get("type") in ("text", "link", "raw_text"):
        return [str(node.get("text") or node.get("url") or "")]
    return plain_texts(node.get("elements", []))


def check_plan(value: Json, pointer: str, problems: Problems) -> None:
    """A plan: a plain title and at most 50 tasks with unique ids (Slack docs: plan block)."""
    problems.keys(value, ("type", "block_id", "title", "tasks"), pointer)
    problems.string(value.get("title"), f"{pointer}/title", 256, 1)
    tasks = problems.items(value.get("tasks", []), f"{pointer}/tasks", 50, 0)
    for i, task in enumerate(tasks):
        check_task(task, f"{pointer}/tasks/{i}", problems)
    ids = [one.get("task_id") for one in tasks if isinstance(one, dict)]
    problems.unique(ids, "task_id", f"{pointer}/tasks")


def check_task(value: Any, pointer: str, problems: Problems) -> None:
    """A task card, alone or in a plan: plain title, a known status, rich text details and output, URL sources."""
    if not isinstance(value, dict):
        problems.add("must provide an object", pointer)
        return
    problems.keys(value, TASK_KEYS, pointer)
    if value.get("type", "task_card") != "task_card":
        problems.add(f"unsupported type: {value['type']}", f"{pointer}/type")
    problems.string(value.get("task_id"), f"{pointer}/task_id", 255, 1)
    problems.string(value.get("title"), f"{pointer}/title", 256, 1)
    if "status" in value:
        problems.choice(value["status"], f"{pointer}/status", STATUSES)
    for key in ("details", "output"):
        if key in value:
            check_rich_text(value[key], f"{pointer}/{key}", problems)
    for i, source in enumerate(problems.items(value.get("sources", []), f"{pointer}/sources", 100, 0)):
        at = f"{pointer}/sources/{i}"
        if not isinstance(source, dict) or source.get("type") != "url":
            problems.add("must be a url source", at)
            continue
        problems.string(source.get("url"), f"{at}/url", 3000, 1)
        problems.string(source.get("text"), f"{at}/text", 256, 1)
