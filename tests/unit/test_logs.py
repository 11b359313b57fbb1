"""The log: one shape for all that is logged, and no credential in it."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from bot.ops import logs
from bot.ops.journal import LogJournal


@pytest.fixture(autouse=True)
def untouched():
    """Logging as it was, for whoever comes next in this process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234567890-abcdefghij",
        "xoxp-1234567890-abcdefghij",
        "xapp-1-A0123456789-abcdef",
        "xwfp-1234567890-abcdef",
        "xoxe.xoxb-1-abcdefghijkl",
        "AIzaSyA-1234567890_abcdefghijklmnopqrst",
        "AQ.Ab8RN6K1234567890abcdefg",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
)
def test_credentials_are_recognised_wherever_they_stand(secret):
    text = f"failed for {secret}, url=https://x/?token={secret}&a=1 [{secret}]"

    redacted = logs.redact(text)

    assert secret[-8:] not in redacted
    assert redacted.count("[redacted]") == 3
    assert redacted.startswith("failed for [redacted], url=https://x/?token=[redacted]")


def test_response_urls_and_passwords_of_addresses_are_credentials_too():
    assert logs.redact("POST https://hooks.slack.com/commands/T1/2/abc failed") == (
        "POST https://hooks.slack.com/[redacted] failed"
    )
    assert logs.redact("postgresql://me:pass@host/db") == "postgresql://[redacted]@host/db"


def test_ordinary_words_stay():
    text = "research.claimed research_id=01J9 https://example.com:8080/a?b=c T0G9PQBBK:U024BE7LH xox AIza"

    assert logs.redact(text) == text


def test_the_secrets_of_this_process_are_replaced_whatever_they_look_like():
    assert logs.redact("key=plain-secret", {"plain-secret", "k"}) == "key=[redacted]"


def test_lines_of_ours_and_of_libraries_have_one_shape():
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)

    structlog.get_logger("bot.work").info("research.claimed", research_id="r1")
    logging.getLogger("slack_bolt.App").warning("a %s", "thing")

    ours, theirs = lines(stream)
    assert (ours["event"], ours["research_id"], ours["level"], ours["logger"]) == (
        "research.claimed",
        "r1",
        "info",
        "bot.work",
    )
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("a thing", "warning", "slack_bolt.App")
    assert str(ours["timestamp"]).endswith("Z")
    assert ours.keys() - {"research_id"} == theirs.keys()


@pytest.mark.parametrize("form", ["console", "json"])
def test_no_credential_gets_through_as_a_field_a_traceback_or_a_foreign_line(form):
    stream = io.StringIO()
    logs.configure("debug", form, {"plain-secret"}, stream=stream)
    token = "xoxb-1234567890-abcdefghij"

    structlog.get_logger("bot").info("delivery.failed", headers={"Authorization": [f"Bearer {token}"]})
    try:
        int(f"{token} plain-secret")
    except ValueError:
        structlog.get_logger("bot").exception("delivery.failed")
        logging.getLogger("aiohttp.client").exception("lost %s", token)

    written = stream.getvalue()
    assert "ValueError" in written
    assert token not in written
    assert "plain-secret" not in written


def test_less_than_the_level_is_not_written():
    stream = io.StringIO()
    logs.configure("warning", "json", stream=stream)

    structlog.get_logger("bot").info("research.claimed")
    logging.getLogger("aiohttp").info("something")
    structlog.get_logger("bot").warning("store.failed")

    assert [line["event"] for line in lines(stream)] == ["store.failed"]


def test_bound_fields_are_on_every_line_within():
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)

    with logs.bound(research_id="r1"):
        logging.getLogger("aiohttp").info("within")
        structlog.get_logger("bot").info("research.claimed")
    structlog.get_logger("bot").info("research.released")

    assert [line.get("research_id") for line in lines(stream)] == ["r1", "r1", None]


def test_what_libraries_say_while_a_research_is_carried_names_it():
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)
    with LogJournal().about("r_1"):
        LogJournal().note("research.started", research_id="r_1")
        structlog.get_logger("bot.gemini").info("gemini.cancel_answered", status=200)
        logging.getLogger("slack_sdk").warning("retrying")
    LogJournal().note("app.ready")

    assert [line.get("research_id") for line in lines(stream)] == ["r_1", "r_1", "r_1", None]


def test_the_observer_is_told_events_with_their_fields():
    seen: list[tuple[str, object]] = []
    logs.configure(
        "info", "json", stream=io.StringIO(), observer=lambda event, facts: seen.append((event, facts["n"]))
    )

    structlog.get_logger("bot").info("delivery.sent", n=1)
    structlog.get_logger("bot").debug("delivery.skipped", n=2)

    assert seen == [("delivery.sent", 1)]


def test_bolt_does_not_log_the_body_of_a_request_with_a_bad_signature():
    from slack_bolt.middleware.request_verification.async_request_verification import AsyncRequestVerification

    stream = io.StringIO()
    logs.configure("debug", "json", stream=stream)
    verification = AsyncRequestVerification("secret")

    verification._debug_log_error("v0=bad", "1", "text=the+question")

    assert stream.getvalue() == ""


def test_configuring_twice_does_not_write_twice():
    stream = io.StringIO()
    logs.configure("info", "json", stream=stream)
    logs.configure("info", "json", stream=stream)

    structlog.get_logger("bot").info("app.ready")

    assert len(lines(stream)) == 1
