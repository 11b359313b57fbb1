"""Conversations with a model: quick answers, follow-ups about a report, and answers that come in several pieces."""

from __future__ import annotations

from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from bot.domain.interaction import Ended
from bot.errors import (
    GeminiError,
    GeminiNotFound,
    GeminiRefused,
    NoAccess,
    NoCredit,
    UnknownAgent,
    WrongKey,
)
from bot.gemini import wire
from bot.gemini.findings import joined
from bot.gemini.statuses import CONTINUES
from bot.gemini.stream import SignalStream

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from bot.domain.interaction import Signal, Snapshot
    from bot.gemini.client import GeminiClient
    from bot.gemini.requests import Request

_log = structlog.get_logger("bot.gemini")
_MOST_PIECES = 20
_UNIMPLEMENTED = 501


async def ask(client: GeminiClient, request: Request) -> Snapshot:
    """A model's answer, waited for and whole: pieces that Gemini cuts at its limit for one request are continued
    and joined. Each piece is one POST; the usage is that of the last. Raises like `GeminiClient.create`.
    """
    pieces = [await client.create(request)]
    while _continues(pieces[-1], request) and len(pieces) < _MOST_PIECES:
        last = pieces[-1]
        token = wire.continuation_token(last.raw)
        if not token:
            break
        pieces.append(await client.create(request.continued(token, last.interaction_id)))
    return replace(pieces[-1], findings=joined([piece.findings for piece in pieces]))


async def follow_up(client: GeminiClient, request: Request, report: str) -> Snapshot:
    """Like `ask` about an earlier interaction; where Gemini refuses that one or has forgotten it, the question is
    asked once more with the stored `report` sent along.
    """
    try:
        return await ask(client, request)
    except GeminiError as error:
        if request.is_background or not request.previous_interaction_id or not _has_lost_it(error):
            raise
        _log.info("gemini.follow_up_sent_report", code=error.code, status=error.status)
    return await ask(client, request.with_report(report))


@asynccontextmanager
async def tell(client: GeminiClient, request: Request) -> AsyncIterator[AsyncIterator[Signal]]:
    """A model's answer as it is written: `TextGrew`, and one `Ended` when the last piece is over.

    Raises like `start`, on entering for the first piece and while iterating for the others. An end without `Ended`
    means that the stream broke; `request` has to be streamed.
    """
    async with client.start(request) as (interaction_id, signals):
        pieces = _pieces(client, request, interaction_id, signals, _MOST_PIECES)
        async with aclosing(pieces):
            yield pieces


async def _pieces(
    client: GeminiClient, request: Request, interaction_id: str, signals: AsyncIterator[Signal], most: int
) -> AsyncGenerator[Signal]:
    """The signals of one piece, then those of the pieces that continue it, at most `most` in all."""
    end: Ended | None = None
    async for signal in signals:
        if isinstance(signal, Ended):
            end = signal
        else:
            yield signal
    token = signals.continuation_token if isinstance(signals, SignalStream) else ""
    if end is None:
        return
    if end.status != CONTINUES or not token or request.is_background or most <= 1:
        yield end
        return
    async with client.start(request.continued(token, interaction_id)) as (next_id, more):
        pieces = _pieces(client, request, next_id, more, most - 1)
        async with aclosing(pieces):
            async for signal in pieces:
                yield signal


def _continues(piece: Snapshot, request: Request) -> bool:
    return piece.status == CONTINUES and not request.is_background


def _has_lost_it(error: GeminiError) -> bool:
    """Whether the question failed because of the previous interaction, as far as one can tell.

    Gemini has been seen to answer 501 to a follow-up of an interaction that used tools (js-genai#1694).
    """
    if isinstance(error, WrongKey | NoCredit | NoAccess | UnknownAgent):
        return False
    return isinstance(error, GeminiNotFound | GeminiRefused) or error.status == _UNIMPLEMENTED
