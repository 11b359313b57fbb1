"""A workflow's step asks in somebody's name: who that is gets checked before anything is written down, or charged to them.

The person is named by whoever built the workflow, not by Slack, so that nothing about them is taken for granted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.permits import Action, Matter, may
from bot.domain.steps import key_of
from bot.errors import Remedy, SlackRefused
from bot.work.desk import Request
from bot.work.rights import groups_of, rules_of

if TYPE_CHECKING:
    from bot.domain.errands import Receipt
    from bot.work.bench import Bench
    from bot.work.desk import Desk

NOBODY = "The person named as requester is not in this workspace. Nothing was started."
NOWHERE = "The channel of this step is not there, or the bot is not in it. Invite the bot there. Nothing was started."
ARCHIVED = "The channel of this step is archived. Nothing was started."
UNKNOWN = "Slack did not say who the requester of this step is. Nothing was started."
ELSEWHERE = "The person named as requester is not in the channel of this step. Nothing was started."


@dataclass(frozen=True, slots=True)
class Step:
    """A step that waits, with what its workflow put in."""

    team_id: str
    execution_id: str
    question: str
    requester_id: str
    channel_id: str


class Steps:
    """The desk for workflows."""

    def __init__(self, bench: Bench, desk: Desk) -> None:
        self._bench = bench
        self._desk = desk

    async def run(self, step: Step) -> Receipt | str:
        """Writes the question of a step down, or says why not. Raises `SlackError` where Slack does not tell now who the
        requester is: it is to be asked again then.
        """
        refusal = await self._refusal(step)
        if refusal:
            self._bench.journal.note("step.refused", team=step.team_id)
            return refusal
        return await self._desk.ask(
            Request(
                team_id=step.team_id,
                channel_id=step.channel_id,
                asker_id=step.requester_id,
                request_key=key_of(step.execution_id),
                question=step.question,
                depth_is_default=True,
            )
        )

    async def _refusal(self, step: Step) -> str:
        """Why a step may not start anything in its requester's name; empty if it may."""
        try:
            return await self._found_wanting(step)
        except SlackRefused as error:
            if error.remedy in (Remedy.RETRY, Remedy.PARK):
                raise
            return UNKNOWN

    async def _found_wanting(self, step: Step) -> str:
        bench, directory = self._bench, self._bench.directory
        if not step.requester_id:
            return NOBODY
        person = await directory.person(step.team_id, step.requester_id)
        if person.is_outsider or person.is_bot or person.is_deactivated:
            return NOBODY
        place = await directory.place(step.team_id, step.channel_id)
        if not place.is_open_to_us:
            return ARCHIVED if place.is_archived else NOWHERE
        if not await directory.is_member(step.team_id, step.channel_id, step.requester_id):
            return ELSEWHERE
        rules = await rules_of(bench, step.team_id)
        groups = await groups_of(bench, person, rules)
        asker = (step.team_id, step.requester_id)
        matter = Matter(asker, place.channel_id, place.kind, is_member=True, groups=groups)
        return may(person, Action.START, matter, rules).reason
