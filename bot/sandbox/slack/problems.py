"""Collects what is wrong with blocks and views, worded and pointed to as Slack does."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]
TEXT_KEYS = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}


def kind_of(value: Any) -> str:
    """The `type` of a JSON object, empty for anything else."""
    kind = value.get("type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else ""


class Problems:
    """The errors of one payload, each with its JSON pointer."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, what: str, pointer: str) -> None:
        """Notes one problem."""
        self.found.append(f"{what} [json-pointer:{pointer}]")

    def refuse(self, code: str = "invalid_blocks") -> None:
        """Raises the refusal that Slack would give, if anything was found."""
        if self.found:
            messages = [f"[ERROR] {one}" for one in self.found]
            raise Refusal(code, errors=self.found, response_metadata={"messages": messages})

    def string(self, value: Any, pointer: str, longest: int, shortest: int = 0) -> None:
        """A string of this many characters."""
        if not isinstance(value, str):
            self.add("must be a string", pointer)
        elif len(value) > longest:
            self.add(f"must be less than {longest + 1} characters", pointer)
        elif len(value) < shortest:
            self.add(f"must be more than {shortest - 1} characters", pointer)

    def optional_string(self, holder: Json, key: str, pointer: str, longest: int) -> None:
        """A string of at most this length, if present."""
        if key in holder:
            self.string(holder[key], f"{pointer}/{key}", longest)

    def text(
        self, value: Any, pointer: str, longest: int, kinds: Collection[str] = ("plain_text", "mrkdwn")
    ) -> None:
        """A text object of one of these kinds, not empty."""
        if not isinstance(value, dict):
            self.add("must provide an object", pointer)
            return
        kind = kind_of(value)
        if kind not in kinds:
            self.add(f"unsupported type: {kind}", f"{pointer}/type")
            return
        self.keys(value, TEXT_KEYS[kind], pointer)
        self.string(value.get("text"), f"{pointer}/text", longest, 1)

    def keys(self, value: Json, allowed: Iterable[str], pointer: str) -> None:
        """No other keys than these."""
        for key in value:
            if key not in allowed:
                self.add(f"invalid additional property: {key}", pointer)

    def items(self, value: Any, pointer: str, most: int, least: int = 1) -> list[Any]:
        """A list of this many items; what can be checked further is given back."""
        if not isinstance(value, list):
            self.add("must be an array", pointer)
            return []
        if len(value) < least:
            self.add(f"no fewer than {least} items required", pointer)
        if len(value) > most:
            self.add(f"no more than {most} items allowed", pointer)
        return value[: most + 1]

    def choice(self, value: Any, pointer: str, allowed: Collection[str]) -> None:
        """One of a closed set of words."""
        if value not in allowed:
            self.add("must be a valid enum value", pointer)

    def unique(self, values: Iterable[Any], what: str, pointer: str) -> None:
        """No string twice."""
        seen: set[str] = set()
        for value in (one for one in values if isinstance(one, str)):
            if value in seen:
                self.add(f"{what} must be unique: {value}", pointer)
            seen.add(value)
