"""Secrets at rest: opened only where they were sealed, under the keys that are set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SecretSealed
from bot.store.keyring import Keyring

OLD, NEW = bytes(32), bytes(range(32))


@given(secret=st.text(max_size=300), place=st.text(max_size=60))
def test_what_was_sealed_in_a_place_is_opened_there(secret: str, place: str):
    ring = Keyring([NEW])

    assert ring.open(ring.seal(secret, place), place) == secret


def test_the_same_secret_never_looks_the_same():
    ring = Keyring([NEW])

    assert ring.seal("xoxb-1", "here") != ring.seal("xoxb-1", "here")
    assert b"xoxb-1" not in ring.seal("xoxb-1", "here")


def test_moved_to_another_row_it_opens_no_more():
    ring = Keyring([NEW])

    with pytest.raises(SecretSealed):
        ring.open(ring.seal("xoxb-1", "installation:T1:token"), "installation:T2:token")


@given(at=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_changed_anywhere_it_opens_no_more(at: int, flip: int):
    ring = Keyring([NEW])
    sealed = bytearray(ring.seal("xoxb-1", "here"))
    sealed[at % len(sealed)] ^= flip

    with pytest.raises(SecretSealed):
        ring.open(bytes(sealed), "here")


@given(rubbish=st.binary(max_size=60))
def test_rubbish_opens_nothing(rubbish: bytes):
    with pytest.raises(SecretSealed):
        Keyring([NEW]).open(rubbish, "here")


def test_keys_are_rotated_one_by_one():
    sealed = Keyring([OLD]).seal("xoxb-1", "here")
    both = Keyring([NEW, OLD])

    assert both.open(sealed, "here") == "xoxb-1"
    assert not both.is_current(sealed)
    assert both.is_current(both.seal("xoxb-1", "here"))
    with pytest.raises(SecretSealed, match="ENCRYPTION_KEYS"):
        Keyring([NEW]).open(sealed, "here")
