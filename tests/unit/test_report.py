from __future__ import annotations

from bot.domain.report import Citation, Findings, Picture, assemble, summary, title, without_citations

REDIRECT = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/"
TAIL = f"\n\n**Sources:**\n1. [nature.com]({REDIRECT}a)\n2. [arxiv.org]({REDIRECT}b)\n3. [nature.com]({REDIRECT}a)\n"


def shown(markdown: str) -> str:
    return markdown.replace("\ue000", "{").replace("\ue001", "}")


def test_markers_become_numbers_of_the_source_list_and_the_list_leaves_the_text() -> None:
    report = assemble(Findings(f"Cells last longer [cite: 1, 2].{TAIL}"))

    assert shown(report.markdown).strip() == "Cells last longer {1,2}."
    assert [(s.number, s.site, s.url) for s in report.sources] == [
        (1, "nature.com", f"{REDIRECT}a"),
        (2, "arxiv.org", f"{REDIRECT}b"),
    ]


def test_a_page_listed_twice_is_one_source_for_both_numbers() -> None:
    assert (
        shown(assemble(Findings(f"A [cite: 1, 3]. B [cite: 3].{TAIL}")).markdown).strip() == "A {1}. B {1}."
    )


def test_a_citation_without_a_source_is_marked() -> None:
    report = assemble(Findings(f"A [cite: 2, 9].{TAIL}"))

    assert shown(report.markdown).strip() == "A {2,9?}."


def test_ranges_and_leaked_start_markers_are_understood() -> None:
    assert shown(assemble(Findings(f"[cite_start]A [cite: 1-2].{TAIL}")).markdown).strip() == "A {1,2}."


def test_what_is_no_citation_stays_as_it_is() -> None:
    assert assemble(Findings("A [cite: turn0search1] [cite].")).markdown == "A [cite: turn0search1] [cite]."


def test_annotations_name_the_pages_where_the_model_gives_no_list() -> None:
    text = "One [cite: 1, 2]. Two [cite: 2]."
    notes = (Citation("https://a.org/x", "A page", 4, 16), Citation("https://b.org", "b.org", 4, 16))

    report = assemble(Findings(text, notes))

    assert shown(report.markdown) == "One {1,2}. Two {2}."
    assert [(s.site, s.title) for s in report.sources] == [("a.org", "A page"), ("b.org", None)]


def test_an_annotation_on_plain_words_puts_its_number_behind_the_word() -> None:
    text = "Water boils at 100 degrees. Next."

    report = assemble(Findings(text, (Citation("https://a.org", None, 0, 23),)))

    assert shown(report.markdown) == "Water boils at 100 degrees{1}. Next."


def test_an_annotation_breaks_no_link_code_or_table() -> None:
    text = (
        "See [a long label](https://x.org/y) now.\n\n| a | b |\n|---|---|\n| c | d |\n\n```\ncode here\n```\n"
    )
    ends = [text.index("label"), text.index("| c | d |") + 9, text.index("here")]

    report = assemble(Findings(text, tuple(Citation("https://a.org", None, 0, end) for end in ends)))

    assert "[a long label](https://x.org/y){1} now" in shown(report.markdown)
    assert "| c | d{1} |" in shown(report.markdown)
    assert "```\ncode here\n```" in report.markdown


def test_a_link_that_is_already_visible_gets_no_number_but_is_listed() -> None:
    text = "It is so ([a.org](https://a.org/x))."

    report = assemble(Findings(text, (Citation("https://a.org/x", "A", 9, 35),)))

    assert report.markdown == text
    assert report.sources[0].title == "A"


def test_source_lists_of_other_languages_and_forms_are_read() -> None:
    for head in ("## Quellen", "**出典**", "References:", "### المصادر:", "**Works cited**"):
        report = assemble(
            Findings(
                f"A [cite: 1].\n\n{head}\n\n1. [Wiki (x)](https://w.org/a_(b)) – Title\n* https://z.org/\n"
            )
        )
        assert [(s.url, s.site) for s in report.sources] == [
            ("https://w.org/a_(b)", "w.org"),
            ("https://z.org/", "z.org"),
        ]
        assert report.sources[0].title == "Wiki (x) – Title"
        assert shown(report.markdown).strip() == "A {1}."


def test_what_follows_the_source_list_is_kept() -> None:
    report = assemble(Findings(f"A.{TAIL}\nA closing remark."))

    assert report.markdown.split() == ["A.", "A", "closing", "remark."]


def test_a_section_called_references_without_addresses_is_kept() -> None:
    text = "A.\n\n## References\n\nSmith (2020), Nature.\n"

    assert assemble(Findings(text)).markdown == text


def test_only_a_redirect_may_be_shown_by_its_label() -> None:
    report = assemble(Findings("A [cite: 1].\n\n**Sources:**\n1. [nature.com](https://evil.example/x)\n"))

    assert report.sources[0].site == "evil.example"


def test_a_model_cannot_forge_our_markers() -> None:
    assert "\ue000" not in assemble(Findings("\ue0001\ue001 x")).markdown


def test_pictures_stay_at_their_place_when_the_text_before_them_changes() -> None:
    text = f"One [cite: 1].\n\nTwo.{TAIL}"

    report = assemble(
        Findings(text, (), (Picture(text.index("Two"), "image/png", b"p"), Picture(9_999, "image/png", b"q")))
    )

    assert report.markdown[report.pictures[0].position :].startswith("Two.")
    assert report.pictures[1].position == len(report.markdown)


def test_the_title_is_the_first_heading_in_plain_words() -> None:
    assert (
        title(assemble(Findings("```\n# no\n```\n# **Big** `x` [y](https://z.org) [cite: 1] #\n")))
        == "Big x y"
    )
    assert title(assemble(Findings("no heading"))) is None


def test_the_summary_is_the_section_that_calls_itself_so() -> None:
    text = "# T\n\nIntro sentence that is long enough to be taken.\n\n## Executive Summary\n\nThe answer [cite: 1].\n\n## Rest\n\nMore."

    assert summary(assemble(Findings(text))) == "The answer."


def test_a_summary_without_such_a_section_is_the_first_real_paragraph() -> None:
    text = "# T\n\nBy a model\n\n| a | b |\n|---|---|\n| c | d |\n\nThis paragraph is long enough to say something.\n\nNot this one."

    assert summary(assemble(Findings(text))) == "This paragraph is long enough to say something."


def test_a_long_summary_ends_with_a_whole_sentence_or_list_item() -> None:
    sentences = "## Summary\n\n" + "This is a sentence of the summary. " * 40
    items = "**Key points**\n\n" + "* A point that is made in the report, one of many.\n" * 30

    assert len(summary(assemble(Findings(sentences)))) <= 600
    assert summary(assemble(Findings(sentences))).endswith("summary.")
    assert summary(assemble(Findings(items))).endswith("many.")


def test_an_empty_report_has_no_summary() -> None:
    assert summary(assemble(Findings(""))) == ""
    assert without_citations("a \ue0001\ue001.") == "a."
