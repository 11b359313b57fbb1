"""Whether two questions are the same one, however they were typed; and what is said of the earlier one. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.policy import Depth

if TYPE_CHECKING:
    from collections.abc import Sequence

FRESH = timedelta(days=7)
"""So long a report answers the same question again."""

_MEANT = frozenset("#%&@*/\\§")
"""Punctuation by its category, but part of what is meant: C#, 5 %, R&D."""

_THOROUGHNESS = (Depth.QUICK, Depth.STANDARD, Depth.MAX)


@dataclass(frozen=True, slots=True)
class Earlier:
    """The same question, asked before, as far as somebody who may see it is told. `link` leads to its thread."""

    research_id: str
    asker_name: str
    is_open: bool
    depth: Depth
    asked_at: datetime
    link: str = ""


def normalised(question: str) -> str:
    """Without case, punctuation, and the amount of white space."""
    plain = unicodedata.normalize("NFKC", question).casefold()
    return " ".join("".join(map(_kept, plain)).split())


def fingerprint(question: str, thread_along: str = "") -> str:
    """The same for the same question with the same thread, and nothing of what it says."""
    meant = "\0".join([normalised(question), thread_along])
    return hashlib.sha256(meant.encode(errors="replace")).hexdigest()[:32]


def at_least(depth: Depth) -> Sequence[Depth]:
    """The depths whose reports answer a question of this one."""
    return _THOROUGHNESS[_THOROUGHNESS.index(depth) :]


def _kept(character: str) -> str:
    is_punctuation = unicodedata.category(character).startswith("P")
    return " " if is_punctuation and character not in _MEANT else character
