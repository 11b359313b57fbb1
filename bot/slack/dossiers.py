"""One research in full, and what researches cost in all, as private messages. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.feedback import REASONS
from bot.domain.prices import DOLLAR, dollars
from bot.domain.progress import elapsed
from bot.domain.research import State
from bot.slack import buttons
from bot.slack.console import VEILED, asker
from bot.slack.elements import Block, Message, context, date, rich_text, section, text
from bot.slack.permalinks import to_message
from bot.slack.sentences import explain, headline
from bot.slack.text import clean, escape, one_line, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.domain.interaction import Usage
    from bot.domain.status import Call, Dossier, Total, Totals

QUESTION_LENGTH = 2_000
DETAIL_LENGTH = 1_000
WORDS_LENGTH = 300
_USAGE = {
    "input_tokens": "input",
    "cached_tokens": "cached",
    "output_tokens": "output",
    "thought_tokens": "thought",
    "tool_tokens": "tool",
}


def dossier_message(dossier: Dossier, workspace_url: str) -> Message:
    """What is known of one research, and what can be done about it."""
    view, line = dossier.line.view, dossier.line
    title = f"{view.research_id}: {headline(view)}"
    question = VEILED if line.is_veiled else shortened(clean(view.question), QUESTION_LENGTH)
    words: list[Any] = [text(title, bold=True), text("  asked by "), asker(view.asker_id)]
    if line.thread_ts is not None:
        url = to_message(workspace_url, line.channel_id, line.thread_ts)
        words += [text(" · "), {"type": "link", "url": url, "text": "thread"}]
    blocks = [
        rich_text(
            section(*words),
            {"type": "rich_text_quote", "elements": [text(question or "(forgotten)")]},
        ),
        *(_timeline(dossier.timeline)),
        *(_money(dossier)),
        *(_posts(dossier)),
        *(_feedback(dossier)),
        *(_trouble(dossier)),
        _deeds(dossier),
    ]
    return Message(escape(title), blocks)


def _timeline(moments: Sequence[tuple[datetime, str]]) -> list[Block]:
    if not moments:
        return []
    first = moments[0][0]
    words: list[Any] = [text("Timeline\n", bold=True)]
    for at, what in moments:
        words += [date(at, f"{at:%d %B, %H:%M:%S} UTC"), text(f"  {what} (+{elapsed(first, at)})\n")]
    return [rich_text(section(*words))]


def _money(dossier: Dossier) -> list[Block]:
    view = dossier.line.view
    lines = [_call(call) for call in dossier.calls]
    if view.usage is not None:
        lines.append(_tokens(view.usage))
    total = view.cost.words if view.cost is not None else "nothing yet"
    words = [
        text("Calls and cost", bold=True),
        text("".join(f"\n{line}" for line in [*lines, f"In all: {total}"])),
    ]
    return [rich_text(section(*words))]


def _call(call: Call) -> str:
    facts = [f"Turn {call.turn}, attempt {call.attempt}: {call.agent or 'agent unknown'}"]
    if call.interaction_id:
        facts.append(shortened(call.interaction_id, 120))
    facts.append(dollars(call.micros) + (f" ({call.spent})" if call.spent not in ("", "real") else ""))
    return " · ".join(facts)


def _tokens(usage: Usage) -> str:
    counts = [
        f"{count:,} {words}" for name, words in _USAGE.items() if (count := getattr(usage, name)) is not None
    ]
    if usage.searches is not None:
        counts.append(f"{usage.searches:,} searches")
    return "Tokens: " + (", ".join(counts) or "not reported")


def _posts(dossier: Dossier) -> list[Block]:
    if dossier.line.is_veiled:
        return []
    lines = [f"{dossier.sent} sent"]
    lines += [
        f"{post.part}: {_STATES.get(post.state, post.state)}"
        + (f" after {post.tries} tries" if post.tries else "")
        + (f" ({post.error})" if post.error else "")
        for post in dossier.posts
    ]
    return [rich_text(section(text("Messages", bold=True), text("".join(f"\n{one}" for one in lines))))]


_STATES = {"pending": "waits", "sending": "being sent", "dead": "given up"}


def _feedback(dossier: Dossier) -> list[Block]:
    line = dossier.line
    if not (line.liked or line.disliked):
        return []
    words: list[Any] = [text("Readers", bold=True), text(f"  👍 {line.liked} 👎 {line.disliked}")]
    for one in () if line.is_veiled else dossier.feedback:
        why = [*(REASONS[reason] for reason in one.reasons), shortened(one_line(one.words), WORDS_LENGTH)]
        said = "; ".join(filter(None, why))
        words += [text("\n👍 " if one.is_good else "\n👎 "), asker(one.person_id), text(f"  {said}".rstrip())]
    return [rich_text(section(*words))]


def _trouble(dossier: Dossier) -> list[Block]:
    view = dossier.line.view
    if view.trouble is None:
        return []
    detail = shortened(clean(view.trouble.detail), DETAIL_LENGTH)
    words = [text("Error\n", bold=True), text(explain(view).text)]
    if detail:
        words.append(text(f"\n{view.trouble.code}: {detail}"))
    return [rich_text(section(*words))]


def _deeds(dossier: Dossier) -> Block:
    view = dossier.line.view
    research_id = view.research_id
    elements = []
    if view.state in (State.QUEUED, State.STARTING, State.RUNNING):
        elements.append(buttons.cancel(research_id))
    if view.state in (State.FAILED, State.CANCELLED, State.EXPIRED):
        elements.append(buttons.retry(research_id, view.depth))
        if any(call.interaction_id for call in dossier.calls):
            elements.append(buttons.button("Look at Google again", buttons.LOOK_AGAIN, research_id))
    if dossier.posts or dossier.line.undelivered:
        elements.append(buttons.button("Deliver again", buttons.DELIVER_AGAIN, research_id))
    elements.append(buttons.button("All researches", f"{buttons.STATUS_PAGE}_first", "0||"))
    return buttons.row(research_id, *elements, attempt=view.attempt)


def totals_message(totals: Totals) -> Message:
    """What a month cost, by whom, where and with what; and how much room is left."""
    title = f"Since {totals.since:%d %B %Y}: {dollars(totals.spent)} for {_runs(totals.runs)}"
    blocks = [
        rich_text(section(text(title, bold=True))),
        context("What still runs or waits is in it with the most that it usually costs."),
        *_group("Room left", [], _room(totals)),
        *_group("People", totals.people, asker),
        *_group("Channels", totals.channels, _channel),
        *_group("Agents", totals.agents, lambda name: text(name or "unknown")),
        *_group("Months", totals.months, text),
    ]
    return Message(escape(title), blocks)


def _channel(name: str) -> Block:
    return {"type": "channel", "channel_id": name} if name else text(VEILED)


def _group(
    heading: str, totals: Sequence[Total], element: Callable[[str], Block] | Sequence[str]
) -> list[Block]:
    words: list[Any] = [text(heading, bold=True)]
    if callable(element):
        for one in totals:
            words += [text("\n"), element(one.name), text(f"  {dollars(one.micros)} · {_runs(one.runs)}")]
    else:
        words.append(text("".join(f"\n{line}" for line in element)))
    return [rich_text(section(*words))] if len(words) > 1 else []


def _runs(count: int) -> str:
    return f"{count:,} run{'s' if count != 1 else ''}"


def _room(totals: Totals) -> list[str]:
    limits = totals.limits
    lines = [_used("running now", totals.running, limits.active) + f", {totals.waiting:,} waiting"]
    if limits.monthly_usd:
        left = max(0.0, limits.monthly_usd - totals.spent / DOLLAR)
        lines.append(f"${left:,.2f} of this month’s ${limits.monthly_usd:,.2f}")
    else:
        lines.append("no budget of the workspace is set")
    paused = [f"{one_line(method)} for {elapsed(totals.now, until)}" for method, until in totals.paused]
    lines.append("Slack asks us to wait with " + ", ".join(paused) if paused else "Slack takes everything")
    return lines


def _used(words: str, used: int, limit: int) -> str:
    return f"{used:,} of {limit:,} {words}" if limit else f"{used:,} {words}, without a limit"
