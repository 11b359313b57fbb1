"""Whatever people, models, web pages and errors say: on its way to Slack it is text, in every message that we make."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.findings import Report, Source
from bot.domain.letters import Card, Contents, File, Outcome, Part, Root, View, Whisper, Whole
from bot.domain.policy import Depth
from bot.domain.progress import Phase, Progress
from bot.domain.research import State, Trouble
from bot.slack import packing
from bot.slack.cards import render, status_line
from bot.slack.contents import contents_message
from bot.slack.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.slack.elements import Message

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
quick = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
HOSTILE = (
    "<!channel>", "<!here>", "<@U0ADA>", "<#C1|x>", "<!subteam^S1>", "<!date^1^{date}|x>", "<https://evil.org|bank.org>",
    "[bank.org](https://evil.org)", "[a](javascript:alert(1))", "<mailto:a@b.c|x>", "@here", "&lt;!here&gt;", "*b* _i_ ~s~ `c`",
    "\u202egnp.exe\u202c", "\u2066x\u2069", "a\u200bb", "U\u200c\u200d\u2060S", "\x00\x07\x1b[31m", "\ud83d", "\u2028", "```", "> q",
)  # fmt: skip
words = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=6).map(" ".join)
states = st.sampled_from(list(State))


def view(question: str, state: State, detail: str) -> View:
    trouble = Trouble("failed", detail) if state in (State.FAILED, State.EXPIRED) else None
    return View(
        "r_1", question, "T1", "U0ASKER", Depth.STANDARD, state, NOW, NOW, None if state.is_open else NOW,
        trouble=trouble, asker_name=detail, sources=3,
    )  # fmt: skip


def strings(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every string of blocks with the name of its place."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from strings(inner, name)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings(inner, key)


def check(message: Message) -> None:
    """No markup but a mention of the asker, no hidden character, no address that is none."""
    assert message.text.strip()
    assert not re.search(r"<(?!@U0ASKER>)", message.text)
    assert clean(message.text) == message.text
    for key, value in strings(message.blocks):
        assert clean(value) == value
        assert (key, value) != ("type", "mrkdwn")
        assert key != "type" or value not in ("usergroup", "broadcast", "channel", "markdown")
        if key == "url":
            assert value.startswith(("https://", "http://", "mailto:"))
        if key == "user_id":
            assert value == "U0ASKER"


@quick
@given(words, words, states, words, words)
def test_messages_about_a_research(
    question: str, detail: str, state: State, summary: str, thought: str
) -> None:
    about = view(question, state, detail)
    progress = Progress((Phase(thought, summary),))
    card = Card(about, progress, NOW)
    for content in (
        Root(about),
        card,
        Outcome(about, summary, follows=True, words=9),
        Whisper("U0ASKER", f"It failed: {detail}", view=about),
        Whisper("U0ASKER", "", view=about),
    ):
        check(render(content))
        check(render(content, plain=True))
    assert clean(status_line(card)) == status_line(card)


@quick
@given(words, words, words, st.lists(words, max_size=4), st.integers(0, 1))
def test_messages_and_files_of_a_report(
    question: str, title: str, text: str, headings: list[str], most: int
) -> None:
    sources = (Source(1, "https://a.org/x", title, text), Source(2, text, text, title))
    markdown = "\n\n".join([text, *(f"## {heading}\n\n{text} " + "Words. " * 1_500 for heading in headings)])
    for content in packing.pack(
        Whole(view(question, State.COMPLETED, title), Report(markdown, sources)), most
    ):
        if isinstance(content, Part):
            check_blocks_only(content)
        elif isinstance(content, Contents):
            check(contents_message(content, dict.fromkeys(range(99), "https://slack.test/x")))
        elif isinstance(content, File):
            assert (
                clean(content.title + content.name + content.alt)
                == content.title + content.name + content.alt
            )
            assert not re.search(r"[/\\<>:\x00-\x1f]", content.name)


def check_blocks_only(part: Part) -> None:
    from bot.slack.elements import Message

    check(Message(part.text, part.blocks))
