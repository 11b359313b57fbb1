"""The simulated Gemini in a process of its own, told over stdin what its runs shall do: `think SECONDS`, `forget` which of
them were listened to, `count`.
"""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from bot.sandbox.gemini import SimulatedGemini

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

TICK = 0.05


class Rhythm:
    """Each run thinks once in so many seconds, all of them evenly spread."""

    def __init__(self, gemini: SimulatedGemini) -> None:
        self._gemini = gemini
        self.every = math.inf
        self.thoughts = 0

    async def keep(self) -> None:
        """Until cancelled."""
        due = 0.0
        while True:
            await anyio.sleep(TICK)
            runs = self._gemini.creates
            due = 0.0 if math.isinf(self.every) else due + len(runs) * TICK / self.every
            while due >= 1 and runs:
                due -= 1
                self.thoughts += 1
                number = self.thoughts
                text = f"**Examining aspect {number}**\n\nIt has two sides, and both of them deserve a paragraph."
                self._gemini.think(runs[number % len(runs)].id, text)


async def main() -> None:
    """Serves until stdin is closed."""
    async with SimulatedGemini.serve() as gemini, anyio.create_task_group() as tasks:
        gemini.hold()
        rhythm = Rhythm(gemini)
        tasks.start_soon(rhythm.keep, name="rhythm")
        _say({"url": gemini.url, "key": gemini.api_key})
        await _obey(gemini, rhythm, tasks)


async def _obey(gemini: SimulatedGemini, rhythm: Rhythm, tasks: TaskGroup) -> None:
    seen = polls = 0
    heard: set[str] = set()
    while line := await anyio.to_thread.run_sync(sys.stdin.readline):
        verb, *rest = line.split()
        fresh, seen = gemini.calls[seen:], len(gemini.calls)
        gets = [call for call in fresh if call.method == "GET"]
        streams = [call.path for call in gets if call.query.get("stream") == "true"]
        polls += len(gets) - len(streams)
        heard.update(streams)
        if verb == "think":
            rhythm.every = float(rest[0])
        elif verb == "forget":
            heard.clear()
        _say(
            {
                "open": gemini.open_streams,
                "started": len(gemini.creates),
                "heard": len(heard),
                "thoughts": rhythm.thoughts,
                "polls": polls,
            }
        )
    tasks.cancel_scope.cancel()


def _say(words: object) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    anyio.run(main)
