"""When what happens in a run: a pure list of beats, which the conductor plays."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import Literal

from .script import Script


@dataclass(frozen=True, slots=True)
class Beat:
    """Something that happens ``at`` seconds (pace 1.0) after the create."""

    at: float
    does: Literal["think", "write", "status", "end"]
    thoughts: tuple[str, ...] = ()
    status: str = ""
    upto: int = 0
    """For "write": how many deltas of the report are out after this beat."""


def timeline(script: Script, thoughts: tuple[str, ...], deltas: int, rng: random.Random) -> list[Beat]:
    """The beats of a run, in order: clumps of one to three thoughts, the text's deltas, the end."""
    beats = _thinking(script, thoughts, rng)
    if script.unknown:
        beats.insert(0, Beat(script.seconds * 0.02, "status", status="warming_up"))
        beats.append(Beat(script.seconds * 0.86, "status", status="consolidating"))
    if script.queued:
        start = script.seconds / 3
        beats = [replace(beat, at=start + beat.at * 2 / 3) for beat in beats]
        beats.insert(0, Beat(start, "status", status="in_progress"))
    if script.ending == "never":
        return beats
    if script.ending in ("completed", "incomplete"):
        beats += _writing(script, deltas)
    return [*beats, Beat(script.seconds, "end")]


def _thinking(script: Script, thoughts: tuple[str, ...], rng: random.Random) -> list[Beat]:
    clumps: list[tuple[str, ...]] = []
    rest = tuple(thoughts[n % len(thoughts)] for n in range(script.thoughts)) if thoughts else ()
    while rest:
        size = rng.randint(1, 3)
        clumps.append(rest[:size])
        rest = rest[size:]
    room = script.seconds * (script.writes_from - 0.04) / max(len(clumps), 1)
    return [
        Beat(script.seconds * 0.04 + room * (place + rng.uniform(0.05, 0.6)), "think", clump)
        for place, clump in enumerate(clumps)
    ]


def _writing(script: Script, deltas: int) -> list[Beat]:
    beats = min(deltas, script.pieces)
    step = script.seconds * (1 - script.writes_from) / (beats + 1)
    begin = script.seconds * script.writes_from
    return [Beat(begin + step * (n + 1), "write", upto=deltas * (n + 1) // beats) for n in range(beats)]
