"""Webhook deliveries: recorded signatures, the replay window, repetition, and everything that is not genuine."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.gemini.webhooks import Verifier, Wake

FACTS = Path(__file__).parents[1] / "contract" / "gemini" / "webhooks"
RECORDED = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FACTS.glob("*.json"))]
ONE = RECORDED[0]
SIGNED_AT = datetime.fromtimestamp(1795166741, UTC)
OTHER = "whsec_" + base64.b64encode(b"another secret").decode()


def verified(headers=None, body=None, *, secrets=ONE["secret"], now=SIGNED_AT):
    return Verifier(secrets).verify(headers or ONE["headers"], body or ONE["body_text"].encode(), now)


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda one: one["headers"]["webhook-id"])
def test_recorded_deliveries_are_genuine(recorded):
    wake = verified(recorded["headers"], recorded["body_text"].encode())

    assert wake == Wake(
        recorded["headers"]["webhook-id"],
        json.loads(recorded["body_text"])["type"],
        "v1_ChdxVERfa0ItNzAtWFNYNnBFUmtlNnpPOBIXcVREX2tCLTcwLVhTWDZwRVJrZTZ6Tzg",
    )


def test_header_names_are_of_any_case_and_other_signatures_may_stand_beside():
    headers = {name.title(): value for name, value in ONE["headers"].items()}
    headers["Webhook-Signature"] = f"v2,x v1,AAAA v1a,zz {headers['Webhook-Signature']}"

    assert verified(headers) is not None


def test_both_secrets_hold_during_a_rotation():
    assert verified(secrets=f"{OTHER}, {ONE['secret']}") is not None
    assert verified(secrets=OTHER) is None


@pytest.mark.parametrize(
    ("seconds", "believed"), [(0, True), (299, True), (-299, True), (301, False), (-301, False)]
)
def test_only_a_delivery_of_now_is_believed(seconds, believed):
    assert (verified(now=SIGNED_AT + timedelta(seconds=seconds)) is not None) is believed


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "v1,", "x" * 50, "９９", "-1", "1795166742"])
def test_a_delivery_with_another_header_is_not_believed(name, value):
    headers = {**ONE["headers"], name: value} if value is not None else dict(ONE["headers"])
    if value is None:
        del headers[name]

    assert verified(headers) is None


@given(st.binary(max_size=100))
def test_no_other_body_is_believed(body):
    assert body == ONE["body_text"].encode() or verified(body=body or b"{}") is None


def test_a_repeated_delivery_is_told_as_such():
    verifier = Verifier(ONE["secret"])
    deliveries = [verifier.verify(ONE["headers"], ONE["body_text"].encode(), SIGNED_AT) for _ in range(3)]

    assert [wake.repeated for wake in deliveries] == [False, True, True]


@pytest.mark.parametrize("secrets", ["", " , ", "whsec_", "whsec_!!!", f"{OTHER},nonsense!"])
def test_a_secret_that_is_none_is_refused_without_showing_it(secrets):
    with pytest.raises(ConfigurationError) as refused:
        Verifier(secrets)

    assert "GEMINI_WEBHOOK_SECRET" in str(refused.value)
    assert "!!!" not in str(refused.value)
