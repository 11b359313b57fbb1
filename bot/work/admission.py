"""Before anything is posted or spent: may this person, and is there a place for a thread?"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.errands import Relation
from bot.domain.letters import Waiting, Whisper
from bot.domain.permits import NOT_THEIRS, Action, Kind, Matter, may
from bot.domain.research import Admitted, Lapsed, Refused, Trouble
from bot.errors import Remedy, SlackError, SlackRefused
from bot.work.background import background_of
from bot.work.repeats import offered
from bot.work.rights import groups_of

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.errands import Held
    from bot.domain.permits import Place
    from bot.work.bench import Bench

LOOK_UP_TRIES = 5
LOOK_UP_PAUSE = 2.0


async def admit(bench: Bench, held: Held) -> datetime | None:
    """Settles rights and place of a queued research; None when it may start, else when to look again.

    Rights that cannot be looked up are denied, after a few tries; a place that cannot be found is asked for.
    """
    now = bench.clock.now()
    if held.waiting in (Waiting.PLACE, Waiting.SAME):
        return await _still_waiting(bench, held, now)
    try:
        rules = held.house.rules(bench.policy.admins)
        person = await bench.directory.person(held.team_id, held.asker_id)
        groups = await groups_of(bench, person, rules)
        place = await _place(bench, held)
        is_in_it = await _is_in(bench, held, place)
        readable, background = await background_of(bench, held, place)
    except SlackError as error:
        return await _look_up_failed(bench, held, error, now)
    matter = Matter((held.team_id, held.asker_id), place.channel_id, place.kind, groups=groups)
    verdict = may(person, Action.START, matter, rules)
    if verdict and not is_in_it:
        verdict = NOT_THEIRS
    if verdict:
        verdict = readable
    if not verdict:
        await bench.record(held, Refused(Trouble("not_allowed", verdict.reason)))
        return now
    if not place.is_open_to_us:
        trouble = "archived" if place.is_archived else "no_place"
        await _ask_for_place(bench, held, trouble, now)
        return _patience_ends(bench, held)
    await bench.ledger.settle_place(held.research_id, held.fence, place, person.name, background)
    if held.relation is Relation.NONE and not held.is_step and await offered(bench, held):
        return _patience_ends(bench, held)
    await bench.record(held, Admitted())
    bench.deliveries.ring()
    return None


async def _place(bench: Bench, held: Held) -> Place:
    """Where it is to live. A channel named by its asker is our direct message with them."""
    channel_id = held.channel_id
    if channel_id == held.asker_id:
        channel_id = await bench.directory.direct_channel(held.team_id, held.asker_id)
    return await bench.directory.place(held.team_id, channel_id)


async def _is_in(bench: Bench, held: Held, place: Place) -> bool:
    """Whether the asker may speak there: what is not public takes questions of its members only. A place that we are
    not in tells us nothing about its members, and gets nothing either.
    """
    if place.kind is Kind.PUBLIC or not place.is_open_to_us:
        return True
    return await bench.directory.is_member(held.team_id, place.channel_id, held.asker_id)


async def _look_up_failed(bench: Bench, held: Held, error: SlackError, now: datetime) -> datetime:
    is_passing = not isinstance(error, SlackRefused) or error.remedy in (Remedy.PARK, Remedy.RETRY)
    passing = is_passing and held.tries < LOOK_UP_TRIES
    if passing:
        await bench.ledger.tried(held.research_id, held.fence)
        pause = error.retry_after or LOOK_UP_PAUSE * (held.tries + 1)
        return now + timedelta(seconds=pause)
    await bench.record(held, Refused(Trouble("look_up_failed", error.code)))
    return now


async def _ask_for_place(bench: Bench, held: Held, trouble: str, now: datetime) -> None:
    """In one transaction: who waits for a place without having been asked for one would wait in silence."""
    whisper = Whisper(
        held.asker_id, trouble, held.research_id, response_url=held.response_url, offers_place=True
    )
    await bench.ledger.wait_for(held.research_id, held.fence, Waiting.PLACE, now, whisper)
    bench.deliveries.ring()


async def _still_waiting(bench: Bench, held: Held, now: datetime) -> datetime:
    ends = _patience_ends(bench, held)
    if now >= ends:
        await bench.record(held, Lapsed())
    return ends


def _patience_ends(bench: Bench, held: Held) -> datetime:
    return held.asked_at + timedelta(seconds=bench.policy.place_patience)
