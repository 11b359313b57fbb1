"""Every way in which a call to Slack can end, against the simulated one."""

from __future__ import annotations

import logging
import traceback

import aiohttp
import pytest

from bot.errors import Remedy, SlackBusy, SlackRefused, SlackUncertain, SlackUnreachable
from bot.sandbox.slack import Fault
from bot.slack import web
from bot.slack.web import SlackWeb, connect, constant, text_at
from tests.contract.slack_kit import TEAM, desk

UNCERTAIN = [
    Fault.drop_before(),
    Fault.drop_after(),
    Fault.status(500),
    Fault.status(503, html=True),
    Fault.status(404, html=True),
    Fault.status(200, html=True),
    Fault.error("internal_error"),
    Fault.error("fatal_error"),
    Fault.error("request_timeout"),
    Fault.error("service_unavailable"),
]
SECRET = "the question nobody may read in a log"


async def post(web, text="hello"):
    return await web.call(TEAM, "chat.postMessage", channel="C0RESEARCH", text=text)


async def test_a_call_gives_slacks_answer():
    async with desk() as d:
        answer = await post(d.web)

        assert d.slack.workspace.messages("C0RESEARCH")[-1].ts == answer["ts"]


async def test_reads_take_their_arguments_as_a_query():
    async with desk() as d:
        answer = await d.web.call(TEAM, "conversations.info", channel="C0RESEARCH", include_num_members=True)

        assert answer["channel"]["id"] == "C0RESEARCH"
        assert answer["channel"]["num_members"] == 5


@pytest.mark.parametrize(
    "fault", UNCERTAIN, ids=lambda fault: f"{fault.kind}-{fault.code or fault.status_code}"
)
async def test_no_usable_answer_is_uncertain_and_never_sent_again(fault):
    async with desk() as d:
        d.slack.faults.add("chat.postMessage", fault)
        with pytest.raises(SlackUncertain):
            await post(d.web)

        assert len(d.slack.calls_of("chat.postMessage")) == 1


async def test_a_slow_answer_is_uncertain():
    async with desk() as d, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.2)) as session:
        d.slack.faults.add("chat.postMessage", Fault.delay(1.0))
        with pytest.raises(SlackUncertain):
            await post(SlackWeb(session, constant(d.slack.bot_token), d.slack.api_url))

        assert len(d.slack.workspace.messages("C0RESEARCH")) == 1


async def test_a_rate_limit_says_how_long_and_is_not_sent_again():
    async with desk() as d:
        d.slack.faults.add("chat.postMessage", Fault.rate_limited(7))
        with pytest.raises(SlackBusy) as busy:
            await post(d.web)

        assert busy.value.retry_after == 7
        assert len(d.slack.calls_of("chat.postMessage")) == 1


async def test_no_rate_limit_stops_us_for_days():
    async with desk() as d:
        d.slack.faults.add("chat.postMessage", Fault.rate_limited(1_000_000))
        with pytest.raises(SlackBusy) as busy:
            await post(d.web)

        assert busy.value.retry_after == 3600


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        *[("0", 1), ("-5", 1), ("2.5", 2.5), ("1e99", 3600), ("inf", 3600), ("nan", 1)],
        *[(None, 10), ("", 10), ("soon", 10), ("Wed, 25 Nov 2026 18:22:18 GMT", 10)],
    ],
)
def test_whatever_a_rate_limit_says_the_pause_is_a_sane_one(said: str | None, seconds: float):
    assert web._failure("chat.postMessage", 429, "ratelimited", said).retry_after == seconds


def test_an_answer_without_what_it_must_hold_is_no_usable_answer():
    assert text_at({"channel": {"id": "D1"}}, "conversations.open", "channel", "id") == "D1"
    with pytest.raises(SlackUncertain):
        text_at({"ok": True}, "conversations.open", "channel", "id")


async def test_a_rate_limit_told_as_an_error_code_is_one_too():
    async with desk() as d:
        d.slack.faults.add("chat.postMessage", Fault.error("ratelimited"))
        with pytest.raises(SlackBusy) as busy:
            await post(d.web)

        assert busy.value.retry_after > 0


async def test_a_refusal_carries_its_code_and_remedy():
    async with desk() as d:
        d.slack.faults.add("chat.postMessage", Fault.error("is_archived"))
        with pytest.raises(SlackRefused) as refused:
            await post(d.web)

        error = refused.value
        assert (error.method, error.code, error.remedy) == (
            "chat.postMessage",
            "is_archived",
            Remedy.REDIRECT,
        )


async def test_nobody_there_means_nothing_was_sent():
    async with connect(constant("xoxb-1"), "http://127.0.0.1:9/api/") as web:
        with pytest.raises(SlackUnreachable):
            await post(web)
        with pytest.raises(SlackUnreachable):
            await web.respond("http://127.0.0.1:9/hooks/1", {"text": "hello"})


async def test_a_name_that_does_not_resolve_means_nothing_was_sent(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with connect(constant("xoxb-1"), "http://slack.invalid/api/") as web:
        with pytest.raises(SlackUnreachable):
            await post(web)


async def test_the_sandbox_is_never_asked_through_a_proxy(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with desk() as d:
        await post(d.web)

        assert len(d.slack.calls_of("chat.postMessage")) == 1


async def test_the_token_is_the_one_of_the_workspace():
    async def tokens(team_id):
        return "xoxb-other" if team_id == "T0OTHER" else d.slack.bot_token

    async with desk() as d, aiohttp.ClientSession() as session:
        web = SlackWeb(session, tokens, d.slack.api_url)
        await post(web)
        with pytest.raises(SlackRefused) as refused:
            await web.call("T0OTHER", "auth.test")

        assert (refused.value.code, refused.value.remedy) == ("invalid_auth", Remedy.PARK)


@pytest.mark.parametrize("fault", [*UNCERTAIN, Fault.error("invalid_blocks"), Fault.rate_limited(1)])
async def test_no_error_and_no_log_line_tells_what_was_said_or_the_token(fault, caplog):
    caplog.set_level(logging.DEBUG)
    async with desk() as d:
        d.slack.faults.add("chat.postMessage", fault)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is
            await post(d.web, SECRET)

        told = "".join(traceback.format_exception(caught.value)) + caplog.text
        assert SECRET not in told
        assert d.slack.bot_token not in told


async def test_a_used_up_response_url_is_refused_and_never_named():
    async with desk() as d:
        url = d.slack.permissions.response_url("commands", "U0ADA", "C0RESEARCH")
        for _ in range(5):
            await d.web.respond(url, {"text": "hello"})
        with pytest.raises(SlackRefused) as refused:
            await d.web.respond(url, {"text": "hello"})

        assert refused.value.code == "used_url"
        assert url not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.drop_before(), SlackUncertain),
        (Fault.drop_after(), SlackUncertain),
        (Fault.status(502), SlackUncertain),
        (Fault.rate_limited(3), SlackBusy),
        (Fault.error("expired_url"), SlackRefused),
    ],
)
async def test_a_response_url_fails_like_a_call(fault, error):
    async with desk() as d:
        url = d.slack.permissions.response_url("commands", "U0ADA", "C0RESEARCH")
        d.slack.faults.add("response_url", fault)
        with pytest.raises(error) as caught:
            await d.web.respond(url, {"text": "hello"})

        assert caught.value.method == "response_url"


@pytest.mark.parametrize("fault", [Fault.drop_before(), Fault.status(500)])
async def test_an_upload_that_breaks_off_is_uncertain(fault):
    async with desk() as d:
        answer = await d.web.call(TEAM, "files.getUploadURLExternal", filename="a.txt", length=3)
        d.slack.faults.add("upload", fault)
        with pytest.raises(SlackUncertain):
            await d.web.upload(answer["upload_url"], b"abc")
        await d.web.upload(answer["upload_url"], b"abc")

        assert d.slack.files.by_id[answer["file_id"]].content == b"abc"


async def test_an_upload_address_that_is_gone_is_refused_and_tried_from_the_start():
    async with desk() as d:
        with pytest.raises(SlackRefused) as refused:
            await d.web.upload(f"{d.slack.url}/upload/v1/nowhere", b"abc")

        assert (refused.value.code, refused.value.remedy) == ("http_404", Remedy.RETRY)
