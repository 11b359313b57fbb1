"""`POST /gemini/webhook`: Gemini says that something happened to an interaction. Only ever wakes whoever polls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.gemini.webhooks import Verifier
    from bot.ports import Clock


def doorbell(
    verifier: Verifier, clock: Clock, wake: Callable[[str], Awaitable[None]]
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler. 401 for what is not genuine, 204 otherwise, also for repeats (Gemini docs: webhooks, at least
    once); `wake` is given the interaction id.
    """

    async def handle(request: web.Request) -> web.Response:
        delivery = verifier.verify(request.headers, await request.read(), clock.now())
        if delivery is None:
            return web.Response(status=401)
        if not delivery.repeated:
            await wake(delivery.interaction_id)
        return web.Response(status=204)

    return handle
