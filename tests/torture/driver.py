"""One torture from the first question to the verdict: `torture(plan, folder)`."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

import anyio

from bot.sandbox.gemini import SimulatedGemini
from bot.sandbox.slack import SimulatedSlack
from tests.torture.chance import Chances, GeminiChances, SlackChances
from tests.torture.crowd import Crowd
from tests.torture.herd import Herd
from tests.torture.judge import Judge
from tests.torture.places import Places
from tests.torture.rows import Outsider
from tests.torture.table import Result
from tests.torture.tally import Tally, read_logs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.torture.plan import Plan

QUIET = 2.0
"""Seconds for which nothing must be left to do before all is settled."""


@dataclass(slots=True)
class Torture:
    """Everything that takes part."""

    plan: Plan
    slack: SimulatedSlack
    gemini: SimulatedGemini
    herd: Herd
    crowd: Crowd
    places: Places
    outsider: Outsider
    slack_chances: Chances
    gemini_chances: Chances
    tally: Tally
    chance: Random

    async def run(self) -> float:
        """Torments, lets all settle; gives the seconds that settling took."""
        async with anyio.create_task_group() as keepers:
            for bot in self.herd.bots:
                keepers.start_soon(self.herd.keep, bot, name=f"keeper of bot {bot.number}")
            keepers.start_soon(self.crowd.take_offers, name="takers of offers")
            await self.slack.until(lambda: self.slack.socket.connections > 0, timeout=60)
            async with anyio.create_task_group() as torments:
                for deed in (
                    self.crowd.ask_on,
                    self.crowd.meddle,
                    self.crowd.shake_sockets,
                    self.places.change,
                    self.places.change,
                    self._vex_database,
                ):
                    torments.start_soon(deed)
                await self.herd.torment()
                torments.cancel_scope.cancel()
            self.slack_chances.stop()
            self.gemini_chances.stop()
            settled_in = await self.settle()
            keepers.cancel_scope.cancel()
        return settled_in

    async def _vex_database(self) -> None:
        while True:
            await anyio.sleep(self.chance.uniform(2.0, 15.0))
            seconds = self.chance.uniform(0.5, 3.0)
            living = [bot for bot in self.herd.bots if bot.is_up]
            if self.plan.on_sqlite and living and self.chance.random() < 0.5:
                self.tally.faults["database: disk full for seconds"] += 1
                await self.outsider.fill_disk(living[0], seconds)
            elif self.plan.on_sqlite or self.chance.random() < 0.5:
                self.tally.faults["database: locked for seconds"] += 1
                await self.outsider.lock(seconds)
            else:
                self.tally.faults["database: connections cut"] += 1
                await self.outsider.cut_connections()

    async def settle(self) -> float:
        """Until nothing has been left to do for a while; what is left after that is what the judge finds."""
        began = time.monotonic()
        quiet_since = None
        while (now := time.monotonic()) - began < self.plan.calm:
            if await self.outsider.left() != (0, 0):
                quiet_since = None
            elif quiet_since is None:
                quiet_since = now
            elif now - quiet_since >= QUIET:
                break
            await anyio.sleep(0.25)
        return time.monotonic() - began


@asynccontextmanager
async def stage(plan: Plan, folder: Path) -> AsyncIterator[Torture]:
    """Both services, the bots that are not started yet, and the people; nothing is left running at the end."""
    tally = Tally()
    # One source of chance for each who chooses, so that the choices of one do not depend on how fast another is.
    chances = [
        Random(f"{plan.seed} {who}")
        for who in ("herd", "crowd", "slack", "gemini", "runs", "database", "places")
    ]
    async with (
        SimulatedSlack.serve() as slack,
        SimulatedGemini.serve(pace=plan.pace, rng=chances[4]) as gemini,
        Herd.open(plan, environ(plan, slack, gemini), folder, chances[0], tally) as herd,
    ):
        for_slack = Chances(chances[2], plan.slack_faults, herd.kill_one, plan.kills_at_calls, tally)
        for_gemini = Chances(chances[3], plan.gemini_faults, herd.kill_one, plan.kills_at_calls * 4, tally)
        slack.faults = SlackChances(for_slack, plan.hurry.call)
        gemini.faults = GeminiChances(for_gemini, plan.pace)
        slack.delivery.retry_after = (0.0, 5.0, 20.0)
        places = Places(slack, chances[6], tally)
        outsider = Outsider(plan.database_url)
        crowd = Crowd(plan, slack, places, outsider, chances[1], tally)
        yield Torture(
            plan, slack, gemini, herd, crowd, places, outsider, for_slack, for_gemini, tally, chances[5]
        )


def environ(plan: Plan, slack: SimulatedSlack, gemini: SimulatedGemini) -> dict[str, str]:
    """The variables of the bots."""
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "GEMINI_API_KEY": gemini.api_key,
        "GOOGLE_GEMINI_BASE_URL": gemini.url,
        "RESEARCH_WHOLE_PARTS": "0",
        "DATABASE_URL": plan.database_url,
        "RESEARCH_POLL_INITIAL_SECONDS": f"{plan.hurry.poll_initial}",
        "RESEARCH_POLL_MAX_SECONDS": f"{plan.hurry.poll_max}",
        "RESEARCH_PROGRESS_SECONDS": f"{plan.hurry.card_interval}",
        "RESEARCH_MAX_ACTIVE_PER_USER": "4",
        "LOG_FORMAT": "json",
        "PORT": "0",
    }


async def torture(plan: Plan, folder: Path) -> Result:
    """Runs a plan; the logs of all processes are in `folder` afterwards."""
    began = time.monotonic()
    async with stage(plan, folder) as all_of_it:
        settled_in = await all_of_it.run()
        rows = await all_of_it.outsider.rows()
        promises = all_of_it.crowd.promises
        deleted = all_of_it.places.deleted
        found = Judge(all_of_it.slack, all_of_it.gemini, rows, promises, deleted).judge()
        return Result(
            plan=plan,
            findings=found,
            tally=all_of_it.tally,
            logged=read_logs(folder),
            creates=len(all_of_it.gemini.creates),
            retries=promises.presses.total(),
            own_429s=Counter(one.method for one in all_of_it.slack.ledger),
            seconds=time.monotonic() - began,
            settled_in=settled_in,
        )
