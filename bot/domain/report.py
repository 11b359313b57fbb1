"""What a research found (`Findings`) becomes what readers get (`Report`): citations numbered, sources listed once.

Pure; the Gemini client makes `Findings`, `bot.slack.parts` and `bot.slack.export` show the `Report`.
"""

from __future__ import annotations

import re

from bot.domain.citations import join
from bot.domain.findings import CITATION, Citation, Findings, Picture, Report, Source

__all__ = [
    "Citation",
    "Findings",
    "Picture",
    "Report",
    "Source",
    "assemble",
    "summary",
    "title",
    "without_citations",
]

SUMMARY_CHARACTERS = 600
LEAST_PARAGRAPH = 40  # shorter first paragraphs are bylines and dates, not the answer

_FENCE = re.compile(r" {0,3}(```|~~~)")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
_BOLD_LINE = re.compile(r"\s*(?:\*\*|__)(.+?)(?:\*\*|__)\s*:?\s*$")
_ITEM = re.compile(r"\s*(?:[*+-]|\d{1,9}[.)])\s+\S")
_NOT_PROSE = re.compile(r"\s*(?:`{3}|~{3}|\||!\[|>|[-*_=]{3,}\s*$|<)")
_SUMMARY_TITLE = re.compile(
    r"(?i)^(?:\d+[.)]?\s*)?(?:(?:executive |brief |short )?summary|abstract|tl;?dr|at a glance|overview"
    r"|(?:the )?(?:short answer|bottom line)|key (?:points|findings|takeaways|insights|results)|main findings"
    r"|zusammenfassung|kurzfassung|auf einen blick|wichtigste (?:ergebnisse|erkenntnisse|punkte)|kernaussagen"
    r"|résumé|synthèse|points clés|resumen|puntos clave|resumo|riassunto|sommario|samenvatting|sammanfattning"
    r"|streszczenie|podsumowanie|краткое содержание|резюме|основные выводы|özet"
    r"|要約|要点|概要|まとめ|エグゼクティブサマリー|摘要|总结|要點|요약|핵심 요약|ملخص|الملخص|الملخص التنفيذي|תקציר|सारांश)"
    r"(?:\b|\s|[:：]|$)"
)
_SENTENCE_END = re.compile(r"[.!?…؟।][\"'”’»)\]*_]*(?=\s)|[。！？][」』）]?")


def assemble(findings: Findings) -> Report:
    """Join markers, annotations and the model's own source list into one numbering; never raises.

    Facts: Deep Research writes `[cite: 1, 2]` and ends with a `**Sources:**` list; annotations cover the
    markers (Gemini Interactions, url_citation), or the cited words themselves (other providers).
    """
    return join(findings)


def without_citations(markdown: str) -> str:
    """`markdown` with every numbered marker taken out, and the space before it."""
    return re.sub(rf"[ \t]*{CITATION.pattern}", "", markdown)


def title(report: Report) -> str | None:
    """The report's first heading as plain words, `None` if it has none."""
    for line in _prose_lines(report.markdown):
        if found := _HEADING.match(line):
            return _plain(found[2]) or None
    return None


def summary(report: Report) -> str:
    """The report's own summary or key points, at most about 600 characters of Markdown, without citations.

    Prefers a section that calls itself a summary; otherwise the first real paragraph; "" for an empty report.
    """
    lines = _prose_lines(without_citations(report.markdown))
    for at, line in enumerate(lines):
        heading = _HEADING.match(line) or _BOLD_LINE.match(line)
        named = heading and _SUMMARY_TITLE.match(_plain(heading[heading.lastindex or 1]))
        if named and (text := _section(lines[at + 1 :])):
            return _shortened(text)
    paragraphs = _paragraphs(lines)
    best = next((p for p in paragraphs if len(p) >= LEAST_PARAGRAPH), paragraphs[0] if paragraphs else "")
    return _shortened(best)


def _prose_lines(markdown: str) -> list[str]:
    """The lines outside code fences; of a fence, its mark remains, so that what is around it stays apart."""
    kept: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark[1] == fence else fence
        elif mark:
            fence = mark[1]
            kept += ("", mark[1], "")
        else:
            kept.append(line)
    return kept


def _section(lines: list[str]) -> str:
    """The text below a summary's title, up to the next title or what is no prose."""
    taken: list[str] = []
    for line in lines:
        if _HEADING.match(line) or _BOLD_LINE.match(line) or _NOT_PROSE.match(line):
            break
        taken.append(line.rstrip())
        if sum(map(len, taken)) > SUMMARY_CHARACTERS:
            break
    return "\n".join(taken).strip()


def _paragraphs(lines: list[str]) -> list[str]:
    blocks = re.split(r"\n[ \t]*\n", "\n".join(lines))
    kept: list[str] = []
    for block in blocks:
        prose = [
            line for line in block.split("\n") if not _HEADING.match(line) and not _BOLD_LINE.match(line)
        ]
        text = "\n".join(prose).strip()
        if text and not _NOT_PROSE.match(text):
            kept.append(text)
    return kept


def _shortened(text: str) -> str:
    """`text`, cut at a list item or sentence so that it has at most `SUMMARY_CHARACTERS`."""
    if len(text) <= SUMMARY_CHARACTERS:
        return text
    head = text[:SUMMARY_CHARACTERS]
    if _ITEM.match(text):
        ends = [m.start() for m in re.finditer(r"\n(?=\s*(?:[*+-]|\d{1,9}[.)])\s)", head)]
        if ends:
            return head[: ends[-1]].rstrip()
    sentences = [m.end() for m in _SENTENCE_END.finditer(head)]
    if sentences and sentences[-1] >= SUMMARY_CHARACTERS // 4:
        return head[: sentences[-1]].rstrip()
    word = head[:-1].rsplit(None, 1)[0] if re.search(r"\s", head[:-1]) else head[:-1]
    return word.rstrip() + "…"


def _plain(text: str) -> str:
    """A heading's Markdown as words: links by their label, no emphasis marks, no citations."""
    text = without_citations(text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*\*|__|`|(?<!\w)[*_]|[*_](?!\w)", "", text).strip(" :：\t")
