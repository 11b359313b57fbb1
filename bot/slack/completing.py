"""How a workflow's step ends, as a call of Slack's: a summary and a link, or a sentence for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.research import State
from bot.errors import SlackRefused
from bot.slack.endings import why_not
from bot.slack.parts import blocks_of
from bot.slack.plain import plain_text
from bot.slack.text import clean, shortened

if TYPE_CHECKING:
    from bot.domain.letters import StepEnd
    from bot.slack.web import SlackWeb

Completion = tuple[str, dict[str, Any]]

_WAITS_NO_MORE = "execution_not_in_running_state"
"""The workflow was stopped, or was told already."""
SUMMARY_LENGTH = 2_000
ERROR_LENGTH = 500
_INERT = str.maketrans("<>", "‹›")
"""The next step may put the summary anywhere, so that nothing in it may be markup of Slack's."""


async def complete(web: SlackWeb, team_id: str, how: Completion) -> None:
    """Tells the workflow with the bot's own token: the step's lasts for 15 minutes only (Slack docs:
    functions.completeSuccess, functions.completeError, Tier 3). Safe to repeat: what waits no more is left alone.
    """
    method, arguments = how
    try:
        await web.call(team_id, method, **arguments)
    except SlackRefused as refused:
        if refused.code != _WAITS_NO_MORE:
            raise


def completion(end: StepEnd, link: str) -> Completion:
    """The method and its arguments."""
    which = {"function_execution_id": end.execution_id}
    if end.view.state is State.COMPLETED:
        summary = plain_text(blocks_of(end.summary)) if end.summary else ""
        outputs = {
            "report_summary": inert(summary, SUMMARY_LENGTH) or "The report is ready.",
            "report_url": link,
        }
        return "functions.completeSuccess", which | {"outputs": outputs}
    return failure(end.execution_id, f"{why_not(end.view)} {link}".strip())


def failure(execution_id: str, sentence: str) -> Completion:
    """The same for a step that brings nothing."""
    error = inert(sentence, ERROR_LENGTH)
    return "functions.completeError", {"function_execution_id": execution_id, "error": error}


def inert(words: str, limit: int) -> str:
    """Plain words that no place of Slack's takes for anything else."""
    return shortened(clean(words).strip(), limit).translate(_INERT)
