from __future__ import annotations

from typing import Any

import pytest

from bot.domain.report import Findings, Report, assemble
from bot.slack.parts import Part, cut


def blocks(markdown: str) -> list[dict[str, Any]]:
    return [
        block for part in cut(assemble(Findings(markdown))) if isinstance(part, Part) for block in part.blocks
    ]


def elements(markdown: str) -> list[dict[str, Any]]:
    (block,) = blocks(markdown)
    assert block["type"] == "rich_text"
    return list(block["elements"])


def spans(markdown: str) -> list[dict[str, Any]]:
    (element,) = elements(markdown)
    return list(element["elements"])


def t(value: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": value, "style": style} if style else {"type": "text", "text": value}


def link(url: str, label: str) -> dict[str, Any]:
    return {"type": "link", "url": url, "text": label}


def test_headings_are_header_blocks() -> None:
    assert blocks("# A & B <!here>") == [
        {"type": "header", "text": {"type": "plain_text", "text": "A & B <!here>", "emoji": False}}
    ]


@pytest.mark.parametrize("heading", ["#### Deep", "# " + "long " * 40, "> # Quoted"])
def test_headings_that_no_header_block_can_show_are_bold(heading: str) -> None:
    assert all(span["style"] == {"bold": True} for span in spans(heading))


def test_a_heading_keeps_its_link() -> None:
    assert [s["type"] for s in spans("## See [x](https://a.org)")] == ["text", "link", "text"]


def test_styles_nest_and_end() -> None:
    assert spans("a **b *c* ~~d~~** `e`") == [
        t("a "), t("b ", bold=True), t("c", bold=True, italic=True), t(" ", bold=True), t("d", bold=True, strike=True),
        t(" "), t("e", code=True),
    ]  # fmt: skip


def test_bold_works_next_to_east_asian_punctuation() -> None:
    assert spans("**重要：**次の点") == [t("重要：", bold=True), t("次の点")]


def test_nested_lists_keep_depth_kind_and_numbers() -> None:
    assert [
        (e["style"], e["indent"], e.get("offset"), len(e["elements"]))
        for e in elements("1. a\n   - b\n   - c\n2. d\n3. e")
    ] == [
        ("ordered", 0, None, 1),
        ("bullet", 1, None, 2),
        ("ordered", 0, 1, 2),
    ]


def test_a_list_that_starts_later_keeps_its_number() -> None:
    assert elements("7. a\n8. b")[0]["offset"] == 6
    assert spans("1990.") == [t("1990.")]


def test_code_in_a_list_item_does_not_restart_the_numbers() -> None:
    kinds = [
        (e["type"], e.get("offset"), e.get("language"))
        for e in elements("1. a\n   ```py\n   x\n   ```\n2. b")
    ]

    assert kinds == [
        ("rich_text_list", None, None),
        ("rich_text_preformatted", None, "python"),
        ("rich_text_list", 1, None),
    ]


def test_tasks_are_boxes() -> None:
    assert [i["elements"] for i in elements("- [ ] a\n- [x] b")[0]["elements"]] == [[t("☐ a")], [t("☑ b")]]


def test_quotes_keep_paragraphs_lists_and_code_inside() -> None:
    shown = elements("> a\n>\n> b\n> - c\n>\n> ```\n> d\n> ```")

    assert shown[0] == {"type": "rich_text_quote", "elements": [t("a\n\nb")]}
    assert [(e["type"], e["border"]) for e in shown[1:]] == [
        ("rich_text_list", 1),
        ("rich_text_preformatted", 1),
    ]


def test_paragraphs_have_an_empty_line_between_them() -> None:
    assert spans("a\n\nb") == [t("a\n\nb")]


def test_line_ends_stay_unless_the_text_was_wrapped() -> None:
    wrapped = "word " * 14 + "end\nnext line"

    assert spans("a\nb") == [t("a\nb")]
    assert "\n" not in spans(wrapped)[0]["text"]


def test_a_table_is_a_table_block_with_alignment() -> None:
    (table,) = blocks("| a | b |\n|:-:|--:|\n| 1 \\| 2 | **c** |\n| | [x](https://a.org) |")

    assert [s["align"] for s in table["column_settings"]] == ["center", "right"]
    assert table["rows"][1][0] == {"type": "raw_text", "text": "1 | 2"}
    assert table["rows"][1][1]["elements"][0]["elements"] == [t("c", bold=True)]
    assert table["rows"][2][0] == {"type": "raw_text", "text": "–"}


def test_cells_beyond_the_header_are_kept() -> None:
    (table,) = blocks("| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| 4 |")

    assert [[cell["text"] for cell in row] for row in table["rows"]] == [
        ["a", "b", "–"],
        ["1", "2", "3"],
        ["4", "–", "–"],
    ]


def test_a_link_shows_where_it_goes() -> None:
    assert spans("[here](https://a.org/x)") == [link("https://a.org/x", "here"), t(" (a.org)")]
    assert spans("[a.org](https://a.org/x)") == [link("https://a.org/x", "a.org")]
    assert spans("[https://paypal.com](https://evil.example)") == [
        link("https://evil.example", "https://paypal.com"),
        t(" (evil.example)"),
    ]


def test_what_is_no_safe_link_is_text() -> None:
    assert spans("[a](slack://x)") == [t("a (slack://x)")]
    assert spans("[a](javascript:x)") == [t("[a](javascript:x)")]
    assert spans("<!subteam^S1|@team>") == [t("<!subteam^S1|@team>")]


def test_images_are_links_and_nothing_is_loaded() -> None:
    assert spans("![pic](https://a.org/p.png)") == [link("https://a.org/p.png", "pic"), t(" (a.org)")]
    assert [s.get("url") for s in spans("[![b](https://i.org/b.svg)](https://c.org)") if "url" in s] == [
        "https://c.org",
        "https://i.org/b.svg",
    ]


def test_bare_addresses_are_links() -> None:
    assert spans("at https://a.org/b_c_d.") == [
        t("at "),
        link("https://a.org/b_c_d", "https://a.org/b_c_d"),
        t("."),
    ]


def test_citations_are_linked_numbers() -> None:
    shown = blocks("A [cite: 1, 5].\n\n**Sources:**\n1. [a.org](https://a.org/x)")

    assert shown[0]["elements"][0]["elements"] == [t("A "), link("https://a.org/x", "[1]"), t("[5?].")]
    assert shown[1]["text"]["text"] == "Sources"
    assert shown[2]["elements"][0]["elements"][0]["elements"] == [link("https://a.org/x", "a.org — x")]


def test_the_source_list_tells_a_redirect_from_a_site() -> None:
    report = assemble(
        Findings(
            "**Sources:**\n1. [a.org](https://vertexaisearch.cloud.google.com/grounding-api-redirect/x) Title"
        )
    )
    (part,) = cut(report)

    assert isinstance(part, Part)
    assert [s["text"] for s in part.blocks[1]["elements"][0]["elements"][0]["elements"]] == [
        "a.org — Title",
        " (via vertexaisearch.cloud.google.com)",
    ]


def test_mathematics_is_code_and_prices_are_not() -> None:
    assert spans("$a_1 * b$ costs $5 or $6 \\(x^2\\)") == [
        t("a_1 * b", code=True),
        t(" costs $5 or $6 "),
        t("x^2", code=True),
    ]
    assert elements("$$\n\\sum_i x_i\n- 1\n$$")[0]["elements"] == [t("\\sum_i x_i\n- 1")]


def test_unused_link_definitions_stay_visible() -> None:
    assert link("https://a.org/x", "https://a.org/x") in spans("[1]: https://a.org/x")


def test_html_is_shown_and_not_obeyed() -> None:
    assert spans("<b>x</b> <script>y</script>") == [t("<b>x</b> <script>y</script>")]
    assert spans("a<br>b") == [t("a\nb")]


@pytest.mark.parametrize(
    "nothing", ["", "#", ">", "-", "```\n```", "** **", "|  |\n|--|", "[]()", "&#8203;", "---"]
)
def test_nothing_visible_makes_no_message(nothing: str) -> None:
    assert cut(Report(nothing)) == []


def test_quotes_deeper_than_any_parser_would_follow_keep_their_words() -> None:
    assert "deep" in spans("> " * 300 + "deep")[0]["text"]
