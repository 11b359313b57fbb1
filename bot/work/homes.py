"""Keeps the Home tabs that people have open up to date, and does what they press there.

Each is a row that is shown anew when its person's researches change. Which tabs are open, what was searched there and
which page is seen stands in the rows, so any process can carry on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import anyio

from bot.domain.home import LONGEST_SEARCH, HomeTab
from bot.domain.house import ceiling_of, lowered
from bot.domain.pacing import backoff
from bot.domain.policy import Depth
from bot.domain.status import StatusQuery
from bot.errors import SlackBusy, SlackError, SlackRefused, StoreError
from bot.work.bell import Bell
from bot.work.console import Console
from bot.work.rights import administers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.home import OpenTab, Preferences
    from bot.offices import Homes, Wall
    from bot.work.bench import Bench

LOOK_EVERY = 2.0
"""Seconds between looks for tabs that other processes, or other parts of this one, made old."""
AT_ONCE = 8
TRIES = 6
"""After so many failures a tab is left as it is until something changes, or its person opens it again."""
CONFLICT = "hash_conflict"
METHOD = "views.publish"
EVERY = 3600.0
"""Seconds between rounds of forgetting."""
KEPT = timedelta(days=1)
"""For so long a tab that nobody opens is kept, with the words that were searched there."""


class Keeper:
    """All Home tabs of this process."""

    def __init__(self, bench: Bench, homes: Homes, wall: Wall) -> None:
        self._bench = bench
        self._homes = homes
        self._wall = wall
        self._console = Console(bench)
        self._bell = Bell(bench.clock)

    async def run(self) -> None:
        """Until cancelled."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._forget, name="forgetting home tabs")
            while True:
                for opened in await self._claim():
                    tasks.start_soon(self._show, opened, name=f"home {opened.person_id}")
                await self._bell.wait(LOOK_EVERY)

    async def opened(self, team_id: str, person_id: str, seen: str) -> None:
        """Somebody opened their tab; `seen` is Slack's hash of what they see there, empty for nothing."""
        now = self._bench.clock.now()
        await self._homes.opened(team_id, person_id, seen, now)
        self._bell.ring()

    async def search(self, team_id: str, person_id: str, words: str) -> None:
        """Shows only what holds certain words; all again for none."""
        wanted = " ".join(words.split())[:LONGEST_SEARCH]
        await self._homes.turn(team_id, person_id, self._bench.clock.now(), page=0, search=wanted)
        self._bell.ring()

    async def page(self, team_id: str, person_id: str, page: int) -> None:
        """Shows another page of what is shown."""
        await self._homes.turn(team_id, person_id, self._bench.clock.now(), page=page)
        self._bell.ring()

    async def refresh(self, team_id: str, person_id: str) -> None:
        """Shows it as it is now."""
        await self._homes.turn(team_id, person_id, self._bench.clock.now())
        self._bell.ring()

    async def prefer(self, team_id: str, person_id: str, preferences: Preferences) -> None:
        """Keeps what somebody set for themselves."""
        await self._homes.prefer(team_id, person_id, preferences)
        await self.refresh(team_id, person_id)

    async def preferences(self, team_id: str, person_id: str) -> Preferences:
        """What somebody set for themselves."""
        return await self._homes.preferences(team_id, person_id)

    async def depth_for(self, team_id: str, person_id: str) -> Depth:
        """What is proposed to a person where they have not chosen: their own default, else the workspace's."""
        own = (await self._homes.preferences(team_id, person_id)).depth
        return own or (await self._bench.office.house(team_id)).depth

    async def _forget(self) -> None:
        """Once an hour; rounds of several processes do not disturb each other."""
        bench = self._bench
        while True:
            try:
                await self._homes.forget(bench.clock.now() - KEPT)
            except StoreError as error:
                bench.journal.note("home.forgetting_failed", error=error.detail)
            await bench.clock.sleep(EVERY)

    async def _claim(self) -> Sequence[OpenTab]:
        try:
            return await self._homes.claim(self._bench.clock.now(), AT_ONCE)
        except StoreError as error:
            self._bench.journal.note("home.claim_failed", error=error.detail)
            return ()

    async def _show(self, opened: OpenTab) -> None:
        bench = self._bench
        try:
            await self._publish(opened)
        except StoreError as error:
            # Nothing was noted, so that it is shown once more.
            bench.journal.note("home.note_failed", error=error.detail)
        except Exception as error:  # noqa: BLE001  # one tab's trouble must not stop the others
            bench.journal.trouble("home.failed", error)

    async def _publish(self, opened: OpenTab) -> None:
        bench = self._bench
        try:
            seen = await self._wall.publish(opened, await self._tab(opened, bench.clock.now()))
        except SlackError as error:
            bench.journal.note("home.not_shown", error=error.code or type(error).__name__)
            await self._not_shown(opened, error, bench.clock.now())
        else:
            await self._homes.shown(opened, seen, bench.clock.now())

    async def _not_shown(self, opened: OpenTab, error: SlackError, now: datetime) -> None:
        if isinstance(error, SlackBusy):
            until = now + timedelta(seconds=max(1.0, error.retry_after))
            await self._bench.outbox.pause(opened.team_id, METHOD, until)
            await self._homes.again(opened, until, seen=opened.seen)
        elif opened.tries >= TRIES:
            await self._homes.closed(opened)
        elif error.code == CONFLICT:
            # Slack shows something newer than what we knew: it is shown anew, whatever is there.
            await self._homes.again(opened, now, seen="")
        elif isinstance(error, SlackRefused):
            await self._homes.closed(opened)
        else:
            pause = backoff(opened.tries, self._bench.chance)
            await self._homes.again(opened, now + timedelta(seconds=pause), seen=opened.seen)

    async def _tab(self, opened: OpenTab, now: datetime) -> HomeTab:
        bench, team_id, person_id = self._bench, opened.team_id, opened.person_id
        house = await bench.office.house(team_id)
        ceiling = ceiling_of(bench.policy)
        is_exempt = person_id in house.people_exempt
        is_admin = await administers(bench, team_id, person_id)
        return HomeTab(
            shelf=await self._homes.shelf(team_id, person_id, opened.page, opened.search, now),
            preferences=await self._homes.preferences(team_id, person_id),
            default=house.depth,
            limits=ceiling if is_exempt else lowered(ceiling, house.limits),
            workspace=await self._console.page(StatusQuery(team_id), person_id) if is_admin else None,
            at=now,
        )
