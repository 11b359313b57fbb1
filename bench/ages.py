"""What a reader sees, computed from the calls that Slack accepted; and what the limits allow at best."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING

from bot.sandbox.slack.pacing import SPECIAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.sandbox.slack.traffic import Call

STATUS = "assistant.threads.setStatus"
SHOWN = ("chat.update", "chat.postMessage", STATUS)
STATUS_SECONDS = 120.0
"""After this long a status line is gone (Slack docs: assistant.threads.setStatus)."""
POSTS_A_SECOND = 1.0
"""In one channel."""
POSTS_A_MINUTE = SPECIAL["chat.postMessage"]
"""In the whole workspace."""
_ASPECT = re.compile(r"Aspect (\w+)\.(\d+)\.")

Sighting = tuple[float, int, float]
"""From when on, the number of the newest thought, until when."""


def sightings(calls: Iterable[Call]) -> dict[str, list[Sighting]]:
    """Of each research, which thought was shown from when until when, by card or by status line."""
    found: dict[str, list[Sighting]] = {}
    for call in calls:
        if not call.ok or call.method not in SHOWN:
            continue
        newest: dict[str, int] = {}
        for name, number in _ASPECT.findall(json.dumps([call.args.get("blocks"), call.args.get("status")])):
            newest[name] = max(int(number), newest.get(name, 0))
        until = call.at + STATUS_SECONDS if call.method == STATUS else math.inf
        for name, number in newest.items():
            found.setdefault(name, []).append((call.at, number, until))
    return found


def ages(
    sent: Mapping[str, Sequence[float]],
    seen: Mapping[str, Sequence[Sighting]],
    begin: float,
    end: float,
    step: float = 1.0,
) -> list[float]:
    """How old the newest thought is that a reader sees, of each research at each second from `begin` to `end`."""
    found = []
    for name, shown in seen.items():
        moments = [at for at, _, _ in shown]
        for tick in range(int((end - begin) / step)):
            now = begin + tick * step
            before = shown[: bisect_right(moments, now)]
            numbers = [number for _, number, until in before[-60:] if now < until]
            if numbers:
                found.append(now - sent[name][max(numbers)])
    return found


def best_age(researches: int, every: float, a_minute: int, least: float = 0.0) -> float:
    """The least mean age that `a_minute` calls allow, in seconds: all researches are shown equally often, each time
    at the very moment of a thought.

    Between two such moments lie whole multiples of `every`; an interval of length l has the mean age l / 2.
    """
    mean = max(every, least, researches * 60.0 / a_minute)
    low = math.floor(mean / every) * every
    share = (mean - low) / every
    squares = (1 - share) * low**2 + share * (low + every) ** 2
    return squares / (2 * mean)


def even_age(researches: int, every: float, a_minute: int, least: float = 0.0) -> float:
    """The mean age when each research is shown in turn, whenever its thoughts come."""
    turn = max(least, researches * 60.0 / a_minute)
    return every / 2 + (turn / 2 if turn > every else 0.0)


def best_delays(ends: Iterable[tuple[float, int, int]]) -> list[float]:
    """The delay of each report when a message goes out whenever the limits allow one, in its channel and in the whole
    workspace, and the research that ended first is told whole before the next of its channel.

    `ends` are (moment, channel, number of messages).
    """
    waiting: dict[int, list[list[float]]] = {}
    for at, channel, messages in sorted(ends):
        waiting.setdefault(channel, []).append([at, messages])
    free = dict.fromkeys(waiting, -math.inf)
    lately: deque[float] = deque([-math.inf] * POSTS_A_MINUTE, maxlen=POSTS_A_MINUTE)
    delays = []
    while waiting:
        turns = {channel: max(queue[0][0], free[channel]) for channel, queue in waiting.items()}
        now = max(min(turns.values()), lately[0] + 60.0)
        channel = min((one for one, at in turns.items() if at <= now), key=lambda one: waiting[one][0][0])
        lately.append(now)
        free[channel] = now + 1 / POSTS_A_SECOND
        first = waiting[channel][0]
        first[1] -= 1
        if first[1] == 0:
            delays.append(now - first[0])
            waiting[channel].pop(0)
            if not waiting[channel]:
                del waiting[channel]
    return delays
