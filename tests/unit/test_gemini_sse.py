"""The SSE decoder: any bytes in any slices, nothing lost, nothing doubled, never an exception."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.gemini.sse import Decoder, Event

STREAMS = sorted((Path(__file__).parents[1] / "contract" / "gemini" / "sse").glob("*.sse"))


def decoded(body: bytes, *cuts: int) -> list[Event]:
    decoder = Decoder()
    edges = sorted({0, len(body), *(cut % (len(body) + 1) for cut in cuts)})
    return [event for start, end in pairwise(edges) for event in decoder.feed(body[start:end])]


@given(st.lists(st.binary(max_size=80), max_size=20))
def test_arbitrary_bytes_never_raise(chunks):
    decoder = Decoder(limit=64)
    for chunk in chunks:
        decoder.feed(chunk)

    assert isinstance(decoder.stray, str)


@given(
    st.lists(
        st.sampled_from([b"data: a", b"event: x", b"\r", b"\n", b"\r\n", b": c", b"\xc3", b"\xa9", b"data"])
    ),
    st.lists(st.integers(0, 1000), max_size=6),
)
def test_where_the_bytes_are_cut_makes_no_difference(pieces, cuts):
    body = b"".join(pieces)

    assert decoded(body) == decoded(body, *cuts) == decoded(body, *range(len(body)))


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_recorded_stream_is_the_same_byte_by_byte_and_with_crlf(path):
    body = path.read_bytes()
    whole = decoded(body)

    assert whole
    assert whole == decoded(body, *range(len(body)))
    assert whole == decoded(body.replace(b"\n", b"\r\n"), *range(0, len(body), 3))


def test_several_data_lines_are_one_event_and_comments_and_ids_pass_by():
    assert decoded(b": hello\nid: 7\nretry: 1\nevent: e\ndata: one\ndata:two\n\n") == [Event("e", "one\ntwo")]


def test_an_event_that_is_not_closed_is_dropped():
    assert decoded(b"data: whole\n\ndata: cut") == [Event("", "whole")]


def test_split_utf8_is_put_together():
    body = "data: café ⁻²\n\n".encode()

    assert decoded(body, *range(len(body))) == [Event("", "café ⁻²")]


def test_a_byte_order_mark_is_no_part_of_the_first_field():
    assert decoded(b"\xef\xbb\xbfdata: x\n\n") == [Event("", "x")]


@pytest.mark.parametrize("line", [b"data: " + b"x" * 200, b"data: " + b"x" * 20 + b"\ndata: " + b"y" * 50])
def test_an_event_beyond_the_limit_is_skipped_and_the_next_is_read(line):
    body = line + b"\n\ndata: next\n\n"
    slices = (body, [body[at : at + 1] for at in range(len(body))])
    for chunks in ([slices[0]], slices[1]):
        decoder = Decoder(limit=60)
        assert [event.data for chunk in chunks for event in decoder.feed(chunk)] == ["next"]


def test_an_endless_line_does_not_grow():
    decoder = Decoder(limit=1000)
    for _ in range(1000):
        decoder.feed(b"x" * 100)

    assert len(decoder.stray) <= 2000


def test_what_stands_outside_every_event_is_kept():
    decoder = Decoder()
    decoder.feed(b'data: x\n\n[{\n  "error": {\n    "code": 504\n  }\n}\n]\n')

    assert decoder.stray.split() == ["[{", '"error":', "{", '"code":', "504", "}", "}", "]"]
