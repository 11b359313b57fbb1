"""Citations of a report: `[cite: 1, 2]` markers, annotations and the model's source list become one numbering.

Used by `bot.domain.report.assemble` alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.domain.findings import CITE_CLOSE, CITE_OPEN, Citation, Findings, Picture, Report, Source

REDIRECT_HOST = (
    "vertexaisearch.cloud.google.com"  # Deep Research cites through redirects; the label is the site
)

_MARKER = re.compile(
    r"\\?\[cite(?:_(?:start|end)|:\s*((?:\d{1,6}\s*(?:[-–]\s*\d{1,6}\s*)?(?:[,;]\s*)?)+))\\?\]", re.IGNORECASE
)
_TAIL_TITLES = (
    "sources?|references?|citations?|works cited|bibliography|quellen(?:verzeichnis)?|literatur(?:verzeichnis)?|références"
    "|bibliographie|fuentes|referencias|fontes|referências|fonti|riferimenti|bronnen|källor|kilder|lähteet|źródła"
    "|источники|джерела|kaynaklar|nguồn|参考文献|出典|情報源|引用元|参考资料|来源|資料來源|參考資料|출처|참고 ?문헌"
    "|المصادر|المراجع|מקורות|स्रोत"
)
_TAIL = re.compile(
    rf"(?im)^[ \t]*(?:#{{1,6}}[ \t]*)?(?:\*\*|__)?(?:{_TAIL_TITLES})[ \t]*[:：]?(?:\*\*|__)?[ \t]*[:：]?[ \t]*#*[ \t]*$"
)
_ENTRY = re.compile(
    r"[ \t]*(?:[*+-][ \t]+)?(?:(\d{1,6})[.)]|\\?\[(\d{1,6})\\?\]:?)?[ \t]*(?:\[((?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]\(<?((?:[^\s()<>]|\([^\s()<>]*\))+)>?\)|<?(https?://[^\s<>]+)>?)"
    r"[ \t]*(?:[-–—:.,][ \t]*)?([^\n]*)$"
)
_DOMAIN = re.compile(r"(?i)^(?:[\w-]+\.)+[a-z\d-]{2,}$")
_WHOLE = re.compile(r"`[^`\n]*`|!?\[[^\]\n]*\]\([^)\n]*\)|<[^<>\n]*>|https?://[^\s)]+|\*\*|__|~~|\\.")
_FENCES = re.compile(r"(?ms)^ {0,3}(```+|~~~+)[^\n]*\n.*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)")
_NEAR = 4_000  # how far around an annotation's end its line is looked at
_RANGE_LIMIT = 50  # "1-50" is spelt out, a wider range is taken by its two ends


@dataclass(slots=True)
class _Numbering:
    """Sources in the order found; a page is listed once, whatever address variants it was cited by."""

    sources: list[Source] = field(default_factory=list)
    by_url: dict[str, int] = field(default_factory=dict)
    by_model: dict[int, int] = field(default_factory=dict)

    def add(self, url: str, label: str | None, title: str | None) -> int:
        key = key_of(url)
        site = site_of(url, label, title)
        name = _title(label, title, site)
        if number := self.by_url.get(key):
            known = self.sources[number - 1]
            if known.title is None and name:
                self.sources[number - 1] = Source(number, known.url, known.site, name)
            return number
        number = len(self.sources) + 1
        self.by_url[key] = number
        self.sources.append(Source(number, url, site, name))
        return number


def join(findings: Findings) -> Report:
    """The report: text with numbered markers instead of the model's, its source tail taken out, one source list."""
    text = findings.text.replace(CITE_OPEN, "\ufffd").replace(CITE_CLOSE, "\ufffd")
    numbering = _Numbering()
    edits = _take_tail(text, numbering)
    body_end = edits[0][0] if edits else len(text)
    markers = list(_MARKER.finditer(text, 0, body_end))
    notes = sorted((c for c in findings.citations if _usable(c, len(text))), key=lambda c: (c.start, c.end))
    loose = _learn(markers, notes, numbering)
    edits += [(m.start(), m.end(), _rewritten(m, spanned, numbering)) for m, spanned in loose.markers]
    edits += _inserted(text, [c for c in loose.others if c.end <= body_end], numbering)
    for note in loose.others:
        numbering.add(note.url, None, note.title)
    markdown, moved = edited(text, sorted(edits, key=lambda e: (e[0], e[1])))
    places = [(moved(min(max(p.position, 0), len(text))), p) for p in findings.pictures]
    pictures = tuple(Picture(at, p.mime_type, p.data) for at, p in sorted(places, key=lambda place: place[0]))
    return Report(markdown, tuple(numbering.sources), pictures)


@dataclass(slots=True)
class _Learnt:
    markers: list[tuple[re.Match[str], list[Citation]]]
    others: list[Citation]


def _learn(markers: list[re.Match[str]], notes: list[Citation], numbering: _Numbering) -> _Learnt:
    """Give annotations to the markers they cover, and learn from equal counts which number means which page."""
    starts = [m.start() for m in markers]
    covered: list[list[Citation]] = [[] for _ in markers]
    others: list[Citation] = []
    for note in notes:
        at = bisect_right(starts, note.end - 1) - 1
        if at >= 0 and note.start < markers[at].end() and note.end > markers[at].start():
            covered[at].append(note)
        else:
            others.append(note)
    for marker, spanned in zip(markers, covered, strict=True):
        numbers = _numbers(marker[1] or "")
        urls = list({key_of(c.url): c for c in spanned}.values())
        if len(urls) == len(numbers):
            for number, note in zip(numbers, urls, strict=True):
                if number not in numbering.by_model:
                    numbering.by_model[number] = numbering.add(note.url, None, note.title)
    return _Learnt(list(zip(markers, covered, strict=True)), others)


def _rewritten(marker: re.Match[str], spanned: list[Citation], numbering: _Numbering) -> str:
    numbers = _numbers(marker[1] or "")
    known = [numbering.by_model[n] for n in numbers if n in numbering.by_model]
    if len(known) < len(numbers) and spanned:
        known += [numbering.add(c.url, None, c.title) for c in spanned]
        numbers = []
    unknown = [f"{n}?" for n in numbers if n not in numbering.by_model]
    shown = [*dict.fromkeys(str(n) for n in known), *dict.fromkeys(unknown)]
    return f"{CITE_OPEN}{','.join(shown)}{CITE_CLOSE}" if shown else ""


def _numbers(listed: str) -> list[int]:
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", listed):
        low, high = int(first), int(last or first)
        found += range(low, high + 1) if low <= high <= low + _RANGE_LIMIT else [low, high]
    return list(dict.fromkeys(found))


def _inserted(text: str, notes: list[Citation], numbering: _Numbering) -> list[tuple[int, int, str]]:
    """Markers for annotations on plain words, put behind the words; a link that is visible already needs none."""
    fences = [(m.start(), m.end()) for m in _FENCES.finditer(text)] if notes else []
    places: dict[int, list[int]] = {}
    for note in notes:
        number = numbering.add(note.url, None, note.title)
        if note.url not in text[note.start : note.end]:
            there = places.setdefault(_behind(text, note.end, fences), [])
            if number not in there:
                there.append(number)
    return [(at, at, f"{CITE_OPEN}{','.join(map(str, ns))}{CITE_CLOSE}") for at, ns in places.items()]


def _behind(text: str, at: int, fences: list[tuple[int, int]]) -> int:
    """The nearest place for a marker that breaks no word, link, code or table row."""
    for start, end in fences:
        if start < at <= end:
            before = len(text[:start].rstrip())
            return before or end
    while at > 0 and text[at - 1].isspace():
        at -= 1
    line_start = max(text.rfind("\n", 0, at) + 1, at - _NEAR)
    line_end = text.find("\n", at, at + _NEAR)
    line_end = min(at + _NEAR, len(text)) if line_end < 0 else line_end
    for whole in _WHOLE.finditer(text, line_start, line_end):
        if whole.start() < at < whole.end():
            at = whole.end()
    while 0 < at < line_end and _in_word(text[at - 1]) and _in_word(text[at]):
        at += 1
    row = text[line_start:line_end].lstrip().startswith("|")
    while row and at > line_start and text[at - 1] in "| \t":
        at -= 1
    return at


def _in_word(character: str) -> bool:
    return (
        character.isalnum() and ord(character) < 0x2E80
    )  # CJK has no spaces: there, any place is between words


def _take_tail(text: str, numbering: _Numbering) -> list[tuple[int, int, str]]:
    """Read the model's source list at the end of the text; the edit takes out what was understood, nothing else."""
    titles = list(_TAIL.finditer(text))
    if not titles:
        return []
    at = end = titles[-1].end()
    position = 0
    while at < len(text):
        stop = text.find("\n", at + 1)
        stop = len(text) if stop < 0 else stop
        line = text[at:stop].strip("\n")
        if line.strip():
            entry = _ENTRY.match(line)
            if not entry or re.search(r"\]\(|https?://", entry[6]):
                break
            position += 1
            number = int(entry[1] or entry[2] or position)
            label, rest = _unmarked(entry[3] or ""), _unmarked(entry[6])
            numbering.by_model.setdefault(number, numbering.add(entry[4] or entry[5], label, rest or None))
            end = stop
        at = stop
    return [(titles[-1].start(), end, "")] if position else []


def _unmarked(text: str) -> str:
    return re.sub(r"\*\*|__|\\(?=[\[\]_*])", "", text).strip()


def site_of(url: str, label: str | None = None, title: str | None = None) -> str:
    """The domain to show for `url`: its own; for Google's redirects the one that label or title names."""
    host = _host(url)
    if host == REDIRECT_HOST:
        for name in (label, title):
            if name and _DOMAIN.match(name.strip()):
                return name.strip().lower().removeprefix("www.")
    return host or url


def _title(label: str | None, title: str | None, site: str) -> str | None:
    names = [n.strip() for n in (label, title) if n and n.strip()]
    names = [
        n
        for n in names
        if n.lower().removeprefix("www.") != site and not n.startswith(("http://", "https://"))
    ]
    return " – ".join(dict.fromkeys(names)) or None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # not an address at all, for instance "http://[": shown as it stands
        return ""


def key_of(url: str) -> str:
    """Addresses with the same key are one source: case of the host, a last slash and a text fragment don't count."""
    url = url.split("#:~:text=", 1)[0].rstrip("/")
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}{mark}{host.lower()}{slash}{path}"


def _usable(note: Citation, length: int) -> bool:
    return bool(note.url.strip()) and 0 <= note.start <= note.end <= length


class _Moved:
    """Where a character offset of the original text is after the edits."""

    def __init__(self, edits: list[tuple[int, int, str]]) -> None:
        self._ends = [end for _, end, _ in edits]
        self._shifts = [0]
        for start, end, new in edits:
            self._shifts.append(self._shifts[-1] + len(new) - (end - start))
        self._edits = edits

    def __call__(self, position: int) -> int:
        done = bisect_right(self._ends, position)
        if done < len(self._edits) and self._edits[done][0] < position:
            position = self._edits[done][0]
        return position + self._shifts[done]


def edited(text: str, edits: list[tuple[int, int, str]]) -> tuple[str, _Moved]:
    """The edited text and the map of offsets; of edits that overlap, the first wins."""
    pieces: list[str] = []
    applied: list[tuple[int, int, str]] = []
    at = 0
    for start, end, new in edits:
        if start >= at:
            pieces += (text[at:start], new)
            applied.append((start, end, new))
            at = end
    pieces.append(text[at:])
    return "".join(pieces), _Moved(applied)
