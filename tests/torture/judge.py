"""The visible workspace against what Gemini produced and what people were promised: lost, doubled, out of order, extra."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.torture.seen import shown
from tests.unit.report_reading import expected_letters, letters, missing_letter, visible_text

if TYPE_CHECKING:
    from bot.sandbox.gemini import SimulatedGemini
    from bot.sandbox.slack import SimulatedSlack
    from bot.sandbox.slack.message import Message
    from tests.torture.crowd import Promises
    from tests.torture.rows import DeliveryRow, InteractionRow, ResearchRow, Rows
    from tests.torture.seen import Place, Shown

ONCE = ("root", "card", "outcome", "part", "file", "contents")
EDITED = ("root", "card")
"""Their last edit may have been refused, where the message is."""
_NUMBER = re.compile(r"Question (\d+):")
_CITES = re.compile(r"\[cite:[^\]]*\]")
MOST_EXTRA = 1.2
"""Headings of tables that were cut in two, numbers of citations: a report shown twice would be twice as long."""


@dataclass(slots=True)
class Findings:
    """Everything that is not as promised, a sentence each."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    extra_creates: list[str] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    researches: int = 0
    messages: int = 0
    reports: int = 0

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order or self.extra_creates)

    def sentences(self) -> list[str]:
        return [
            f"{kind}: {one}"
            for kind, all_of_it in (
                ("lost", self.lost),
                ("doubled", self.doubled),
                ("out of order", self.out_of_order),
                ("extra create", self.extra_creates),
            )
            for one in all_of_it
        ]


class Judge:
    """Looks once, at the end."""

    def __init__(
        self,
        slack: SimulatedSlack,
        gemini: SimulatedGemini,
        rows: Rows,
        promises: Promises,
        deleted: set[tuple[str, str]],
    ) -> None:
        self._slack = slack
        self._gemini = gemini
        self._rows = rows
        self._promises = promises
        self._deleted = deleted
        self._threads: dict[str, dict[Place, list[Shown]]] = defaultdict(lambda: defaultdict(list))
        self._deliveries: dict[str, list[DeliveryRow]] = defaultdict(list)
        self._interactions: dict[str, list[InteractionRow]] = defaultdict(list)
        self.found = Findings(researches=len(rows.researches))

    def judge(self) -> Findings:
        messages = shown(self._slack)
        self.found.messages = len(messages)
        for one in messages:
            self._threads[one.research][one.place].append(one)
        for delivery in self._rows.deliveries:
            self._deliveries[delivery.research_id].append(delivery)
        for interaction in self._rows.interactions:
            self._interactions[interaction.research_id].append(interaction)
        self._promised()
        self._creates()
        for row in self._rows.researches:
            self.found.outcomes[f"{row.state} {row.trouble}".strip()] += 1
            if row.admitted:
                self._thread(row)
            else:
                self._private_end(row)
        return self.found

    def _promised(self) -> None:
        known = {_number(row.question) for row in self._rows.researches}
        for question in sorted(self._promises.accepted):
            if _number(question) not in known:
                self.found.lost.append(f"“{question}” was accepted and is nowhere")
        ours = {row.id for row in self._rows.researches}
        for research in self._threads.keys() - ours:
            self.found.doubled.append(f"messages of a research that nobody knows: {research!r}")

    def _creates(self) -> None:
        made = Counter(_number(interaction.question) for interaction in self._gemini.creates)
        for row in self._rows.researches:
            allowed = 1 + self._promises.presses[row.id]
            if made[_number(row.question)] > allowed:
                self.found.extra_creates.append(
                    f"{row.id} was created {made[_number(row.question)]} times, {allowed} allowed"
                )
        ids = Counter(one.interaction_id for one in self._rows.interactions if one.interaction_id)
        self.found.extra_creates += [f"{one} belongs to {count}" for one, count in ids.items() if count > 1]

    def _private_end(self, row: ResearchRow) -> None:
        told = any(one.kind == "whisper" and one.state == "sent" for one in self._deliveries[row.id])
        if row.is_open or not told:
            self.found.lost.append(
                f"{row.id} ({row.state}, {row.trouble}) ended without a thread, and nobody was told"
            )

    def _thread(self, row: ResearchRow) -> None:
        """Where it lives in the end it is whole; where it lived before, nothing is there twice or out of order."""
        for place, there in self._threads[row.id].items():
            parts = Counter(one.part for one in there if one.part)
            self.found.doubled += [
                f"{row.id} shows {part} {count} times in {place}"
                for part, count in parts.items()
                if count > 1
            ]
            self._numbered(row, there)
        there = self._threads[row.id][row.channel, row.thread]
        gone = self._gone(row)
        self._told(row, {one.part for one in there} | gone)
        self._delivered(row, there)
        self._files(row, there)
        self._ordered(row, there)
        if not any(part.startswith("report.") for part in gone):
            self._report(row, there)
        if row.undelivered:
            self.found.lost.append(f"{row.id} is said to be undelivered: {row.undelivered}")

    def _gone(self, row: ResearchRow) -> set[str]:
        """The parts that an admin deleted where it lives in the end."""
        return {
            delivery.part
            for delivery in self._deliveries[row.id]
            if (row.channel, delivery.ts) in self._deleted
        }

    def _told(self, row: ResearchRow, parts: set[str]) -> None:
        for needed in ("root", "card"):
            if needed not in parts:
                self.found.lost.append(f"{row.id} has no {needed}")
        outcomes = sum(1 for part in parts if part.startswith("outcome."))
        if row.is_open:
            self.found.lost.append(f"{row.id} is still {row.state}")
        elif outcomes < row.attempt:
            self.found.lost.append(f"{row.id} ended {row.attempt} times and shows {outcomes} outcomes")
        elif outcomes > row.attempt:
            self.found.doubled.append(f"{row.id} ended {row.attempt} times and shows {outcomes} outcomes")

    def _delivered(self, row: ResearchRow, there: list[Shown]) -> None:
        by_ts = {one.message.ts: one for one in there}
        for delivery in self._deliveries[row.id]:
            if delivery.kind not in ONCE or (row.channel, delivery.ts) in self._deleted:
                continue
            shown_as = by_ts.get(delivery.ts)
            is_told = delivery.state == "sent" or (delivery.kind in EDITED and delivery.state == "dead")
            if not is_told or shown_as is None:
                self.found.lost.append(f"{row.id} {delivery.part}: {delivery.state} {delivery.error}".strip())
            elif delivery.kind != "file" and shown_as.part != delivery.part:
                self.found.lost.append(f"{row.id} {delivery.part} is believed to be {shown_as.part}")
        known = {delivery.ts for delivery in self._deliveries[row.id]}
        for one in there:
            if one.message.ts not in known:
                self.found.doubled.append(f"{row.id} shows {one.part or 'a file'} that no row knows")

    def _files(self, row: ResearchRow, there: list[Shown]) -> None:
        names = Counter(str(file["name"]) for one in there for file in one.message.files)
        wanted = sum(1 for one in self._deliveries[row.id] if one.kind == "file")
        for name, count in names.items():
            if count > 1 and names.total() > wanted:
                self.found.doubled.append(f"{row.id} shows the file {name} {count} times")
        words = Counter(
            json.dumps(one.message.blocks, sort_keys=True) for one in there if one.part.startswith("report.")
        )
        if any(count > 1 for count in words.values()):
            self.found.doubled.append(f"{row.id} shows a part with the same words twice")

    def _ordered(self, row: ResearchRow, there: list[Shown]) -> None:
        at = {one.message.ts: place for place, one in enumerate(there)}
        kept = sorted(
            (one for one in self._deliveries[row.id] if one.kind in ONCE and one.ts in at),
            key=lambda one: one.seq,
        )
        for first, second in pairwise(kept):
            if at[first.ts] > at[second.ts] or float(first.ts) > float(second.ts):
                self.found.out_of_order.append(f"{row.id}: {first.part} stands behind {second.part}")

    def _numbered(self, row: ResearchRow, there: list[Shown]) -> None:
        for stem in ("outcome.", "report."):
            numbers = [_numbers(one.part) for one in there if one.part.startswith(stem)]
            if numbers != sorted(numbers):
                self.found.out_of_order.append(f"{row.id}: {stem}* stand as {numbers}")

    def _report(self, row: ResearchRow, there: list[Shown]) -> None:
        last = next((one for one in self._interactions[row.id] if one.attempt == row.attempt), None)
        made = self._gemini.interactions.get(last.interaction_id or "") if last else None
        if made is None or not made.text or made.script.ending == "empty":
            return
        self.found.reports += 1
        expected = expected_letters(_CITES.sub("", made.text.partition("**Sources:**")[0]))
        text = "\n".join(
            self._read(one.message) for one in there if one.part.startswith("report.") or not one.part
        )
        missing = missing_letter(expected, letters(text))
        if missing is not None:
            self.found.lost.append(
                f"{row.id} ({row.state}, {made.question!r}): the report misses “{expected[missing:][:60]}” at {missing}"
            )
        count = len(letters(text.partition("\nSources\n")[0]))
        if count > len(expected) * MOST_EXTRA + 200:
            self.found.doubled.append(f"{row.id} shows {count} letters of a report of {len(expected)}")

    def _read(self, message: Message) -> str:
        """What a reader sees of one message of a report; a table that came as a file counts with its cells."""
        words = visible_text([block for block in message.blocks if block["type"] != "context"])
        for shape in message.files:
            file = self._slack.files.by_id[shape["id"]]
            if file.name.endswith(".csv") and file.content:
                cells = csv.reader(io.StringIO(file.content.decode("utf-8-sig")))
                words += "\n" + "\n".join("\n".join(row) for row in cells)
            elif shape["mimetype"].startswith("image/"):
                words += "\n" + (file.alt or file.title)
        return words


def _number(question: str) -> str:
    found = _NUMBER.search(question)
    return found[1] if found else ""


def _numbers(part: str) -> list[int]:
    return [int(word) for word in part.split(".")[1:]]
