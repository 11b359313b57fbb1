"""What a failure proves: every status, envelope and exception has its class."""

from __future__ import annotations

import inspect
import json

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    GeminiBusy,
    GeminiError,
    GeminiNotFound,
    GeminiRefused,
    GeminiUncertain,
    GeminiUnreachable,
    NoAccess,
    NoCredit,
    UnknownAgent,
    WrongKey,
)
from bot.gemini.faults import LOWER, Asked, envelope, from_answer, from_code, from_exception
from bot.gemini.jsons import cleaned

LOWER_CLASSES = [
    value
    for value in vars(httpx2).values()
    if inspect.isclass(value) and issubclass(value, Exception) and not issubclass(value, Warning)
]
NEVER_CONNECTED = {
    "ConnectError",
    "ConnectTimeout",
    "PoolTimeout",
    "ProxyError",
    "UnsupportedProtocol",
    "InvalidURL",
}


def raised(kind):
    made = kind.__new__(kind)
    Exception.__init__(made, "x-goog-api-key: secret")
    return made


@pytest.mark.parametrize("kind", LOWER_CLASSES, ids=lambda kind: kind.__name__)
def test_every_exception_of_the_lower_layer_is_caught_and_mapped(kind):
    error = from_exception(raised(kind))

    assert issubclass(kind, LOWER)
    assert type(error) is (GeminiUnreachable if kind.__name__ in NEVER_CONNECTED else GeminiUncertain)
    assert error.may_have_started is (kind.__name__ not in NEVER_CONNECTED)
    assert "secret" not in str(error)


def test_the_lower_layer_has_the_exceptions_we_know():
    assert len(LOWER_CLASSES) >= 27


@pytest.mark.parametrize(
    ("status", "at_create", "of_an_id"),
    [
        (400, GeminiRefused, GeminiRefused),
        (401, WrongKey, WrongKey),
        (402, NoCredit, NoCredit),
        (403, NoAccess, NoAccess),
        (404, UnknownAgent, GeminiNotFound),
        (409, GeminiRefused, GeminiRefused),
        (413, GeminiRefused, GeminiRefused),
        (416, GeminiRefused, GeminiRefused),
        (429, GeminiBusy, GeminiBusy),
        (499, GeminiUncertain, GeminiUncertain),
        (301, GeminiUncertain, GeminiUncertain),
        (500, GeminiUncertain, GeminiUncertain),
        (501, GeminiUncertain, GeminiUncertain),
        (503, GeminiUncertain, GeminiUncertain),
        (504, GeminiUncertain, GeminiUncertain),
    ],
)
def test_a_status_has_one_class(status, at_create, of_an_id):
    create = from_answer(status, {}, b"", asked=Asked.AGENT)

    assert (type(create), type(from_answer(status, {}, b""))) == (at_create, of_an_id)
    assert create.may_have_started is (at_create is GeminiUncertain)
    assert (create.status, create.detail) == (status, f"HTTP {status}")


def test_a_follow_up_of_a_forgotten_interaction_is_not_an_unknown_agent():
    def kind(code):
        body = json.dumps({"error": {"code": code, "message": "?"}}).encode()
        return type(from_answer(404, {}, body, asked=Asked.FOLLOW_UP))

    assert (kind("not_found"), kind("model_not_found")) == (GeminiNotFound, UnknownAgent)


def test_a_key_that_the_front_end_refuses_with_400_is_a_wrong_key():
    body = b'{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}'

    assert type(from_answer(400, {}, body)) is WrongKey


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "999999999"}, 86_400.0),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}, None),
    ],
)
def test_a_wait_is_read_from_the_header(headers, seconds):
    assert from_answer(429, headers, b"").retry_after == seconds


@pytest.mark.parametrize(
    ("delay", "seconds"), [("7s", 7.0), ("1.5s", 1.5), ({"seconds": 4}, 4.0), ("soon", None), (None, None)]
)
def test_a_wait_is_read_from_retry_info(delay, seconds):
    body = json.dumps(
        {"error": {"code": 429, "details": [{"@type": "RetryInfo", "retryDelay": delay}]}}
    ).encode()

    assert from_answer(429, {}, body).retry_after == seconds
    assert from_answer(429, {"retry-after": "2"}, body).retry_after == 2.0


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("authentication", WrongKey),
        ("payment_required", NoCredit),
        ("permission_denied", NoAccess),
        ("PERMISSION_DENIED", NoAccess),
        ("model_not_found", UnknownAgent),
        ("rate_limit_exceeded", GeminiBusy),
        ("quota_exceeded", GeminiBusy),
        ("invalid_request", GeminiRefused),
        ("429", GeminiBusy),
        ("504", GeminiUncertain),
        ("gateway_timeout", GeminiUncertain),
        ("cancelled", GeminiUncertain),
        ("never_heard_of", GeminiUncertain),
        ("", GeminiUncertain),
    ],
)
def test_an_error_event_before_the_id_is_mapped_by_its_code(code, kind):
    assert type(from_code(code, "why", asked=Asked.AGENT)) is kind


def test_details_are_one_short_line_without_keys():
    message = "Bad\nkey AIzaSyA1234567890abcdefghijklmnopqrstuv or my-own-key " + "x" * 400
    body = json.dumps({"error": {"code": "invalid_request", "message": message}}).encode()
    detail = from_answer(400, {}, body, secrets=("my-own-key",)).detail

    assert detail.startswith("Bad key [secret] or [secret] xxx")
    assert len(detail) == 300


@pytest.mark.parametrize("before", range(285, 305))
def test_a_secret_at_the_edge_leaves_no_beginning(before):
    body = json.dumps({"error": {"message": "x" * before + "my-own-key"}}).encode()

    assert "my-" not in from_answer(400, {}, body, secrets=("my-own-key",)).detail


@given(st.binary(max_size=200), st.integers(300, 599), st.sampled_from(list(Asked)))
def test_any_answer_is_an_error_of_the_tree(body, status, asked):
    assert isinstance(from_answer(status, {}, body, asked=asked), GeminiError)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["error", "code", "message", "status", "details", "retryDelay"]),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_no_envelope_makes_it_raise(body):
    assert len(envelope(body).message) <= 300


@given(st.text(max_size=900))
def test_a_cleaned_text_is_one_line(text):
    line = cleaned(text, ("secret",))

    assert len(line) <= 300
    assert line.splitlines() in ([], [line])
