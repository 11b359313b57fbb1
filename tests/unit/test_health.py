"""The HTTP server's own paths, and what the metrics count."""

from __future__ import annotations

import json
import socket

import anyio
import pytest
from aiohttp import ClientSession, web

from bot.domain.figures import Figures
from bot.errors import GeminiNotFound, GeminiRefused, GeminiUnreachable, Impaired, StoreError, WrongKey
from bot.ops import health
from bot.ops.health import examine, listening
from bot.ops.metrics import DOCS, Metrics
from bot.ops.reach import Reach
from tests.clocks import HandClock


async def fine() -> None:
    await anyio.lowlevel.checkpoint()


async def broken() -> None:
    raise ConnectionError("the socket to Slack is closed")


async def without_database() -> None:
    raise StoreError("OperationalError: details of the host")


async def silent() -> None:
    await anyio.sleep_forever()


async def get(path: str, checks: dict[str, health.Check]) -> tuple[int, str]:
    async with (
        listening("127.0.0.1", 0, checks=checks) as port,
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_a_process_that_listens_is_alive_whatever_its_checks_say():
    assert await get("/healthz", {"socket": broken}) == (200, "ok\n")


async def test_it_is_ready_when_every_check_is_fine():
    status, text = await get("/readyz", {"database": fine, "socket": fine})

    assert status == 200
    assert json.loads(text) == {"ready": True, "checks": {"database": "ok", "socket": "ok"}}


async def test_it_is_not_ready_when_one_fails_and_says_which_in_a_line_each():
    status, text = await get("/readyz", {"database": fine, "socket": broken})

    assert status == 503
    assert '\n    "database": "ok",\n' in text
    assert '"socket": "ConnectionError: the socket to Slack is closed"' in text


async def test_an_error_of_ours_is_told_by_its_sentence_alone():
    assert await examine({"database": without_database}) == {"database": StoreError().sentence}


async def test_a_check_that_does_not_answer_fails_alone(monkeypatch):
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.05)

    assert await examine({"database": silent, "socket": fine}) == {
        "database": "no answer within 0.05 s",
        "socket": "ok",
    }


async def test_what_is_impaired_is_told_and_keeps_it_ready():
    async def impaired() -> None:
        raise Impaired("Google does not answer.")

    status, text = await get("/readyz", {"database": fine, "gemini": impaired})

    assert status == 200
    assert json.loads(text)["checks"]["gemini"] == "impaired: Google does not answer."


class Gemini:
    """Says the same to everything, and counts how often it was asked."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error
        self.asked = 0

    async def fetch(self, interaction_id: str) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (GeminiNotFound(), ""),
        (GeminiRefused(), ""),
        (WrongKey(), WrongKey().sentence),
        (GeminiUnreachable(), "questions wait"),
    ],
)
async def test_gemini_is_asked_once_however_often_it_is_looked_at(error, says):
    clock = HandClock()
    gemini = Gemini(error)
    reach = Reach(gemini, clock)
    for _ in range(3):
        told = (await examine({"gemini": reach.check}))["gemini"]
    once = gemini.asked
    clock.move(61)
    await examine({"gemini": reach.check})

    assert says in told
    assert told.startswith("impaired: " if says else "ok")
    assert (once, gemini.asked) == (1, 2)


async def test_what_is_true_of_all_processes_is_counted_when_metrics_are_looked_at():
    metrics = Metrics()
    answers: list[Figures | None] = [
        Figures(researches={"running": 3}, micros={"real": 2_500_000}, stuck=1),
        None,
    ]

    async def refresh() -> None:
        metrics.show(answers.pop(0))

    with socket.create_server(("127.0.0.1", 0)) as free:
        metrics_port = free.getsockname()[1]
    async with (
        listening("127.0.0.1", 0, checks={}, metrics_port=metrics_port, metrics=metrics, refresh=refresh),
        ClientSession() as session,
    ):
        async with session.get(f"http://127.0.0.1:{metrics_port}/metrics") as answer:
            first = await answer.text()
        async with session.get(f"http://127.0.0.1:{metrics_port}/metrics") as answer:
            second = await answer.text()

    assert 'research_bot_researches{state="running"} 3.0' in first
    assert 'research_bot_month_dollars{kind="real"} 2.5' in first
    assert "research_bot_stuck_researches 1.0" in first
    assert "research_bot_database_answers 1.0" in first
    assert "research_bot_database_answers 0.0" in second
    assert "research_bot_researches" not in second


async def test_other_paths_are_served_by_post():
    async def handle(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    routes = {"/slack/events": handle}
    async with listening("127.0.0.1", 0, checks={}, routes=routes) as port, ClientSession() as session:
        async with session.post(f"http://127.0.0.1:{port}/slack/events", data="x") as answer:
            assert (answer.status, await answer.text()) == (200, "x")
        async with session.get(f"http://127.0.0.1:{port}/slack/events") as answer:
            assert answer.status == 405
        async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.status == 404


async def test_metrics_have_a_listener_of_their_own():
    metrics = Metrics()
    metrics.observe("delivery.sent", {"seconds": 0.2})
    with socket.create_server(("127.0.0.1", 0)) as free:
        metrics_port = free.getsockname()[1]
    async with (
        listening("127.0.0.1", 0, checks={}, metrics_port=metrics_port, metrics=metrics),
        ClientSession() as session,
        session.get(f"http://127.0.0.1:{metrics_port}/metrics") as answer,
    ):
        assert answer.content_type == "text/plain"
        assert 'research_bot_deliveries_total{outcome="sent"} 1.0' in await answer.text()


async def test_a_port_that_is_taken_is_an_error_of_the_system():
    async with listening("127.0.0.1", 0, checks={}) as port:
        with pytest.raises(OSError, match="address already in use"):
            async with listening("127.0.0.1", port, checks={}):
                raise AssertionError("it must not listen")


def test_metrics_count_transitions_deliveries_and_refusals():
    metrics = Metrics()
    metrics.observe("research.claimed", {"state": "queued"})
    metrics.observe("research.started", {"state": "running"})
    metrics.observe("delivery.failed", {"method": "chat.update", "error": "ratelimited"})
    metrics.observe("delivery.failed", {"method": "chat.update", "error": "msg_too_long"})
    metrics.observe("delivery.adopted", {})

    page = metrics.render().decode()

    assert 'research_bot_transitions_total{state="running"} 1.0' in page
    assert 'state="queued"' not in page
    assert 'research_bot_deliveries_total{outcome="failed"} 2.0' in page
    assert 'research_bot_deliveries_total{outcome="adopted"} 1.0' in page
    assert 'research_bot_slack_failures_total{error="msg_too_long",method="chat.update"} 1.0' in page
    assert 'research_bot_slack_429_total{method="chat.update"} 1.0' in page
    assert 'research_bot_events_total{event="research.claimed"} 1.0' in page


def test_only_names_of_events_become_labels():
    metrics = Metrics()

    metrics.observe("Somebody asked for 42 things", {})
    metrics.observe("", {})

    assert "event=" not in metrics.render().decode()


def test_every_metric_is_documented_and_every_documented_one_is_there():
    metrics = Metrics()
    metrics.observe("delivery.failed", {"method": "m", "error": "SlackBusy"})
    metrics.show(Figures())
    names = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in metrics.registry.collect()
    }

    assert set(DOCS) == names
