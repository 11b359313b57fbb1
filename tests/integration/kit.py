"""What the integration tests say again and again: what a person is told, and whether a thread tells it well."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

from tests.unit.report_reading import expected_letters, letters, missing_letter, visible_text
from tests.world import visible

if TYPE_CHECKING:
    from bot.sandbox.slack.message import Message
    from tests.world import World

_CODE = re.compile(
    r"\b(?!r_)[a-z]+(?:_[a-z]+)+\b|Traceback|Exception|\bNone\b|\bNaN\b|xoxb|xapp|sandbox-gemini-key"
)
_OURS = {"actions", "pages"}


def told(world: World, person: str) -> list[str]:
    """Everything that only this person was shown, oldest first, as they read it."""
    return [visible(message) for message in world.slack.workspace.ephemerals_of(person)]


def was_told(world: World, person: str, words: str) -> bool:
    """Whether one private message to the person says these words."""
    return any(words in one for one in told(world, person))


async def hears(world: World, person: str, words: str, within: float = 10) -> str:
    """Waits until the person is privately told these words; gives the message."""
    await world.slack.until(lambda: was_told(world, person, words), timeout=within)
    return next(one for one in reversed(told(world, person)) if words in one)


def private(world: World, person: str, words: str) -> Message:
    """The newest private message to the person with these words."""
    found = [one for one in world.slack.workspace.ephemerals_of(person) if words in visible(one)]
    return found[-1]


def card(world: World, root: Message) -> str:
    """What the progress card says now; empty before there is one."""
    found = world.part(root, "card")
    return "" if found is None else visible(found)


async def card_says(world: World, root: Message, words: str, within: float = 15) -> str:
    """Waits until the progress card says these words."""
    await world.slack.until(lambda: words in card(world, root), timeout=within)
    return card(world, root)


async def has_card(world: World, root: Message) -> Message:
    """The progress card, once it is there."""
    await world.slack.until(lambda: world.part(root, "card") is not None)
    found = world.part(root, "card")
    assert found is not None
    return found


async def runs(world: World, number: int = 1, thoughts: int = 0) -> None:
    """Waits until so many runs exist at Gemini, the last with so many thoughts."""
    await world.gemini.until(
        lambda: (
            len(world.gemini.creates) >= number and len(world.gemini.creates[number - 1].thoughts) >= thoughts
        )
    )


async def cancels(world: World, person: str, root: Message, channel: str = "research") -> None:
    """Presses Cancel on the progress card."""
    found = await has_card(world, root)
    ack = await world.slack.people.click(person, channel, found.ts, "research_cancel")
    assert ack.acked


async def settled(world: World, root: Message, words: str, within: float = 60) -> None:
    """Waits until root and card both show the end."""
    await world.slack.until(lambda: words in visible(root) and is_closed(world, root), timeout=within)


def is_closed(world: World, root: Message) -> bool:
    """Whether the card is the record of something that has ended."""
    found = world.part(root, "card")
    return found is not None and "so far" not in visible_facts(found)


def visible_facts(message: Message) -> str:
    """The line of small print below a message."""
    return " ".join(
        element["text"]
        for block in message.blocks
        if block["type"] == "context"
        for element in block["elements"]
    )


def part_name(message: Message) -> str:
    """Which part of a research a message is; empty for one that is none."""
    payload: dict[str, Any] = (message.metadata or {}).get("event_payload", {})
    return str(payload.get("part", ""))


def parts(world: World, root: Message, stem: str = "report.") -> list[Message]:
    """The messages of a thread whose part begins like this, in the order in which they stand there."""
    return [one for one in world.thread(root) if part_name(one).startswith(stem)]


def produced(world: World, number: int = 0) -> str:
    """The report that Gemini made."""
    return world.gemini.creates[number].text


async def whole_report(
    world: World, root: Message, number: int = 0, stem: str = "report.1", within: float = 30
) -> None:
    """Waits until the thread holds all of a report, and checks that it holds each part once, in order."""
    expected = expected_letters(
        re.sub(r"\[cite:[^\]]*\]", "", produced(world, number).partition("**Sources:**")[0])
    )

    def is_there() -> bool:
        return missing_letter(expected, letters(_seen(world, root, stem))) is None

    await world.slack.until(is_there, timeout=within)
    names = [part_name(one) for one in parts(world, root, stem)]
    assert len(set(names)) == len(names)
    assert sorted(names, key=_numbers) == names
    shown = len(letters(_seen(world, root, stem).partition("Sources")[0]))
    assert shown <= len(expected) * 1.2


def _seen(world: World, root: Message, stem: str) -> str:
    return "\n".join(
        visible_text([b for b in one.blocks if b["type"] != "context"]) for one in parts(world, root, stem)
    )


def _numbers(name: str) -> list[int]:
    return [int(word) for word in name.split(".")[1:]]


def outcomes(world: World, root: Message) -> list[Message]:
    """The messages of a thread that say how it ended."""
    return parts(world, root, "outcome.")


def no_code_words(world: World) -> None:
    """Nothing that the app says itself shows code, secrets or a stack trace; reports are the model's words."""
    for one in _said(world):
        blocks = [block for block in one.blocks or [] if block["type"] != "context"]
        words = visible(one) if blocks else one.text
        assert not _CODE.search(_own_words(words)), words


def _own_words(words: str) -> str:
    return re.sub(r"<[@#!][^>]*>|demo:\w+|https?://\S+|GEMINI_API_KEY|RESEARCH_AGENT", "", words)


def _said(world: World) -> list[Message]:
    """All messages of the app but the parts of reports, and outcomes that begin with a report's summary."""
    workspace = world.slack.workspace
    private_ones = [one for person in workspace.people for one in workspace.ephemerals_of(person)]
    posted = [one for channel in workspace.channels for one in _everything_in(world, channel)]
    ours = [one for one in (*private_ones, *posted) if one.bot]
    return [
        one
        for one in ours
        if not part_name(one).startswith("report.") and "The report follows" not in visible(one)
    ]


def _everything_in(world: World, channel: str) -> list[Message]:
    workspace = world.slack.workspace
    return [one for root in workspace.messages(channel) for one in (root, *root.replies)]


def pings(world: World) -> list[tuple[str, set[str]]]:
    """Which messages of the app pinged whom."""
    return [
        (part_name(one), one.notified)
        for channel in world.slack.workspace.channels
        for one in _everything_in(world, channel)
        if one.bot and one.notified
    ]


def direct_roots(world: World, person: str = "ada") -> list[Message]:
    """The app's root messages in its direct message with a person."""
    return world.roots(world.slack.workspace.dm(person).id)


def nothing_was_refused(world: World) -> bool:
    """Whether every call of the app was within Slack's limits and rules."""
    return not world.slack.ledger


def rows(world: World, query: str) -> list[tuple[Any, ...]]:
    """What the bot's SQLite file holds."""
    with closing(sqlite3.connect(world.environ["DATABASE_URL"].partition("///")[2])) as connection:
        return connection.execute(query).fetchall()


def kept_thoughts(world: World) -> list[str]:
    """The thoughts that the bot has written down, in order."""
    return [body for (body,) in rows(world, "SELECT body FROM thought ORDER BY id")]
