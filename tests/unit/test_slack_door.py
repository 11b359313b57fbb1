"""What may come in by `POST /slack/events`: Slack's own requests, once each, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack.http_delivery import signature
from bot.slack.door import FRESH, Doorkeeper, is_ssl_check

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_795_368_784
FORM = "application/x-www-form-urlencoded"
COMMAND = urlencode({"command": "/research", "text": "Warum? 日本", "team_id": "T1"}).encode()


class StoppedClock:
    """Stands still."""

    def now(self) -> datetime:
        return datetime.fromtimestamp(NOW, UTC)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(seconds)


def keeper() -> Doorkeeper:
    return Doorkeeper(SECRET, StoppedClock())


def signed(raw: bytes, kind: str = FORM, *, at: int = NOW, secret: str = SECRET) -> dict[str, str]:
    moment = str(at)
    return {
        "X-Slack-Request-Timestamp": moment,
        "X-Slack-Signature": signature(secret, moment, raw),
        "Content-Type": kind,
    }


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (COMMAND, FORM),
        (COMMAND, f"{FORM}; charset=UTF-8"),
        (urlencode({"payload": json.dumps({"type": "block_actions"})}).encode(), FORM),
        (json.dumps({"type": "event_callback"}).encode(), "application/json"),
    ],
)
def test_what_slack_sends_comes_in(raw: bytes, kind: str):
    assert keeper().refusal(signed(raw, kind), raw) is None


@pytest.mark.parametrize("missing", ["X-Slack-Request-Timestamp", "X-Slack-Signature"])
def test_without_a_signature_nobody_comes_in(missing: str):
    headers = signed(COMMAND)
    del headers[missing]

    assert keeper().refusal(headers, COMMAND) == 401


def test_another_secret_opens_nothing():
    assert keeper().refusal(signed(COMMAND, secret="another"), COMMAND) == 401


@pytest.mark.parametrize("off", [-FRESH - 1, FRESH + 1])
def test_a_signature_of_another_time_opens_nothing(off: float):
    assert keeper().refusal(signed(COMMAND, at=NOW + int(off)), COMMAND) == 401


def test_a_request_counts_once():
    doorkeeper, headers = keeper(), signed(COMMAND)
    with doorkeeper.once(headers):
        pass

    assert doorkeeper.refusal(headers, COMMAND) == 401


def test_a_request_that_failed_here_may_come_again():
    doorkeeper, headers = keeper(), signed(COMMAND)
    with pytest.raises(RuntimeError), doorkeeper.once(headers):
        raise RuntimeError

    assert doorkeeper.refusal(headers, COMMAND) is None


@pytest.mark.parametrize("moment", ["abc", "-5", "１７９５３６８７８４", "9" * 400, "", "1e9", "0x10"])
def test_a_moment_that_is_none_is_a_bad_request(moment: str):
    headers = signed(COMMAND) | {"X-Slack-Request-Timestamp": moment}

    assert keeper().refusal(headers, COMMAND) == 400


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b'{"type":', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"null", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"type": "event_callback"}', "text/plain"),
        (b"\xff\xfe", FORM),
        (b"payload=%7B", FORM),
        (b"payload=7", FORM),
        (b"", FORM),
    ],
)
def test_a_body_that_nobody_can_read_is_a_bad_request(raw: bytes, kind: str):
    assert keeper().refusal(signed(raw, kind), raw) == 400


@given(
    raw=st.binary(max_size=300),
    kind=st.sampled_from([FORM, "application/json", "multipart/form-data", ""]),
    moment=st.one_of(st.text(max_size=12), st.just(str(NOW))),
    mark=st.one_of(st.text(max_size=80), st.just("v0=" + "0" * 64)),
)
def test_rubbish_is_sent_away_with_a_status_and_never_raises(raw: bytes, kind: str, moment: str, mark: str):
    headers = {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": mark, "Content-Type": kind}

    assert keeper().refusal(headers, raw) in (400, 401)


@given(raw=st.binary(min_size=1, max_size=300), kind=st.sampled_from([FORM, "application/json"]))
def test_rubbish_with_a_good_signature_is_read_or_a_bad_request(raw: bytes, kind: str):
    assert keeper().refusal(signed(raw, kind), raw) in (None, 400)


def test_the_certificate_check_is_recognised_and_nothing_else():
    assert is_ssl_check(b"ssl_check=1&token=x")
    assert not is_ssl_check(b"ssl_check=0")
    assert not is_ssl_check(b"\xff" * 2000)
