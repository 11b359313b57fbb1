"""Before money is spent: was the same question asked before, where its asker may read it? They decide then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.letters import Whisper
from bot.domain.permits import Action
from bot.domain.sameness import Earlier
from bot.errors import SlackError
from bot.work.rights import verdict_on

if TYPE_CHECKING:
    from bot.domain.errands import Held
    from bot.work.bench import Bench


async def offered(bench: Bench, held: Held) -> bool:
    """Whether the asker was told of an earlier research and is asked what they want; once for each research."""
    if held.same_as:
        return False
    found = await _visible(bench, held)
    if found is None:
        return False
    told = await _told(bench, found)
    whisper = Whisper(held.asker_id, "", held.research_id, response_url=held.response_url, earlier=told)
    now = bench.clock.now()
    await bench.ledger.offer_earlier(held.research_id, held.fence, found.research_id, whisper, now)
    bench.journal.note("research.same_offered", research_id=held.research_id, same_as=found.research_id)
    bench.deliveries.ring()
    return True


async def _visible(bench: Bench, held: Held) -> Held | None:
    """The newest earlier one that the asker may see: nothing is said of any other, not even that there is one."""
    for other in await bench.ledger.earlier(held, bench.clock.now()):
        if await verdict_on(bench, other, held.team_id, held.asker_id, Action.SEE):
            return other
    return None


async def _told(bench: Bench, other: Held) -> Earlier:
    name, link = "", ""
    try:
        name = (await bench.directory.person(other.team_id, other.asker_id)).name
        if other.thread_ts is not None:
            link = await bench.directory.permalink(other.team_id, other.channel_id, other.thread_ts)
    except SlackError as error:
        bench.journal.note("research.link_missed", research_id=other.research_id, error=error.code)
    return Earlier(other.research_id, name, other.state.is_open, other.depth, other.asked_at, link)
