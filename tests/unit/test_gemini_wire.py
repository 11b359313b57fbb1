"""Interaction bodies as snapshots: recorded, from before June 2026, incomplete, and nonsense."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.findings import Citation
from bot.domain.interaction import Phase
from bot.errors import GeminiUncertain
from bot.gemini.findings import character_offsets, joined
from bot.gemini.wire import snapshot


def body(**fields):
    return json.dumps({"id": "v1_x", "status": "completed", **fields}).encode()


def output(*contents, **more):
    return {"type": "model_output", "content": list(contents), **more}


def text(value, **more):
    return {"type": "text", "text": value, **more}


def cite(start, end, url="https://a.example/", **more):
    return {"type": "url_citation", "url": url, "start_index": start, "end_index": end, **more}


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("completed", Phase.COMPLETED),
        ("cancelled", Phase.STOPPED),
        ("failed", Phase.BROKEN),
        ("incomplete", Phase.BROKEN),
        ("budget_exceeded", Phase.BROKEN),
        ("requires_action", Phase.BROKEN),
        ("in_progress", Phase.ALIVE),
        ("queued", Phase.ALIVE),
        ("meditating", Phase.ALIVE),
    ],
)
def test_a_status_means_a_phase_and_an_unknown_one_is_no_end(status, phase):
    assert snapshot(body(status=status)).phase is phase


def test_the_report_is_all_text_of_the_last_output_that_has_text():
    steps = [
        output(text("old")),
        output(text("one "), text("two")),
        output({"type": "image", "data": ""}),
        output(),
    ]

    assert snapshot(body(steps=steps)).findings.text == "one two"


def test_untyped_contents_and_a_single_content_are_text():
    assert snapshot(body(steps=[output({"text": "a"}, {"text": "b"})])).findings.text == "ab"
    assert snapshot(body(steps=[{"type": "model_output", "content": text("c")}])).findings.text == "c"


def test_outputs_of_the_old_schema_give_the_report_thoughts_and_usage():
    found = snapshot(
        body(
            outputs=[
                {"type": "thought", "summary": [text("hm")]},
                text("# Report", annotations=[cite(2, 8)]),
            ],
            usage={"total_reasoning_tokens": 5, "total_tokens": 9},
        )
    )

    assert found.findings.text == "# Report"
    assert found.findings.citations == (Citation("https://a.example/", None, 2, 8),)
    assert [thought.text for thought in found.thoughts] == ["hm"]
    assert (found.usage.thought_tokens, found.usage.total_tokens) == (5, 9)


def test_citations_count_bytes_of_their_own_part_and_become_characters_of_the_whole():
    first, second = "Ä₆ one", "café [1]"
    start = len("café ".encode())
    steps = [output(text(first), text(second, annotations=[cite(start, start + 3, title="T")]))]
    findings = snapshot(body(steps=steps)).findings

    assert [findings.text[c.start : c.end] for c in findings.citations] == ["[1]"]
    assert findings.citations[0].title == "T"


@pytest.mark.parametrize(
    "annotation",
    [
        cite(5, 5),
        cite(7, 3),
        cite(900, 990),
        cite(-3, 4),
        cite("a", "b"),
        cite(True, 3),
        cite(0, 3, url="javascript:alert(1)"),
        cite(0, 3, url=7),
        {"type": "url_citation", "url": "https://a.example/"},
        "nonsense",
    ],
)
def test_citations_that_point_nowhere_are_dropped(annotation):
    assert (
        snapshot(body(steps=[output(text("0123456789", annotations=[annotation]))])).findings.citations == ()
    )


def test_a_citation_that_runs_over_the_end_is_clamped():
    findings = snapshot(body(steps=[output(text("0123456789", annotations=[cite(8, 99)]))])).findings

    assert (findings.citations[0].start, findings.citations[0].end) == (8, 10)


@given(st.text(), st.integers(0, 50))
def test_byte_offsets_never_split_a_character(value, offset):
    value = value.encode("utf-8", "ignore").decode()
    at = character_offsets(value)(offset)

    assert len(value[:at].encode()) <= offset
    assert at == len(value) or len(value[: at + 1].encode()) > offset


def test_pictures_stand_where_they_stood():
    image = {"type": "image", "mime_type": "image/png", "data": base64.b64encode(b"png").decode()}
    broken = {"type": "image", "mime_type": "image/png", "data": "%%%"}
    findings = snapshot(
        body(steps=[output(text("ab"), image, broken, text("cd"), image), output(image)])
    ).findings

    assert [(picture.position, picture.data) for picture in findings.pictures] == [
        (2, b"png"),
        (4, b"png"),
        (4, b"png"),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"errors": [{"code": "api_error", "message": "Broke."}]}, "api_error: Broke."),
        ({"errors": [{"code": "a"}, {"message": "b"}]}, "a; b"),
        ({"steps": [output(error={"code": 13, "message": "Internal error"})]}, "13: Internal error"),
        ({"error": {"code": "safety", "message": "No."}}, "safety: No."),
        ({"error": "plain"}, "plain"),
        ({"errors": [], "error": {}}, ""),
        ({}, ""),
        ({"errors": [{"message": "x" * 900}]}, "x" * 299 + "…"),
    ],
)
def test_trouble_is_in_geminis_own_words(fields, words):
    assert snapshot(body(status="failed", **fields)).trouble == words


def test_a_run_that_works_has_no_trouble():
    assert snapshot(body(errors=[{"message": "of an earlier step"}])).trouble == ""


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"id":"v1_x"}',
        b'{"status":"completed"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b'[{"error":{"code":504,"message":"late"}}]',
    ],
)
def test_what_is_no_interaction_is_uncertain(nonsense):
    with pytest.raises(GeminiUncertain):
        snapshot(nonsense)


def test_a_body_without_id_is_that_of_the_interaction_asked_for():
    assert snapshot(b'{"status":"completed"}', "v1_asked").interaction_id == "v1_asked"


def test_text_is_storable():
    value = snapshot(
        b'{"id":"i","status":"completed","steps":[{"type":"model_output","content":'
        b'[{"text":"a\\u0000b\\ud800c"}]}]}'
    ).findings.text

    assert value.encode("utf-8") == "a b\ufffdc".encode()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "content",
                    "text",
                    "annotations",
                    "summary",
                    "data",
                    "error",
                    "message",
                    "code",
                    "total_tokens",
                    "grounding_tool_count",
                    "count",
                    "url",
                    "start_index",
                    "end_index",
                    "?",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(
    JSON,
    st.sampled_from(["steps", "outputs", "usage", "errors", "error", "strange"]),
    st.sampled_from(["model_output", "thought", "user_input"]),
)
def test_no_json_makes_it_raise(value, field, kind):
    snapshot(body(status="failed", **{field: value}))
    snapshot(
        body(status="failed", **{field: [{"type": kind, "content": value, "summary": value, "error": value}]})
    )
    snapshot(body(steps=[output({"type": "text", "text": "x", "annotations": value}, value)]))


def test_pieces_of_an_answer_are_joined_with_their_citations():
    pieces = [
        snapshot(body(steps=[output(text("one ", annotations=[cite(0, 3)]))])).findings,
        snapshot(body(steps=[output(text("two", annotations=[cite(0, 3)]))])).findings,
    ]
    whole = joined(pieces)

    assert [whole.text[c.start : c.end] for c in whole.citations] == ["one", "two"]
