"""One answer to "may this person do that?", for every path: command, button, event, status.

People and channels are known by ids alone, together with their team. Callers look the person up first and deny when
the look-up fails; this file only decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a conversation is."""

    PUBLIC = "public"
    PRIVATE = "private"
    DIRECT = "direct"  # one person and somebody: us, or another person
    GROUP = "group"  # a direct message of several
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Person:
    """Flags of a person, as Slack gives them."""

    team_id: str
    user_id: str
    name: str = ""
    """For showing only: names change, and nothing is decided by them."""
    is_admin: bool = False
    is_guest: bool = False
    is_bot: bool = False
    is_outsider: bool = False
    is_deactivated: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What we can do in a channel. We post only where we may also read."""

    team_id: str
    channel_id: str
    kind: Kind = Kind.UNKNOWN
    is_member: bool = False
    is_archived: bool = False

    @property
    def is_open_to_us(self) -> bool:
        """Whether a research can live there."""
        return self.is_member and not self.is_archived


class Action(StrEnum):
    """What somebody may want to do."""

    START = "start"
    CANCEL = "cancel"
    RETRY = "retry"
    MOVE = "move"
    SEE_ALL = "see all"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether, and the sentence that says why not."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(True)


def is_admin(person: Person, admins: frozenset[str]) -> bool:
    """Admins are the workspace's admins and owners, and whom RESEARCH_ADMINS names (`U…` or `T…:U…`)."""
    named = person.user_id in admins or f"{person.team_id}:{person.user_id}" in admins
    return (person.is_admin or named) and not person.is_outsider and not person.is_deactivated


def may(person: Person, action: Action, *, asker: tuple[str, str], admins: frozenset[str]) -> Verdict:
    """Decides for `person` about a research asked by `asker`, a (team id, user id).

    Starting: members of the workspace; guests, outsiders and bots are refused. Cancelling, retrying: the asker and
    admins. Moving it to another place: the asker alone. Seeing everybody's: admins.
    """
    if person.is_bot or person.is_deactivated:
        return Verdict(False, "Apps and deactivated accounts cannot use deep research.")
    if person.is_outsider:
        return Verdict(
            False, "Only members of this workspace can use deep research here, not guests from another one."
        )
    is_asker = (person.team_id, person.user_id) == asker
    match action:
        case Action.START:
            if person.is_guest:
                return Verdict(
                    False, "Deep research costs money, so guests of this workspace cannot start one."
                )
            return YES
        case Action.CANCEL | Action.RETRY:
            if is_asker or is_admin(person, admins):
                return YES
            verb = "stop" if action is Action.CANCEL else "retry"
            return Verdict(
                False, f"Only <@{asker[1]}>, who asked, and this workspace’s admins can {verb} this research."
            )
        case Action.MOVE:
            return (
                YES if is_asker else Verdict(False, f"Only <@{asker[1]}>, who asked, can move this research.")
            )
        case Action.SEE_ALL:
            return (
                YES if is_admin(person, admins) else Verdict(False, "Only admins see everybody’s researches.")
            )
