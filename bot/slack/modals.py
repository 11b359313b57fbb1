"""What is told to somebody who pressed where no message can be shown: in the Home tab, or in a modal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.slack.elements import plain_text
from bot.slack.front import spoken

if TYPE_CHECKING:
    from bot.slack.click import Click
    from bot.slack.elements import Message
    from bot.slack.front import Front

TITLE = "Deep Research"


def modal(message: Message) -> dict[str, Any]:
    """A message as a modal that is only read, with its buttons."""
    return {
        "type": "modal",
        "title": plain_text(TITLE),
        "close": plain_text("Close"),
        "blocks": message.blocks,
    }


async def show(front: Front, click: Click, message: Message, *, replace: bool = False) -> None:
    """Opens a modal, above the one that was pressed in, or in its place (Slack docs: views.open, views.push,
    views.update); Slack takes the trigger of a click for 3 s only.
    """
    view = modal(message)
    if not click.modal_id:
        await front.web.call(click.team_id, "views.open", trigger_id=click.trigger_id, view=view)
    elif replace:
        await front.web.call(click.team_id, "views.update", view_id=click.modal_id, view=view)
    else:
        await front.web.call(click.team_id, "views.push", trigger_id=click.trigger_id, view=view)


async def say(front: Front, click: Click, words: str) -> None:
    """A sentence in a modal."""
    await show(front, click, spoken(words))
