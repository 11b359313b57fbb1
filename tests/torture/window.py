"""The one window that no design closes: Slack applies a call only after we looked whether it had.

`python -m tests.torture.window [--seed N] [--posts 40]` makes Slack take in half of the posts late. Those that are applied
before the read-back must be adopted; those that are applied later are shown twice, which is counted and printed. In
Slack's own time a call gives up after 10 s and is read back 15 s later (`settle_pause` of `bot/domain/policy.py`), so
only a call that Slack applies more than 25 s after it was made is shown twice.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

import anyio

from tests.torture.driver import stage
from tests.torture.plan import Plan
from tests.torture.seen import shown
from tests.torture.tally import read_logs
from tests.torture.watch import Watch, WatchedApi

SCATTER = 1.0
"""Seconds around the pause for which it is open which comes first, the read-back or the call."""
RESEARCHES = 10


@dataclass(frozen=True, slots=True)
class Window:
    """What came of posts that Slack took in late."""

    posts: int
    within: int
    beyond: int
    adopted: int
    doubled: int

    @property
    def good(self) -> bool:
        """Only what was applied after we looked is there twice."""
        return self.doubled <= self.beyond

    def table(self) -> str:
        return "\n".join(
            (
                f"posts                               {self.posts}",
                f"taken in late, but within the pause {self.within}",
                f"later than the pause                {self.beyond}",
                f"adopted                             {self.adopted}",
                f"shown twice                         {self.doubled}",
            )
        )


class Lateness:
    """How late Slack takes in each call; by chance, and counted."""

    def __init__(self, plan: Plan, posts: int) -> None:
        self._chance = Random(plan.seed)
        self._hurry = plan.hurry
        self._left = posts
        self.posts = 0
        self.within = 0
        self.beyond = 0

    def of(self, method: str) -> float:
        """Seconds before a call is taken in; the posts only."""
        if method != "chat.postMessage":
            return 0.0
        self.posts += 1
        if self._left == 0 or self._chance.random() < 0.5:
            return 0.0
        self._left -= 1
        pause, call = self._hurry.settle_pause, self._hurry.call
        if self._chance.random() < 0.5:
            self.within += 1
            return self._chance.uniform(call, call + pause - SCATTER)
        self.beyond += 1
        return self._chance.uniform(call + pause + 3 * SCATTER, call + 3 * pause)


async def provoke(plan: Plan, posts: int, folder: Path) -> Window:
    """Asks some questions of a bot whose Slack is late, and counts what is shown twice when all has settled."""
    lateness = Lateness(plan, posts)
    async with stage(plan, folder) as torture, anyio.create_task_group() as keepers:
        torture.slack_chances.stop()
        torture.gemini_chances.stop()
        torture.slack.api = WatchedApi(torture.slack, Watch(lag=lateness.of))
        for bot in torture.herd.bots:
            keepers.start_soon(torture.herd.keep, bot)
        await torture.slack.until(lambda: torture.slack.socket.connections > 0, timeout=60)
        for number in range(RESEARCHES):
            channel = ("research", "general")[number % 2]
            await torture.slack.people.command(
                "ada", channel, "/research", f"Question {number:04d} demo:quick"
            )
        await torture.settle()
        await anyio.sleep(3 * plan.hurry.settle_pause)  # what is still on its way arrives
        parts = Counter((one.research, one.part) for one in shown(torture.slack) if one.part)
        keepers.cancel_scope.cancel()
    return Window(
        posts=lateness.posts,
        within=lateness.within,
        beyond=lateness.beyond,
        adopted=read_logs(folder).adopted,
        doubled=sum(count - 1 for count in parts.values()),
    )


def main() -> int:
    """Prints what came of it; 1 where more is doubled than the window explains."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.window")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--posts", type=int, default=40, help="at most so many posts are taken in late")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="torture-window-"))
    plan = Plan(options.seed, kills=0, database_url=f"sqlite+aiosqlite:///{folder}/research.db")
    window = anyio.run(provoke, plan, options.posts, folder)
    sys.stdout.write(f"seed                                {options.seed}\n{window.table()}\n")
    return 0 if window.good else 1


if __name__ == "__main__":
    sys.exit(main())
