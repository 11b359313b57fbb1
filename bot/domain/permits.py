"""One answer to "may this person do that?", for every path: command, button, event, status.

People and channels are known by ids alone, together with their team. Callers look the person up first (and, where it
matters, whether they are in the channel) and deny when the look-up fails; this file only decides. ``TABLE`` is the
whole decision for people as they are; ``Rules`` is what a workspace's settings change about it.
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
    SEE = "see"
    FOLLOW_UP = "follow up"
    CANCEL = "cancel"
    RETRY = "retry"
    DECIDE = "decide on a plan"
    MOVE = "move"
    SHARE = "share"
    EXPORT = "export"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What a person is to a research. One may be several; each grants what its row says."""

    ASKER = "asker"
    MEMBER = "channel member"
    COLLEAGUE = "colleague"
    ADMIN = "admin"
    GUEST = "guest"
    EXTERNAL = "external (Slack Connect)"
    BOT = "bot, deactivated account"


class Grant(StrEnum):
    """A cell of the table."""

    NO = "no"
    YES = "yes"
    OWN = "own"
    PUBLIC = "public channels"


_NO, _YES, _OWN, _PUBLIC = Grant
_COLUMNS = tuple(Action)


def _row(*grants: Grant) -> dict[Action, Grant]:
    return dict(zip(_COLUMNS, grants, strict=True))


#                       start  see      follow up  cancel  retry  decide  move  share  export   administer
TABLE: dict[Role, dict[Action, Grant]] = {
    Role.ASKER:     _row(_YES,  _YES,    _YES,      _YES,   _YES,  _YES,   _YES, _YES,  _YES,    _NO),
    Role.MEMBER:    _row(_YES,  _YES,    _YES,      _NO,    _NO,   _NO,    _NO,  _NO,   _YES,    _NO),
    Role.COLLEAGUE: _row(_YES,  _PUBLIC, _PUBLIC,   _NO,    _NO,   _NO,    _NO,  _NO,   _PUBLIC, _NO),
    Role.ADMIN:     _row(_YES,  _PUBLIC, _PUBLIC,   _YES,   _YES,  _YES,   _NO,  _NO,   _PUBLIC, _YES),
    Role.GUEST:     _row(_NO,   _OWN,    _NO,       _OWN,   _NO,   _NO,    _OWN, _NO,   _OWN,    _NO),
    Role.EXTERNAL:  _row(_NO,   _NO,     _NO,       _NO,    _NO,   _NO,    _NO,  _NO,   _NO,     _NO),
    Role.BOT:       _row(_NO,   _NO,     _NO,       _NO,    _NO,   _NO,    _NO,  _NO,   _NO,     _NO),
}  # fmt: skip
"""Who may do what, as far as settings change nothing. The README's table is made from it."""

SPENDING = frozenset({Action.START, Action.FOLLOW_UP, Action.RETRY, Action.DECIDE})
"""What costs money, and so is subject to the lists of channels and people."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What a workspace's settings change. People stand in lists by user id (`U…`) or by user group (`S…`).

    Whoever is admitted (guests, external people, bots) counts as asker and channel member, never as a colleague or
    admin: they see only what they are in. An empty list of those allowed allows everybody; a denial always wins.
    """

    admins: frozenset[str] = frozenset()
    admits_guests: bool = False
    admits_externals: bool = False
    admits_bots: bool = False
    channels_allowed: frozenset[str] = frozenset()
    channels_denied: frozenset[str] = frozenset()
    people_allowed: frozenset[str] = frozenset()
    people_denied: frozenset[str] = frozenset()

    @property
    def groups(self) -> frozenset[str]:
        """The user groups that have to be looked up before somebody spends money."""
        return frozenset(one for one in self.people_allowed | self.people_denied if one.startswith("S"))


@dataclass(frozen=True, slots=True)
class Matter:
    """The research, or the place of one to be, that something is to be done about.

    `is_member` is whether the person is in its channel: False where nobody looked. `groups` are those of
    `Rules.groups` that the person is in.
    """

    asker: tuple[str, str] = ("", "")
    channel_id: str = ""
    kind: Kind = Kind.UNKNOWN
    is_member: bool = False
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether, and the sentence that says why not."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(True)
NOT_THEIRS = Verdict(False, "You are not in that conversation, so no research of yours can be posted there.")


def is_admin(person: Person, admins: frozenset[str]) -> bool:
    """Admins are the workspace's admins and owners, and whom RESEARCH_ADMINS names (`U…` or `T…:U…`)."""
    named = person.user_id in admins or f"{person.team_id}:{person.user_id}" in admins
    return (person.is_admin or named) and not (
        person.is_outsider or person.is_deactivated or person.is_bot or person.is_guest
    )


def roles(person: Person, matter: Matter, rules: Rules) -> frozenset[Role]:
    """Everything that a person is to a matter."""
    is_asker = (person.team_id, person.user_id) == matter.asker
    related = {role for role, holds in ((Role.ASKER, is_asker), (Role.MEMBER, matter.is_member)) if holds}
    if person.is_deactivated:
        return frozenset({Role.BOT})
    for role, holds, admitted in (
        (Role.BOT, person.is_bot, rules.admits_bots),
        (Role.EXTERNAL, person.is_outsider, rules.admits_externals),
        (Role.GUEST, person.is_guest, rules.admits_guests),
    ):
        if holds:
            return frozenset({role, *related} if admitted else {role})
    if is_admin(person, rules.admins):
        related.add(Role.ADMIN)
    return frozenset({*related, Role.COLLEAGUE})


def may(person: Person, action: Action, matter: Matter, rules: Rules) -> Verdict:
    """Decides for `person` about `matter`. Nothing of a private channel is told to somebody who is not in it."""
    theirs = roles(person, matter, rules)
    if not any(_grants(TABLE[role][action], person, matter) for role in theirs):
        return Verdict(False, _refusal(person, action, theirs, matter))
    return _listed(person, matter, rules) if action in SPENDING else YES


def _grants(grant: Grant, person: Person, matter: Matter) -> bool:
    match grant:
        case Grant.YES:
            return True
        case Grant.OWN:
            return (person.team_id, person.user_id) == matter.asker
        case Grant.PUBLIC:
            return matter.kind is Kind.PUBLIC
        case Grant.NO:
            return False


def _listed(person: Person, matter: Matter, rules: Rules) -> Verdict:
    """What the lists of a workspace's admins say. Direct messages are no channels: only people's lists hold there."""
    names = {person.user_id, *matter.groups}
    if names & rules.people_denied or (rules.people_allowed and not names & rules.people_allowed):
        return Verdict(False, "This workspace’s admins have not opened deep research to you. They can do so.")
    if matter.kind in (Kind.DIRECT, Kind.GROUP):
        return YES
    if matter.channel_id in rules.channels_denied or (
        rules.channels_allowed and matter.channel_id not in rules.channels_allowed
    ):
        return Verdict(
            False,
            "This workspace’s admins have not opened deep research in this channel. Ask in another one.",
        )
    return YES


_VERBS = {
    Action.CANCEL: "stop",
    Action.RETRY: "retry",
    Action.DECIDE: "decide on the plan of",
    Action.MOVE: "move",
    Action.SHARE: "share",
    Action.EXPORT: "export",
}


def _refusal(person: Person, action: Action, theirs: frozenset[Role], matter: Matter) -> str:
    if person.is_bot or person.is_deactivated:
        return "Apps and deactivated accounts cannot use deep research."
    if person.is_outsider and Role.ASKER not in theirs and Role.MEMBER not in theirs:
        return "Only members of this workspace can use deep research here, not guests from another one."
    if Role.GUEST in theirs and action in SPENDING:
        return "Deep research costs money, so guests of this workspace cannot start one."
    match action:
        case Action.ADMINISTER:
            return "Only admins of this workspace can do that."
        case Action.CANCEL | Action.RETRY | Action.DECIDE:
            verb = _VERBS[action]
            return (
                f"Only <@{matter.asker[1]}>, who asked, and this workspace’s admins can {verb} this research."
            )
        case Action.MOVE | Action.SHARE:
            return f"Only <@{matter.asker[1]}>, who asked, can {_VERBS[action]} this research."
        case _:
            return "Only people who are in the conversation of a research can do that."
