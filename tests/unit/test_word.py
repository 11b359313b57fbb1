"""The Word document of a report: its structure is Word's own, no letter is missing, and it says nothing of a person."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.letters import Form
from bot.domain.report import Findings, Picture, Report, assemble, without_citations
from bot.sandbox.gemini.charts import CHARTS
from bot.slack import press

if Form.WORD not in press.forms():
    pytest.skip("the extra `export` is not installed", allow_module_level=True)

from docx import Document
from docx.oxml.ns import qn

from bot.slack.word import to_word
from tests.unit.report_reading import expected_letters, letters, missing_letter

CORPUS = sorted((Path(__file__).parent.parent / "corpus").glob("*.md"))
PROPERTIES = (
    "pStyle",
    "keepNext",
    "keepLines",
    "numPr",
    "pBdr",
    "shd",
    "bidi",
    "spacing",
    "ind",
    "jc",
    "rPr",
    "sectPr",
)
"""Of a paragraph, in the order of the schema."""
AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = """# Findings

It **is** known [cite: 1, 2] and `x` at https://a.org/x, see [there](https://b.org/y).

- one
  - two

    still two
3. third
4. fourth

| A | B |
|:-:|--:|
| 1 | 2 |

```python
print("<&>")
```

> quoted

#### Deep

**Sources:**
1. [a.org](https://a.org/1)
2. [b.org](https://b.org/2)
"""


def made(report: Report) -> bytes:
    return to_word(report, question="Why?", about="today", at=AT)


@pytest.fixture(scope="module")
def document():
    return Document(io.BytesIO(made(assemble(Findings(TEXT)))))


def styles(document) -> list[tuple[str, str]]:
    return [(p.style.name, p.text) for p in document.paragraphs if p.text]


def numbering(document, text: str) -> tuple[int, int]:
    (paragraph,) = [p for p in document.paragraphs if p.text == text]
    found = paragraph._p.pPr.numPr
    return found.numId.val, found.ilvl.val


def test_headings_code_and_quotations_are_word_s_own(document):
    found = styles(document)

    assert ("Heading 1", "Findings") in found
    assert ("Heading 4", "Deep") in found
    assert ("Code", 'print("<&>")') in found
    assert ("Quote", "quoted") in found
    assert found[:2] == [("Question", "Why?"), ("Small", "today")]


def test_lists_are_nested_and_each_counts_for_itself(document):
    bullets, inner, numbers = (numbering(document, text) for text in ("one", "two", "third"))

    assert (bullets[1], inner[1], numbers[1]) == (0, 1, 0)
    assert len({bullets[0], inner[0], numbers[0]}) == 3
    assert numbering(document, "fourth") == numbers
    starts = document.part.numbering_part.element.xpath(
        f"w:num[@w:numId={numbers[0]}]//w:startOverride/@w:val"
    )
    assert set(starts) == {"3"}


def test_citations_lead_to_the_list_of_sources_and_links_to_their_pages(document):
    body = document.element.body
    anchors = [link.get(qn("w:anchor")) for link in body.iter(qn("w:hyperlink")) if link.get(qn("w:anchor"))]
    places = [mark.get(qn("w:name")) for mark in body.iter(qn("w:bookmarkStart"))]
    targets = {rel.target_ref for rel in document.part.rels.values() if rel.is_external}

    assert anchors == places == ["source-1", "source-2"]
    assert targets == {"https://a.org/x", "https://b.org/y", "https://a.org/1", "https://b.org/2"}


def test_a_table_repeats_its_header_and_keeps_its_alignment(document):
    (table,) = document.tables

    assert [[cell.text for cell in row.cells] for row in table.rows] == [["A", "B"], ["1", "2"]]
    assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None
    assert [cell.paragraphs[0].alignment.name for cell in table.rows[1].cells] == ["CENTER", "RIGHT"]


def test_its_properties_tell_the_title_and_the_day_and_no_person(document):
    found = document.core_properties

    assert (found.title, found.created.date(), found.author, found.last_modified_by, found.comments) == (
        "Findings", AT.date(), "", "", "",
    )  # fmt: skip


def test_a_picture_is_in_its_place_with_words_for_who_cannot_see_it():
    chart = CHARTS["prices"]()
    text = "# Prices\n\nThey fall.\n\nLast words."
    report = Report(
        text, (), (Picture(text.index("Last"), "image/png", chart), Picture(0, "image/png", b"none"))
    )
    document = Document(io.BytesIO(made(report)))
    (drawn,) = document.inline_shapes

    assert drawn._inline.docPr.get("descr") == "Picture 1 — Prices"
    order = [p.text for p in document.paragraphs]
    assert order.index("They fall.") < order.index("Picture 1 — Prices") < order.index("Last words.")
    assert "Picture 2" in order


def test_what_is_written_from_right_to_left_is_set_so():
    document = Document(io.BytesIO(made(assemble(Findings((CORPUS[0].parent / "water_ar.md").read_text())))))
    (heading,) = [p for p in document.paragraphs if p.style.name == "Heading 1"]

    assert heading._p.pPr.find(qn("w:bidi")) is not None
    assert document.core_properties.language == "ar"


@pytest.mark.parametrize("name", ["water_ar", "hebrew_bidi", "deep_lists", "batteries_en", "code_heavy"])
def test_properties_stand_in_the_order_that_word_insists_on(name):
    document = Document(io.BytesIO(made(assemble(Findings((CORPUS[0].parent / f"{name}.md").read_text())))))
    order = {qn(f"w:{tag}"): place for place, tag in enumerate(PROPERTIES)}

    for properties in document.element.body.iter(qn("w:pPr")):
        places = [order[child.tag] for child in properties]
        assert places == sorted(places)


def test_a_number_too_large_for_word_stands_in_the_text():
    document = Document(io.BytesIO(made(Report("400000000. first\n400000001. second\n"))))

    assert [p.text for p in document.paragraphs][-2:] == ["400000000. first", "second"]
    assert "400000000" not in document.part.numbering_part.element.xml


def test_a_wide_table_lies_on_its_side():
    document = Document(
        io.BytesIO(made(assemble(Findings((CORPUS[0].parent / "wide_table.md").read_text()))))
    )

    assert [section.orientation.name for section in document.sections] == [
        "PORTRAIT",
        "LANDSCAPE",
        "PORTRAIT",
    ]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_no_letter_of_any_report_is_missing_and_nothing_is_loaded_from_elsewhere(path):
    report = assemble(Findings(path.read_bytes().decode()))
    content = made(report)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        relations = parts.read("word/_rels/document.xml.rels").decode()
    document = Document(io.BytesIO(content))
    text = letters("".join(node.text or "" for node in document.element.body.iter(qn("w:t"))))
    expected = re.sub(r"(?i)<br\s*/?>", " ", without_citations(report.markdown))

    assert missing_letter(expected_letters(expected), text) is None
    kinds = re.findall(
        r'Type="[^"]*/(\w+)"[^>]*TargetMode="External"|TargetMode="External"[^>]*Type="[^"]*/(\w+)"',
        relations,
    )
    assert {a or b for a, b in kinds} <= {"hyperlink"}
