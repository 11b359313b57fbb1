"""The seams beside those of the work itself: `Office` for those who run the bot for others (settings of a workspace,
quotas, the audit, what people keep here), `Homes` and `Wall` for what each person has in their Home tab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.domain.figures import Backlog, Figures
    from bot.domain.home import HomeTab, OpenTab, Preferences, Shelf
    from bot.domain.house import House
    from bot.domain.status import Dossier, StatusLine, StatusPage, StatusQuery, Totals


class Office(Protocol):
    """Each method is one transaction. Raises `StoreError`."""

    async def house(self, team_id: str) -> House:
        """The settings of a workspace, as they are at this moment."""
        ...

    async def retentions(self, ceiling: int) -> Mapping[str, int]:
        """The workspaces that keep words for fewer days than the environment says, and for how many."""
        ...

    async def settle_house(self, team_id: str, house: House, by: str, now: datetime) -> bool:
        """Changes them, from the version that was read; False where somebody else has changed them since."""
        ...

    async def lift(self, team_id: str, person_id: str, by: str, now: datetime) -> None:
        """Lets a person ask one question beyond the limits set in Slack."""
        ...

    async def note(self, team_id: str, by: str, what: str, about: str, now: datetime) -> None:
        """Writes into the audit what left no other trace in the database: shared, exported, looked at."""
        ...

    async def page(self, query: StatusQuery, now: datetime) -> StatusPage:
        """A page of `/research-status`, newest first."""
        ...

    async def dossier(self, team_id: str, research_id: str, now: datetime) -> Dossier | None:
        """One research in full; None where the workspace has none of that id."""
        ...

    async def totals(self, team_id: str, since: datetime, now: datetime) -> Totals:
        """What the researches of a workspace cost since a moment, with the limits that its settings say."""
        ...

    async def exported(self, query: StatusQuery, now: datetime) -> list[StatusLine]:
        """Everything that a query finds, newest first, up to 50,000."""
        ...

    async def deliver_again(self, team_id: str, research_id: str, by: str, now: datetime) -> int:
        """Has what Slack did not take told once more; how many messages that are."""
        ...

    async def deeds(self, team_id: str) -> list[tuple[datetime, str, str, str, str]]:
        """The audit in order: when, who (a pseudonym), what, about which research, and with what detail."""
        ...

    async def export_person(self, team_id: str, person_id: str, by: str, now: datetime) -> bytes:
        """Everything kept of a person, as JSON."""
        ...

    async def erase_person(self, team_id: str, person_id: str, by: str, now: datetime) -> int:
        """Stops what a person still has running, takes their words and their name; how many researches that were."""
        ...

    async def depart(self, team_id: str, erase_at: datetime) -> None:
        """The workspace took the app away; it is erased at that moment, unless it stays."""
        ...

    async def stay(self, team_id: str) -> None:
        """The workspace has the app again, in time."""
        ...

    async def erase_departed(self, now: datetime) -> int:
        """Erases the workspaces whose time is over; how many."""
        ...

    async def backlog(self, now: datetime) -> Backlog:
        """What is due, here and in every other process, and held by nobody."""
        ...

    async def figures(self, now: datetime) -> Figures:
        """What there is of everything, and what this month costs; of all workspaces."""
        ...

    async def forgettable(self, now: datetime, limit: int) -> list[tuple[int, str]]:
        """Interactions that Gemini has to delete: our key and Gemini's id."""
        ...

    async def forgotten_there(self, key: int) -> None:
        """Gemini has it no more."""
        ...

    async def forget_later(self, key: int, until: datetime) -> None:
        """Gemini did not delete it; it is asked again then."""
        ...


class Homes(Protocol):
    """The rows of open Home tabs, of people's settings and of their own researches. Raises `StoreError`."""

    async def opened(self, team_id: str, person_id: str, seen: str, now: datetime) -> None:
        """Somebody looks at their tab: it is shown anew, and kept up to date for a while."""
        ...

    async def turn(
        self,
        team_id: str,
        person_id: str,
        now: datetime,
        *,
        page: int | None = None,
        search: str | None = None,
    ) -> None:
        """It is shown anew at once, from another page or with other words where they are given."""
        ...

    async def claim(self, now: datetime, limit: int) -> list[OpenTab]:
        """Old tabs that are due and have their turn under Slack's limits; left to whoever took them for 30 s."""
        ...

    async def shown(self, tab: OpenTab, seen: str, now: datetime) -> None:
        """Slack shows it, under this hash; what has changed meanwhile is due at once."""
        ...

    async def again(self, tab: OpenTab, due_at: datetime, *, seen: str) -> None:
        """It was not shown; it is tried again then."""
        ...

    async def closed(self, tab: OpenTab) -> None:
        """Slack does not show it at all; nothing more is tried before something changes or it is opened again."""
        ...

    async def forget(self, before: datetime) -> None:
        """Nothing is kept of tabs that were last opened before a moment."""
        ...

    async def shelf(self, team_id: str, person_id: str, page: int, search: str, now: datetime) -> Shelf:
        """A person's own researches."""
        ...

    async def preferences(self, team_id: str, person_id: str) -> Preferences:
        """What a person set for themselves."""
        ...

    async def prefer(self, team_id: str, person_id: str, preferences: Preferences) -> None:
        """Keeps it."""
        ...


class Wall(Protocol):
    """Where Home tabs are shown. Raises the `SlackError` tree."""

    async def publish(self, opened: OpenTab, tab: HomeTab) -> str:
        """Shows a tab to its person if Slack still shows what was seen last; gives the new hash."""
        ...
