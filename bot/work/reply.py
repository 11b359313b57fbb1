"""What the desk gives back for the one person who asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """Whether it was done, and the sentence for the person who asked for it."""

    done: bool
    sentence: str
