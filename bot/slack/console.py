"""`/research-status` as blocks: a line a research, newest first, Cancel where it runs, pages. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.progress import elapsed
from bot.domain.research import State
from bot.slack import buttons
from bot.slack.elements import Block, Message, context, person, rich_text, section, text
from bot.slack.obstacles import obstacle
from bot.slack.permalinks import to_message
from bot.slack.sentences import headline
from bot.slack.text import clean, one_line, shortened

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.status import StatusLine, StatusPage

QUESTION_LENGTH = 160
VEILED = "(a conversation that you are not in)"


def status_message(page: StatusPage, workspace_url: str) -> Message:
    """The page as one message; `workspace_url` (`https://….slack.com/`) begins the links to threads."""
    everybody = not page.query.asker_id
    title = "Researches of this workspace" if everybody else "Your researches"
    if not page.lines:
        words = f"{title}: none yet. Start one with /research <question>."
        return Message(words.replace("<", "&lt;").replace(">", "&gt;"), [rich_text(section(text(words)))])
    counts = f"{page.total} in all, {page.running} running"
    blocks: list[Block] = [
        rich_text(section(text(title, bold=True), text(f"  {counts}"))),
    ]
    for line in page.lines:
        blocks.extend(_line(line, page.now, workspace_url, everybody=everybody))
    if page.pages > 1:
        blocks += [context(f"Page {page.query.page + 1} of {page.pages}"), _pager(page)]
    return Message(f"{title}: {counts}", blocks)


def _line(line: StatusLine, now: datetime, workspace_url: str, *, everybody: bool) -> list[Block]:
    view = line.view
    words: list[dict[str, Any]] = [text(headline(view), bold=True), text("  ")]
    if line.thread_ts is not None:
        words.append(
            {
                "type": "link",
                "url": to_message(workspace_url, line.channel_id, line.thread_ts),
                "text": _question(line),
            }
        )
    else:
        words.append(text(_question(line)))
    words.append(text("\n"))
    if everybody:
        words += [person(view.asker_id), text(" · ")]
    words.append(text(" · ".join(_facts(line, now))))
    blocks = [rich_text(section(*words))]
    if view.state in (State.QUEUED, State.STARTING, State.RUNNING):
        row = buttons.row(view.research_id, buttons.cancel(view.research_id))
        blocks.append(row)
    return blocks


def _question(line: StatusLine) -> str:
    return VEILED if line.is_veiled else shortened(one_line(clean(line.view.question)), QUESTION_LENGTH)


def _facts(line: StatusLine, now: datetime) -> list[str]:
    view = line.view
    facts = [view.research_id, f"asked {elapsed(view.asked_at, now)} ago"]
    if view.started_at is not None:
        verb = "ran" if view.ended_at else "runs for"
        facts.append(f"{verb} {elapsed(view.started_at, view.ended_at or now)}")
    if view.trouble is not None and view.state is not State.COMPLETED:
        facts.append(view.trouble.code.replace("_", " "))
    if line.undelivered:
        facts.append(f"not delivered: {obstacle(line.undelivered)}")
    return facts


def _pager(page: StatusPage) -> Block:
    number = page.query.page
    elements = []
    if number > 0:
        elements.append(buttons.button("Newer", f"{buttons.STATUS_PAGE}_newer", str(number - 1)))
    if number < page.pages - 1:
        elements.append(buttons.button("Older", f"{buttons.STATUS_PAGE}_older", str(number + 1)))
    return {"type": "actions", "block_id": f"pages:{number}", "elements": elements}
