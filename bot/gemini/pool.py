"""Many small httpx2 clients instead of one large: its pool looks at every connection at every request, so that one
with thousands of open streams gets slow, while several of a few hundred each stay as fast as one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx2


@dataclass(slots=True)
class Shard:
    """One client; within a `with` it carries one request or stream more."""

    http: httpx2.AsyncClient
    in_use: int = 0

    def __enter__(self) -> httpx2.AsyncClient:
        self.in_use += 1
        return self.http

    def __exit__(self, *_: object) -> None:
        self.in_use -= 1


class Pool:
    """Clients made as they are needed, each lent to at most `capacity` requests or streams at once."""

    def __init__(self, make: Callable[[], httpx2.AsyncClient], capacity: int) -> None:
        self._make = make
        self._capacity = capacity
        self._shards: list[Shard] = []

    @property
    def sizes(self) -> list[int]:
        """How many requests and streams each client carries now."""
        return [shard.in_use for shard in self._shards]

    def lend(self) -> Shard:
        """A client with room for one more; the first that has, so that the last ones fall idle again."""
        shard = next((one for one in self._shards if one.in_use < self._capacity), None)
        if shard is None:
            shard = Shard(self._make())
            self._shards.append(shard)
        return shard

    async def aclose(self) -> None:
        """Closes every client; all are tried, even if one fails."""
        async with AsyncExitStack() as stack:
            for shard in self._shards:
                stack.push_async_callback(shard.http.aclose)
            self._shards = []
