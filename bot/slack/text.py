"""Text on its way to Slack: what is invisible or steers the display is taken out, lengths are kept.

Nothing here makes markup; only `escape` is for the few places where Slack parses text (the fallback `text`).
"""

from __future__ import annotations

import re

# Kept: tab and newline. Joiners (U+200C, U+200D) are kept between letters or emoji that need them, variation
# selectors after an ideograph; everywhere else they only serve to hide or disguise.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e00ff\U0001d173-\U0001d17a"
)
# Each looks at neighbours, so it is used once what the ones before it take out is gone.
_REMOVED = (
    re.compile(f"[{_INVISIBLE}]"),
    re.compile("(?<![\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])[\U000e0100-\U000e01ef]+"),
    re.compile("(?<![^\\x00-\\u024f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\\x00-\\u024f\u200c\u200d])"),
)
_NEWLINE = re.compile("\r\n?|[\x85\u2028\u2029]")
_SPACE = re.compile("[\x0b\x0c]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NEEDS_WORK = re.compile(
    f"[{_INVISIBLE}\r\x0b\x0c\x85\u2028\u2029\u200c\u200d\ud800-\udfff\U000e0100-\U000e01ef]"
)
_WORD_BREAK = re.compile(r"\s")


def clean(text: str) -> str:
    """`text` without control, zero-width and bidirectional override characters; line ends become newlines."""
    if not _NEEDS_WORK.search(text):
        return text
    text = _NEWLINE.sub("\n", text)
    text = _SPACE.sub(" ", text)
    text = _SURROGATE.sub("\ufffd", text)
    for removed in _REMOVED:
        text = removed.sub("", text)
    return text


def escape(text: str) -> str:
    """`text` for a place that Slack parses: `&`, `<`, `>` escaped, nothing else (Slack docs: formatting text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escaped_length(text: str) -> int:
    """How long `text` is once Slack has escaped it."""
    return len(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def one_line(text: str) -> str:
    """`text` with every run of white space as one space."""
    return " ".join(text.split())


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters, cut between words where there are any, with "…" for what is missing."""
    if len(text) <= limit:
        return text
    head = text[: max(limit - 1, 0)]
    breaks = [m.start() for m in _WORD_BREAK.finditer(head)]
    if breaks and breaks[-1] >= limit // 2:
        head = head[: breaks[-1]]
    return head.rstrip() + "…"


def fallback(text: str, limit: int = 2_900) -> str:
    """`text` escaped for a message's top-level `text`, at most `limit` bytes of UTF-8, never empty."""
    text = clean(text[: 2 * limit]).strip()
    if len(escape(text).encode()) <= limit:
        return escape(text) or "…"
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if len(escape(text[:middle]).encode()) + len("…".encode()) <= limit:
            low = middle
        else:
            high = middle - 1
    return escape(shortened(text, low))
