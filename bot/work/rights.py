"""What has to be looked up before `domain.permits` can decide; whatever cannot be looked up is denied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.permits import Action, Kind, Matter, Rules, Verdict, is_admin, may
from bot.errors import SlackError

if TYPE_CHECKING:
    from bot.domain.errands import Held
    from bot.domain.permits import Person
    from bot.work.bench import Bench

GONE = "This research is not here any more."
UNKNOWN = "Slack did not say whether you may do that. Please try again in a moment."


async def rules_of(bench: Bench, team_id: str) -> Rules:
    """What the settings of a workspace say about who may do what."""
    return (await bench.office.house(team_id)).rules(bench.policy.admins)


async def verdict_on(bench: Bench, held: Held, team_id: str, person_id: str, action: Action) -> Verdict:
    """Whether the person may do that to a research. Who must not even know of it is told that there is none."""
    if held.team_id != team_id:
        return Verdict(False, GONE)
    try:
        person = await bench.directory.person(team_id, person_id)
        rules = await rules_of(bench, team_id)
        matter = await matter_of(bench, held, person, rules)
    except SlackError:
        return Verdict(False, UNKNOWN)
    verdict = may(person, action, matter, rules)
    knows = may(person, Action.SEE, matter, rules) or may(person, Action.ADMINISTER, matter, rules)
    return verdict if verdict or knows else Verdict(False, GONE)


async def entitled(
    bench: Bench, research_id: str, team_id: str, person_id: str, action: Action
) -> tuple[Held | None, str]:
    """The research if the person may do that to it; else nothing and the sentence that says why.

    Its asker may always stop or move it, without asking Slack first.
    """
    held = await bench.ledger.held(research_id)
    if held is None or held.team_id != team_id:
        return None, GONE
    if person_id == held.asker_id and action in (Action.CANCEL, Action.MOVE):
        return held, ""
    verdict = await verdict_on(bench, held, team_id, person_id, action)
    return (held if verdict else None), verdict.reason


async def groups_of(bench: Bench, person: Person, rules: Rules) -> frozenset[str]:
    """Which of the user groups in the lists a person is in. Raises `SlackError` where Slack does not say."""
    found = set()
    for group_id in rules.groups:
        if person.user_id in await bench.directory.people_of(person.team_id, group_id):
            found.add(group_id)
    return frozenset(found)


async def matter_of(bench: Bench, held: Held, person: Person, rules: Rules) -> Matter:
    """A research as it concerns a person. Raises `SlackError` where Slack does not say whether they are in its channel."""
    asker, kind = (held.team_id, held.asker_id), Kind(held.channel_kind)
    is_asker = (person.team_id, person.user_id) == asker
    is_member = is_asker or await bench.directory.is_member(held.team_id, held.channel_id, person.user_id)
    groups = await groups_of(bench, person, rules)
    return Matter(asker, held.channel_id, kind, is_member=is_member, groups=groups)


async def administers(bench: Bench, team_id: str, person_id: str) -> bool:
    """Whether the person is an admin of the workspace; no where Slack does not say."""
    try:
        person = await bench.directory.person(team_id, person_id)
    except SlackError:
        return False
    return is_admin(person, bench.policy.admins)
