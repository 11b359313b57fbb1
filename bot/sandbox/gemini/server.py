"""SimulatedGemini: the Interactions API in one process, the double for tests and the agent of the demo."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Self

import anyio
from aiohttp import web
from anyio.abc import TaskGroup

from .author import compose, question_of
from .conductor import INTERNAL_ERROR, Conductor
from .endpoints import Endpoints
from .faults import Faults
from .interactions import SimulatedInteraction, new_id
from .library import Report
from .traffic import Call, Entry, Traffic
from .webhooks import EVENTS, Postman, Webhook, new_secret

API_KEY = "sandbox-gemini-key"


class SimulatedGemini:
    """One simulated service. Open it with ``serve``; everything else is for looking at and steering it."""

    def __init__(
        self, tasks: TaskGroup, *, pace: float, api_key: str, rng: random.Random, now: Callable[[], float]
    ) -> None:
        self.url = ""
        self.api_key = api_key
        self.pace = pace
        self.now = now
        self.faults = Faults()
        self.interactions: dict[str, SimulatedInteraction] = {}
        self.creates: list[SimulatedInteraction] = []
        """Every create that was executed, in order, also where its answer was lost."""
        self.held = False
        self.open_streams = 0
        self.traffic = Traffic()
        self.conductor = Conductor(pace, rng, now, self._ended)
        self.postman = Postman(pace, rng, now, self._delivered)
        self._tasks, self._rng = tasks, rng
        self._news = anyio.Event()
        self._waiting = 0

    @classmethod
    @asynccontextmanager
    async def serve(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        pace: float = 1.0,
        api_key: str = API_KEY,
        rng: random.Random | None = None,
        now: Callable[[], float] = time.time,  # noqa: TID251  # the server is a world of its own
    ) -> AsyncIterator[Self]:
        """Serves on ``host:port`` (0: any free one) until the block is left.

        ``pace`` is a factor on every simulated duration: 0.02 makes a run of 25 s take half a second.
        """
        try:
            async with anyio.create_task_group() as tasks:
                gemini = cls(tasks, pace=pace, api_key=api_key, rng=rng or random.Random(2026), now=now)
                async with gemini._listening(host, port):
                    yield gemini
                tasks.cancel_scope.cancel()
        except BaseExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            raise group.exceptions[0] from None  # what the block raised, not a group around it

    @asynccontextmanager
    async def _listening(self, host: str, port: int) -> AsyncIterator[None]:
        runner = web.AppRunner(
            Endpoints(self).application(),
            access_log=None,
            handler_cancellation=True,  # a stream whose client left must not wait for its next event
            shutdown_timeout=0.1,
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port, backlog=4096)
            await site.start()
            self.url = f"http://{host}:{runner.addresses[0][1]}"
            yield
        finally:
            self.conductor.close()
            with anyio.CancelScope(shield=True):
                await runner.cleanup()

    @property
    def calls(self) -> list[Call]:
        """Every request so far, the oldest forgotten beyond 20,000."""
        return self.traffic.calls

    @property
    def on_traffic(self) -> Callable[[Entry], None] | None:
        """Called with an entry for the demo's panel for each request, event and delivery; never with the key."""
        return self.traffic.on_traffic

    @on_traffic.setter
    def on_traffic(self, callback: Callable[[Entry], None] | None) -> None:
        self.traffic.on_traffic = callback

    async def until(self, condition: Callable[[], object], timeout: float = 30) -> None:  # noqa: ASYNC109  # tests say how long
        """Returns when the condition holds; looks again at every change. TimeoutError after ``timeout`` s."""
        self._waiting += 1
        try:
            with anyio.fail_after(timeout):
                while not condition():
                    await self._news.wait()
        finally:
            self._waiting -= 1

    def hold(self, held: bool = True) -> None:
        """While held, new runs do nothing by themselves: push them with ``think``, ``finish``, ``fail``."""
        self.held = held

    def think(self, interaction_id: str, *thoughts: str) -> None:
        """Lets a run emit these thinking summaries now."""
        self.conductor.think(self.interactions[interaction_id], *thoughts)

    def finish(self, interaction_id: str, text: str | None = None) -> None:
        """Completes a run now, with this text or with what its question deserves."""
        report = None if text is None else Report.of(text)
        self.conductor.finish(self.interactions[interaction_id], report)

    def fail(
        self,
        interaction_id: str,
        code: str | None = INTERNAL_ERROR["code"],
        message: str = INTERNAL_ERROR["message"],
    ) -> None:
        """Fails a run now; ``code=None`` fails it without saying why."""
        error = None if code is None else {"code": code, "message": message}
        self.conductor.fail(self.interactions[interaction_id], error)

    def end(self, interaction_id: str, status: str) -> None:
        """Ends a run now in any other status, such as "incomplete" or "cancelled"."""
        self.conductor.end(self.interactions[interaction_id], status)

    def webhook_to(
        self,
        url: str,
        *,
        secret: str | None = None,
        events: tuple[str, ...] = tuple(dict.fromkeys(EVENTS.values())),
        name: str = "",
        twice: bool = False,
        early: bool = False,
    ) -> Webhook:
        """Registers a static webhook: signed deliveries to ``url`` at the end of every run."""
        webhook = Webhook(
            f"webhook_{self.fresh_token()}", url, secret or self.fresh_secret(), name, events, twice, early
        )
        self.postman.webhooks[webhook.id] = webhook
        return webhook

    def describe(self, webhook: Webhook) -> dict[str, object]:
        """The Webhook resource."""
        return {
            "id": webhook.id,
            "name": webhook.name,
            "uri": webhook.uri,
            "subscribed_events": list(webhook.subscribed_events),
            "state": "enabled",
        }

    def execute(self, body: dict[str, object]) -> SimulatedInteraction:
        """Starts the run of a valid create request."""
        composition = compose(body, self._earlier(body))
        agent, model = body.get("agent"), body.get("model")
        interaction = SimulatedInteraction(
            id=new_id(self._rng),
            question=question_of(body),
            request=body,
            script=composition.script,
            created_at=self.now(),
            agent=None if agent is None else str(agent),
            model=None if model is None else str(model),
            report=composition.report,
            planned=composition.planned,
            search=composition.search,
            status="queued" if composition.script.queued else "in_progress",
            on_change=self.notice,
        )
        self.interactions[interaction.id] = interaction
        self.creates.append(interaction)
        self.conductor.start(interaction, composition.thoughts, held=self.held)
        return interaction

    def status_of(self, interaction_id: str) -> str | None:
        """The status of an interaction that can be continued; None if there is none."""
        interaction = self.interactions.get(interaction_id)
        return None if interaction is None or interaction.deleted else interaction.status

    def notice(self) -> None:
        """Lets everybody in ``until`` look again."""
        if self._waiting:
            self._news.set()
            self._news = anyio.Event()

    def fresh_token(self) -> str:
        """A new random name."""
        return self._rng.randbytes(8).hex()

    def fresh_secret(self) -> str:
        """A new signing secret for a webhook."""
        return new_secret(self._rng)

    def _earlier(self, body: dict[str, object]) -> list[str]:
        questions: list[str] = []
        previous = body.get("previous_interaction_id")
        while isinstance(previous, str) and previous in self.interactions:
            interaction = self.interactions[previous]
            questions.append(interaction.question)
            previous = interaction.request.get("previous_interaction_id")
        return questions

    def _delivered(self, url: str, status: int, seconds: float, body: str) -> None:
        self.traffic.note_delivery(url, status, seconds, body)
        self.notice()

    def _ended(self, interaction: SimulatedInteraction) -> None:
        if self.postman.webhooks:
            event = EVENTS.get(interaction.status, "interaction.completed")
            self._tasks.start_soon(
                self.postman.deliver, interaction, event, name=f"webhook of {interaction.id}"
            )
