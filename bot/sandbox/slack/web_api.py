"""The Web API's front: reads a request, checks token, scopes and rate limits, meets planned faults, answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import anyio
from aiohttp import web

from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.traffic import Call

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes back to the app."""

    body: Json
    status: int = 200
    retry_after: int = 0


async def read_args(request: web.Request) -> Json:
    """Query, form and JSON arguments of a request, merged."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        text = await request.text()
        value = json.loads(text) if text else {}
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")
        args |= value
    elif request.body_exists:
        args |= dict(await request.post())
    return args


def cut(request: web.Request) -> web.Response:
    """Cuts the connection: whoever called gets no answer at all."""
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=499)


class WebApi:
    """Answers `/api/{method}`."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One call: HTTP 200 with ok true or false, 429 for rate limits (Slack docs: Web API)."""
        method, started = request.match_info["method"], perf_counter()
        try:
            args = await read_args(request)
        except ValueError:
            return self._respond(method, Answer({"ok": False, "error": "invalid_json"}))
        header = request.headers.get("Authorization", "")
        token = header.removeprefix("Bearer ") if header else str(args.pop("token", ""))
        fault = self.platform.faults.take(method, args)
        if fault is not None:
            early = self._before(request, method, args, fault, started)
            if early is not None:
                return early
        answer = self._answer(method, args, token)
        error = answer.body.get("error")
        self._note(method, args, error, started, answer.body)
        if fault is not None and fault.kind == "drop_after":
            return cut(request)
        if fault is not None and fault.kind == "delay":
            await anyio.sleep(fault.seconds)
        return self._respond(method, answer)

    def _before(
        self, request: web.Request, method: str, args: Json, fault: Fault, started: float
    ) -> web.StreamResponse | None:
        """The answer of a fault that keeps the call from being applied; None if it is to be applied."""
        if fault.kind in ("drop_after", "delay"):
            return None
        self._note(method, args, fault.code or fault.kind, started, {"fault": fault.kind})
        if fault.kind == "drop_before":
            return cut(request)
        if fault.kind == "error":
            return self._respond(method, Answer({"ok": False, "error": fault.code}))
        if fault.kind == "rate_limited":
            wait = max(1, round(fault.seconds))
            return self._respond(method, Answer({"ok": False, "error": "ratelimited"}, 429, wait))
        if fault.html:
            page = "<html><body><h1>Service Unavailable</h1></body></html>"
            return web.Response(status=fault.status_code, text=page, content_type="text/html")
        return self._respond(method, Answer({"ok": False, "error": "internal_error"}, fault.status_code))

    def _note(self, method: str, args: Json, error: str | None, started: float, body: Json) -> None:
        call = Call(method, args, self.platform.clock.now(), error is None, error)
        self.platform.note_call(call, (perf_counter() - started) * 1000, body)

    def _answer(self, name: str, args: Json, token: str) -> Answer:
        platform = self.platform
        method = METHODS.get(name)
        if method is None:
            return Answer({"ok": False, "error": "unknown_method", "req_method": name})
        call = WebCall(platform, name, args)
        try:
            self._authorise(method, token)
            channel = str(args.get("channel") or args.get("channel_id") or "") or None
            if platform.strict_limits:
                wait = platform.pacing.admit(name, method.tier, channel, unlisted=platform.unlisted)
                if wait:
                    return Answer({"ok": False, "error": "ratelimited"}, 429, wait)
            if method.scopes:
                call.scope(*method.scopes)
            body = {"ok": True, **method.run(call)}
        except Refusal as refusal:
            return Answer(refusal.body())
        if call.warnings:
            body["warning"] = ",".join(call.warnings)
            body.setdefault("response_metadata", {})["warnings"] = call.warnings
        return Answer(body)

    def _authorise(self, method: Method, token: str) -> None:
        platform = self.platform
        if method.tokenless:
            return
        if not token:
            raise Refusal("not_authed")
        if token == platform.app_token:
            if not method.app_token:
                raise Refusal("not_allowed_token_type")
            return
        step = platform.functions.token_works(token)
        if step is False:
            raise Refusal("token_revoked")
        rotating = platform.grants.works(token)
        if rotating is False:
            raise Refusal("token_expired")
        if token != platform.bot_token and step is None and rotating is None:
            raise Refusal("invalid_auth")
        if method.app_token:
            raise Refusal("not_allowed_token_type")
        if platform.revoked:
            raise Refusal("token_revoked")

    def _respond(self, name: str, answer: Answer) -> web.Response:
        method = METHODS.get(name)
        headers = {
            "x-slack-req-id": self.platform.mint.secret(),
            "x-oauth-scopes": ",".join(sorted(self.platform.scopes)),
            "x-accepted-oauth-scopes": ",".join(method.scopes) if method else "",
        }
        if answer.retry_after:
            headers["Retry-After"] = str(answer.retry_after)
        return web.json_response(answer.body, status=answer.status, headers=headers)
