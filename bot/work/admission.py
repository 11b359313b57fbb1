"""Before anything is posted or spent: may this person, and is there a place for a thread?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.letters import Waiting, Whisper
from bot.domain.permits import Action, Matter, may
from bot.domain.research import Admitted, Lapsed, Refused, Trouble
from bot.errors import SlackError, SlackRefused
from bot.work.rights import rules_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.errands import Held
    from bot.work.bench import Bench

LOOK_UP_TRIES = 5
LOOK_UP_PAUSE = 2.0


async def admit(bench: Bench, held: Held) -> datetime | None:
    """Settles rights and place of a queued research; None when it may start, else when to look again.

    Rights that cannot be looked up are denied, after a few tries; a place that cannot be found is asked for.
    """
    now = bench.clock.now()
    if held.waiting == Waiting.PLACE:
        return await _still_waiting(bench, held, now)
    try:
        rules = rules_of(bench)
        person = await bench.directory.person(held.team_id, held.asker_id)
        place = await bench.directory.place(held.team_id, held.channel_id)
    except SlackError as error:
        return await _look_up_failed(bench, held, error, now)
    matter = Matter((held.team_id, held.asker_id), held.channel_id, place.kind)
    verdict = may(person, Action.START, matter, rules)
    if not verdict:
        await bench.record(held, Refused(Trouble("not_allowed", verdict.reason)))
        return now
    if not place.is_open_to_us:
        trouble = "archived" if place.is_archived else "no_place"
        await _ask_for_place(bench, held, trouble, now)
        return _patience_ends(bench, held)
    await bench.ledger.settle_place(held.research_id, held.fence, place.kind, person.name)
    await bench.record(held, Admitted())
    bench.deliveries.ring()
    return None


async def _look_up_failed(bench: Bench, held: Held, error: SlackError, now: datetime) -> datetime:
    passing = not isinstance(error, SlackRefused) and held.tries < LOOK_UP_TRIES
    if passing:
        await bench.ledger.tried(held.research_id, held.fence)
        pause = error.retry_after or LOOK_UP_PAUSE * (held.tries + 1)
        return now + timedelta(seconds=pause)
    await bench.record(held, Refused(Trouble("look_up_failed", error.code)))
    return now


async def _ask_for_place(bench: Bench, held: Held, trouble: str, now: datetime) -> None:
    await bench.ledger.wait_for(held.research_id, held.fence, Waiting.PLACE, now)
    whisper = Whisper(
        held.asker_id, trouble, held.research_id, response_url=held.response_url, offers_place=True
    )
    await bench.outbox.whisper(held.research_id, whisper, now)
    bench.deliveries.ring()


async def _still_waiting(bench: Bench, held: Held, now: datetime) -> datetime:
    ends = _patience_ends(bench, held)
    if now >= ends:
        await bench.record(held, Lapsed())
    return ends


def _patience_ends(bench: Bench, held: Held) -> datetime:
    return held.asked_at + timedelta(seconds=bench.policy.place_patience)
