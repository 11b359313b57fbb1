"""The words that explain the commands, and what is said at once to somebody who asked. Pure."""

from __future__ import annotations

from bot.domain.errands import Answer, Receipt
from bot.domain.policy import OFFERS, Depth
from bot.slack.elements import Message, rich_text, section, text

_QUICK, _STANDARD, _MAX = OFFERS[Depth.QUICK], OFFERS[Depth.STANDARD], OFFERS[Depth.MAX]

_LINES = (
    ("/research", "opens a form: one question or up to ten, how thorough, and who sees it"),
    ("/research <question>", f"a cited report in a thread here; {_STANDARD.line}"),
    ("/research quick: <question>", f"a short cited answer; {_QUICK.line}"),
    ("/research max: <question>", f"the thorough agent; {_MAX.line}"),
    ("/research list", "your researches"),
    ("/research cancel <id>", "stops one; so does Cancel in its thread"),
    ("/research-status", "what runs and what has ended; admins see the whole workspace"),
)

_CONVERSATION_LINES = (
    ("<question>", f"a cited report in the thread of your message; {_STANDARD.line}"),
    ("quick: <question>", f"a short cited answer; {_QUICK.line}"),
    ("max: <question>", f"the thorough agent; {_MAX.line}"),
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
    Answer.OVER_DAILY_LIMIT: "You have asked as many questions as are allowed within 24 hours. Nothing was started; "
    "please try again later, or ask an admin of this bot for more.",
    Answer.OVER_BUDGET: "This month’s research budget of the workspace is used up. Nothing was started; it opens again "
    "on the first of next month, or when whoever runs this bot raises it.",
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
        text("\nThe question goes to Google. Reports are written by an AI model and may be wrong.")
    )
    spoken = "\n".join(f"{command}: {does}" for command, does in lines)
    return Message(spoken.replace("<", "&lt;").replace(">", "&gt;"), [rich_text(section(*elements))])


def receipt_message(receipt: Receipt) -> Message:
    """The private answer to a question."""
    words = ANSWERS[receipt.answer]
    return Message(words, [rich_text(section(text(words)))])
