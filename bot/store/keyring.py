"""Secrets at rest: sealed with AES-GCM, bound to the row and column they are in, under keys that can be rotated.

A sealed value is: format (1 byte), which key (4 bytes), nonce (12), ciphertext with its tag. Moved to another row or
changed by a bit it opens no more.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.errors import SecretSealed

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMAT = b"\x01"
_NAME, _NONCE = 4, 12


class Keyring:
    """The keys of ENCRYPTION_KEYS: the first one seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """`keys` have 32 bytes each, and there is at least one."""
        self._keys = {_name(key): AESGCM(key) for key in keys}
        self._first = next(iter(self._keys))

    def seal(self, secret: str, place: str) -> bytes:
        """`secret` as it may be stored in `place` (table, row and column in one string)."""
        nonce = os.urandom(_NONCE)
        sealed = self._keys[self._first].encrypt(nonce, secret.encode(), place.encode())
        return FORMAT + self._first + nonce + sealed

    def open(self, sealed: bytes, place: str) -> str:
        """What was sealed in `place`. Raises `SecretSealed` where no key fits, or it was not sealed there."""
        key = self._keys.get(sealed[1 : 1 + _NAME]) if sealed[:1] == FORMAT else None
        if key is None:
            raise SecretSealed("It was sealed under a key that ENCRYPTION_KEYS does not name.")
        nonce, ciphertext = sealed[1 + _NAME : 1 + _NAME + _NONCE], sealed[1 + _NAME + _NONCE :]
        try:
            return key.decrypt(nonce, ciphertext, place.encode()).decode()
        except (InvalidTag, ValueError):
            raise SecretSealed("It was changed, or belongs to another row.") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed under the first key."""
        return sealed[: 1 + _NAME] == FORMAT + self._first


def _name(key: bytes) -> bytes:
    """Tells keys apart without telling anything about them."""
    return hashlib.sha256(b"research-bot key name" + key).digest()[:_NAME]
