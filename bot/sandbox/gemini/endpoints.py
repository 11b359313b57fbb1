"""The HTTP face of the simulated service: each endpoint of /v1 and /v1beta, its faults and refusals."""

from __future__ import annotations

import asyncio
import json
from time import monotonic
from typing import TYPE_CHECKING

import anyio
from aiohttp import web
from aiohttp.typedefs import Handler

from . import wire
from .author import question_of
from .faults import JSON, UNROUTED, Fault, envelope
from .interactions import SimulatedInteraction
from .library import page_of
from .script import script_for
from .streaming import EXCHANGE, EventStream, Exchange, break_of
from .traffic import Call
from .validation import Refusal, check_create
from .webhooks import EVENTS

if TYPE_CHECKING:
    from .server import SimulatedGemini

REDIRECTS = "/grounding-api-redirect/"
MAX_BODY = 100 * 1024 * 1024


class Refused(Exception):
    """The request is answered with an error envelope."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Faulted(Exception):
    """The request meets a fault that answers it or drops its connection."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.kind)
        self.fault = fault


def answer(body: object, status: int = 200) -> web.Response:
    """A JSON answer as the service writes it."""
    return _raw(status, json.dumps(body, ensure_ascii=False).encode(), (("Content-Type", JSON),))


def _raw(status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> web.Response:
    return web.Response(status=status, body=body, headers=headers)


class Endpoints:
    """Routes requests to the simulated service's state; one instance per server."""

    def __init__(self, gemini: SimulatedGemini) -> None:
        self._gemini = gemini
        self._met: dict[str, int] = {}

    def application(self) -> web.Application:
        """The aiohttp application; anything unrouted is the 404 in array form."""
        app = web.Application(client_max_size=MAX_BODY, middlewares=[self._entry])
        for version in ("/v1", "/v1beta"):
            app.router.add_post(f"{version}/interactions", self.create)
            app.router.add_get(f"{version}/interactions/{{id}}", self.get)
            app.router.add_delete(f"{version}/interactions/{{id}}", self.delete)
            app.router.add_post(f"{version}/interactions/{{id}}/cancel", self.cancel)
            app.router.add_post(f"{version}/webhooks", self.create_webhook)
            app.router.add_get(f"{version}/webhooks", self.list_webhooks)
            app.router.add_delete(f"{version}/webhooks/{{id}}", self.delete_webhook)
            app.router.add_post(f"{version}/webhooks/{{id}}/rotate_secret", self.rotate_secret)
        app.router.add_get(f"{REDIRECTS}{{token}}", self.redirect)
        app.router.add_route("*", "/{rest:.*}", self.unrouted)
        return app

    async def create(self, request: web.Request) -> web.StreamResponse:
        """POST /interactions: 200 with the interaction, or its stream."""
        body = await _json_object(request)
        question = question_of(body)
        fault = self._create_fault(question)
        await self._before(fault)
        refusal = check_create(body, self._gemini.status_of)
        if refusal is not None:
            raise Refused(refusal)
        interaction = await self._execute(body, fault)
        request[EXCHANGE].summary = question.splitlines()[0][:80] if question else ""
        await self._gemini.postman.deliver(interaction, "interaction.completed", early=True)
        _after(fault)
        if body.get("stream") is True:
            return await self._stream(request, interaction, 0)
        while not interaction.ended and not body.get("background"):
            await interaction.change()
        return answer(wire.resource(interaction, whole=False))

    async def get(self, request: web.Request) -> web.StreamResponse:
        """GET /interactions/{id}: the interaction, or with ``stream=true`` its events."""
        streamed = request.query.get("stream") == "true"
        fault = self._gemini.faults.take("stream" if streamed else "get")
        await self._meet(fault)
        interaction = self._find(request)
        if "fields" in request.query:
            raise Refused(Refusal(400, "parameter_unknown", "Unknown parameter 'fields'."))
        last = request.query.get("last_event_id")
        if streamed:
            return await self._stream(request, interaction, interaction.after(last))
        if last is not None:
            raise Refused(Refusal(400, "invalid_request", "last_event_id requires stream=true."))
        request[EXCHANGE].summary = interaction.status
        return answer(wire.resource(interaction, whole=True))

    async def cancel(self, request: web.Request) -> web.Response:
        """POST /interactions/{id}/cancel: only background interactions that still run."""
        fault = self._gemini.faults.take("cancel")
        await self._before(fault)
        interaction = self._find(request)
        if interaction.ended or not interaction.request.get("background"):
            message = "Interaction is not in a cancellable state."
            raise Refused(Refusal(400, "failed_precondition", message))
        status = self._gemini.conductor.cancel(interaction)
        _after(fault)
        request[EXCHANGE].summary = status
        shown = wire.resource(interaction, whole=True) | {"status": status}
        return answer(shown)

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /interactions/{id}: removes the record only; a running job goes on (BIG)."""
        fault = self._gemini.faults.take("delete")
        await self._before(fault)
        self._find(request).deleted = True
        _after(fault)
        return answer({})

    async def create_webhook(self, request: web.Request) -> web.Response:
        """POST /webhooks: registers a static webhook; its secret is shown this once."""
        body = await _json_object(request)
        uri, events = body.get("uri"), body.get("subscribed_events")
        if (
            not isinstance(uri, str)
            or not isinstance(events, list)
            or not set(events) <= set(EVENTS.values())
        ):
            raise Refused(
                Refusal(400, "invalid_request", "'uri' and known 'subscribed_events' are required.")
            )
        webhook = self._gemini.webhook_to(uri, events=tuple(events), name=str(body.get("name", "")))
        return answer(self._gemini.describe(webhook) | {"new_signing_secret": webhook.secret})

    async def list_webhooks(self, request: web.Request) -> web.Response:
        """GET /webhooks."""
        found = self._gemini.postman.webhooks.values()
        return answer({"webhooks": [self._gemini.describe(webhook) for webhook in found]})

    async def delete_webhook(self, request: web.Request) -> web.Response:
        """DELETE /webhooks/{id}."""
        if self._gemini.postman.webhooks.pop(request.match_info["id"], None) is None:
            raise Refused(Refusal.usual(404))
        return answer({})

    async def rotate_secret(self, request: web.Request) -> web.Response:
        """POST /webhooks/{id}/rotate_secret."""
        webhook = self._gemini.postman.webhooks.get(request.match_info["id"])
        if webhook is None:
            raise Refused(Refusal.usual(404))
        webhook.secret = self._gemini.fresh_secret()
        return answer({"secret": webhook.secret})

    async def redirect(self, request: web.Request) -> web.Response:
        """GET /grounding-api-redirect/{token}, which another host of Google's serves, to anybody: 302 to the page."""
        page = page_of(request.match_info["token"])
        return (
            web.Response(status=404) if page is None else web.Response(status=302, headers={"Location": page})
        )

    async def unrouted(self, request: web.Request) -> web.Response:
        """Any other path: the array form that the front end answers with (js-genai#1254)."""
        return answer(UNROUTED, 404)

    @web.middleware
    async def _entry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(REDIRECTS):
            return await handler(request)
        asked = await request.text() if request.method == "POST" else ""
        request[EXCHANGE] = Exchange(self._gemini.fresh_token(), monotonic(), asked)
        try:
            self._check_key(request)
            response = await handler(request)
        except Refused as refused:
            refusal = refused.refusal
            response = _raw(
                refusal.status, envelope(refusal.code, refusal.message), (("Content-Type", JSON),)
            )
        except Faulted as faulted:
            response = self._faulted(request, faulted.fault)
        except asyncio.CancelledError:  # the client left before it was answered
            request[EXCHANGE].dropped = True
            self._note(request, None)
            raise
        if not response.prepared:
            response.headers["x-goog-request-id"] = request[EXCHANGE].request_id
            self._note(request, response)
        return response

    def _faulted(self, request: web.Request, fault: Fault) -> web.Response:
        if fault.kind == "drop" and request.transport is not None:
            request[EXCHANGE].dropped = True
            request.transport.abort()
        return _raw(fault.http_status or 500, fault.body, fault.headers)

    def _check_key(self, request: web.Request) -> None:
        key = request.headers.get("x-goog-api-key") or request.query.get("key")
        if key != self._gemini.api_key:
            raise Refused(Refusal.usual(401))

    def _create_fault(self, question: str) -> Fault | None:
        script = script_for(question)
        if script.refused:
            return script.refused[0]
        met = self._met.get(question, 0)
        if met < len(script.first):
            self._met[question] = met + 1
            return script.first[met]
        return self._gemini.faults.take("create")

    async def _execute(self, body: dict[str, object], fault: Fault | None) -> SimulatedInteraction:
        if fault is None or fault.kind != "delay":
            return self._gemini.execute(body)
        # On a timer of its own: a client that gives up waiting does not undo the create.
        executed: list[SimulatedInteraction] = []
        done = anyio.Event()

        def due() -> None:
            executed.append(self._gemini.execute(body))
            done.set()

        self._gemini.conductor.later(fault.seconds, due)
        await done.wait()
        return executed[0]

    async def _meet(self, fault: Fault | None) -> None:
        await self._before(fault)
        if fault is not None and fault.kind == "delay":
            await anyio.sleep(fault.seconds * self._gemini.pace)
        _after(fault)

    async def _before(self, fault: Fault | None) -> None:
        if fault is not None and not fault.executed and fault.kind in ("answer", "drop"):
            raise Faulted(fault)

    async def _stream(
        self, request: web.Request, interaction: SimulatedInteraction, place: int
    ) -> web.StreamResponse:
        interaction.streamed = True
        interaction.connections += 1
        fault = self._gemini.faults.take("stream", of_stream=True)
        if fault is not None and fault.kind == "replay":
            place, fault = 0, None
        breaks = break_of(interaction, fault)
        traffic = self._gemini.traffic
        stream = EventStream(
            request, interaction, place, breaks, lambda event: traffic.note_event(interaction, event)
        )
        request[EXCHANGE].summary = f"stream from event {place + 1}"
        self._note(request, None)
        self._gemini.open_streams += 1
        try:
            return await stream.serve(self._gemini.pace)
        finally:
            self._gemini.open_streams -= 1
            self._gemini.notice()

    def _find(self, request: web.Request) -> SimulatedInteraction:
        interaction = self._gemini.interactions.get(request.match_info["id"])
        if interaction is None or interaction.deleted:
            raise Refused(Refusal.usual(404))
        return interaction

    def _note(self, request: web.Request, response: web.StreamResponse | None) -> None:
        exchange = request[EXCHANGE]
        if exchange.noted:
            return
        exchange.noted = True
        status = 0 if exchange.dropped else response.status if response is not None else 200
        query = {name: value for name, value in request.query.items() if name != "key"}
        body = response.body if isinstance(response, web.Response) else b""
        shown = body.decode(errors="replace") if isinstance(body, bytes) else ""
        call = Call(request.method, request.path, query, status, self._gemini.now())
        took = monotonic() - exchange.began
        self._gemini.traffic.note_call(call, took, exchange.summary, exchange.asked, shown)
        self._gemini.notice()


def _after(fault: Fault | None) -> None:
    if fault is not None and fault.executed:
        raise Faulted(fault)


async def _json_object(request: web.Request) -> dict[str, object]:
    try:
        body = await request.json()
    except ValueError:
        raise Refused(Refusal(400, "invalid_request", "The request body is not valid JSON.")) from None
    if not isinstance(body, dict):
        raise Refused(Refusal(400, "invalid_request", "The request body must be an object."))
    return body
