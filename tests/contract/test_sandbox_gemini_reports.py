"""The reports of the simulated agent: chosen by the question, cited to the byte, of the promised kinds and sizes."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.gemini.author import compose
from bot.sandbox.gemini.charts import CHARTS
from bot.sandbox.gemini.interactions import new_id
from bot.sandbox.gemini.library import ImagePart, Source, TextPart, annotate
from bot.sandbox.gemini.script import Script
from bot.sandbox.gemini.shelf import VOLUMES
from bot.sandbox.gemini.timeline import timeline


def answer_to(question: str, **config: Any) -> str:
    options = {"type": "deep-research", "thinking_summaries": "auto", **config}
    composition = compose({"agent": "a", "input": question, "agent_config": options}, [])
    assert composition.report is not None
    return composition.report.text


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What about solid-state batteries?", "# Solid-state batteries"),
        ("Compare vector databases for RAG", "# Vector databases compared"),
        ("Remote work policy in Europe", "# Remote work in Europe"),
        ("Does a heat pump suit an old building?", "# Heat pumps in old buildings"),
        ("History of printing", "# How printing changed Europe"),
        ("How do bees navigate?", "# How do bees navigate"),
        ("Best hardware for software storage", "# Best hardware for software storage"),
    ],
)
def test_the_question_chooses_the_report(question: str, title: str):
    assert answer_to(question).startswith(title)


def test_the_long_reports_have_the_promised_sizes():
    assert 55_000 < len(answer_to("demo:long").encode()) < 70_000
    assert 28_000 < len(answer_to("demo:atlas").encode()) < 36_000


@pytest.mark.parametrize("name", ["long", "atlas"])
def test_a_long_report_repeats_no_paragraph(name: str):
    paragraphs = [part for part in VOLUMES[name].body.split("\n\n") if len(part) > 90 and part[0] != "|"]

    assert len(paragraphs) == len(set(paragraphs))


@pytest.mark.parametrize("volume", VOLUMES.values(), ids=lambda volume: volume.name)
def test_every_citation_covers_its_marker_to_the_byte(volume: Any):
    for part in volume.report.parts:
        for annotation in part.annotations if isinstance(part, TextPart) else ():
            marker = part.text.encode()[annotation["start_index"] : annotation["end_index"]].decode()

            assert marker.startswith("[cite: ")
            assert marker.endswith("]")


@pytest.mark.parametrize(
    "volume", [v for v in VOLUMES.values() if v.name != "hostile"], ids=lambda volume: volume.name
)
def test_a_report_has_thoughts_with_bold_titles_and_only_listed_sources(volume: Any):
    text = volume.report.text
    cited = {int(n) for part in text.split("[cite: ")[1:] for n in part.partition("]")[0].split(",")}

    assert len(volume.thoughts) >= 8
    assert all(thought.startswith("**") and "\n\n" in thought for thought in volume.thoughts)
    assert max(cited) <= len(volume.domains)
    assert "Written by a simulation" in text


@given(st.lists(st.text(max_size=20).filter(lambda text: "[" not in text), min_size=1, max_size=6))
def test_offsets_count_bytes_whatever_the_text(pieces: list[str]):
    text = "[cite: 1]".join(pieces)
    found = annotate(text, {1: Source("a.example", "https://a.example")})

    assert len(found) == len(pieces) - 1
    assert all(text.encode()[a["start_index"] : a["end_index"]] == b"[cite: 1]" for a in found)


def test_images_come_where_the_text_refers_to_them_unless_switched_off():
    composition = compose({"agent": "a", "input": "demo:images", "agent_config": {}}, [])
    switched_off = {"agent": "a", "input": "demo:images", "agent_config": {"visualization": "off"}}
    without = compose(switched_off, [])

    assert composition.report is not None
    assert without.report is not None
    kinds = [type(part) for part in composition.report.parts]
    assert [TextPart, ImagePart, TextPart, ImagePart, TextPart] == kinds
    assert all(isinstance(part, TextPart) for part in without.report.parts)
    data = next(part.data for part in composition.report.parts if isinstance(part, ImagePart))
    assert base64.b64decode(data).startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_a_valid_png(name: str):
    data = CHARTS[name]()
    width, height = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    pixels = zlib.decompress(data[41 : 41 + length])

    assert len(pixels) == height * (1 + width * 3)
    assert len(data) < 10_000


def test_the_hostile_report_has_what_must_never_become_live():
    text = answer_to("demo:hostile")

    for piece in (
        "<!channel>",
        "<@U",
        "](javascript:",
        "\u202e",
        "\x1b",
        "\x07",
        "<https://evil.example|",
        "```",
    ):
        assert piece in text or piece in "".join(VOLUMES["hostile"].thoughts)


@given(st.integers(), st.integers(0, 30), st.integers(0, 30))
def test_a_timeline_is_in_order_and_says_everything_before_its_end(seed: int, thoughts: int, deltas: int):
    script = Script(thoughts=thoughts)
    beats = timeline(script, tuple(f"t{n}" for n in range(5)), deltas, random.Random(seed))

    assert [beat.at for beat in beats] == sorted(beat.at for beat in beats)
    assert thoughts == sum(len(beat.thoughts) for beat in beats)
    assert all(1 <= len(beat.thoughts) <= 3 for beat in beats if beat.does == "think")
    assert (script.seconds, "end") == (beats[-1].at, beats[-1].does)
    assert deltas == max((beat.upto for beat in beats), default=0)


def test_ids_are_urlsafe_protobufs_as_recorded():
    identity = new_id(random.Random(1))
    raw = base64.urlsafe_b64decode(identity.removeprefix("v1_") + "==")

    assert (raw[:2], raw[25:27]) == (b"\x0a\x17", b"\x12\x17")
    assert raw[2:25] == raw[27:]
