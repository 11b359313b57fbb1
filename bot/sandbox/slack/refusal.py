"""How a method of the simulated Web API says no: an error code and whatever Slack sends with it."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """Slack answers `{"ok": false, "error": code, **extra}` with HTTP 200."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        return {"ok": False, "error": self.code, **self.extra}
