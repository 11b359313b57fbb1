"""Our HTTP server as the process opens it: health paths from the first moment, other paths once what they need is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from bot.errors import Impaired, StoreError
from bot.gemini.doorbell import doorbell
from bot.gemini.webhooks import Verifier
from bot.ops.health import listening
from bot.ops.metrics import METRICS
from bot.ops.reach import Reach
from bot.store.office import SqlOffice

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from bot.ops.health import Check, Handler
    from bot.ports import Clock, Researcher
    from bot.settings import Settings
    from bot.store.database import Database


class Outside:
    """The paths, and the checks behind `/readyz`. Until Slack has answered once, the process is alive but not ready."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._slack, self._gemini = _Door(), _Door()
        self._checks: dict[str, Check] = {
            "database": database.check,
            "slack": _not_yet,
        }
        self._office = SqlOffice(database)
        self._clock = clock

    def listening(self, settings: Settings, pages: Mapping[str, Handler]) -> AbstractAsyncContextManager[int]:
        """Opens HOST and PORT (and METRICS_PORT) and gives the port. `pages` are what browsers may look at."""
        METRICS.limit(settings.research_monthly_budget_usd)
        routes: dict[str, Handler] = {}
        if not settings.socket_mode:
            routes["/slack/events"] = self._slack.handle
        if settings.gemini_webhook_secret is not None:
            routes["/gemini/webhook"] = self._gemini.handle
        return listening(
            settings.host,
            settings.port,
            checks=self._checks,
            routes=routes,
            pages=pages,
            metrics_port=settings.metrics_port,
            refresh=self._refresh,
        )

    def look_at_work(self, researcher: Researcher) -> None:
        """From now on there is somebody who works, and who needs Gemini for it."""
        self._checks["gemini"] = Reach(researcher, self._clock).check
        self._checks["backlog"] = self._check_backlog

    async def _check_backlog(self) -> None:
        trouble = (await self._office.backlog(self._clock.now())).trouble
        if trouble:
            raise Impaired(trouble)

    async def _refresh(self) -> None:
        """The metrics of all processes, before they are shown."""
        try:
            METRICS.show(await self._office.figures(self._clock.now()))
        except StoreError:
            METRICS.show(None)

    def open_to_slack(self, check: Check, handler: Handler | None) -> None:
        """Slack can reach us from now on; `handler` where it does so by HTTP."""
        self._checks["slack"] = check
        self._slack.handler = handler

    def open_to_gemini(
        self, settings: Settings, clock: Clock, wake: Callable[[str], Awaitable[None]]
    ) -> None:
        """Gemini's webhooks wake who follows the interaction, where they are configured."""
        if settings.gemini_webhook_secret is not None:
            verifier = Verifier(settings.gemini_webhook_secret.get_secret_value())
            self._gemini.handler = doorbell(verifier, clock, wake)


class _Door:
    """A path that answers 503, which makes everybody try again, until what is behind it is there."""

    def __init__(self) -> None:
        self.handler: Handler | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """What is behind it, once it is there."""
        if self.handler is None:
            return web.Response(status=503, headers={"Retry-After": "5"})
        return await self.handler(request)


async def _not_yet() -> None:
    raise ConnectionError("Slack has not answered yet")
