"""The thread that an asker wants to go along with their question: may they read it, and what does it say?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.background import ThreadRef, transcript
from bot.domain.permits import Kind, Verdict

if TYPE_CHECKING:
    from bot.domain.errands import Held
    from bot.domain.permits import Place
    from bot.work.bench import Bench

UNREADABLE = Verdict(
    False,
    "The thread that was to go along is in a conversation that you or I cannot read. Ask without it, or add me there "
    "with /invite @Deep Research. Nothing was started.",
)
ELSEWHERE = Verdict(
    False,
    "A thread of a private conversation can go along only if the report stays in that conversation or comes to you "
    "alone. Nothing was started.",
)


async def background_of(bench: Bench, held: Held, place: Place) -> tuple[Verdict, str]:
    """Whether the thread may go along with a research that lives in `place`, and what it says; empty for none.

    Raises `SlackError` where Slack does not tell.
    """
    if not held.thread_along:
        return Verdict(True), ""
    thread = ThreadRef.read(held.thread_along)
    source = await bench.directory.place(held.team_id, thread.channel_id)
    if not source.is_member:
        return UNREADABLE, ""
    if source.kind is not Kind.PUBLIC:
        if not await bench.directory.is_member(held.team_id, thread.channel_id, held.asker_id):
            return UNREADABLE, ""
        if place.channel_id != thread.channel_id and place.kind is not Kind.DIRECT:
            return ELSEWHERE, ""
    return Verdict(True), transcript(await bench.directory.thread(held.team_id, thread))
