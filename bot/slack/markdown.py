"""A report's Markdown as a flat list of units, in order: what `bot.slack.parts` packs into messages.

Each unit is the smallest thing that stays together; nested lists keep their depth as `indent`, as Slack draws them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from markdown_it.token import Token

from bot.domain.findings import Picture
from bot.slack import grammar
from bot.slack.richtext import Inline, Span, is_wrapped, plain, text, uncited
from bot.slack.text import clean, one_line
from bot.slack.units import Code, Grid, Header, Item, Line, Place, Rule, Unit

HEADER_LIMIT = 150  # Slack docs: header block, plain text
DEEPEST = 8  # list levels that Slack's clients draw
_LARGEST_NUMBER = 9_999

_LANGUAGES = frozenset(
    re.findall(
        r"\S+",
        "bash c cpp csharp css csv dart diff dockerfile elixir erlang fortran go graphql haskell html java javascript"
        " json julia kotlin latex lua makefile markdown matlab ocaml perl php powershell python r ruby rust scala shell"
        " sql swift typescript xml yaml",
    )
)
_ALIASES = {
    "sh": "bash", "zsh": "bash", "console": "bash", "c++": "cpp", "cs": "csharp", "c#": "csharp", "js": "javascript",
    "jsx": "javascript", "ts": "typescript", "tsx": "typescript", "py": "python", "python3": "python", "rb": "ruby",
    "rs": "rust", "yml": "yaml", "golang": "go", "kt": "kotlin", "md": "markdown", "tex": "latex", "patch": "diff",
    "jsonc": "json", "htm": "html", "docker": "dockerfile", "make": "makefile",
}  # fmt: skip
_BOX = re.compile(r"\[([ xX])\]\s+")
_BOXES = {" ": "☐ ", "x": "☑ ", "X": "☑ "}
_NO_TEXT = ("text", "txt", "plaintext", "plain", "none")


def units(markdown: str, sources: Mapping[str, str], pictures: Sequence[Picture] = ()) -> list[Unit]:
    """The units of `markdown`; `sources` maps citation numbers to safe addresses; never raises."""
    source = clean(markdown)
    places = [(len(clean(markdown[: picture.position])), n) for n, picture in enumerate(pictures)]
    return _Reader(source, sources, places).read()


@dataclass(slots=True)
class _List:
    number: int  # of the next item; 0 for bullets
    run: int


class _Reader:
    """Walks the block tokens once; `_lists` and `_quotes` are what the walk is inside of."""

    def __init__(self, source: str, sources: Mapping[str, str], places: Iterable[tuple[int, int]]) -> None:
        self._source = source
        self._env: grammar.Env = {}
        self._inline = Inline(sources)
        self._out: list[Unit] = []
        self._lists: list[_List] = []
        self._quotes: list[int] = []
        self._pending: int | None = None  # the number of an item whose text has not come yet
        self._runs = count(1)
        self._places = places
        self._near = ""

    def read(self) -> list[Unit]:
        tokens = grammar.with_pictures(grammar.parse(self._source, self._env), self._source, self._places)
        heading: Token | None = None
        for token in tokens:
            match token.type:
                case "heading_open":
                    heading = token
                case "heading_close":
                    heading = None
                case "inline" if heading:
                    self._heading(token, heading)
                case "inline":
                    self._paragraph(token)
                case "definition":
                    self._text([Token("text", "", 0, content=token.content)], wrapped=False)
                case _:
                    self._other(token)
        return self._out

    def _other(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open" | "list_item_open":
                self._list_opens(token)
            case "list_item_close":
                self._item_closes()
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "blockquote_open":
                self._quotes.append(self._quotes[-1] if self._quotes else next(self._runs))
            case "blockquote_close":
                self._quotes.pop()
            case "fence" | "code_block" | "math":
                self._code(token)
            case "grid":
                self._grid(token)
            case "hr" | "picture":
                self._out.append(Place(token.meta["index"], self._near) if token.meta else Rule())

    def _list_opens(self, token: Token) -> None:
        if token.type == "list_item_open":
            self._item_opens()
            return
        first = int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else 0
        zero = token.type == "ordered_list_open" and first == 0
        self._lists.append(_List(-1 if zero else first, next(self._runs)))

    def _item_opens(self) -> None:
        self._item_closes()
        current = self._lists[-1]
        self._pending = current.number
        if current.number > 0:
            current.number += 1
        elif current.number < 0:  # a list that starts with 0: -1 is 0, -2 is 1 …
            current.number -= 1

    def _item_closes(self) -> None:
        """A numbered item without any text keeps its number: it may be the year that a line consists of."""
        number, self._pending = self._pending, None
        if number:
            self._out.append(Line([text(f"{number if number > 0 else -number - 1}.")]))

    def _heading(self, token: Token, opened: Token) -> None:
        inline = grammar.inline(token.content, self._env)
        spans = self._inline.spans(inline)
        shown = one_line(plain(spans))
        if not shown:
            return
        setext = opened.markup == "-" and (len(shown) > 100 or "\n" in token.content or shown[-1] in ".。;:")
        if setext:  # a paragraph with a rule right below it, which CommonMark takes for a heading
            self._line(self._inline.spans(inline, wrapped=is_wrapped(token.content)))
            self._out.append(Rule())
            return
        level = int(opened.tag[1])
        addresses = any("url" in s and not re.fullmatch(r"\[\d+\]", s["text"]) for s in spans)
        if self._lists or self._quotes or level > 3 or addresses or len(shown) > HEADER_LIMIT:
            self._line([{**span, "style": {**span.get("style", {}), "bold": True}} for span in spans])
        else:
            self._out.append(Header(shown, level))
        self._near = shown

    def _paragraph(self, token: Token) -> None:
        content = token.content
        box = _BOX.match(content) if self._pending is not None else None
        tokens = grammar.inline(content[box.end() :] if box else content, self._env)
        if box:
            tokens = [Token("text", "", 0, content=_BOXES[box[1]]), *tokens]
        self._text(tokens, wrapped=is_wrapped(content))

    def _text(self, tokens: list[Token], *, wrapped: bool) -> None:
        self._line(self._inline.spans(tokens, wrapped=wrapped))

    def _line(self, spans: list[Span]) -> None:
        """A paragraph where the walk is: of an item, of a quotation, or on its own."""
        if not spans:
            return
        if not self._lists:
            self._out.append(Line(spans, self._quotes[-1] if self._quotes else 0))
            return
        indent = min(len(self._lists) - 1, DEEPEST)
        border, run = bool(self._quotes), self._lists[-1].run
        last = self._out[-1] if self._out else None
        if self._pending is not None:
            number, self._pending = self._pending, None
            if not 0 <= number <= _LARGEST_NUMBER:
                spans, number = [text(f"{number if number > 0 else -number - 1}. "), *spans], 0
            self._out.append(Item(spans, indent, number, run, border))
        elif isinstance(last, Item) and last.run == run:
            last.spans.extend([text("\n"), *spans])
        else:
            self._out.append(Line(spans, self._quotes[-1] if self._quotes else 0))

    def _code(self, token: Token) -> None:
        content = uncited(token.content).strip("\n").rstrip()
        info = token.info.strip()
        language = _ALIASES.get(info.lower(), info.lower())
        known = language if language in _LANGUAGES else None
        if info and not known and language not in _NO_TEXT:
            self._line([text(clean(info), {"italic": True})])
        self._item_closes()
        if content.strip():
            self._out.append(Code(content, known, next(self._runs), bool(self._quotes)))

    def _grid(self, token: Token) -> None:
        self._item_closes()
        width = max(len(row) for row in token.meta["rows"])
        rows = [
            [self._inline.spans(grammar.inline(cell, self._env)) for cell in row]
            for row in token.meta["rows"]
        ]
        if not any(cell for row in rows for cell in row):
            return
        align = [*token.meta["align"], *[""] * width][:width]
        self._out.append(Grid(rows, align))
