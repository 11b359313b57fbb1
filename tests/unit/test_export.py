from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.domain.report import Findings, Picture, Report, assemble
from bot.slack.export import to_html, to_markdown
from bot.slack.html import shape

CORPUS = sorted((Path(__file__).parent.parent / "corpus").glob("*.md"))
TEXT = "# T\n\nA [cite: 1, 2] & <b>.\n\n- x\n\n## S\n\n### U\n\n| a |\n|--:|\n| b |\n\n**Sources:**\n1. [a.org](https://a.org/(x))\n"


def report() -> Report:
    return assemble(Findings(TEXT, (), (Picture(TEXT.index("- x"), "image/png", b"png"),)))


def test_markdown_has_question_text_pictures_and_linked_sources() -> None:
    shown = to_markdown(report(), question="Why?\nReally?", about="Ada, today")

    assert shown.startswith(
        "> Why?\n> Really?\n\nAda, today\n\n# T\n\nA [[1]](https://a.org/(x))[2?] & <b>.\n\n![Picture 1][picture-1]\n\n- x"
    )
    assert "1. [a.org](https://a.org/%28x%29)" in shown
    assert shown.endswith("[picture-1]: data:image/png;base64,cG5n\n")


def test_html_is_whole_and_needs_nothing_else() -> None:
    shown = to_html(report(), question="Why <b>?", about="Ada & Ben")

    assert '<h1 id="section-1">T</h1>' in shown
    assert '<a href="#section-2">S</a>' in shown
    assert '<sup><a href="#source-1">[1]</a>[2?]</sup> &amp; &lt;b&gt;.' in shown
    assert '<figure><img alt="Picture 1 — T" src="data:image/png;base64,cG5n">' in shown
    assert shown.index("<figure>") < shown.index("<li>x</li>")
    assert '<td class="right">b</td>' in shown
    assert "Why &lt;b&gt;?" in shown
    assert "Ada &amp; Ben" in shown
    assert "default-src 'none'" in shown


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_html_of_any_report_runs_and_loads_nothing(path: Path) -> None:
    shown = to_html(assemble(Findings(path.read_bytes().decode())), question="q", about="a").split(
        "</style>"
    )[1]
    tags = re.findall(r"<[a-zA-Z][^>]*>", shown)

    assert not [
        tag for tag in tags if re.match(r"<(script|iframe|object|embed|form|link|base|meta|svg|b|img)\b", tag)
    ]
    assert not [tag for tag in tags if re.search(r"\son\w+\s*=|style=|src=", tag)]
    assert all(
        url.startswith(("http://", "https://", "mailto:", "#"))
        for url in re.findall(r'href="([^"]*)"', shown)
    )


def test_a_picture_that_is_no_image_is_named_but_not_shown() -> None:
    shown = to_html(Report("x", (), (Picture(0, "text/html", b"<script>"),)), question="q", about="a")

    assert "<img" not in shown
    assert "Picture 1" in shown


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_every_word_of_a_report_is_in_both_exports(path: Path) -> None:
    made = assemble(Findings(path.read_bytes().decode()))
    words = {word for word in re.findall(r"[^\W\d_]{4,}", made.markdown) if word.isascii()}
    text = to_html(made, question="q", about="a")

    assert not [word for word in words if word not in to_markdown(made, question="q", about="a")]
    assert not [word for word in words if word not in text]


def test_a_page_says_its_direction_and_language_and_never_those_of_its_question_alone() -> None:
    shown = to_html(
        Report("# \u0627\u0644\u0645\u0627\u0621 \u0641\u064a \u0627\u0644\u062e\u0644\u064a\u062c"),
        question="What about water?",
        about="a",
    )

    assert '<html dir="rtl" lang="ar">' in shown
    assert '<p class="question" dir="ltr">' in shown


@pytest.mark.parametrize(
    ("columns", "width", "expected"),
    [(3, 5, ""), (8, 12, "wide"), (26, 4, "wide tight"), (2, 90, "wide tight")],
)
def test_a_table_is_printed_upright_on_its_side_or_squeezed_there(columns, width, expected) -> None:
    assert shape([["x" * width] * columns, ["y"]]) == expected


def test_addresses_of_sources_stand_beside_them_on_paper_where_somebody_could_type_them() -> None:
    text = (
        "A [cite: 1, 2].\n\n**Sources:**\n1. [a.org](https://a.org/page)\n2. [b.org](https://b.org/%s)\n"
        % ("x" * 200)
    )
    shown = to_html(assemble(Findings(text)), question="q", about="a")

    assert shown.count('<span class="address">') == 1
    assert '<span class="address">https://a.org/page</span>' in shown
