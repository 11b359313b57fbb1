"""Bounds of the client: how long it waits, how much it reads, how many connections one httpx2 client gets."""

from __future__ import annotations

from dataclasses import dataclass

import httpx2


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and connections."""

    connect: float = 10.0
    read: float = 60.0
    """Silence within an answer, and before the id of a streamed create."""
    whole: float = 180.0
    """One request in the background way, from connecting to the last byte."""
    answer: float = 600.0
    """A model call that is waited for."""
    idle: float = 30.0
    """Silence in a stream that means it is dead (measured: finds a silent cut soon, loses nothing)."""
    body: int = 32 * 1024 * 1024
    """A finished deep research with pictures is some megabytes."""
    polls_per_client: int = 100
    streams_per_client: int = 64
    """httpx2 looks at all of them whenever one opens or closes; a client of its own costs little."""

    def timeout(self, read: float | None = None) -> httpx2.Timeout:
        """As httpx2 wants it."""
        return httpx2.Timeout(self.read if read is None else read, connect=self.connect, pool=self.connect)
