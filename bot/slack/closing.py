"""The end of a report's last message: what it is, and what can be done with it next. Pure.

`packing` appends it to the last part, which is cut once and stored, so nothing here depends on what may change later. A
part that Slack refuses is cut smaller with its end left in one piece (`parted`), behind everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errands import Relation
from bot.domain.research import State
from bot.slack import buttons
from bot.slack.elements import Block, context
from bot.slack.press import forms

if TYPE_CHECKING:
    from bot.domain.letters import View

DISCLAIMER = "Written by an AI model, which may be wrong. Check the sources before you rely on it."
UNFINISHED = "This is what had been found when the research ended, not a finished report."
KINDS = ("context", "actions", "context_actions")
"""Types of block that end a report. The text of a report never becomes one of them."""


def closing(view: View, *, hidden: int = 0) -> list[Block]:
    """The blocks that end the report of `view`: at most `budget.CLOSING_BLOCKS`, without any text of the report.

    `hidden` is how many messages of it are not in the thread. Buttons come in one row below the thumbs: what to do with
    this report, then what to ask next.
    """
    is_whole = view.state is State.COMPLETED
    blocks = [context(DISCLAIMER if is_whole else f"{UNFINISHED} {DISCLAIMER}")]
    if is_whole:
        blocks.append(buttons.thumbs(view.research_id))
    choices = [buttons.export(view.research_id, form) for form in forms()]
    if hidden:
        choices.insert(0, buttons.show_all(view.research_id, hidden))
    if choices:
        blocks.append(buttons.row(view.research_id, *choices, attempt=view.attempt))
    if view.state is State.COMPLETED:
        blocks.append(buttons.row(view.research_id, *_next_steps(view)))
    return blocks


def _next_steps(view: View) -> list[Block]:
    """What can be asked about a report. A follow-up asked again without its report would mean something else; what
    lives in a direct message can be shared.
    """
    steps = [buttons.deeper(view.research_id, view.depth)]
    if view.relation != Relation.FOLLOW_UP:
        steps.append(buttons.again(view.research_id, view.depth))
    if view.is_direct:
        steps.append(buttons.button("Share to channel…", buttons.SHARE, view.research_id))
    return steps


def parted(blocks: list[Block]) -> tuple[list[Block], list[Block]]:
    """`blocks` of a part as its content and, if it is the last one, its end."""
    at = len(blocks)
    while at and blocks[at - 1]["type"] in KINDS:
        at -= 1
    return blocks[:at], blocks[at:]
