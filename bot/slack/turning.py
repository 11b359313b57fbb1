"""What the buttons of the list carry: which page, from which edge, of which filters. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.status import Cursor, StatusQuery
from bot.slack.status_words import Show, understand

if TYPE_CHECKING:
    from bot.domain.status import StatusPage

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def query_of(show: Show, team_id: str) -> StatusQuery:
    """What was typed, as a query for the first page."""
    return StatusQuery(team_id, show.person_id, lens=show.lens, channel_id=show.channel_id, days=show.days)


def words_of(query: StatusQuery) -> str:
    """The filters of a query as they can be typed."""
    return Show(query.lens, query.asker_id, query.channel_id, query.days).words


def older(page: StatusPage, words: str) -> str:
    """What the button to the next page carries."""
    return _value(page.query.page + 1, page.last, words)


def newer(page: StatusPage, words: str) -> str:
    """What the button to the page before carries; the first page is always the newest."""
    number = max(0, page.query.page - 1)
    return _value(number, page.first if number else None, words)


def turned(value: str, team_id: str) -> tuple[StatusQuery, str]:
    """The query that a button means, and its filters as words; the first page for a value that makes no sense."""
    number, _, rest = value.partition("|")
    edge, _, words = rest.partition("|")
    meant = understand(words)
    query = query_of(meant if isinstance(meant, Show) else Show(), team_id)
    return replace(query, page=int(number) if number.isdecimal() else 0, cursor=_cursor(edge)), words


def _value(number: int, cursor: Cursor | None, words: str) -> str:
    if cursor is None:
        return f"{number}||{words}"
    micros = (cursor.asked_at - _EPOCH) // timedelta(microseconds=1)
    return f"{number}|{micros},{cursor.research_id},{'newer' if cursor.newer else 'older'}|{words}"


def _cursor(edge: str) -> Cursor | None:
    match edge.split(","):
        case [micros, research_id, direction] if micros.isdecimal():
            asked_at = _EPOCH + timedelta(microseconds=int(micros))
            return Cursor(asked_at, research_id, newer=direction == "newer")
    return None
