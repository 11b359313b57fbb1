"""`/research-status` as blocks: a line a research, newest first, what can be done with it, pages. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.progress import elapsed
from bot.domain.research import State
from bot.domain.status import Lens
from bot.slack import buttons, turning
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
_ERASED = "gone:"
"""How the asker of a research begins who was erased."""


def status_message(page: StatusPage, workspace_url: str, words: str = "") -> Message:
    """The page as one message; `workspace_url` (`https://….slack.com/`) begins the links to threads, `words` are the
    filters as they were typed.
    """
    everybody = not page.query.asker_id
    title = "Researches of this workspace" if everybody else "Your researches"
    if words:
        title = "Researches that fit"
    if not page.lines:
        nothing = "none" if words else "none yet. Start one with /research <question>"
        said = f"{title}: {nothing}."
        return Message(said.replace("<", "&lt;").replace(">", "&gt;"), [rich_text(section(text(said)))])
    counts = f"{page.total:,} found" if words else f"{page.total:,} in all, {page.running:,} running"
    blocks: list[Block] = [
        rich_text(section(text(title, bold=True), text(f"  {counts}"))),
        context(f"Without filters: {overview(page)}" if words else overview(page)),
    ]
    for line in page.lines:
        blocks.extend(line_blocks(line, page.now, workspace_url, everybody=everybody or bool(words)))
    if page.pages > 1:
        blocks += [context(f"Page {page.query.page + 1:,} of {page.pages:,}"), _pager(page, words)]
    return Message(f"{title}: {counts}", blocks)


def overview(page: StatusPage) -> str:
    """How many there are of each kind; those of which there are none are left out."""
    some = [f"{page.counts[lens]:,} {lens.value}" for lens in Lens if page.counts.get(lens)]
    return " · ".join(some) or f"{page.total:,} in all"


def line_blocks(line: StatusLine, now: datetime, workspace_url: str, *, everybody: bool) -> list[Block]:
    """One research: how it stands, its question as the way to its thread, facts, and what can be done with it."""
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
        words += [asker(view.asker_id), text(" · ")]
    words.append(text(" · ".join(_facts(line, now))))
    return [rich_text(section(*words)), _deeds(line)]


def _deeds(line: StatusLine) -> Block:
    view = line.view
    elements = [buttons.button("Details", buttons.DETAILS, view.research_id)]
    if view.state in (State.QUEUED, State.STARTING, State.RUNNING):
        elements.insert(0, buttons.cancel(view.research_id))
    return buttons.row(view.research_id, *elements)


def asker(person_id: str) -> Block:
    """Who asked; somebody who was erased has no name any more."""
    return text("somebody erased") if person_id.startswith(_ERASED) or not person_id else person(person_id)


def _question(line: StatusLine) -> str:
    if line.is_veiled:
        return VEILED
    return shortened(one_line(clean(line.view.question)), QUESTION_LENGTH) or "(forgotten)"


def _facts(line: StatusLine, now: datetime) -> list[str]:
    view = line.view
    facts = [view.research_id, f"asked {elapsed(view.asked_at, now)} ago"]
    if view.started_at is not None:
        verb = "ran" if view.ended_at else "runs for"
        facts.append(f"{verb} {elapsed(view.started_at, view.ended_at or now)}")
    if view.cost is not None:
        facts.append(view.cost.words)
    if view.trouble is not None and view.state is not State.COMPLETED:
        facts.append(view.trouble.code.replace("_", " "))
    if line.liked or line.disliked:
        facts.append(f"👍 {line.liked} 👎 {line.disliked}")
    if line.undelivered:
        facts.append(f"not delivered: {obstacle(line.undelivered)}")
    return facts


def _pager(page: StatusPage, words: str) -> Block:
    number = page.query.page
    elements = []
    if number > 0:
        elements.append(buttons.button("Newer", f"{buttons.STATUS_PAGE}_newer", turning.newer(page, words)))
    if number < page.pages - 1:
        elements.append(buttons.button("Older", f"{buttons.STATUS_PAGE}_older", turning.older(page, words)))
    return {"type": "actions", "block_id": f"pages:{number}", "elements": elements}
