"""The HTTP server: `/healthz` (alive), `/readyz` (able to work), whatever paths Slack needs, and `/metrics` elsewhere.

`app.py` opens it with `listening`; the checks behind `/readyz` come from there.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import anyio.lowlevel
from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.errors import BotError, Impaired
from bot.ops.logs import redact
from bot.ops.metrics import METRICS, Metrics

Check = Callable[[], Awaitable[object]]
"""Returns when all is well, with a remark or without, and raises when not: `Impaired` where work goes on all the same."""
Refresh = Callable[[], Awaitable[object]]
"""Brings the metrics up to date."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CHECK_SECONDS = 3.0
_WELL, _IMPAIRED = "ok", "impaired"
LAST_REQUESTS_SECONDS = 1.0
"""What requests under way get when the server closes."""


@asynccontextmanager
async def listening(
    host: str,
    port: int,
    *,
    checks: Mapping[str, Check],
    routes: Mapping[str, Handler] | None = None,
    pages: Mapping[str, Handler] | None = None,
    metrics_port: int = 0,
    metrics: Metrics = METRICS,
    refresh: Refresh = anyio.lowlevel.checkpoint,
) -> AsyncIterator[int]:
    """Listens, and gives the port (a free one for 0). `routes` are POST paths, `pages` GET paths; `metrics_port` 0
    means none; before they are shown the metrics are brought up to date by `refresh`.

    Raises `OSError` where it may not listen.
    """
    async with AsyncExitStack() as stack:
        app = web.Application()
        app.router.add_get("/healthz", _alive)
        app.router.add_get("/readyz", _readiness(checks))
        for path, handler in (routes or {}).items():
            app.router.add_post(path, handler)
        for path, handler in (pages or {}).items():
            app.router.add_get(path, handler)
        bound = await stack.enter_async_context(_listener(app, host, port))
        if metrics_port:
            page = web.Application()
            page.router.add_get("/metrics", _page(metrics, refresh))
            await stack.enter_async_context(_listener(page, host, metrics_port))
        yield bound


async def examine(checks: Mapping[str, Check]) -> dict[str, str]:
    """Runs all checks at once; `ok`, perhaps with a remark, `impaired` with what is, or what is wrong, for each."""
    results = dict.fromkeys(checks, "")

    async def look(name: str, check: Check) -> None:
        results[name] = await _outcome(check)

    async with anyio.create_task_group() as tasks:
        for name, check in checks.items():
            tasks.start_soon(look, name, check, name=f"check {name}")
    return results


async def _outcome(check: Check) -> str:
    try:
        with anyio.fail_after(CHECK_SECONDS):
            remark = await check()
    except Impaired as error:
        return f"{_IMPAIRED}: {redact(error.detail)}"
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except BotError as error:
        return error.sentence
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer to the question
        return redact(f"{type(error).__name__}: {error}"[:200])
    return f"{_WELL}: {remark}" if isinstance(remark, str) and remark else _WELL


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _readiness(checks: Mapping[str, Check]) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        results = await examine(checks)
        ready = all(result.partition(":")[0] in (_WELL, _IMPAIRED) for result in results.values())
        body = json.dumps({"ready": ready, "checks": results}, indent=2) + "\n"
        return web.Response(status=200 if ready else 503, text=body, content_type="application/json")

    return handle


def _page(metrics: Metrics, refresh: Refresh) -> Handler:
    async def handle(_: web.Request) -> web.Response:
        await refresh()
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return handle


@asynccontextmanager
async def _listener(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_REQUESTS_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()
