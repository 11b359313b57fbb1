"""A Researcher that asks in the terminal before each run that costs money."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from bot.errors import NotConfirmed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from bot.domain.interaction import Signal, Snapshot
    from bot.ports import Order, Researcher


class Confirmed:
    """Implements `ports.Researcher` over the real one. One question at a time."""

    def __init__(self, real: Researcher) -> None:
        self._real = real
        self._terminal = anyio.Lock()

    @asynccontextmanager
    async def start(self, order: Order) -> AsyncIterator[tuple[str, AsyncIterator[Signal]]]:
        """Starts it if the person at the terminal says yes; raises `NotConfirmed` otherwise."""
        async with self._terminal:
            words = " ".join(order.question.split())[:200]
            prompt = (
                f"\n  Start a real, paid run of {order.agent}?\n  “{words}”\n  Type yes to spend the money: "
            )
            reply = await anyio.to_thread.run_sync(input, prompt)
        if reply.strip().lower() != "yes":
            raise NotConfirmed
        async with self._real.start(order) as started:
            yield started

    def listen(
        self, interaction_id: str, after: str | None
    ) -> AbstractAsyncContextManager[AsyncIterator[Signal]]:
        """Unchanged."""
        return self._real.listen(interaction_id, after)

    async def fetch(self, interaction_id: str) -> Snapshot:
        """Unchanged."""
        return await self._real.fetch(interaction_id)

    async def cancel(self, interaction_id: str) -> None:
        """Unchanged."""
        await self._real.cancel(interaction_id)

    async def resolve(self, addresses: Sequence[str]) -> Mapping[str, str]:
        """Unchanged."""
        return await self._real.resolve(addresses)

    async def delete(self, interaction_id: str) -> None:
        """Unchanged."""
        await self._real.delete(interaction_id)
