"""The PDF of a report: every letter of every script is on the page, and nothing was fetched for it."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.letters import Form
from bot.domain.report import Findings, Picture, Report, assemble
from bot.sandbox.gemini.charts import CHARTS
from bot.slack import press

if Form.PDF not in press.forms():
    pytest.skip("the extra `export` or Pango is not installed", allow_module_level=True)

from pypdf import PdfReader

from bot.slack import pdf
from tests.unit.report_reading import letters

if TYPE_CHECKING:
    from collections.abc import Iterator

CORPUS = Path(__file__).parent.parent / "corpus"
SCRIPTS = (
    "batteries_en", "energy_zh", "robotics_ja", "chips_ko", "history_ru", "policy_fr", "mathematics", "code_heavy",
)  # fmt: skip
RIGHT_TO_LEFT = ("water_ar", "hebrew_bidi")
HOSTILE = """# <img src="file:///etc/passwd"> <link rel=stylesheet href="http://127.0.0.1:9/a.css">

<style>@import url(file:///etc/passwd); body { background: url(http://127.0.0.1:9/b) }</style>
<svg><image href="file:///etc/passwd"/></svg> <object data="file:///etc/passwd"></object>

![passwd](file:///etc/passwd) ![remote](http://127.0.0.1:9/c.png) ![data](data:image/png;base64,AAAA)
[relative](etc/passwd) <file:///etc/passwd> [x](javascript:alert(1)) `<link rel=attachment href=file:///etc/passwd>`
"""
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/><image href="http://127.0.0.1:9/d"/></svg>'


def report(*names: str) -> Report:
    """These reports of the corpus as one."""
    text = "\n\n".join(re.sub(r"\[cite:[^\]]*\]", "", (CORPUS / f"{name}.md").read_text()) for name in names)
    return assemble(Findings(text))


def read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def shown(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in read(made).pages)


@pytest.fixture
def fetched(monkeypatch) -> Iterator[list[str]]:
    """The addresses that WeasyPrint wanted and was given."""
    given: list[str] = []
    fetch = pdf.Pictures.fetch

    def noted(self, url, headers=None):
        answer = fetch(self, url, headers)
        given.append(url)
        return answer

    monkeypatch.setattr(pdf.Pictures, "fetch", noted)
    return given


def test_every_letter_of_every_script_is_printed_with_a_font_that_has_it():
    made = report(*SCRIPTS, *RIGHT_TO_LEFT, "hindi", "hostile_unicode")

    assert pdf.unprintable(Report(f"{made.markdown}\n\n− × ≤ ∑ √ ∞ ⟨x⟩ € ₹ 🔬 👩‍🔬 🇪🇺 ไทย Ελλάδα")) == []


def test_what_can_be_copied_from_the_page_is_the_report():
    made = report(*SCRIPTS)
    copied = letters(shown(pdf.to_pdf(made, question="What is known?", about="Deep Research, 2026")))

    for word in re.findall(r"\w+", made.markdown.split("**Sources:**")[0]):
        assert letters(word) in copied, word
    assert letters("What is known?") in copied


def test_a_document_has_bookmarks_tags_a_language_and_no_person():
    made = read(pdf.to_pdf(report("energy_zh"), question="Secret question?", about="today"))

    assert [item["/Title"] for item in made.outline if not isinstance(item, list)]
    assert made.trailer["/Root"]["/Lang"] == "zh"
    assert made.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert set(made.metadata) <= {"/Title", "/Producer"}
    assert "Secret" not in str(made.metadata)


def test_a_wide_table_lies_on_its_side_and_none_of_its_columns_is_cut_off():
    made = pdf.to_pdf(report("wide_table"), question="q", about="a")

    for page in read(made).pages[1:]:
        assert page.mediabox.width > page.mediabox.height
    assert {f"c{n}" for n in range(26)} <= set(shown(made).split())


def test_nothing_is_fetched_whatever_a_report_says(fetched):
    made = Report(HOSTILE, (), (Picture(0, "image/png", SVG), Picture(0, "image/svg+xml", SVG)))
    text = shown(
        pdf.to_pdf(made, question="<img src=file:///etc/passwd>", about="<style>@import 'file:///x'")
    )

    assert all(url.startswith("data:image/png;base64,") for url in fetched)
    assert "root:" not in text
    assert "@import" in text


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.1/", "https://example.com/a.png", "data:text/css,a{}", "data:image/svg+xml;base64,PHN2Zz4=", "ftp://x/", "/etc/passwd", ""],
)  # fmt: skip
def test_only_pictures_of_our_own_are_let_through(url):
    with pytest.raises(ValueError, match="fetches nothing"):
        pdf.Pictures().fetch(url)


def test_a_picture_is_on_its_page(fetched):
    chart = CHARTS["prices"]()
    made = read(
        pdf.to_pdf(
            Report("# Prices\n\nThey fall.", (), (Picture(9, "image/png", chart),)), question="", about=""
        )
    )

    assert len(fetched) == 1
    assert len(made.pages[0].images) == 1
