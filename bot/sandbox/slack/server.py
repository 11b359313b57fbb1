"""The simulated Slack as a server: one aiohttp application for the Web API, Socket Mode, hooks and the page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio
from aiohttp import web

from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.face import Face, local_only
from bot.sandbox.slack.tenant import Tenant

LARGEST_BODY = 64 * 1024 * 1024
SWEEP_SECONDS = 1.0


class SimulatedSlack(Tenant):
    """A Slack workspace on a local port. `people` are what persons do; see Platform for state and switches.

    `tenants` are the workspaces in which the app is installed: this one, and those of `add_workspace`.
    """

    def __init__(self, clock: SandboxClock | None = None) -> None:
        super().__init__(clock or SandboxClock())
        self.tenants: list[Tenant] = [self]

    def add_workspace(self, team_id: str, team_name: str) -> Tenant:
        """Another workspace with people and channels of the same ids, its own token, limits, calls and faults.

        It is told things over HTTP only (`deliver_to`), as apps of many workspaces are.
        """
        tenant = Tenant(self.clock, self.mint, team_id, team_name)
        tenant.signing_secret, tenant.oauth_codes = self.signing_secret, self.oauth_codes
        tenant.client_id, tenant.client_secret = self.client_id, self.client_secret
        tenant.url = tenant.permissions.base = self.url
        tenant.background = tenant.delivery.background = self.background
        self.tenants.append(tenant)
        return tenant

    @property
    def api_url(self) -> str:
        """What SLACK_API_URL is set to."""
        return f"{self.url}/api/"

    @classmethod
    @asynccontextmanager
    async def serve(
        cls, host: str = "127.0.0.1", port: int = 0, *, clock: SandboxClock | None = None
    ) -> AsyncIterator[SimulatedSlack]:
        """Serves a fresh workspace until the block ends; port 0 takes a free one."""
        slack = cls(clock)
        runner = web.AppRunner(slack.application(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            await site.start()
            slack.url = slack.permissions.base = f"http://{host}:{runner.addresses[0][1]}"
            async with slack._background_tasks():
                yield slack
        finally:
            with anyio.CancelScope(shield=True):
                slack.changes.close()
                await slack.socket.close()
                await runner.cleanup()

    @asynccontextmanager
    async def _background_tasks(self) -> AsyncIterator[None]:
        """The task group of deliveries and timers; what the block raises comes out as it was raised."""
        try:
            async with anyio.create_task_group() as background:
                self.background = self.delivery.background = background
                background.start_soon(self._sweep, name="sandbox sweep")
                try:
                    yield
                finally:
                    background.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            raise group.exceptions[0] from None

    def application(self) -> web.Application:
        """All routes."""
        application = web.Application(client_max_size=LARGEST_BODY, middlewares=[local_only])
        application.add_routes(
            [
                web.route("*", "/api/{method}", self._api),
                web.get("/link/", self.socket.serve),
                web.post("/hooks/{path:.+}", self._response_url),
                web.post("/upload/v1/{ticket}", self._upload),
                web.get("/files/{id}/{name}", self._file),
                *Face(self, self.people).routes(),
            ]
        )
        return application

    def _tenant(self, is_theirs: Callable[[Tenant], bool]) -> Tenant:
        """The workspace that a request is about; this one answers what is nobody's."""
        return next((one for one in self.tenants if is_theirs(one)), self)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if request.match_info["method"] == "oauth.v2.access" and request.body_exists:
            refresh_token = str((await request.post()).get("refresh_token") or "")
            return await self._tenant(lambda one: one.grants.knows_refresh(refresh_token)).api.handle(request)
        return await self._tenant(lambda one: one.knows_token(token)).api.handle(request)

    async def _response_url(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        return await self._tenant(lambda one: path in one.permissions.urls).hooks.response_url(request)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        return await self._tenant(lambda one: ticket in one.files.uploads).hooks.upload(request)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file_id = request.match_info["id"]
        return await self._tenant(lambda one: file_id in one.files.by_id).hooks.content(request)

    async def _sweep(self) -> None:
        while True:
            await anyio.sleep(SWEEP_SECONDS)
            for tenant in self.tenants:
                tenant.threads.sweep()
