"""The corpus: reports that are stored, those of the demo, and grown ones that are too big to store."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox.gemini.shelf import VOLUMES
from tests.grown import Grower

if TYPE_CHECKING:
    from collections.abc import Callable


def _grown(seed: int, tongues: tuple[str, ...], size: int, rows: int) -> str:
    return Grower(seed, tongues).report(size, table_rows=rows)


CORPUS = Path(__file__).parent / "corpus"

STORED: dict[str, Callable[[], str]] = {
    path.stem: (lambda path=path: path.read_bytes().decode()) for path in sorted(CORPUS.glob("*.md"))
}
DEMO: dict[str, Callable[[], str]] = {
    f"demo {name}": (lambda volume=volume: volume.report.text) for name, volume in VOLUMES.items()
}
GROWN: dict[str, Callable[[], str]] = {
    f"grown {name}": partial(_grown, seed, tongues, size, rows)
    for seed, (name, size, tongues, rows) in enumerate(
        (
            ("3 KB", 3_000, ("en",), 2),
            ("10 KB", 10_000, ("de",), 5),
            ("15 KB Arabic", 15_000, ("ar",), 3),
            ("20 KB Chinese", 20_000, ("zh",), 30),
            ("30 KB Russian", 30_000, ("ru",), 20),
            ("50 KB", 50_000, ("en",), 12),
            ("50 KB Japanese", 50_000, ("ja",), 40),
            ("60 KB with tables of 200 rows", 60_000, ("zh", "en"), 200),
            ("100 KB Arabic", 100_000, ("ar",), 12),
            ("200 KB", 200_000, ("en",), 12),
            ("300 KB of six languages", 300_000, ("en", "de", "ru", "ja", "zh", "ar"), 60),
        )
    )
}
REPORTS = STORED | DEMO | GROWN
