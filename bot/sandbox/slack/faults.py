"""Faults that tests and the demo inject into single calls of the simulated Web API."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["error", "rate_limited", "status", "drop_before", "drop_after", "delay"]
Args = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What happens instead of, before or after the call. Build one with the named constructors."""

    kind: Kind
    code: str = ""
    seconds: float = 0.0
    status_code: int = 200
    html: bool = False

    @classmethod
    def error(cls, code: str) -> Fault:
        """`{"ok": false, "error": code}`; the call is not applied."""
        return cls("error", code=code)

    @classmethod
    def rate_limited(cls, seconds: float = 1) -> Fault:
        """HTTP 429 with Retry-After; the call is not applied."""
        return cls("rate_limited", seconds=seconds)

    @classmethod
    def status(cls, status_code: int, *, html: bool = False) -> Fault:
        """An HTTP status, with a JSON error body or an HTML page; the call is not applied."""
        return cls("status", status_code=status_code, html=html)

    @classmethod
    def drop_before(cls) -> Fault:
        """The connection is cut before the call is applied."""
        return cls("drop_before")

    @classmethod
    def drop_after(cls) -> Fault:
        """The call is applied, then the connection is cut: the caller cannot know."""
        return cls("drop_after")

    @classmethod
    def delay(cls, seconds: float) -> Fault:
        """The call is applied, and answered this much later."""
        return cls("delay", seconds=seconds)


@dataclass
class _Planned:
    fault: Fault
    times: int
    after: int
    when: Callable[[Args], bool] | None


class Faults:
    """Planned faults per method. The names `response_url` and `upload` stand for those addresses."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[_Planned]] = defaultdict(deque)

    def add(
        self,
        method: str,
        fault: Fault,
        times: int = 1,
        *,
        after: int = 0,
        when: Callable[[Args], bool] | None = None,
    ) -> None:
        """The next `times` calls of `method` meet `fault`, after `after` calls that pass unharmed.

        With `when`, only calls whose arguments satisfy it count. Faults of a method come in the order added.
        """
        self._planned[method].append(_Planned(fault, times, after, when))

    def clear(self) -> None:
        """Forgets whatever is still planned."""
        self._planned.clear()

    def take(self, method: str, args: Args) -> Fault | None:
        """The fault this call meets, if any; it is used up."""
        queue = self._planned.get(method)
        if not queue:
            return None
        planned = queue[0]
        if planned.when is not None and not planned.when(args):
            return None
        if planned.after > 0:
            planned.after -= 1
            return None
        planned.times -= 1
        if planned.times <= 0:
            queue.popleft()
        return planned.fault
