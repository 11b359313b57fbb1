"""Places that change: channels archived and opened again, the app sent away and invited, threads deleted, tokens revoked.

Whatever is closed is open again at the end, so that everything can be told; what an admin deleted stays deleted.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from tests.torture.seen import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from bot.sandbox.slack import SimulatedSlack
    from tests.torture.seen import Shown
    from tests.torture.tally import Tally

CHANNELS = ("research", "general", "secret")
DIRECT = ("ada", "ben", "cleo")
CLOSINGS = (
    *["channel archived"] * 3, *["app removed"] * 3, *["direct message closed"] * 2, "token revoked",
)  # fmt: skip
DELETIONS = ("root deleted", "thread deleted")


@dataclass(slots=True)
class Places:
    """What is done to the places where researches live."""

    slack: SimulatedSlack
    chance: Random
    tally: Tally
    closed: set[str] = field(default_factory=set)
    deleted: set[tuple[str, str]] = field(default_factory=set)
    """(channel, ts) of each message of ours that an admin deleted."""

    def is_open(self, channel_id: str) -> bool:
        """Whether people can ask there just now, and be answered."""
        channel = self.slack.workspace.channels[channel_id]
        return not channel.archived and channel_id in self.slack.workspace.app_is_in and channel.messages_tab

    async def change(self) -> None:
        """Changes something every few seconds, until cancelled."""
        while True:
            await anyio.sleep(self.chance.uniform(1.0, 6.0))
            if self.chance.random() < 0.25:
                await self._delete(self.chance.choice(DELETIONS))
                continue
            kind, where = self.chance.choice(CLOSINGS), self.chance.choice(CHANNELS)
            person, seconds = self.chance.choice(DIRECT), self.chance.uniform(0.5, 6.0)
            place = {"direct message closed": person, "token revoked": ""}.get(kind, where)
            if place not in self.closed:
                self.tally.faults[f"place: {kind}"] += 1
                with self._closed(kind, place):
                    await anyio.sleep(seconds)

    @contextmanager
    def _closed(self, kind: str, place: str) -> Iterator[None]:
        workspace = self.slack.workspace
        bot = workspace.app.bot_user
        self.closed.add(place)
        try:
            match kind:
                case "channel archived":
                    workspace.channel(place).archived = True
                case "app removed":
                    workspace.channel(place).members.discard(bot)
                case "direct message closed":
                    workspace.dm(place).messages_tab = False
                case _:
                    self.slack.revoked = True
            yield
        finally:
            match kind:
                case "channel archived":
                    workspace.channel(place).archived = False
                case "app removed":
                    workspace.channel(place).members.add(bot)
                case "direct message closed":
                    workspace.dm(place).messages_tab = True
                case _:
                    self.slack.restore()
            self.closed.discard(place)
            self.slack.changes.notify()

    async def _delete(self, kind: str) -> None:
        roots = [one for one in shown(self.slack) if one.part == "root"]
        if not roots:
            return
        root = self.chance.choice(roots[-6:])
        gone = [one for one in shown(self.slack) if one.place == root.place] if "thread" in kind else [root]
        person = next(name for name in ("cleo", "ada", "ben") if self._sees(name, root))
        self.deleted |= {(one.message.channel, one.message.ts) for one in gone}
        self.tally.faults[f"place: {kind}"] += 1
        delete = self.slack.people.delete_thread if "thread" in kind else self.slack.people.delete
        await delete(person, root.message.channel, root.message.ts)

    def _sees(self, name: str, root: Shown) -> bool:
        workspace = self.slack.workspace
        return workspace.sees(f"U0{name.upper()}", workspace.channels[root.message.channel])
