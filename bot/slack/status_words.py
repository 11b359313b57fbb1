"""What somebody typed after `/research-status`, as what they meant. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.status import Lens

_PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_CHANNEL = re.compile(r"<#([CGD][A-Z0-9]+)(?:\|[^<>]*)?>")
_DAYS = re.compile(r"([1-9][0-9]{0,3})d")
_ID = re.compile(r"r_[a-z0-9]{1,40}")

KNOWN = (
    "I know /research-status alone, with running, queued, stuck, undelivered, failed, stopped, finished, @person, "
    "#channel, a number of days such as 7d (together, if you like), the id of a research, costs, and for admins: "
    "settings, lift @person, export, audit, export @person, erase @person."
)


@dataclass(frozen=True, slots=True)
class Show:
    """The list, of what fits all of these."""

    lens: Lens | None = None
    person_id: str = ""
    channel_id: str = ""
    days: int = 0

    @property
    def words(self) -> str:
        """As it can be typed; `understand` gives the same back."""
        parts = [self.lens.value if self.lens else ""]
        parts += [f"<@{self.person_id}>" if self.person_id else ""]
        parts += [f"<#{self.channel_id}>" if self.channel_id else ""]
        parts += [f"{self.days}d" if self.days else ""]
        return " ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Details:
    """One research in full."""

    research_id: str


@dataclass(frozen=True, slots=True)
class Costs:
    """What this month cost, and how much room is left."""


@dataclass(frozen=True, slots=True)
class Export:
    """The list as a file."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit as a file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The form with what holds in this workspace."""


@dataclass(frozen=True, slots=True)
class LiftFor:
    """One question more for somebody."""

    person_id: str


@dataclass(frozen=True, slots=True)
class ExportOf:
    """Everything that is kept of a person, as a file for that person."""

    person_id: str


@dataclass(frozen=True, slots=True)
class EraseOf:
    """Everything that is kept of a person, gone."""

    person_id: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not understood; the sentence says what can be said."""

    sentence: str


Looks = Show | Details | Costs | Export | Audit
"""What somebody may want to look at."""

Meaning = Looks | Settings | LiftFor | ExportOf | EraseOf | Unknown

_ALONE: dict[str, Meaning] = {
    "settings": Settings(),
    "costs": Costs(),
    "export": Export(),
    "audit": Audit(),
}
_WITH_PERSON: dict[str, type[LiftFor | ExportOf | EraseOf]] = {
    "lift": LiftFor,
    "export": ExportOf,
    "erase": EraseOf,
}


def understand(typed: str) -> Meaning:
    """Words that mean themselves alone, a verb with a person, an id, or filters in any order."""
    words = typed.split()
    if not words:
        return Show()
    verb = words[0].lower()
    if len(words) == 1 and verb in _ALONE:
        return _ALONE[verb]
    if len(words) == 1 and _ID.fullmatch(verb):
        return Details(verb)
    if verb in _WITH_PERSON:
        person = _PERSON.fullmatch(" ".join(words[1:]))
        if person is None:
            return Unknown(f"Name one person: /research-status {verb} @person")
        return _WITH_PERSON[verb](person[1])
    return _filters(words)


def _filters(words: list[str]) -> Meaning:
    lens, person_id, channel_id, days = None, "", "", 0
    for word in words:
        if word.lower() in set(Lens):
            lens = Lens(word.lower())
        elif person := _PERSON.fullmatch(word):
            person_id = person[1]
        elif channel := _CHANNEL.fullmatch(word):
            channel_id = channel[1]
        elif number := _DAYS.fullmatch(word.lower()):
            days = int(number[1])
        else:
            return Unknown(KNOWN)
    return Show(lens, person_id, channel_id, days)
