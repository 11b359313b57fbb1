"""The form that asks where to a report is shared, and what it says afterwards. Pure."""

from __future__ import annotations

from typing import Any

from bot.slack.elements import plain_text

SHARE_VIEW = "research_share"
SHARE_INPUT = "channel"


def share_view(research_id: str) -> dict[str, Any]:
    """Slack docs: views, conversations_select."""
    return {
        "type": "modal",
        "callback_id": SHARE_VIEW,
        "private_metadata": research_id,
        "title": plain_text("Share this report"),
        "submit": plain_text("Share"),
        "close": plain_text("Leave it"),
        "blocks": [
            {
                "type": "input",
                "block_id": SHARE_INPUT,
                "label": plain_text("Where to?"),
                "hint": plain_text(
                    "The question and the whole report are posted there in a thread, in your name. It costs nothing."
                ),
                "element": {
                    "type": "conversations_select",
                    "action_id": SHARE_INPUT,
                    "filter": {"include": ["public", "private"], "exclude_bot_users": True},
                },
            }
        ],
    }


def shared_view(words: str) -> dict[str, Any]:
    """What came of it."""
    return {
        "type": "modal",
        "title": plain_text("Share this report"),
        "close": plain_text("Close"),
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": words, "verbatim": True}}],
    }
