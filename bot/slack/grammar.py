"""The Markdown that reports are written in, as markdown-it sees it: GFM, changed so that no text is ever dropped.

Read by `bot.slack.markdown` (blocks) and `bot.slack.export` (HTML).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block.state_block import StateBlock
from markdown_it.rules_block.table import escapedSplit
from markdown_it.rules_inline.state_inline import Scanned, StateInline
from markdown_it.token import Token

BlockRule = Callable[[StateBlock, int, int, bool], bool]
Env = dict[str, Any]

NESTING = 40  # deeper quotes and lists stay text; markdown-it would silently drop what is below its own limit

_SPECIAL = re.compile(r"[\n\\`*_~\[!<&$]")
_DELIMITER_ROW = re.compile(r"\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_MATH = re.compile(
    r"\$\$(?P<a>.+?)\$\$|\\\[(?P<b>.+?)\\\]|\\\((?P<c>.+?)\\\)|\$(?P<d>[^\s$`](?:[^$`\n]*[^\s$`\\])?)\$(?!\d)",
    re.DOTALL,
)
_FORMULA = re.compile(r"[\\^_={}]|^[A-Za-z]'?$")
_MATH_REACH = 2_000  # characters, and lines: how far the end of a formula is looked for
_MATH_LINES = 100
_BRACKETS = 400  # a paragraph with more of them is read in pieces of this many characters:
_CHUNK = 1_000
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")


class WideInline(StateInline):
    """Emphasis as East Asian writing needs it: `**重要：**次` is bold though no space follows (CommonMark says no)."""

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803 - markdown-it's name
        """What the run of markers at `start` may open or close; next to a wide character it may do both."""
        found = super().scanDelims(start, canSplitWord)
        if found.can_open and found.can_close:
            return found
        before = self.src[start - 1] if start else " "
        end = start + found.length
        after = self.src[end] if end < self.posMax else " "
        if not (_WIDE.match(before) or _WIDE.match(after)):
            return found
        can_open = found.can_open or not after.isspace()
        can_close = found.can_close or not before.isspace()
        return Scanned(can_open, can_close, found.length)


def parse(markdown: str, env: Env) -> list[Token]:
    """The block tokens of clean `markdown`; inline content is left to `inline`. References go into `env`."""
    tokens: list[Token] = []
    _MARKDOWN.block.parse(markdown, _MARKDOWN, env, tokens)
    return tokens


def with_pictures(tokens: list[Token], source: str, places: Iterable[tuple[int, int]]) -> list[Token]:
    """`tokens` with a `picture` token (meta: index, at) before the first block that starts at or after its offset."""
    waiting = sorted(places, reverse=True)
    if not waiting:
        return tokens
    starts = [0, *(match.end() for match in re.finditer("\n", source))]
    out: list[Token] = []
    for token in tokens:
        if token.level == 0 and token.map and token.nesting >= 0:
            at = starts[min(token.map[0], len(starts) - 1)]
            while waiting and waiting[-1][0] <= at:
                out.append(Token("picture", "", 0, meta={"index": waiting.pop()[1], "at": at}))
        out.append(token)
    out.extend(Token("picture", "", 0, meta={"index": n, "at": len(source)}) for _, n in reversed(waiting))
    return out


def inline(content: str, env: Env) -> list[Token]:
    """The inline tokens of one paragraph, heading or cell."""
    if not _SPECIAL.search(content):
        return [Token("text", "", 0, content=content)] if content else []
    if content.count("[") <= _BRACKETS:
        return _inline(content, env)
    return [token for piece in _chunks(content) for token in _inline(piece, env)]


def _inline(content: str, env: Env) -> list[Token]:
    state = WideInline(content, _MARKDOWN, env, [])
    _MARKDOWN.inline.tokenize(state)
    for rule in _MARKDOWN.inline.ruler2.getRules(""):
        rule(state)
    return state.tokens


def _chunks(content: str) -> Iterator[str]:
    """`content` in pieces: looking for the ends of links takes markdown-it quadratic time in a paragraph's brackets."""
    at = 0
    while at < len(content):
        end = min(at + _CHUNK, len(content))
        space = content.rfind(" ", at, end) + 1 if end < len(content) else end
        end = space if space > at else end
        yield content[at:end]
        at = end


def _built() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": 100, "html": False}).enable("strikethrough")
    markdown.disable(["html_block", "html_inline"])
    block = markdown.block.ruler
    rules: dict[str, BlockRule] = {rule.name: rule.fn for rule in block.__rules__}
    alternatives = {rule.name: rule.alt for rule in block.__rules__}
    for name in ("blockquote", "list"):
        block.at(name, _shallow(rules[name]), {"alt": alternatives[name]})
    block.at("reference", _kept(rules["reference"]), {"alt": alternatives["reference"]})
    block.at("table", _table, {"alt": ["paragraph", "reference"]})
    block.enable("table")
    block.before("fence", "math", _math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    block.before("table", "prose", _prose)
    markdown.inline.ruler.before("escape", "math", _math_inline)
    markdown.inline.add_terminator_char("$")
    return markdown


def _prose(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """One line that starts with a letter, with nothing below it, is a paragraph: no other rule need look at it."""
    position = state.bMarks[start] + state.tShift[start]
    if silent or not state.src[position].isalpha() or state.is_code_block(start):
        return False
    if start + 1 < end and not state.isEmpty(start + 1):
        return False
    state.line = start + 1
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, state.line]
    token = state.push("inline", "", 0)
    token.map = [start, state.line]
    token.content = state.src[position : state.eMarks[start]].rstrip()
    state.push("paragraph_close", "p", -1)
    return True


def _shallow(rule: BlockRule) -> BlockRule:
    def limited(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < NESTING and rule(state, start, end, silent)

    return limited


def _kept(rule: BlockRule) -> BlockRule:
    """Link definitions stay visible: reports use them as source lists, and GFM would hide the unused ones."""

    def kept(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        if not rule(state, start, end, silent):
            return False
        token = state.push("definition", "", 0)
        token.map = [start, state.line]
        token.content = state.getLines(start, state.line, state.blkIndent, False).strip()
        return True

    return kept


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()


def _cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in escapedSplit(line)]
    if cells and not cells[0]:
        cells.pop(0)
    if cells and not cells[-1]:
        cells.pop()
    return cells


def _alignment(cell: str) -> str:
    left, right = cell.startswith(":"), cell.endswith(":")
    return "center" if left and right else "right" if right else "left" if left else ""


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A GFM table as one `grid` token (meta: rows, align); cells beyond the header's are kept, GFM drops them."""
    if start + 2 > end or state.sCount[start + 1] < state.blkIndent or state.is_code_block(start + 1):
        return False
    position = state.bMarks[start + 1] + state.tShift[start + 1]
    if position >= state.eMarks[start + 1] or state.src[position] not in "|-:" or state.is_code_block(start):
        return False
    delimiter, head = _line(state, start + 1), _line(state, start)
    if "|" not in head or not _DELIMITER_ROW.match(delimiter) or delimiter.startswith("- "):
        return False
    header = _cells(head)
    align = [_alignment(cell) for cell in _cells(delimiter)]
    near = min(len(header), len(align)) >= 2 and abs(len(header) - len(align)) == 1  # a slip that models make
    if not header or not (near or len(header) == len(align)):
        return False
    if silent:
        return True
    rows = [header]
    parent, state.parentType = state.parentType, "table"
    enders = state.md.block.ruler.getRules("blockquote")
    line = start + 2
    while line < end and state.sCount[line] >= state.blkIndent and not state.is_code_block(line):
        text = _line(state, line)
        if not text or any(rule(state, line, end, True) for rule in enders):
            break
        rows.append(_cells(text))
        line += 1
    token = state.push("grid", "", 0)
    token.map = [start, line]
    token.meta = {"rows": rows, "align": align}
    state.parentType = parent
    state.line = line
    return True


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Display mathematics on lines of its own, between double dollars or backslashed brackets, as a `math` token."""
    first = _line(state, start)
    if state.is_code_block(start) or not first.startswith(("$$", "\\[")):
        return False
    closing = "$$" if first[0] == "$" else "\\]"
    line = start
    rest = first[2:]
    while not rest.rstrip().endswith(closing):
        line += 1
        if (
            line >= min(end, start + _MATH_LINES)
            or state.isEmpty(line)
            or state.sCount[line] < state.blkIndent
        ):
            return False
        rest = _line(state, line)
    text = "\n".join(_line(state, n) for n in range(start, line + 1))[2:-2].strip()
    if not text or closing in text:
        return False
    if silent:
        return True
    token = state.push("math", "", 0)
    token.map = [start, line + 1]
    token.content = text
    state.line = line + 1
    return True


def _math_inline(state: StateInline, silent: bool) -> bool:
    """`$x^2$` and its other spellings as code: what is in it is no Markdown. Prices are no formulas."""
    if state.src[state.pos] not in "$\\":
        return False
    match = _MATH.match(state.src, state.pos, min(state.posMax, state.pos + _MATH_REACH))
    if not match:
        return False
    formula = match[match.lastgroup or 0].strip()
    if not formula or (match.lastgroup == "d" and not _FORMULA.search(formula)):
        return False
    if not silent:
        token = state.push("code_inline", "code", 0)
        token.content = " ".join(formula.split())
    state.pos = match.end()
    return True


_MARKDOWN = _built()
