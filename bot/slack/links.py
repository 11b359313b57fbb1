"""Which addresses may become links, and what a reader is told about where a link goes."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from bot.slack.text import clean, escaped_length, one_line, shortened

PAGE_LENGTH = 80
URL_LIMIT = 3_000  # Slack docs: Block Kit, url fields

_MAIL = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+")
_HOST = re.compile(
    r"(?i)(?:[a-z0-9](?:[a-z0-9_.-]|%[89a-f][0-9a-f])*|\[[0-9a-f:.]+\])(?::\d+)?"
)  # no name and password
_UNSAFE = re.compile(r"[^!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]")
_ADDRESS = re.compile(
    r"(?i)(?:[a-z][a-z0-9+.-]*:)?//\S|(?<![\w.@])(?:[\w-]+\.)+[a-z]{2,}(?![\w.])|\S@\S+\.\S"
)
_BARE = re.compile(r"https?://[^\s<>\"'`\ue000\ue001\u3000-\u303f\uff00-\uff60「」『』【】（）。、，；]+")
_TRAILING = ".,;:!?*_~'\")]}"


def safe_url(url: str) -> str | None:
    """`url` as a link may carry it, or `None`: http, https or mailto, a plain host, ASCII, at most 3,000."""
    url = url.strip()
    if not url or len(url) > URL_LIMIT:
        return None
    url = _UNSAFE.sub(lambda m: quote(m[0], safe="", errors="replace"), url)
    if escaped_length(url) > URL_LIMIT:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme == "mailto":
        return url if _MAIL.fullmatch(parts.path) else None
    return url if parts.scheme in ("http", "https") and _HOST.fullmatch(parts.netloc) else None


def site(url: str) -> str:
    """Where `url` (a safe one) leads, in short: its host without `www.`, or the address of a mailto."""
    parts = urlsplit(url)
    if parts.scheme == "mailto":
        return parts.path
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}:{parts.port}" if parts.port not in (None, 80, 443) else host


def page(url: str) -> str:
    """Which page of its site `url` (a safe one) leads to, in short; "" for the first one."""
    parts = urlsplit(url)
    path = one_line(clean(unquote(parts.path))).strip("/ ")
    return shortened(path, PAGE_LENGTH) if parts.scheme != "mailto" else ""


def tells_where(label: str, url: str) -> bool:
    """Whether `label` itself shows the site that `url` leads to, and no other."""
    shown = label.strip().lower()
    shown = shown.removeprefix("mailto:").removeprefix("https://").removeprefix("http://")
    there = site(url).lower()
    if there.isascii() and shown == there:
        return True
    head = re.split(r"[/?#\s(]", shown.removeprefix("www."), maxsplit=1)[0]
    rest = shown.removeprefix("www.")[len(head) :]
    return head == there and not (" " in rest and _ADDRESS.search(rest))


def bare_links(text: str) -> list[tuple[int, int]]:
    """Where plain `text` holds http(s) addresses, without the punctuation that follows them."""
    found: list[tuple[int, int]] = []
    for match in _BARE.finditer(text):
        address = match[0]
        while address and address[-1] in _TRAILING:
            if address[-1] == ")" and address.count("(") >= address.count(")"):
                break
            address = address[:-1]
        if len(address) > len("https://") and safe_url(address):
            found.append((match.start(), match.start() + len(address)))
    return found
