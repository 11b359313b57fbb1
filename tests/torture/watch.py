"""The simulated Web API, watched: which process made a call; and, where a test wants it, a Slack that applies late."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from bot.sandbox.slack.web_api import WebApi

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from bot.sandbox.slack.platform import Platform

WRITES = ("chat.", "files.", "assistant.")


@dataclass(frozen=True, slots=True)
class Made:
    """One call, by the process that made it."""

    pid: int
    method: str


@dataclass(slots=True)
class Watch:
    """All calls in order. `lag` gives the seconds after which a call is taken in at all, whether or not its caller
    still waits for the answer; `on_call` is told of each call before it is applied.
    """

    made: list[Made] = field(default_factory=list)
    lag: Callable[[str], float] = lambda _method: 0.0
    on_call: Callable[[Made], None] = lambda _made: None

    def writes_of(self, pid: int) -> list[str]:
        """The methods of a process's calls that show something to people."""
        return [one.method for one in self.made if one.pid == pid and one.method.startswith(WRITES)]


class WatchedApi(WebApi):
    """Takes the place of `slack.api`."""

    def __init__(self, platform: Platform, watch: Watch) -> None:
        super().__init__(platform)
        self._watch = watch

    async def handle(self, request: web.Request) -> web.StreamResponse:
        agent = request.headers.get("User-Agent", "")
        pid = agent.rpartition("torture/")[2]
        made = Made(int(pid) if pid.isdecimal() else 0, request.match_info["method"])
        self._watch.made.append(made)
        self._watch.on_call(made)
        await request.read()  # kept, so that it can still be applied when its caller has gone
        if lag := self._watch.lag(made.method):
            await anyio.sleep(lag)
        return await super().handle(request)
