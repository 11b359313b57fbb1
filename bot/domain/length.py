"""How long a text is to read. Pure, and an estimate: writing without spaces has no words to count."""

from __future__ import annotations

import re

from bot.domain.report import without_citations

WORDS_A_MINUTE = 230
CHARACTERS_A_WORD = 2
"""In writing without spaces: Chinese, Japanese, Thai and the like."""

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ADDRESS = re.compile(r"\]\([^)\s]*\)|https?://\S+")
_WORD = re.compile(r"\w+(?:['’.,-]\w+)*")


def words(markdown: str) -> int:
    """How many words a reader meets in `markdown`; addresses and citations are none."""
    found = unspaced = 0
    for line in markdown.split("\n"):  # line by line, so that nothing else waits for one long search
        spaced, without_spaces = _UNSPACED.subn(" ", _ADDRESS.sub(" ", without_citations(line)))
        found += len(_WORD.findall(spaced))
        unspaced += without_spaces
    return found + unspaced // CHARACTERS_A_WORD


def length(count: int) -> str:
    """`about 3,400 words, 15 min to read`."""
    rounded = count if count < 100 else round(count, -1) if count < 1_000 else round(count, -2)
    minutes = max(1, round(count / WORDS_A_MINUTE))
    return f"about {rounded:,} words, {minutes} min to read"
