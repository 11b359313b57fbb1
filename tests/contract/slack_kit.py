"""What the contract tests of the Slack side share: a running simulated Slack, our client on it, letters to send."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import anyio

from bot.domain.letters import Address, Card, File, Letter, Part, Root, View
from bot.domain.policy import Depth
from bot.domain.progress import Progress
from bot.domain.research import State
from bot.sandbox.slack import SimulatedSlack
from bot.slack.courier import SlackCourier
from bot.slack.directory import SlackDirectory
from bot.slack.web import SlackWeb, connect, constant

TEAM = "T0SANDBOX"


class SkippingClock:
    """A clock that a test sets, and that sleeping moves on: it takes next to no time."""

    def __init__(self):
        self.at = 1000.0
        self.slept = []

    def now(self):
        return now()

    def monotonic(self):
        return self.at

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.at += seconds
        await anyio.sleep(0.02)


@dataclass
class Desk:
    """A simulated Slack and our things that talk to it."""

    slack: SimulatedSlack
    web: SlackWeb
    clock: SkippingClock
    courier: SlackCourier
    directory: SlackDirectory


@asynccontextmanager
async def desk():
    async with SimulatedSlack.serve() as slack, connect(constant(slack.bot_token), slack.api_url) as web:
        clock = SkippingClock()
        slack.share_delay, slack.strict_limits = 0.01, False
        yield Desk(slack, web, clock, SlackCourier(web, clock), SlackDirectory(web, clock))


def now():
    return datetime.now(UTC)  # noqa: TID251 - the simulated Slack counts real time


def view(**fields):
    known = {
        "research_id": "r_01",
        "question": "Why is the sky blue?",
        "team_id": TEAM,
        "asker_id": "U0ADA",
        "depth": Depth.STANDARD,
        "state": State.RUNNING,
        "asked_at": now(),
        "started_at": now(),
    }
    return View(**(known | fields))


def letter(content, part="part:1", *, channel="C0RESEARCH", thread_ts=None, research_id="r_01"):
    return Letter(Address(TEAM, channel, thread_ts), research_id, part, content)


def root(**fields):
    return Root(view(**fields))


def card(**fields):
    return Card(view(**fields), Progress(), now())


def words(text):
    block = {"type": "section", "text": {"type": "plain_text", "text": text}}
    return Part(text, [block])


def picture(file_id=""):
    return File("picture-1.png", "Picture 1", "image/png", "A blue sky", b"\x89PNG bytes", file_id)


async def thread(desk):
    """A root message of ours, as a thread to write in."""
    return await desk.courier.post(letter(root(), "root"))
