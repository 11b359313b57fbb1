"""What the value of a variable must look like, beyond its type; each check gives the value or says what is wrong.

The sentences continue the variable's name: `SLACK_BOT_TOKEN is an app-level token`.
"""

from __future__ import annotations

import importlib.util
import re
from base64 import b64decode
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.variables import shown

KEY_BYTES = 32
_DATABASES = frozenset({"sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+psycopg"})


def url(value: str) -> str:
    """An http or https address of a service: no user, query or fragment."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"is {shown(value)}, which is no http(s) address")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("has more in it than scheme, host, port and path")
    return value


def slash_at_the_end(value: str) -> str:
    """A base to which a path is appended."""
    return value.rstrip("/") + "/"


def database(value: str) -> str:
    """An address that `bot.store` can open."""
    scheme, separator, _ = value.partition("://")
    if not separator or scheme not in _DATABASES:
        raise ValueError("is not the address of a SQLite or PostgreSQL database")
    if scheme.startswith("postgres") and importlib.util.find_spec("psycopg") is None:
        raise ValueError(
            "names PostgreSQL, whose driver is not installed (pip install 'research-bot[postgres]')"
        )
    return value


def bot_token(value: SecretStr) -> SecretStr:
    """A Slack bot token, and not one of its relatives."""
    token = value.get_secret_value()
    if token.startswith("xapp-"):
        raise ValueError("is an app-level token, which belongs in SLACK_APP_TOKEN")
    if token.startswith("xoxe."):
        raise ValueError(
            "is a rotating token, which ends after 12 hours (token rotation must be off for the app)"
        )
    if not re.fullmatch(r"xoxb-[A-Za-z0-9-]+", token):
        raise ValueError("does not look like a bot token, which starts with xoxb-")
    return value


def app_token(value: SecretStr) -> SecretStr:
    """A Slack app-level token."""
    if not re.fullmatch(r"xapp-[A-Za-z0-9-]+", value.get_secret_value()):
        raise ValueError("does not look like an app-level token, which starts with xapp-")
    return value


def webhook_secret(value: SecretStr) -> SecretStr:
    """One or more secrets of Standard Webhooks."""
    for secret in value.get_secret_value().replace(",", " ").split():
        if not re.fullmatch(r"whsec_[A-Za-z0-9+/]+={0,2}", secret):
            raise ValueError("does not look like a webhook's secret, which starts with whsec_")
    return value


def printable(value: SecretStr) -> SecretStr:
    """A secret that fits into an HTTP header."""
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError("has blanks or characters in it that no such secret has")
    return value


def people(value: object) -> object:
    """`U1, T2:U3` as the set of its ids."""
    return frozenset(re.split(r"[,\s]+", value.strip(", \t"))) if isinstance(value, str) else value


def known_ids(value: frozenset[str]) -> frozenset[str]:
    """Slack user ids, with their team where there are several."""
    for one in sorted(value):
        if not re.fullmatch(r"(T[A-Z0-9]+:)?[UW][A-Z0-9]+", one):
            raise ValueError(f"has {shown(one)} in it, which is no user id")
    return value


def lower(value: object) -> object:
    """A word whose case does not matter."""
    return value.strip().lower() if isinstance(value, str) else value


def encryption_keys(value: SecretStr) -> SecretStr:
    """One or more keys for secrets at rest, with commas."""
    keys(value)
    return value


def keys(value: SecretStr) -> tuple[bytes, ...]:
    """The keys that a value names: 32 bytes each, in base64 of either alphabet."""
    found: list[bytes] = []
    for one in value.get_secret_value().split(","):
        try:
            found.append(b64decode(one.strip().replace("-", "+").replace("_", "/"), validate=True))
        except ValueError:
            raise ValueError("has a key in it that is not written in base64") from None
        if len(found[-1]) != KEY_BYTES:
            raise ValueError(f"has a key of {len(found[-1])} bytes in it, where {KEY_BYTES} are needed")
    return tuple(found)
