"""A whole report becomes letters: messages in order, and files to keep where it is long."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from bot.domain.letters import Contents, File, Form, Part, View, Whole
from bot.domain.policy import Depth
from bot.domain.report import Picture, Report, Source
from bot.domain.research import State
from bot.slack import closing, packing
from bot.slack.budget import excess
from bot.slack.buttons import thumbs
from bot.slack.closing import DISCLAIMER
from bot.slack.elements import context
from bot.slack.packing import ended, repack

pack = partial(packing.pack, most=4)
DAY = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def able(monkeypatch) -> list[Form]:
    """What reports can be made into: nothing, whatever is installed here."""
    forms: list[Form] = []
    monkeypatch.setattr(closing, "forms", lambda: tuple(forms))
    return forms


def whole(markdown, *, question="Why is the sky blue?", pictures=(), sources=(), state=State.COMPLETED):
    view = View("r_01", question, "T1", "U1", Depth.STANDARD, state, DAY, DAY, DAY)
    return Whole(view, Report(markdown, sources, pictures))


def sections(count):
    paragraph = "Blue light is scattered more than red light is. " * 40
    return "# The sky\n\n" + "\n\n".join(
        f"## Section {n}\n\n{paragraph}\n\n{paragraph}" for n in range(count)
    )


def test_a_short_report_is_its_messages_alone():
    packed = pack(whole(sections(3)))

    assert {type(part) for part in packed} == {Part}
    assert len(packed) <= 4


def test_the_last_message_of_a_report_ends_with_what_it_is():
    *before, last = pack(whole(sections(3)))

    assert last.blocks[-3:-1] == [context(DISCLAIMER), thumbs("r_01")]
    assert len(last.blocks) > 2
    assert all(block["type"] != "context" for part in before for block in part.blocks)
    assert excess(last.blocks) is None


@pytest.mark.parametrize("last", [Part("a", [context("x" * 10_450)]), File("a.csv", "a", "text/csv", "a")])
def test_an_end_that_does_not_fit_below_the_text_is_a_message_of_its_own(last):
    end = [context(DISCLAIMER)]

    assert ended([last], end) == [last, Part(DISCLAIMER, end)]


def test_below_a_report_stand_buttons_for_what_it_can_be_made_into(able):
    able[:] = Form
    packed = pack(whole("Some findings."))
    *_, row, _ = packed[-1].blocks

    assert (row["type"], row["block_id"]) == ("actions", "actions:r_01:1")
    assert [(one["action_id"], one["text"]["text"], one["value"]) for one in row["elements"]] == [
        ("research_pdf", "PDF", "r_01"),
        ("research_word", "Word", "r_01"),
    ]
    assert excess(packed[-1].blocks) is None


def test_what_can_be_asked_next_stands_below_a_whole_report_and_says_its_price():
    labels = {}
    for is_direct in (False, True):
        report = whole("Some findings.")
        *_, row = pack(replace(report, view=replace(report.view, is_direct=is_direct)))[-1].blocks
        labels[is_direct] = [one["text"]["text"] for one in row["elements"]]
        assert "$1–3" in row["elements"][0]["confirm"]["text"]["text"]
        assert "$1–3" in row["elements"][1]["confirm"]["text"]["text"]

    assert labels == {
        False: ["Research deeper", "Run again"],
        True: ["Research deeper", "Run again", "Share to channel…"],
    }


def test_a_plan_is_its_parts_alone():
    report = whole("## Plan\n\n1. Look.")

    (only,) = pack(replace(report, is_plan=True))
    assert {block["type"] for block in only.blocks} == {"header", "rich_text"}


def test_what_had_been_found_when_a_research_ended_says_so_at_its_end():
    stopped = whole("Some findings.", state=State.CANCELLED)

    assert "not a finished report" in str(pack(stopped)[-1].blocks[-1])


def test_a_refused_last_part_keeps_its_end_last():
    row = {"type": "actions", "elements": [{"type": "button"}]}
    first = pack(whole(sections(1)))[0].blocks[:-1]
    pieces = [Part("a", [*first, row])]
    ends = []
    while any(isinstance(piece, Part) for piece in pieces):
        ends.append([block["type"] for block in pieces[-1].blocks] if isinstance(pieces[-1], Part) else [])
        pieces = [
            smaller for piece in pieces for smaller in (repack(piece) if isinstance(piece, Part) else [piece])
        ]

    end = ["context", "context_actions", "actions"]
    assert [one[-3:] for one in ends[:2]] == [end, end]
    assert pieces[-1].content.decode() == DISCLAIMER


def test_a_long_report_comes_as_files_contents_and_sources():
    source = Source(1, "https://a.org/x", "a.org", "A page")
    markdown, page, contents, sources = pack(whole(sections(20), sources=(source,)))

    assert (markdown.name, markdown.mime_type) == ("why-is-the-sky-blue.md", "text/markdown")
    assert (page.name, page.mime_type) == ("why-is-the-sky-blue.html", "text/html")
    assert markdown.title == "Why is the sky blue? (Markdown)"
    assert b"Why is the sky blue?" in markdown.content
    assert b"2026-11-22" in page.content
    assert [(entry.title, entry.place) for entry in contents.entries] == [
        (f"Section {n}", 1) for n in range(20)
    ]
    assert "words" in contents.about
    assert "a.org — A page" in sources.text
    assert [block["type"] for block in sources.blocks[-4:-1]] == ["context", "context_actions", "actions"]
    assert sources.blocks[-2]["elements"][0]["text"]["text"] == "Show it all here"


@pytest.mark.parametrize(("most", "in_full", "files"), [(0, False, 2), (4, True, 0), (99, False, 2)])
def test_a_long_report_that_is_shown_whole_ends_with_contents_that_lead_up_into_it(most, in_full, files):
    report = replace(whole(sections(20)), in_full=in_full)
    *packed, contents = packing.pack(report, most)

    assert sum(isinstance(one, File) for one in packed) == files
    assert isinstance(contents, Contents)
    assert contents.end[0] == context(DISCLAIMER)
    assert [block["type"] for block in contents.end] == ["context", "context_actions", "actions"]
    for entry in contents.entries:
        headers = [
            block["text"]["text"] for block in packed[entry.place - 1].blocks if block["type"] == "header"
        ]
        assert entry.title in headers


def test_contents_leave_out_the_deepest_headings_first_and_the_title_always():
    text = "# Title\n\n" + "\n\n".join(f"## Part {n}\n\n### Detail {n}\n\nWords." for n in range(25))
    contents = packing.pack(whole(text + "Words. " * 5_000), 1)[2]

    assert [entry.title for entry in contents.entries] == [f"Part {n}" for n in range(25)]


def test_a_long_report_without_headings_has_no_contents():
    packed = pack(whole("Words of a paragraph. " * 5_000))

    assert [type(one) for one in packed] == [File, File, Part]
    assert packed[-1].blocks[0] == context(DISCLAIMER)


def test_contents_that_slack_refuses_come_without_their_links():
    contents = pack(whole(sections(20)))[2]
    (part,) = repack(contents)

    assert "Section 7" in part.text
    assert "url" not in str(part.blocks)


def test_pictures_stay_at_their_place_and_do_not_make_a_report_long():
    pictures = tuple(Picture(0, "image/png", b"png") for _ in range(6))
    packed = pack(
        whole("One paragraph.", pictures=pictures)
    )  # each stands before it, so there is one message

    assert sum(isinstance(part, File) for part in packed) == 6
    assert [part.mime_type for part in packed if isinstance(part, File)] == ["image/png"] * 6


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("../../etc/passwd", "etc-passwd.md"),
        ("Wie blau ist der Himmel über Köln?", "wie-blau-ist-der-himmel-über-köln.md"),
        ("Why? " * 40, "-".join(["why"] * 15) + ".md"),
        ("\u202e\u200b", "report.md"),
        ("???", "report.md"),
    ],
)
def test_a_file_is_named_after_the_question_and_never_leads_anywhere(question, name):
    packed = pack(whole(sections(20), question=question))

    assert packed[0].name == name
    assert packed[0].title


def test_a_refused_part_comes_in_smaller_ones_until_it_is_a_file():
    pieces = [pack(whole(sections(1)))[0]]
    rounds = 0
    while any(isinstance(piece, Part) for piece in pieces):
        pieces = [
            smaller for piece in pieces for smaller in (repack(piece) if isinstance(piece, Part) else [piece])
        ]
        rounds += 1

    assert pieces
    assert rounds < 20
    assert all(piece.content and piece.name for piece in pieces)
