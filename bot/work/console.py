"""What the console of `/research-status` can do: look, deliver again, look at Gemini again. Rights are checked here.

Admins see all of the workspace, everyone else what they asked. Of a conversation that the reader is not in, an admin is
shown that a research exists and what it costs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.house import ceiling_of, lowered, month_of
from bot.domain.permits import Kind
from bot.domain.research import Completed, State
from bot.domain.status import StatusQuery
from bot.errors import GeminiError, IllegalEvent, SlackError
from bot.work.reply import Reply
from bot.work.rights import GONE, administers
from bot.work.verdict import event_of, report_of

if TYPE_CHECKING:
    from bot.domain.status import Dossier, StatusLine, StatusPage, Totals
    from bot.work.bench import Bench

MOST_VEILS = 200
"""Channels whose members are looked up for one export; lines of others come veiled."""
NOT_OVER = "This research has not ended yet; it is followed all the time."
NO_RUN = "Google never named this research, so there is nothing to look at."


class Console:
    """Read from the database with every request; nothing is kept."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def page(self, query: StatusQuery, person_id: str) -> StatusPage:
        """A page for the reader `person_id`; whatever the query asks for, never more than they may see."""
        query = await self._scoped(query, person_id)
        found = await self._bench.office.page(query, self._bench.clock.now())
        if query.cursor is None and query.page >= found.pages:
            last = replace(query, page=found.pages - 1)
            found = await self._bench.office.page(last, self._bench.clock.now())
        lines = [await self._veiled(line, person_id) for line in found.lines]
        return replace(found, lines=tuple(lines))

    async def dossier(self, team_id: str, research_id: str, person_id: str) -> Dossier | None:
        """One research in full; None for one that the reader must not know of."""
        found = await self._bench.office.dossier(team_id, research_id, self._bench.clock.now())
        if found is None:
            return None
        is_own = found.line.view.asker_id == person_id
        if not is_own and not await administers(self._bench, team_id, person_id):
            return None
        line = await self._veiled(found.line, person_id)
        if line.is_veiled:
            calls = tuple(replace(call, interaction_id="") for call in found.calls)
            return replace(found, line=line, calls=calls, posts=(), timeline=())
        return replace(found, line=line)

    async def totals(self, team_id: str, person_id: str) -> Totals | None:
        """What this month cost, for admins; channels that the reader is not in come without their name."""
        if not await administers(self._bench, team_id, person_id):
            return None
        now = self._bench.clock.now()
        found = await self._bench.office.totals(team_id, month_of(now), now)
        channels = [
            one if await self._is_known(team_id, one.name, person_id) else replace(one, name="")
            for one in found.channels
        ]
        limits = lowered(ceiling_of(self._bench.policy), found.limits)
        return replace(found, channels=tuple(channels), limits=limits)

    async def export(self, query: StatusQuery, person_id: str) -> list[StatusLine]:
        """The lines of a file, veiled as the list is."""
        query = await self._scoped(query, person_id)
        lines = await self._bench.office.exported(query, self._bench.clock.now())
        known: dict[str, bool] = {}
        shown = []
        for line in lines:
            if line.channel_kind is Kind.PUBLIC or line.view.asker_id == person_id:
                shown.append(line)
                continue
            if line.channel_id not in known and len(known) < MOST_VEILS:
                known[line.channel_id] = await self._is_member(query.team_id, line.channel_id, person_id)
            shown.append(line if known.get(line.channel_id) else line.veiled())
        await self._bench.office.note(query.team_id, person_id, "list.exported", "", self._bench.clock.now())
        return shown

    async def deliver_again(self, team_id: str, research_id: str, person_id: str) -> Reply:
        """What Slack did not take is told once more."""
        found = await self.dossier(team_id, research_id, person_id)
        if found is None:
            return Reply(False, GONE)
        count = await self._bench.office.deliver_again(
            team_id, research_id, person_id, self._bench.clock.now()
        )
        self._bench.deliveries.ring()
        if not count:
            return Reply(False, "Everything of this research has been delivered, or is just being sent.")
        return Reply(True, f"Sending {count} message{'s' if count > 1 else ''} again.")

    async def look_again(self, team_id: str, research_id: str, person_id: str) -> Reply:
        """Whether Gemini has a report by now for a research that ended without one. Costs nothing."""
        found = await self.dossier(team_id, research_id, person_id)
        held = await self._bench.ledger.held(research_id)
        if found is None or held is None:
            return Reply(False, GONE)
        if held.state.is_open:
            return Reply(False, NOT_OVER)
        if held.state is State.COMPLETED:
            return Reply(False, "This research has its report.")
        if held.interaction_id is None:
            return Reply(False, NO_RUN)
        return await self._fetched(research_id, held.interaction_id)

    async def _fetched(self, research_id: str, interaction_id: str) -> Reply:
        bench = self._bench
        try:
            snapshot = await bench.researcher.fetch(interaction_id)
        except GeminiError as error:
            return Reply(False, f"Nothing could be fetched. {error.sentence}")
        event = event_of(snapshot, await report_of(bench, snapshot))
        if not isinstance(event, Completed):
            return Reply(False, f"Google has no report for it (it says: {snapshot.status or 'nothing'}).")
        try:
            await bench.ledger.record(research_id, None, event, bench.clock.now())
        except IllegalEvent:
            return Reply(False, "This research has its report.")
        bench.journal.note("research.found_late", research_id=research_id)
        bench.deliveries.ring()
        return Reply(True, "There is a report after all. It goes to the thread now.")

    async def _scoped(self, query: StatusQuery, person_id: str) -> StatusQuery:
        """One's own alone, unless an admin asks; nothing of a channel that the reader may not know of."""
        if not await administers(self._bench, query.team_id, person_id):
            query = replace(query, asker_id=person_id)
        if query.channel_id and query.asker_id != person_id:
            known = await self._is_known(query.team_id, query.channel_id, person_id)
            query = query if known else replace(query, asker_id=person_id)
        return query

    async def _veiled(self, line: StatusLine, person_id: str) -> StatusLine:
        """Without what was asked and where, if the person is not in the channel; when in doubt, without."""
        if line.channel_kind is Kind.PUBLIC or line.view.asker_id == person_id:
            return line
        is_member = await self._is_member(line.view.team_id, line.channel_id, person_id)
        return line if is_member else line.veiled()

    async def _is_known(self, team_id: str, channel_id: str, person_id: str) -> bool:
        try:
            place = await self._bench.directory.place(team_id, channel_id)
        except SlackError:
            return False
        return place.kind is Kind.PUBLIC or await self._is_member(team_id, channel_id, person_id)

    async def _is_member(self, team_id: str, channel_id: str, person_id: str) -> bool:
        try:
            return await self._bench.directory.is_member(team_id, channel_id, person_id)
        except SlackError:
            return False
