"""Every report of the corpus: whole, in order, within Slack's limits, and looking as it did.

After a wanted change `python -m tests.unit.test_corpus` writes what is expected anew; read the difference.
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from typing import Any

import pytest

from bot.domain.report import Findings, Report, assemble, without_citations
from bot.sandbox.slack.blocks import check_blocks
from bot.sandbox.slack.limits import check_size
from bot.slack.budget import counted
from bot.slack.parts import FilePart, Part, cut
from tests.reports import CORPUS, REPORTS, STORED
from tests.unit.report_reading import expected_letters, letters, missing_letter, seen_in
from tests.unit.test_parts_properties import check

WHOLE_BELOW = 2_500  # bytes: what is larger is kept as an outline
OUTLINES = CORPUS / "outlines.json"


@cache
def reported(name: str) -> tuple[Report, list[Part | FilePart]]:
    report = assemble(Findings(REPORTS[name]()))
    return report, cut(report)


def test_the_corpus_is_large_enough() -> None:
    sizes = [len(write().encode()) for write in REPORTS.values()]

    assert len(sizes) >= 35
    assert sum(size >= 3_000 for size in sizes) >= 20
    assert max(sizes) >= 300_000


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_shown_whole(name: str) -> None:
    report, parts = reported(name)
    expected = expected_letters(without_citations(report.markdown).replace("<br>", " "))
    shown = seen_in(parts)
    at = missing_letter(expected, letters(shown))

    assert at is None, f"lost: {expected[at : at + 40]}"
    assert all(source.site in shown for source in report.sources)


@pytest.mark.parametrize("name", REPORTS)
def test_the_headings_of_every_report_stay_in_order(name: str) -> None:
    report, parts = reported(name)
    shown, at = seen_in(parts), 0
    for heading in re.findall(r"(?m)^#{1,6} +([\w ]{4,})$", report.markdown):
        at = shown.index(heading.strip()[:100], at)


@pytest.mark.parametrize("name", REPORTS)
def test_every_message_is_one_that_slack_takes(name: str) -> None:
    """Our own limits, which keep a margin, and the simulated Slack, which has what was measured of the real one."""
    _, parts = reported(name)
    for part in parts:
        check(part)
        if isinstance(part, Part):
            check_blocks(part.blocks, ())
            check_size(part.blocks)


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_looks_as_it_did(name: str) -> None:
    assert golden(name) == expected_of(name)


def is_kept_whole(name: str) -> bool:
    return name in STORED and len(REPORTS[name]().encode()) < WHOLE_BELOW


def expected_of(name: str) -> Any:
    if is_kept_whole(name):
        return json.loads((CORPUS / f"{name}.json").read_text(encoding="utf-8"))
    return json.loads(OUTLINES.read_text(encoding="utf-8"))[name]


def golden(name: str) -> list[Any]:
    _, parts = reported(name)
    return [shown(part) if is_kept_whole(name) else outline(part) for part in parts]


def shown(part: Part | FilePart) -> list[Any]:
    return [part.text, part.blocks] if isinstance(part, Part) else [part.name, part.title]


def outline(part: Part | FilePart) -> str:
    """A message in a line: how it begins, its blocks, its cost, and a digest of all of it."""
    if isinstance(part, FilePart):
        return f"{part.name}: {part.title} ({len(part.content)} bytes, {_digest(part.content)})"
    kinds = [block["type"] for block in part.blocks]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    begins = part.text.partition("\n")[0][:60]
    digest = _digest(json.dumps(part.blocks, sort_keys=True).encode())
    return f"{begins} | {counts} | {counted(part.blocks)} characters | {digest}"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:12]


def _write() -> None:
    outlines: dict[str, Any] = {}
    for name in REPORTS:
        if is_kept_whole(name):
            text = json.dumps(golden(name), ensure_ascii=False, indent=1)
            (CORPUS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        else:
            outlines[name] = golden(name)
    OUTLINES.write_text(json.dumps(outlines, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
