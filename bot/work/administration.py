"""What only admins can request: settings of the workspace, and limits lifted for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.house import ceiling_of
from bot.work.reply import Reply
from bot.work.rights import administers

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.house import House, Limits
    from bot.work.bench import Bench

ADMINS_ONLY = "Only admins of this workspace can do that."
CHANGED_MEANWHILE = "Somebody else has changed the settings meanwhile. Please open them again."


class Administration:
    """Checked anew with every request: who was an admin when a form was opened need not be one when it comes back."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @property
    def ceiling(self) -> Limits:
        """What the environment allows at most."""
        return ceiling_of(self._bench.policy)

    @property
    def retention_days(self) -> int:
        """For how long the environment keeps questions and reports."""
        return self._bench.policy.retention_days

    async def house(self, team_id: str, person_id: str) -> House | Reply:
        """The settings, for an admin."""
        if not await administers(self._bench, team_id, person_id):
            return Reply(False, ADMINS_ONLY)
        return await self._bench.office.house(team_id)

    async def settle(self, team_id: str, person_id: str, house: House) -> Reply:
        """Changes the settings, in force at once."""
        if not await administers(self._bench, team_id, person_id):
            return Reply(False, ADMINS_ONLY)
        settled = await self._bench.office.settle_house(team_id, house, person_id, self._bench.clock.now())
        if not settled:
            return Reply(False, CHANGED_MEANWHILE)
        self._bench.journal.note("settings.changed", team=team_id)
        return Reply(True, "Saved. It holds from now on, also for what is waiting.")

    async def lift(self, team_id: str, person_id: str, for_whom: str) -> Reply:
        """Lets somebody ask one question beyond the limits set in Slack."""
        if not await administers(self._bench, team_id, person_id):
            return Reply(False, ADMINS_ONLY)
        await self._bench.office.lift(team_id, for_whom, person_id, self._bench.clock.now())
        return Reply(
            True,
            f"<@{for_whom}> can ask one question beyond the limits set here. The highest limits, those of whoever runs "
            "this bot, hold all the same. To lift them for good, add the person to those who are held to the highest "
            "limits only, in /research-status settings.",
        )

    async def deeds(self, team_id: str, person_id: str) -> list[tuple[datetime, str, str, str, str]] | None:
        """The audit, for admins; that it was read stands in it, too."""
        if not await administers(self._bench, team_id, person_id):
            return None
        now = self._bench.clock.now()
        await self._bench.office.note(team_id, person_id, "audit.exported", "", now)
        return await self._bench.office.deeds(team_id)

    async def export_person(self, team_id: str, person_id: str, whose: str) -> bytes | Reply:
        """Everything kept of a person, to be handed to that person."""
        if whose != person_id and not await administers(self._bench, team_id, person_id):
            return Reply(False, ADMINS_ONLY)
        return await self._bench.office.export_person(team_id, whose, person_id, self._bench.clock.now())

    async def erase_person(self, team_id: str, person_id: str, whose: str) -> Reply:
        """Erases what is kept of a person; what runs is stopped first."""
        if not await administers(self._bench, team_id, person_id):
            return Reply(False, ADMINS_ONLY)
        count = await self._bench.office.erase_person(team_id, whose, person_id, self._bench.clock.now())
        self._bench.journal.note("person.erased", count=count)
        self._bench.wishes.ring()
        self._bench.researches.ring()
        return Reply(
            True,
            f"Erased, with {count} research{'es' if count != 1 else ''}. Google is told within the hour.",
        )
