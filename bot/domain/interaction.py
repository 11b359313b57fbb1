"""What Gemini says about one interaction, in our words; `gemini/wire.py` makes these, the runner reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.report import Findings
from bot.domain.research import Thought


class Phase(StrEnum):
    """What a status of Gemini means for us. A status that we do not know is ALIVE: it is waited out, never an end."""

    ALIVE = "alive"
    COMPLETED = "completed"
    STOPPED = "stopped"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as Gemini reports them; None where it does not say."""

    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    thought_tokens: int | None = None
    tool_tokens: int | None = None
    total_tokens: int | None = None
    searches: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One GET: the truth at that moment."""

    interaction_id: str
    status: str
    phase: Phase
    thoughts: tuple[Thought, ...] = ()
    findings: Findings = field(default_factory=lambda: Findings(""))
    usage: Usage | None = None
    trouble: str = ""
    """Gemini's own words on why it failed; empty where it gave none."""
    raw: bytes = b""
    """The body as it came, kept beside the parsed report."""


@dataclass(frozen=True, slots=True)
class Created:
    """First event of a stream: the id, before any work."""

    interaction_id: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """The run has this status now (Gemini's own word)."""

    status: str
    phase: Phase
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class TextGrew:
    """More of the answer (model calls; a deep research sends it late and at once)."""

    text: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """`interaction.completed`: the run is over, whichever way; GET says what it has."""

    status: str
    phase: Phase
    usage: Usage | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class StreamTrouble:
    """An `error` event. The run is usually still alive: go and look."""

    code: str
    message: str
    event_id: str | None = None


Signal = Created | StatusChanged | Thought | TextGrew | Ended | StreamTrouble
