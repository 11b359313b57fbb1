"""The step *Run deep research* of workflows (Slack docs: function_executed).

Slack brings an event again that was not acked, so that one is acked only when its question is written down, or its
workflow has been told why not.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.errands import Answer
from bot.errors import SlackError, StoreError
from bot.slack.completing import complete, failure
from bot.slack.help import receipt_message
from bot.slack.text import clean
from bot.slack.words import LONGEST
from bot.work.steps import Step

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp

    from bot.slack.front import Front

Body = dict[str, Any]

CALLBACK = "deep_research"
EMPTY = "The question of this step is empty. Nothing was started."
TOO_LONG = f"The question of this step has more than {LONGEST:,} characters. Nothing was started."


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listener. Bolt acks an event when its listener returns, and not when it raises."""

    async def on_step(body: Body) -> None:
        if body["event"]["function"].get("callback_id") != CALLBACK:
            return
        if not await front.in_time(partial(_run, front, step_of(body)), slow=False, failed=False):
            raise StoreError("a step was not written down in time; Slack brings it again")

    app.event("function_executed")(on_step)


def step_of(body: Body) -> Step:
    """What the workflow put in."""
    event = body["event"]
    inputs = event.get("inputs") or {}
    return Step(
        team_id=str(body["team_id"]),
        execution_id=str(event["function_execution_id"]),
        question=clean(str(inputs.get("question") or "")).strip(),
        requester_id=str(inputs.get("requester") or ""),
        channel_id=str(inputs.get("channel") or ""),
    )


async def _run(front: Front, step: Step) -> bool:
    """Whether the step is under way, or its workflow knows why not."""
    try:
        refusal = await _refusal(front, step)
        if refusal:
            await complete(front.web, step.team_id, failure(step.execution_id, refusal))
    except SlackError as error:
        front.journal.note("step.not_taken", method=error.method, error=error.code)
        return False
    return True


async def _refusal(front: Front, step: Step) -> str:
    if not step.question:
        return EMPTY
    if len(step.question) > LONGEST:
        return TOO_LONG
    answer = await front.steps.run(step)
    if isinstance(answer, str):
        return answer
    return "" if answer.answer in (Answer.ACCEPTED, Answer.KNOWN) else receipt_message(answer).text
