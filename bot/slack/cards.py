"""How the two messages that live look: the root in the channel and the progress card in the thread. Pure.

Text of people, models and web pages goes into `rich_text` and `plain_text` only, which Slack never parses; a mention is
always an element that we built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.errands import Relation
from bot.domain.letters import Answer, Card, Outcome, Proposal, Root, Waiting, Whisper
from bot.domain.policy import OFFERS, Depth
from bot.domain.progress import elapsed
from bot.domain.research import State
from bot.slack import buttons
from bot.slack.answers import answer_message
from bot.slack.elements import Block, Message, context, person, plain_text, rich_text, section, text
from bot.slack.endings import outcome_message, whisper_message
from bot.slack.proposals import proposal_message
from bot.slack.sentences import begin, cost, duration, headline, is_planning, is_unclear, waiting
from bot.slack.text import clean, escape, one_line, shortened

if TYPE_CHECKING:
    from bot.domain.letters import View
    from bot.domain.progress import Phase, Progress

QUESTION_LENGTH = 2_500
PHASE_LENGTH = 400
TITLE_LENGTH = 150
STATUS_LENGTH = 100


Rendered = Root | Card | Answer | Outcome | Proposal
"""What is made into a message when it is sent, from how its research stands then."""


def render(content: Rendered | Whisper, *, plain: bool = False) -> Message:
    """The message for a content; `plain` without blocks that some workspaces refuse."""
    match content:
        case Root():
            return _root(content.view)
        case Card():
            return _card(content, plain=plain)
        case Answer():
            return answer_message(content)
        case Outcome():
            return outcome_message(content, plain=plain)
        case Proposal():
            return proposal_message(content)
        case Whisper():
            return whisper_message(content)


def status_line(card: Card) -> str:
    """What the thread's status line says; empty for a research that has ended."""
    match card.view.state:
        case State.QUEUED if card.view.waiting == Waiting.APPROVAL:
            return ""
        case State.QUEUED:
            return f"is waiting: {waiting(card.view)}"
        case State.STARTING:
            return "is starting the research…"
        case State.RUNNING if card.view.depth is Depth.QUICK:
            return f"is looking it up… ({elapsed(begin(card.view), card.at)})"
        case State.RUNNING:
            now = clean(card.progress.current) or _beginning(card.view).lower()
            return f"is researching: {shortened(now, STATUS_LENGTH)} ({elapsed(begin(card.view), card.at)})"
        case State.CANCELLING:
            return "is stopping the research…"
        case _:
            return ""


def _root(view: View) -> Message:
    question = shortened(clean(view.question), QUESTION_LENGTH)
    who = clean(view.asker_name) or "Somebody"
    facts = [headline(view), OFFERS[view.depth].name]
    if view.has_background:
        facts.append("with a thread as background")
    if view.ended_at is None:
        facts.append(OFFERS[view.depth].line)
    elif view.started_at is not None:
        facts.append(elapsed(view.started_at, view.ended_at))
    if view.sources:
        facts.append(f"{view.sources} sources")
    verb = "shares a report on" if view.relation == Relation.SHARE else "asks"
    blocks = [
        rich_text(
            section(text(f"{who} {verb}", bold=True)),
            {"type": "rich_text_quote", "elements": [text(question)]},
        ),
        context(" · ".join(facts)),
    ]
    return Message(
        f"{escape(who)} {verb}: {escape(shortened(one_line(question), 300))} ({headline(view)})", blocks
    )


def _card(card: Card, *, plain: bool) -> Message:
    view = card.view
    title = shortened(_title(card), TITLE_LENGTH)
    plan = _plain_plan(card, title) if plain else [_plan(card, title)]
    blocks = [*plan, context(" · ".join(_facts(card)))]
    if view.cancelled_by:
        blocks.append(rich_text(section(text(_stopping(view)), person(view.cancelled_by), text("."))))
    if view.state in (State.QUEUED, State.STARTING, State.RUNNING):
        row = buttons.row(view.research_id, buttons.cancel(view.research_id), buttons.watch(view.research_id))
        blocks.append(row)
    return Message(f"{escape(title)} · {' · '.join(map(escape, _facts(card)))}", blocks)


def _beginning(view: View) -> str:
    """What it does before its first thought, of which a quick answer has none."""
    return "Looking it up" if view.depth is Depth.QUICK else "Planning the research"


def _stopping(view: View) -> str:
    """What became of somebody's wish to stop it; their name follows."""
    if view.state.is_open:
        return "Being stopped by "
    return "Stopped by " if view.state is State.CANCELLED else "It had ended before it could be stopped by "


def _title(card: Card) -> str:
    view = card.view
    match view.state:
        case State.RUNNING if not view.stuck_since:
            return clean(card.progress.current) or _beginning(view)
        case State.COMPLETED:
            return f"Worked for {duration(view, card.at)}"
        case State.CANCELLED:
            return (
                f"Stopped after {duration(view, card.at)}" if view.started_at else "Stopped before it started"
            )
        case State.STARTING if is_planning(view):
            return "Asking for a plan"
        case State.FAILED if not is_unclear(view):
            return f"Failed after {duration(view, card.at)}" if view.started_at else "Not started"
        case _:
            return headline(view)


def _facts(card: Card) -> list[str]:
    view = card.view
    offer = OFFERS[view.depth]
    facts = [offer.name]
    if view.relation == Relation.DEEPER:
        facts.append(f"deeper, for {clean(view.asker_name) or 'somebody'}")
    if view.ended_at is None:
        facts.append(f"{elapsed(begin(view), card.at)} so far")
        if view.stuck_since is not None:
            facts.append(
                f"nothing new for {elapsed(view.stuck_since, card.at)}; you can wait, or cancel and retry"
            )
        facts.append(offer.line)
        return facts
    facts.append(duration(view, view.ended_at))
    if view.sources is not None:
        facts.append(f"{view.sources} sources")
    if view.usage is not None and view.usage.searches:
        facts.append(f"{view.usage.searches} searches")
    if view.usage is not None and view.usage.total_tokens:
        facts.append(f"{view.usage.total_tokens:,} tokens")
    facts.append(cost(view))
    return facts


def _plan(card: Card, title: str) -> Block:
    return {"type": "plan", "title": title, "tasks": _tasks(card)}


def _tasks(card: Card) -> list[Block]:
    """Phases as tasks: done but for the last one, which carries how the research stands."""
    last_status = {
        State.COMPLETED: "complete",
        State.FAILED: "error",
        State.CANCELLED: "error",
        State.EXPIRED: "error",
        State.QUEUED: "pending",
    }.get(card.view.state, "in_progress")
    phases = card.progress.phases
    if not phases:
        words = _beginning(card.view) if card.view.state.is_open else headline(card.view)
        return [{"task_id": "planning", "title": words, "status": last_status}]
    tasks: list[Block] = []
    if card.progress.earlier:
        title = f"Earlier steps ({card.progress.earlier})"
        tasks.append({"task_id": "earlier", "title": title, "status": "complete"})
    for number, phase in enumerate(phases):
        status = last_status if number == len(phases) - 1 else "complete"
        tasks.append(_task(card.progress, number, phase, status))
    return tasks


def _task(progress: Progress, number: int, phase: Phase, status: str) -> Block:
    task: Block = {
        "task_id": f"step{progress.earlier + number}",
        "title": shortened(clean(phase.title), TITLE_LENGTH) or "Thinking",
        "status": status,
    }
    summary = shortened(clean(phase.summary), PHASE_LENGTH)
    if summary.strip():
        task["details"] = rich_text(section(text(summary)))
    return task


def _plain_plan(card: Card, title: str) -> list[Block]:
    """The same for a workspace that refuses plans: one section, a line a phase."""
    marks = {"complete": "✓", "in_progress": "…", "error": "✕", "pending": "○"}
    lines = [f"{marks[task['status']]} {task['title']}" for task in _tasks(card)]
    return [
        {"type": "section", "text": plain_text(title)},
        {"type": "section", "text": plain_text(shortened("\n".join(lines), 2_900))},
    ]
