"""What is kept of a person: handed to that person as a file, or erased, because an admin was asked for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.letters import File
from bot.errors import SlackError
from bot.slack import buttons
from bot.slack.click import click_of
from bot.slack.elements import Message, person, plain_text, rich_text, section, text
from bot.slack.front import FAILED, SLOW, spoken
from bot.slack.handing import hand_over
from bot.work.reply import Reply

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.front import Front

NOT_SENT = "Slack did not take the file. Please try again in a moment."
_WORDS = "Everything that this app keeps of you, because an admin of your workspace was asked for it."


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listener of the button that erases."""

    async def on_erase(ack: AsyncAck, body: dict[str, Any]) -> None:
        click = click_of(body)
        work = partial(front.administration.erase_person, click.team_id, click.person_id, click.value)
        reply = await front.in_time(work, slow=SLOW, failed=FAILED)
        front.after_ack("answer", partial(front.whisper, spoken(reply.sentence), click.response_url))
        await ack()

    app.action(buttons.ERASE_PERSON)(on_erase)


def erasure_offer(person_id: str) -> Message:
    """Asks before it erases; who presses is looked at then."""
    words = (
        "What they still have running is stopped. Their questions, reports and files go, here and at Google, and their "
        "name goes from the figures and the audit. What stands in Slack stays there: it is Slack’s to delete."
    )
    erase = buttons.button("Erase", buttons.ERASE_PERSON, person_id, style="danger") | {
        "confirm": {
            "title": plain_text("Erase this person?"),
            "text": plain_text("It cannot be undone."),
            "confirm": plain_text("Erase"),
            "deny": plain_text("Keep"),
            "style": "danger",
        }
    }
    blocks = [
        rich_text(section(text("Erase everything that is kept of "), person(person_id), text(f"? {words}"))),
        {"type": "actions", "block_id": f"erase:{person_id}", "elements": [erase]},
    ]
    return Message(f"Erase everything that is kept of <@{person_id}>? {words}", blocks)


def send_own(front: Front, command: dict[str, Any], whose: str) -> None:
    """Everything of a person into that person’s direct message with us: an admin may not read it either."""
    front.after_ack("export", partial(_send_own, front, command, whose))


async def _send_own(front: Front, command: dict[str, Any], whose: str) -> None:
    reply = await _handed_over(front, command["team_id"], command["user_id"], whose)
    await front.whisper(spoken(reply.sentence), command["response_url"])


async def _handed_over(front: Front, team_id: str, admin_id: str, whose: str) -> Reply:
    found = await front.in_time(
        partial(front.administration.export_person, team_id, admin_id, whose), slow=SLOW, failed=FAILED
    )
    if isinstance(found, Reply):
        return found
    file = File("research-data.json", "What is kept of you", "application/json", "", found)
    try:
        await hand_over(front, team_id, whose, file, _WORDS)
    except SlackError as error:
        front.journal.note("file.handing_over_failed", method=error.method, error=error.code)
        return Reply(False, NOT_SENT)
    return Reply(
        True, f"<@{whose}> has the file in our direct message. It is for their eyes, so it is not here."
    )
