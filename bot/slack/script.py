"""Which way a text is written and, roughly, in which language: for readers, fonts and voices that need to know."""

from __future__ import annotations

import re
import unicodedata

LOOKED_AT = 20_000
"""Characters of a text that are looked at."""

_RTL = ("R", "AL")
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]"), 8),  # kana are few among kanji, and in no other writing
    ("ko", re.compile("[\uac00-\ud7a3]"), 1),
    ("zh", re.compile("[\u3400-\u9fff\uf900-\ufaff]"), 1),
    ("ar", re.compile("[\u0620-\u06ff\u0750-\u077f]"), 1),
    ("he", re.compile("[\u05d0-\u05ea]"), 1),
    ("hi", re.compile("[\u0900-\u097f]"), 1),
    ("ru", re.compile("[\u0400-\u04ff]"), 1),
    ("el", re.compile("[\u0370-\u03ff]"), 1),
    ("th", re.compile("[\u0e00-\u0e7f]"), 1),
)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")


def direction(text: str) -> str:
    """`rtl` where most letters are of a script that runs from right to left, else `ltr`."""
    kinds = [unicodedata.bidirectional(letter) for letter in text[:LOOKED_AT] if letter.isalpha()]
    return "rtl" if 2 * sum(kind in _RTL for kind in kinds) > len(kinds) else "ltr"


def language(text: str) -> str:
    """The language that the script of most letters speaks for, as a tag; "" where many are written in it."""
    head = text[:LOOKED_AT]
    counts = {tag: len(pattern.findall(head)) * weight for tag, pattern, weight in _SCRIPTS}
    tag = max(counts, key=lambda one: counts[one])
    return tag if 2 * counts[tag] > len(_LATIN.findall(head)) else ""
