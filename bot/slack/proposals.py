"""What stands below a plan: that nothing runs yet, what starting costs, and the buttons; and how to change a plan. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.policy import OFFERS, PLAN
from bot.domain.research import State
from bot.slack import buttons
from bot.slack.elements import Block, Message, context, person, plain_text, rich_text, section, text
from bot.slack.text import escape

if TYPE_CHECKING:
    from bot.domain.letters import Proposal

CHANGE_VIEW = "plan_change"
CHANGE_INPUT = "change"
CHANGE_LENGTH = 3_000


def proposal_message(proposal: Proposal) -> Message:
    """The question to whoever asked, until it is decided; then what was decided."""
    view = proposal.view
    if not proposal.is_open:
        words = _decided(proposal)
        return Message(words, [context(words)])
    words = (
        f" this is how it would be researched. Nothing is researched before you press Start: {OFFERS[view.depth].line}. "
        f"The plan itself cost {view.cost.words if view.cost else PLAN.price}."
    )
    row = buttons.row(
        view.research_id,
        buttons.button("Start", buttons.PLAN_START, view.research_id, style="primary"),
        buttons.button("Change…", buttons.PLAN_CHANGE, view.research_id),
        buttons.cancel(view.research_id),
        attempt=proposal.turn,
    )
    lapses = f"The plan lapses on {proposal.lapses_at:%B} {proposal.lapses_at.day} at {proposal.lapses_at:%H:%M} UTC."
    blocks: list[Block] = [rich_text(section(person(view.asker_id), text(words))), context(lapses), row]
    return Message(f"<@{view.asker_id}>{escape(words)} {lapses}", blocks)


def _decided(proposal: Proposal) -> str:
    view = proposal.view
    if proposal.is_changed:
        return "This plan was changed."
    if view.state is State.EXPIRED and view.started_at is None:
        return "This plan has lapsed: nobody started it within a day."
    if view.state is State.CANCELLED and view.started_at is None and not view.approved:
        return "This plan was not started."
    return "This plan was started."


def change_view(research_id: str, turn: int) -> dict[str, Any]:
    """The form behind Change… (Slack docs: views, private_metadata)."""
    return {
        "type": "modal",
        "callback_id": CHANGE_VIEW,
        "private_metadata": f"{research_id}:{turn}",
        "title": plain_text("Change the plan"),
        "submit": plain_text("Plan anew"),
        "close": plain_text("Leave it"),
        "blocks": [
            {
                "type": "input",
                "block_id": CHANGE_INPUT,
                "label": plain_text("What shall be different?"),
                "hint": plain_text(
                    f"Google makes a new plan, usually {PLAN.price}. Nothing is researched before you press Start."
                ),
                "element": {
                    "type": "plain_text_input",
                    "action_id": CHANGE_INPUT,
                    "multiline": True,
                    "max_length": CHANGE_LENGTH,
                },
            }
        ],
    }
