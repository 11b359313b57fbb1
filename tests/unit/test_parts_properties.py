"""Whatever a model writes comes out whole, within Slack's limits, and as nothing but text."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.report import Citation, Findings, Picture, Report, assemble, summary, title
from bot.slack import budget
from bot.slack.export import to_html, to_markdown
from bot.slack.parts import FilePart, Part, cut, recut
from bot.slack.text import clean
from tests.unit.report_reading import (
    BLOCKS,
    RICH,
    TEXT_ELEMENTS,
    expected_letters,
    letters,
    missing_letter,
    normalised,
    seen_in,
    visible_text,
)

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))

MARKS = "*_`~[]()<>#|$\\-+!&:.>\n\n  \t1234567890@\ue000\ue001\u200b\u202e\x00\r"
noise = st.text(st.one_of(st.sampled_from(MARKS), st.characters()), max_size=400)
word = st.text(st.sampled_from("abcXYZ0189äß漢字ابجあ-'"), min_size=1, max_size=9).filter(
    lambda w: w.strip("-'")
)
sentence = st.lists(word, min_size=1, max_size=12).map(lambda ws: " ".join(ws).strip("-' ") + ".")
ping = st.sampled_from(
    ["<!here>", "<@U123>", "<!channel|x>", "@here", "<#C1|a>", "<http://a.b|nature.com>", "<!date^1^x|y>"]
)
url = st.sampled_from(
    [
        "https://nature.com/a?b=c&d=e",
        "http://evil.com",
        "mailto:a@b.org",
        "https://x.org/(y)",
        "https://a.b/" + "x" * 50,
    ]
)
linked = st.builds(lambda label, to: f"[{label}]({to})", word, url)
inline = st.lists(
    st.one_of(sentence, linked, ping, sentence.map(lambda s: f"**{s}**"), word.map(lambda w: f"`{w}`")),
    min_size=1,
    max_size=5,
).map(" ".join)
item = st.tuples(st.integers(0, 3), st.sampled_from(["- ", "1. ", "- [ ] "]), inline)
listing = st.lists(item, min_size=1, max_size=8).map(
    lambda xs: "\n".join("    " * n + mark + text for n, mark, text in xs)
)
table = st.tuples(
    st.integers(1, 23), st.lists(st.lists(st.one_of(word, linked, st.just("")), max_size=24), max_size=9)
).map(
    lambda t: "\n".join(
        ["|" + " h |" * t[0], "|" + "---|" * t[0], *("| " + " | ".join(r) + " |" for r in t[1])]
    )
)
code = st.lists(noise.map(lambda n: n.replace("`", "").replace("\n", " ")), max_size=6).map(
    lambda ls: "```py\n" + "\n".join(ls) + "\n```"
)
block = st.one_of(
    inline,
    inline.map(lambda s: f"## {s}"),
    listing,
    table,
    code,
    inline.map(lambda s: f"> {s}"),
    st.just("---"),
    noise,
)
document = st.lists(block, max_size=14).map("\n\n".join)


def check_text(element: dict[str, Any]) -> None:
    assert element["type"] in TEXT_ELEMENTS
    assert element["text"]
    assert set(element) <= {"type", "text", "url", "style"}
    if element["type"] == "link":
        assert element["url"].startswith(("http://", "https://", "mailto:"))
        assert len(element["url"]) <= 3_000
        assert element["url"].isascii()


def check_rich(element: dict[str, Any]) -> None:
    assert element["type"] in RICH
    assert element["elements"]
    for inner in element["elements"]:
        if element["type"] == "rich_text_list":
            assert inner["type"] == "rich_text_section"
            check_rich(inner)
        else:
            check_text(inner)
    assert "".join(e.get("text", "x") for e in element["elements"]).strip()


def check_block(shown: dict[str, Any]) -> None:
    assert shown["type"] in BLOCKS
    if shown["type"] == "header":
        assert shown["text"]["type"] == "plain_text"
        assert 1 <= len(shown["text"]["text"].strip()) <= 150
    if shown["type"] == "section":
        assert shown["text"]["type"] == "plain_text"
        assert 1 <= len(shown["text"]["text"].strip()) <= 3_000
    if shown["type"] == "rich_text":
        assert shown["elements"]
        for element in shown["elements"]:
            check_rich(element)
    if shown["type"] == "table":
        assert len(shown["rows"]) <= 100
        assert len({len(row) for row in shown["rows"]}) == 1
        assert 1 <= len(shown["rows"][0]) <= 20
        for cell in (cell for row in shown["rows"] for cell in row):
            assert cell["text"].strip() if cell["type"] == "raw_text" else cell["elements"]


def check(part: Part | FilePart) -> None:
    if isinstance(part, FilePart):
        assert part.content
        assert part.name
        assert part.alt
        return
    assert part.blocks
    assert budget.excess(part.blocks) is None
    assert 1 <= len(part.text.encode()) <= 3_000
    assert "<" not in part.text
    assert "mrkdwn" not in json.dumps(
        [
            {**b, "elements": 0, "rows": 0, "text": {"type": (b.get("text") or {}).get("type")}}
            for b in part.blocks
        ]
    )
    for shown in part.blocks:
        check_block(shown)
    text = visible_text(part.blocks, urls=True)
    assert clean(text) == text
    text.encode()


@quick
@given(noise)
def test_any_text_becomes_parts_within_every_limit(text: str) -> None:
    for part in cut(assemble(Findings(text))):
        check(part)


@quick
@given(document)
def test_any_markdown_becomes_parts_within_every_limit(text: str) -> None:
    for part in cut(assemble(Findings(text))):
        check(part)


@quick
@given(
    st.lists(
        st.one_of(inline, inline.map(lambda s: f"## {s}"), listing, table, inline.map(lambda s: f"> {s}")),
        max_size=12,
    ).map("\n\n".join)
)
def test_no_letter_of_a_report_is_lost_or_moved(text: str) -> None:
    shown = letters(seen_in(cut(assemble(Findings(text)))))
    expected = expected_letters(text)

    assert missing_letter(expected, shown) is None


@quick
@given(st.lists(sentence, min_size=1, max_size=400).map(" ".join))
def test_a_long_paragraph_is_cut_only_between_words(text: str) -> None:
    text = f"So {text}"
    parts = cut(Report(text))
    shown = " ".join(visible_text(part.blocks) for part in parts if isinstance(part, Part))

    assert shown.split() == text.split()


@quick
@given(document)
def test_a_part_cut_smaller_again_and_again_keeps_its_text(text: str) -> None:
    for part in cut(assemble(Findings(text)))[:2]:
        if isinstance(part, Part):
            pieces: list[Part | FilePart] = [part]
            while any(isinstance(piece, Part) for piece in pieces):
                pieces = [
                    smaller
                    for piece in pieces
                    for smaller in (recut(piece) if isinstance(piece, Part) else [piece])
                ]
            everything = "".join(p.content.decode() for p in pieces if isinstance(p, FilePart))
            before = Counter(c for c in visible_text(part.blocks, urls=True) if c.isalnum())
            assert not before - Counter(c for c in everything if c.isalnum())


@quick
@given(
    document,
    st.lists(st.tuples(st.integers(-5, 500), st.integers(-5, 500), url), max_size=5),
    st.lists(st.integers(-9, 900), max_size=3),
)
def test_assembling_never_raises_and_keeps_every_letter(
    text: str, notes: list[tuple[int, int, str]], places: list[int]
) -> None:
    found = Findings(
        text,
        tuple(Citation(to, None, start, end) for start, end, to in notes),
        tuple(Picture(place, "image/png", b"x") for place in places),
    )
    report = assemble(found)
    parts = cut(report)

    assert len(report.pictures) == len(places)
    assert sum(isinstance(p, FilePart) and p.mime_type == "image/png" for p in parts) == len(places)
    assert len(summary(report)) <= 620
    assert title(report) is None or title(report)
    assert "<script" not in to_html(report, question=text, about=text).lower().split("</style>")[1]
    assert to_markdown(report, question=text, about=text)


@quick
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_plain_words_come_out_as_they_went_in(text: str) -> None:
    plain = "".join(c for c in clean(text) if c.isalnum() or c == " ").strip()
    shown = seen_in(cut(Report("x " + plain)))

    assert normalised("x" + plain) == normalised(shown)


torn = st.sampled_from(
    [
        "Word{n}abc and word{n}def, and more words of a sentence that goes on. ",
        "See [the label {n} of a link](https://example.org/page-{n}?a=b) for it. ",
        "\n\n```python\n    code_line_{n} = 'one two three'  # {n}\n    code_line_{n}_b\n```\n\n",
        "\n\n| Head {n} | B |\n|---|---|\n| cell {n} of words | `code {n} x` |\n\n",
        "\n\n1. item {n} first words\n    - item {n} second words\n\n",
    ]
)
WHOLE = {
    "W": ("Word{n}abc", "word{n}def,"),
    "S": ("the label {n} of a link",),
    "\n\n`": ("    code_line_{n} = 'one two three'  # {n}", "    code_line_{n}_b"),
    "\n\n|": ("cell {n} of words", "code {n} x", "Head {n}"),
    "\n\n1": ("item {n} first words", "item {n} second words"),
}


def texts(value: Any) -> list[str]:
    """The text of each element of blocks."""
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [
            text for inner in value.values() if isinstance(inner, dict | list) for text in texts(inner)
        ]
    return []


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(torn, min_size=1, max_size=12), st.integers(1, 60))
def test_no_cut_goes_through_a_word_link_cell_item_or_line_of_code(kinds: list[str], times: int) -> None:
    written = [kind.replace("{n}", f"{n}x") for n, kind in enumerate(kinds * times)]
    shown = "\0".join(
        text
        for part in cut(Report("".join(written)))
        if isinstance(part, Part)
        for text in texts(part.blocks)
    )

    for n, kind in enumerate(kinds * times):
        begin = next(begin for begin in WHOLE if kind.startswith(begin))
        for whole in WHOLE[begin]:
            assert whole.replace("{n}", f"{n}x") in shown
