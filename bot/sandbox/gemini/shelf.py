"""All volumes the simulated agent can answer with, and the choice among them."""

from __future__ import annotations

import re
from pathlib import Path

from .hostile import HOSTILE
from .library import Volume, parse_volume
from .long_reports import atlas, compendium

REPORTS = Path(__file__).parent / "reports"
CHAPTERS = (
    "heat_pumps_old_buildings",
    "solid_state_batteries",
    "remote_work_europe",
    "vector_databases",
    "printing_press",
)


def _read_shelf() -> dict[str, Volume]:
    files = sorted(REPORTS.glob("*.md"))
    shelf = {file.stem: parse_volume(file.stem, file.read_text(encoding="utf-8")) for file in files}
    lines = (REPORTS / "atlas.txt").read_text(encoding="utf-8")
    pages = atlas(lines)
    together = compendium([pages, *(shelf[name] for name in CHAPTERS)])
    return shelf | {"hostile": HOSTILE, "atlas": pages, "long": together}


VOLUMES = _read_shelf()
"""Read once, at import: the event loop never waits for the disk."""


def volume_for(question: str) -> Volume | None:
    """The volume most of whose keywords occur in the question; None if none does."""
    asked = question.lower()
    scored = [
        (sum(len(word) for word in volume.keywords if re.search(rf"\b{re.escape(word)}\b", asked)), volume)
        for volume in VOLUMES.values()
    ]
    score, best = max(scored, key=lambda pair: pair[0])
    return best if score else None
