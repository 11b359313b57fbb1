"""Our buttons. Each carries an opaque research id; what spends or stops asks first, or says its price beside it."""

from __future__ import annotations

from bot.domain.letters import Form
from bot.domain.policy import OFFERS, Depth
from bot.slack.elements import Block, plain_text

CANCEL = "research_cancel"
RETRY = "research_retry"
DEEPER = "research_deeper"
AGAIN = "research_again"
SHARE = "research_share"
PLAN_START = "plan_start"
PLAN_CHANGE = "plan_change"
MOVE_HERE = "research_here"
MOVE_DIRECT = "research_direct"
INSIST = "research_insist"
LEAVE = "research_leave"
STATUS_PAGE = "status_page"
SHOW_ALL = "report_show_all"
DETAILS = "status_details"
LOOK_AGAIN = "status_look_again"
DELIVER_AGAIN = "status_deliver_again"
ERASE_PERSON = "status_erase_person"
EXPORTS = {"research_pdf": Form.PDF, "research_word": Form.WORD}
_FORMS = {Form.PDF: ("PDF", "The report as a PDF file"), Form.WORD: ("Word", "The report as a Word file")}
WATCH = "research_watch"
RATE = "research_rate"
GOOD, BAD = "good", "bad"


def row(research_id: str, *buttons: Block, attempt: int = 0) -> Block:
    """A row of buttons. The block's id carries the research, a second way to recognise our message, and which attempt
    it stands below: Retry pressed twice is still one new attempt, and a file is made of that attempt's report.
    """
    block_id = f"actions:{research_id}" + (f":{attempt}" if attempt else "")
    return {"type": "actions", "block_id": block_id, "elements": list(buttons)}


def cancel(research_id: str) -> Block:
    """The button labelled Cancel; the danger is in its dialog, not in its colour (Slack: human in the loop)."""
    return button("Cancel", CANCEL, research_id) | {
        "accessibility_label": "Cancel this research",
        "confirm": {
            "title": plain_text("Stop this research?"),
            "text": plain_text(
                "Google charges for what it used until now. What it has found is kept if Google gives it."
            ),
            "confirm": plain_text("Stop research"),
            "deny": plain_text("Keep going"),
            "style": "danger",
        },
    }


def retry(research_id: str, depth: Depth) -> Block:
    """Retry spends money again, so it asks first."""
    offer = OFFERS[depth]
    return button("Retry", RETRY, research_id) | {
        "confirm": {
            "title": plain_text("Research it once more?"),
            "text": plain_text(f"A new run at Google: {offer.line}."),
            "confirm": plain_text("Retry"),
            "deny": plain_text("Leave it"),
        },
    }


def show_all(research_id: str, messages: int) -> Block:
    """All of a long report in its thread, which keeps the channel busy for a second a message, so it asks first."""
    return button("Show it all here", SHOW_ALL, research_id) | {
        "accessibility_label": "Show the whole report in this thread",
        "confirm": {
            "title": plain_text("Show the whole report here?"),
            "text": plain_text(f"It comes as {messages} messages into this thread, one a second."),
            "confirm": plain_text("Show it all"),
            "deny": plain_text("Leave it"),
        },
    }


def export(research_id: str, form: Form) -> Block:
    """Has a file made of the report above it."""
    label, spoken = _FORMS[form]
    action_id = next(name for name, made in EXPORTS.items() if made is form)
    return button(label, action_id, research_id) | {"accessibility_label": spoken}


def deeper(research_id: str, depth: Depth) -> Block:
    """The agent goes on from the report; a quick answer is followed by a standard research."""
    offer = OFFERS[Depth.STANDARD if depth is Depth.QUICK else depth]
    return button("Research deeper", DEEPER, research_id) | {
        "confirm": {
            "title": plain_text("Research this deeper?"),
            "text": plain_text(f"A new run at Google that goes on from this report: {offer.line}."),
            "confirm": plain_text("Research deeper"),
            "deny": plain_text("Leave it"),
        },
    }


def again(research_id: str, depth: Depth) -> Block:
    """The same question from the beginning, for a report that has grown old."""
    return button("Run again", AGAIN, research_id) | {
        "confirm": {
            "title": plain_text("Ask this once more?"),
            "text": plain_text(f"A new run at Google, in a thread of its own: {OFFERS[depth].line}."),
            "confirm": plain_text("Run again"),
            "deny": plain_text("Leave it"),
        },
    }


def watch(research_id: str) -> Block:
    """Everybody in the thread sees the same button, so it says what pressing does, not how it stands."""
    return button("Notify me", WATCH, research_id) | {
        "accessibility_label": "Mention me once when this research ends, or take that back"
    }


def thumbs(research_id: str) -> Block:
    """Slack's own thumbs (Slack docs: context_actions, feedback_buttons)."""
    sides = {}
    for side, label, spoken in (
        (GOOD, "Useful", "This report was useful"),
        (BAD, "Not useful", "This report was not useful"),
    ):
        value = f"{side}:{research_id}"
        sides[side] = {"text": plain_text(label), "accessibility_label": spoken, "value": value}
    element = {
        "type": "feedback_buttons",
        "action_id": RATE,
        "positive_button": sides[GOOD],
        "negative_button": sides[BAD],
    }
    return {"type": "context_actions", "block_id": f"feedback:{research_id}", "elements": [element]}


def plain_thumbs(block: Block) -> Block:
    """The same for a workspace that refuses Slack's thumbs: two buttons."""
    (element,) = block["elements"]
    elements = [
        button(f"{sign} {side['text']['text']}", f"{RATE}_{name}", side["value"])
        for name, sign, side in (
            (GOOD, "👍", element["positive_button"]),
            (BAD, "👎", element["negative_button"]),
        )
    ]
    return {"type": "actions", "block_id": block["block_id"], "elements": elements}


def button(label: str, action_id: str, value: str, *, style: str = "") -> Block:
    """A button that carries an opaque research id."""
    made: Block = {"type": "button", "action_id": action_id, "text": plain_text(label), "value": value}
    return made | ({"style": style} if style else {})
