"""Where long text may be cut: after a sentence, else between words, else between characters; never inside a link."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.slack.richtext import SPAN_COST, Span, cost, stripped
from bot.slack.text import escaped_length

_SENTENCE = re.compile(r"[.!?…؟।][\"'”’»)\]]*\s+|[。！？][」』）]?|\n+")
_SPACE = re.compile(r"\s+")
_JOINED = re.compile(
    "[\u0300-\u036f\u200c\u200d\ufe0f\U0001f3fb-\U0001f3ff\u0591-\u05c7\u064b-\u065f\u093e-\u094d]"
)


def pieces(spans: list[Span], first: int, rest: int) -> Iterator[list[Span]]:
    """`spans` in pieces that cost at most `first` (the first one) and `rest`; nothing but white space is lost."""
    while cost_exceeds(spans, first):
        head, spans = _halved(spans, first)
        if head := stripped(head):
            yield head
        spans = stripped(spans)
        first = rest
    if spans:
        yield spans


def cost_exceeds(spans: list[Span], limit: int) -> bool:
    """Whether `spans` cost more than `limit`; looks no further than needed."""
    total = 0
    for span in spans:
        total += cost((span,))
        if total > limit:
            return True
    return False


def _halved(spans: list[Span], limit: int) -> tuple[list[Span], list[Span]]:
    """The longest beginning within `limit` that ends well, and what follows; the beginning is never empty."""
    used = 0
    best: tuple[int, int] | None = None
    for at, span in enumerate(spans):
        size = cost((span,))
        if used + size > limit:
            offset = _cut_in(span, limit - used - SPAN_COST)
            if offset:
                return _split(spans, at, offset)
            if best and (best[0] or best[1]):
                return _split(spans, *best)
            return (spans[:at], spans[at:]) if at else _forced(spans, limit)
        used += size
        end = _last(_SPACE, span["text"]) if span["type"] == "text" else 0
        best = (at, end) if end else best
    return spans, []


def _cut_in(span: Span, room: int) -> int:
    """Where to cut the text `span` so that its beginning has at most `room` counted characters; 0: not here."""
    if span["type"] != "text" or room <= 0:
        return 0
    value: str = span["text"]
    reach = fitting(value, room)
    sentence = _last(_SENTENCE, value[:reach])
    if sentence >= reach // 3 and sentence:
        return sentence
    return _last(_SPACE, value[:reach])


def _forced(spans: list[Span], limit: int) -> tuple[list[Span], list[Span]]:
    """The first span alone costs too much: a word is cut between characters, a link stays whole."""
    span = spans[0]
    if span["type"] != "text":
        return spans[:1], spans[1:]
    offset = max(fitting(span["text"], max(limit - SPAN_COST, 1)), 1)
    while 1 < offset < len(span["text"]) and _JOINED.match(span["text"][offset]):
        offset -= 1
    return _split(spans, 0, offset)


def _split(spans: list[Span], at: int, offset: int) -> tuple[list[Span], list[Span]]:
    span = spans[at]
    head = [*spans[:at], {**span, "text": span["text"][:offset]}]
    tail_text = span["text"][offset:]
    tail = [{**span, "text": tail_text}] if tail_text else []
    return head, [*tail, *spans[at + 1 :]]


def _last(pattern: re.Pattern[str], value: str) -> int:
    end = 0
    for match in pattern.finditer(value):
        end = match.end()
    return end


def fitting(value: str, room: int) -> int:
    """How many characters of `value` fit into `room` once escaped."""
    if escaped_length(value[:room]) <= room:
        return min(len(value), room)
    low, high = 0, room
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if escaped_length(value[:middle]) <= room else (low, middle - 1)
    return low


def code_pieces(value: str, first: int, rest: int) -> Iterator[str]:
    """Code in pieces of whole lines; a line longer than a piece is cut as a last resort."""
    room = first
    held: list[str] = []
    for line in value.split("\n"):
        left = line
        size = escaped_length(left) + 1
        if held and size > room:
            yield "\n".join(held)
            held, room = [], rest
        while size > room:
            offset = max(fitting(left, room - 1), 1)
            yield left[:offset]
            left, room = left[offset:], rest
            size = escaped_length(left) + 1
        held.append(left)
        room -= size
    if held:
        yield "\n".join(held)
