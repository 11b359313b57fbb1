"""The words that explain the commands, and what is said at once to somebody who asked. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errands import Answer, Receipt
from bot.domain.policy import OFFERS, PLAN, Depth
from bot.slack.elements import Message, date, rich_text, section, text

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.errands import Nearing

_QUICK, _STANDARD, _MAX = OFFERS[Depth.QUICK], OFFERS[Depth.STANDARD], OFFERS[Depth.MAX]

_LINES = (
    ("/research", "opens a form: one question or up to ten, how thorough, and who sees it"),
    ("/research <question>", f"a cited report in a thread here; {_STANDARD.line}"),
    ("/research quick: <question>", f"a short cited answer; {_QUICK.line}"),
    ("/research max: <question>", f"the thorough agent; {_MAX.line}"),
    (
        "/research plan: <question>",
        f"shows the plan first (usually {PLAN.price}), and starts when you say so",
    ),
    ("/research list", "your researches"),
    ("/research cancel <id>", "stops one; so does Cancel in its thread"),
    ("/research-status", "what runs and what has ended; admins see the whole workspace"),
)

_CONVERSATION_LINES = (
    ("<question>", f"a cited report in the thread of your message; {_STANDARD.line}"),
    ("quick: <question>", f"a short cited answer; {_QUICK.line}"),
    ("max: <question>", f"the thorough agent; {_MAX.line}"),
    ("plan: <question>", f"shows the plan first (usually {PLAN.price}), and starts when you say so"),
    ("list", "your researches"),
    ("cancel <id>", "stops one; so does Cancel in its thread"),
    ("/research", "opens a form: one question or up to ten, how thorough, and who sees it"),
)
"""In a channel each behind our name, in our direct message as they stand."""

UNREADABLE = "The list cannot be read just now. Please try again in a moment."

NOT_WRITTEN = (
    "Your question could not be written down just now, so nothing was started. Please try again in a moment."
)

SLOWLY_WRITTEN = (
    "Writing your question down takes longer than usual. Its thread appears here when that is done; if there is none "
    "within a minute, nothing was started, and you can ask again."
)

SLOWLY_WRITTEN_FORM = "Writing this down takes longer than usual. Please press the button again in a moment; nothing is started twice."

ANSWERS = {
    Answer.ACCEPTED: "Got it. Your research begins in a thread of its own, here in a moment.",
    Answer.KNOWN: "This question is already being researched.",
    Answer.NOT_WRITTEN: NOT_WRITTEN,
    Answer.OVER_DAILY_LIMIT: "You have asked as many questions as are allowed within 24 hours. Nothing was started. ",
    Answer.OVER_BUDGET: "This month’s research budget of the workspace is used up. Nothing was started. ",
    Answer.OVER_OWN_BUDGET: "Your research budget of this month is used up. Nothing was started. ",
}
_NEARING = {
    Answer.OVER_DAILY_LIMIT: "That is number {used:.0f} of the {limit:.0f} questions that you may ask within 24 hours.",
    Answer.OVER_BUDGET: "Of this month’s research budget of the workspace, ${limit:,.0f}, {share:.0%} are used or reserved.",
    Answer.OVER_OWN_BUDGET: "Of your research budget of this month, ${limit:,.0f}, {share:.0%} are used or reserved.",
}


def help_message() -> Message:
    """How to use the command, short enough to read."""
    return _explained(_LINES)


def conversation_help_message() -> Message:
    """The same for somebody who wrote to us or mentioned us."""
    return _explained(_CONVERSATION_LINES)


def _explained(lines: tuple[tuple[str, str], ...]) -> Message:
    elements = [
        text("Ask a question, and Google’s Deep Research agent works on it for some minutes. The thread shows what it "
             "does; the report arrives there, with its sources.\n\n")
    ]  # fmt: skip
    for command, does in lines:
        elements += [{"type": "text", "text": command, "style": {"code": True}}, text(f"  {does}\n")]
    elements.append(
        text(
            "\nWhat runs, what has ended and your own settings are in my Home tab."
            " The question goes to Google. Reports are written by an AI model and may be wrong."
        )
    )
    spoken = "\n".join(f"{command}: {does}" for command, does in lines)
    return Message(spoken.replace("<", "&lt;").replace(">", "&gt;"), [rich_text(section(*elements))])


def receipt_message(receipt: Receipt) -> Message:
    """The private answer to a question: a refusal says when it opens again, a yes how near a limit is."""
    words = ANSWERS[receipt.answer]
    if receipt.opens_at is not None:
        return _refused(words, receipt.opens_at)
    words = " ".join([words, *map(_near, receipt.nearing)])
    return Message(words, [rich_text(section(text(words)))])


def _refused(words: str, opens_at: datetime) -> Message:
    when = f"{opens_at:%d %B, %H:%M} UTC"
    asks = ". An admin of this bot can let you ask one more before that (/research-status lift)."
    blocks = [rich_text(section(text(f"{words}You can ask again from "), date(opens_at, when), text(asks)))]
    return Message(f"{words}You can ask again from {when}{asks}", blocks)


def _near(nearing: Nearing) -> str:
    used, limit = nearing.used, nearing.limit
    return _NEARING[nearing.answer].format(used=used, limit=limit, share=used / limit)
