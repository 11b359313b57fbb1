"""Asks Google's redirects where they lead, for a moment only, and goes nowhere itself.

One host is spoken to, over TLS, with neither key nor cookie; of its answer only the `Location` is read. A page whose name
leads into somebody's own network is not told.
"""

from __future__ import annotations

import socket
from functools import partial
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import httpx2

from bot.domain.citations import REDIRECT_HOST
from bot.domain.redirects import is_public, is_redirect
from bot.gemini.faults import LOWER

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from ssl import SSLContext

MOST = 200  # redirects of one report; the others stay as they are
AT_ONCE = 16
PATIENCE = 1.5
"""Seconds for all of them: the report waits for this."""
NAMES_AT_ONCE = 4
_MOVED = (301, 302, 303, 307, 308)


class Redirects:
    """Resolves redirects at `origin`, Google's own or the simulated one's. Without `look_up` names are not checked."""

    def __init__(
        self,
        origin: str = f"https://{REDIRECT_HOST}",
        *,
        look_up: Callable[[str], Awaitable[Iterable[str]]] | None = None,
        tls: SSLContext | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._origin = origin
        self._look_up = look_up
        self._tls = tls
        self._transport = transport

    async def resolve(self, addresses: Iterable[str]) -> Mapping[str, str]:
        """The page of each redirect that answers within `PATIENCE` seconds. Never raises."""
        wanted = [address for address in dict.fromkeys(addresses) if is_redirect(address)][:MOST]
        pages: dict[str, str] = {}
        if not wanted:
            return pages
        gate, names = anyio.CapacityLimiter(AT_ONCE), _Names(self._look_up)
        async with self._client() as http:
            with anyio.move_on_after(PATIENCE):
                async with anyio.create_task_group() as tasks:
                    for address in wanted:
                        tasks.start_soon(self._one, http, address, gate, names, pages, name="redirect")
        return pages

    async def _one(
        self,
        http: httpx2.AsyncClient,
        address: str,
        gate: anyio.CapacityLimiter,
        names: _Names,
        pages: dict[str, str],
    ) -> None:
        try:
            async with gate, http.stream("GET", self._origin + urlsplit(address).path) as response:
                page = response.headers.get("location", "") if response.status_code in _MOVED else ""
        except LOWER:
            return
        if is_public(page) and await names.are_outside(urlsplit(page).hostname or ""):
            pages[address] = page

    def _client(self) -> httpx2.AsyncClient:
        """A client of its own, so that neither our key nor a cookie of Google's goes along."""
        return httpx2.AsyncClient(
            headers={"user-agent": "research-bot"},
            verify=self._tls or False,  # plain http on this machine, or a transport of its own
            timeout=PATIENCE,
            limits=httpx2.Limits(max_connections=AT_ONCE),
            transport=self._transport,
            trust_env=self._tls is not None,
            follow_redirects=False,
        )


class _Names:
    """Which names lead outside, each looked up once."""

    def __init__(self, look_up: Callable[[str], Awaitable[Iterable[str]]] | None) -> None:
        self._look_up = look_up
        self._gate = anyio.CapacityLimiter(NAMES_AT_ONCE)
        self._known: dict[str, bool] = {}

    async def are_outside(self, host: str) -> bool:
        """Whether every address of `host` is one of the internet; no if it has none, or nobody says."""
        if self._look_up is None:
            return True
        async with self._gate:
            if host not in self._known:
                try:
                    found = list(await self._look_up(host))
                except (OSError, UnicodeError):
                    found = []
                self._known[host] = bool(found) and all(map(is_outside, found))
            return self._known[host]


async def look_up(host: str) -> Iterable[str]:
    """The addresses of `host`, asked of the system in a thread that nobody waits for longer than for the rest."""
    ask = partial(socket.getaddrinfo, host, 443, type=socket.SOCK_STREAM)
    found = await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
    return {str(address[0]) for *_, address in found}


def is_outside(address: str) -> bool:
    """Whether an IP address belongs to the internet, also where it is wrapped into one of version 6."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        return found.is_global and (inner is None or inner.is_global) and not found.is_multicast
    return found.is_global and not found.is_multicast
