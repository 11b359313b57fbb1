"""What somebody typed after a command, as what they meant. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.policy import Depth
from bot.slack.text import clean

LONGEST = 20_000
"""Characters of a question; far below what Gemini takes, far above what anybody types."""

_TOKEN = re.compile(r"<((?:[@#!]\w|https?://|mailto:|tel:)[^<>]*)>", re.IGNORECASE)
_EMOJI = re.compile(r":[a-z0-9_+'-]+:")
_CANCEL = re.compile(r"cancel\s+(r_[a-z0-9]+)\s*\Z", re.IGNORECASE)
_PREFIX = re.compile(r"(quick|max|plan):\s*", re.IGNORECASE)
_DEPTHS = {"quick": Depth.QUICK, "max": Depth.MAX}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, and how thoroughly."""

    question: str
    depth: Depth = Depth.STANDARD
    plan: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """They typed nothing at all."""


@dataclass(frozen=True, slots=True)
class Help:
    """They want to know how it works."""


@dataclass(frozen=True, slots=True)
class ListMine:
    """They want to see their researches."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """They want one stopped."""

    research_id: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing can be done with it; the sentence says why."""

    sentence: str


Meaning = Ask | Nothing | Help | ListMine | Cancel | Unclear


def understand(typed: str) -> Meaning:
    """`help` and `list` mean themselves only when alone, `cancel` only before an id of ours, `quick:`, `max:` and
    `plan:` only as prefixes with their colon; anything else is the question.
    """
    words = readable(typed).strip()
    match words.lower():
        case "":
            return Nothing()
        case "help":
            return Help()
        case "list":
            return ListMine()
    if cancel := _CANCEL.fullmatch(words):
        return Cancel(cancel[1].lower())
    return _prefixed(words)


def _prefixed(words: str) -> Meaning:
    """Depth and plan combine in either order, each once; a second depth belongs to the question."""
    depth: Depth | None = None
    plan = False
    while prefix := _PREFIX.match(words):
        name = prefix[1].lower()
        if name == "plan" and not plan:
            plan = True
        elif name != "plan" and depth is None:
            depth = _DEPTHS[name]
        else:
            break
        words = words[prefix.end() :]
    if not words:
        return Help()
    if plan and depth is Depth.QUICK:
        return Unclear(
            "A quick answer has no plan. Write “plan:” or “quick:” before the question, not both. Nothing was started."
        )
    return one_question(words, depth or Depth.STANDARD, plan=plan)


def one_question(words: str, depth: Depth = Depth.STANDARD, *, plan: bool = False) -> Ask | Unclear:
    """Words that are a question and nothing else, unless there is nothing to be researched in them."""
    if len(words) > LONGEST:
        return Unclear(
            f"That question has {len(words):,} characters; at most {LONGEST:,} are possible. Nothing was started."
        )
    if not any(character.isalnum() for character in _EMOJI.sub("", words)):
        return Unclear("I found no words in that question, so nothing was started. Please ask in words.")
    return Ask(words, depth, plan)


def readable(typed: str) -> str:
    """Slack's tokens as people read them: links as addresses, mentions as names, nothing invisible.

    Slack docs: slash commands (`should_escape`), formatting text (entities).
    """
    text = _TOKEN.sub(_plain_token, typed)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return clean(text)


def _plain_token(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    if target.startswith(("@", "#")):
        return f"{target[0]}{label}" if label else target
    if target.startswith("!"):
        name = label or target[1:].partition("^")[0]
        return name if name.startswith("@") else f"@{name}"
    return target.removeprefix("mailto:").removeprefix("tel:")
