"""Steps of workflows: a step that runs is a request like any other, named by its execution."""

from __future__ import annotations

_PREFIX = "step:"


def key_of(execution_id: str) -> str:
    """The request key of a step: a second copy of the same execution is the same research."""
    return _PREFIX + execution_id


def execution_of(request_key: str) -> str:
    """The execution that waits for a research; empty where none does."""
    return request_key.removeprefix(_PREFIX) if request_key.startswith(_PREFIX) else ""
