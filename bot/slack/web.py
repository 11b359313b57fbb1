"""The one way out to Slack: a call, its answer, or an error that says whether it was applied.

Courier and Directory call this. Nothing here repeats a call, and no error or log line carries a body or a token.
"""

from __future__ import annotations

import json
import logging
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackBusy, SlackError, SlackRefused, SlackUncertain, SlackUnreachable
from bot.slack.remedies import remedy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

    Tokens = Callable[[str], Awaitable[str]]

SLACK = "https://slack.com/api/"
CALL_SECONDS = 10.0
CONNECT_SECONDS = 5.0
UPLOAD_SECONDS = 30.0
PAUSE_SECONDS = 10.0  # after a 429 that does not say how long
LONGEST_PAUSE = 3600.0  # whatever an answer says

# These take a JSON body, all others a query (what AsyncWebClient's own methods send).
_JSON = ("chat.", "assistant.", "agents.", "views.")
_BUSY = frozenset({"ratelimited", "rate_limited"})
_UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
# What fails before a request was sent: refused, DNS, TLS, a proxy that says no, no free connection.
_NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)
# AttributeError: the SDK asks a body of text/plain for its "ok" (slack_sdk 3.47, AsyncSlackResponse.validate).
_NO_ANSWER = (aiohttp.ClientError, SlackClientError, OSError, ValueError, AttributeError)

_LOG = logging.getLogger("bot.slack.sdk")
_LOG.setLevel(logging.INFO)  # at DEBUG the SDK logs whole requests and answers


_IS_STALE: ContextVar[Callable[[], bool]] = ContextVar("is_stale", default=lambda: False)


@contextmanager
def unless(is_stale: Callable[[], bool]) -> Iterator[None]:
    """Nothing is sent within this that is stale at the moment when its bytes would leave: a process may have been
    asleep since its call began. The call raises as if Slack had not answered.
    """
    before = _IS_STALE.set(is_stale)
    try:
        yield
    finally:
        _IS_STALE.reset(before)


def _last_look() -> aiohttp.TraceConfig:
    """Aiohttp tells of headers and body right before it writes them."""

    async def look(*_: object) -> None:
        if _IS_STALE.get()():
            raise aiohttp.ClientConnectionError("stale")

    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(look)
    config.on_request_chunk_sent.append(look)
    return config


def constant(token: str) -> Tokens:
    """The token source of a single workspace."""

    async def token_of(_team_id: str) -> str:
        return token

    return token_of


@asynccontextmanager
async def connect(tokens: Tokens, base_url: str = SLACK) -> AsyncIterator[SlackWeb]:
    """A `SlackWeb` with one HTTP session, closed at the end."""
    timeout = aiohttp.ClientTimeout(total=CALL_SECONDS, connect=CONNECT_SECONDS)
    jar = aiohttp.DummyCookieJar()  # one session serves many workspaces: nothing of one reaches another
    looks = [_last_look()]
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=jar, trace_configs=looks) as session:
        yield SlackWeb(session, tokens, base_url)


def sdk_client(base_url: str, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
    """The SDK's client as we want it: it repeats nothing by itself, and logs neither bodies nor answers."""
    client = _Client(
        base_url=base_url, session=session, timeout=int(CALL_SECONDS), retry_handlers=[], logger=_LOG
    )
    # The SDK would send calls to 127.0.0.1 through HTTP_PROXY too.
    client.proxy = _proxy(base_url)
    return client


class _Client(AsyncWebClient):
    """Sends the app's credentials in the form: the SDK's own way goes through aiohttp's BasicAuth, which is on its way
    out and warns (slack_sdk 3.47, aiohttp 3.14). Slack takes both (Slack docs: oauth.v2.access).
    """

    async def oauth_v2_access(self, **arguments: Any) -> AsyncSlackResponse:
        """Slack docs: oauth.v2.access."""
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self.api_call("oauth.v2.access", data=given)


class SlackWeb:
    """Calls of the Web API, of response URLs and of upload addresses over one shared session.

    `tokens(team_id)` gives the bot token of a workspace; it may raise `SlackError` where there is none (any more).
    The session's own timeouts apply.
    """

    def __init__(self, session: aiohttp.ClientSession, tokens: Tokens, base_url: str = SLACK) -> None:
        self._session = session
        self._tokens = tokens
        self._client = sdk_client(base_url, session)

    async def call(self, team_id: str, method: str, **args: Any) -> dict[str, Any]:
        """One Web API call with the token of `team_id`; arguments that are None are left out. Gives the answer.

        Raises SlackUnreachable and SlackBusy (not sent), SlackUncertain (unknown), SlackRefused (not applied).
        """
        headers = {"Authorization": f"Bearer {await self._tokens(team_id)}"}
        given = {name: value for name, value in args.items() if value is not None}
        failure: SlackError
        try:
            if method.startswith(_JSON):
                answer = await self._client.api_call(method, json=given, headers=headers)
            else:
                answer = await self._client.api_call(method, params=_query(given), headers=headers)
            if isinstance(answer.data, dict):
                return answer.data
            failure = SlackUncertain(method)
        except SlackApiError as error:
            failure = _refusal(method, error.response)
        except _NOT_SENT:
            failure = SlackUnreachable(method)
        except _NO_ANSWER:
            failure = SlackUncertain(method)
        raise failure  # outside of `except`: the SDK's errors quote the answer

    async def respond(self, response_url: str, payload: Mapping[str, Any]) -> None:
        """Answers by a response_url, which is good for 5 uses in 30 minutes (Slack docs: handling user interaction).

        Errors as in `call`, with the method `response_url`; SlackRefused with `used_url` or `expired_url`.
        """
        status, retry_after, text = await self._send("response_url", response_url, json=dict(payload))
        code = _code_of(text)
        if status == 200 and not code:
            return
        raise _failure("response_url", status, code, retry_after)

    async def upload(self, url: str, content: bytes) -> None:
        """Brings bytes to an upload address (Slack docs: working with files); safe to repeat. Errors as in `call`."""
        timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS, connect=CONNECT_SECONDS)
        status, retry_after, _text = await self._send("upload", url, data=content, timeout=timeout)
        if status != 200:
            raise _failure("upload", status, f"http_{status}", retry_after)

    async def _send(self, method: str, url: str, **request: Any) -> tuple[int, str | None, str]:
        failure: SlackError
        try:
            async with self._session.post(
                url, proxy=_proxy(url), allow_redirects=False, **request
            ) as response:
                return (
                    response.status,
                    response.headers.get("Retry-After"),
                    await response.text(errors="replace"),
                )
        except _NOT_SENT:
            failure = SlackUnreachable(method)
        except _NO_ANSWER:
            failure = SlackUncertain(method)
        raise failure  # outside of `except`: aiohttp's errors quote the address, which is a secret


def text_at(answer: Mapping[str, Any], method: str, *path: str) -> str:
    """The text at `path` of an answer; SlackUncertain where the answer does not hold what it must."""
    value: Any = answer
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if not value:
        raise SlackUncertain(method, f"no_{path[-1]}")
    return str(value)


def _query(args: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in args.items()
    }


def _refusal(method: str, response: Any) -> SlackError:
    """The error of an answer that is not ok; where the body is no JSON object the SDK gives something without data."""
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return _failure(
        method, status, code if isinstance(code, str) else "", response.headers.get("Retry-After")
    )


def _failure(method: str, status: int, code: str, retry_after: str | None) -> SlackError:
    if status == 429 or code in _BUSY:
        return SlackBusy(method, code or "ratelimited", retry_after=_seconds(retry_after))
    if status >= 500 or not code or code in _UNCERTAIN:
        return SlackUncertain(method, code or f"http_{status}")
    return SlackRefused(method, code, remedy=remedy(method, code))


def _code_of(text: str) -> str:
    """The error code in the answer of a response_url: `ok`, JSON, or a bare word such as `used_url`."""
    try:
        body = json.loads(text)
    except ValueError:
        word = text.strip()
        return "" if word == "ok" or not word.replace("_", "").isalnum() or len(word) > 80 else word
    if not isinstance(body, dict) or body.get("ok"):
        return ""
    return str(body.get("error") or "")


def _seconds(retry_after: str | None) -> float:
    try:
        return min(LONGEST_PAUSE, max(1.0, float(retry_after or PAUSE_SECONDS)))
    except ValueError:
        return PAUSE_SECONDS


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address; never for this machine's own (the sandbox)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
