"""How a person's Home tab looks: what runs now, what was, settings, what is left; for admins the workspace. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.home import LONGEST_SEARCH
from bot.domain.policy import OFFERS, Depth
from bot.domain.prices import DOLLAR
from bot.domain.status import Lens
from bot.slack import buttons
from bot.slack.console import line_blocks, overview
from bot.slack.elements import Block, context, plain_text, rich_text, section, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.home import HomeTab, Shelf
    from bot.domain.status import StatusLine, StatusPage

NEW, REFRESH, SEARCH, PAGE = "home_new", "home_refresh", "home_search", "home_page"
DEPTH, NOTIFY = "home_depth", "home_notify"
WORKSPACE_CHOICE = "workspace"

_NAMES = {Depth.QUICK: "Quick answer", Depth.STANDARD: "Standard", Depth.MAX: "Thorough"}
_EXAMPLES = (
    ("/research Which heat pumps work well in houses from before 1950?", OFFERS[Depth.STANDARD].line),
    ("/research quick: When does the next EU battery rule apply?", OFFERS[Depth.QUICK].line),
    ("/research max: Compare vector databases for 50 million documents.", OFFERS[Depth.MAX].line),
)
_LENSES = {Lens.FAILED: "Failed", Lens.STUCK: "Stuck", Lens.UNDELIVERED: "Not delivered"}


def home_view(tab: HomeTab, workspace_url: str) -> dict[str, Any]:
    """The view for `views.publish`: at most 100 blocks (Slack docs: App Home)."""
    shelf = tab.shelf
    is_new = not (shelf.running or shelf.total or shelf.search)
    blocks = [_title("Deep Research"), _start()]
    blocks += _welcome() if is_new else [*_running(tab, workspace_url), *_history(tab, workspace_url)]
    blocks += [*_settings(tab), context(_left(tab))]
    if tab.workspace is not None:
        blocks += _workspace(tab.workspace, workspace_url)
    return {"type": "home", "blocks": [*blocks, _updated(tab.at)]}


def _title(words: str) -> Block:
    return {"type": "header", "text": plain_text(words)}


def _start() -> Block:
    elements = [
        buttons.button("New research", NEW, "new", style="primary"),
        buttons.button("Refresh", REFRESH, "now"),
    ]
    return {"type": "actions", "block_id": "home:start", "elements": elements}


def _welcome() -> list[Block]:
    """A tab without any research teaches by example."""
    lines = [
        section({"type": "text", "text": command, "style": {"code": True}}, text(f"  {offer}"))
        for command, offer in _EXAMPLES
    ]
    words = (
        "Ask a question in any channel, and a report with its sources arrives in a thread there. For example:"
    )
    return [
        rich_text(section(text(words)), {"type": "rich_text_list", "style": "bullet", "elements": lines}),
        context(
            "What you ask appears here: what runs, with a way to stop it, and every report with its link."
        ),
    ]


def _running(tab: HomeTab, workspace_url: str) -> list[Block]:
    shelf = tab.shelf
    blocks = [_title("Running and waiting")]
    if not shelf.running:
        return [*blocks, context("Nothing of yours runs or waits now.")]
    blocks += _lines(shelf.running, tab.at, workspace_url)
    if shelf.open > len(shelf.running):
        blocks.append(
            context(f"The newest {len(shelf.running)} of {shelf.open:,}; /research list shows all.")
        )
    return blocks


def _history(tab: HomeTab, workspace_url: str) -> list[Block]:
    shelf = tab.shelf
    blocks = [_title("Your researches")]
    if shelf.total or shelf.search:
        blocks.append(_search(shelf.search))
    if not shelf.history:
        words = f"Nothing of yours holds “{shelf.search}”." if shelf.search else "None has ended yet."
        return [*blocks, context(words)]
    if shelf.search:
        blocks.append(context(f"{shelf.total:,} with “{shelf.search}”"))
    blocks += _lines(shelf.history, tab.at, workspace_url)
    if shelf.pages > 1:
        blocks += [context(f"Page {shelf.page + 1:,} of {shelf.pages:,}"), _pager(shelf)]
    return blocks


def _lines(lines: Iterable[StatusLine], at: datetime, workspace_url: str) -> list[Block]:
    return [block for line in lines for block in line_blocks(line, at, workspace_url, everybody=False)]


def _search(words: str) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": SEARCH,
        "max_length": LONGEST_SEARCH,
        "placeholder": plain_text("Words of your question, then Enter; empty shows all"),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
    }
    return {
        "type": "input",
        "block_id": "home:search",
        "dispatch_action": True,
        "optional": True,
        "label": plain_text("Search"),
        "element": element | ({"initial_value": words} if words else {}),
    }


def _pager(shelf: Shelf) -> Block:
    elements = []
    if shelf.page > 0:
        elements.append(buttons.button("Newer", f"{PAGE}_newer", str(shelf.page - 1)))
    if shelf.page < shelf.pages - 1:
        elements.append(buttons.button("Older", f"{PAGE}_older", str(shelf.page + 1)))
    return {"type": "actions", "block_id": f"home:pages:{shelf.page}", "elements": elements}


def _settings(tab: HomeTab) -> list[Block]:
    depths = [_option(WORKSPACE_CHOICE, f"{_NAMES[tab.default]} (workspace default)")]
    depths += [_option(depth.value, f"{name}: {OFFERS[depth].line}") for depth, name in _NAMES.items()]
    own = tab.preferences.depth
    chosen = own.value if own else WORKSPACE_CHOICE
    depth: Block = {
        "type": "static_select",
        "action_id": DEPTH,
        "options": depths,
        "initial_option": next(one for one in depths if one["value"] == chosen),
    }
    question = {
        "type": "section",
        "block_id": f"home:depth:{chosen}",
        "text": plain_text("How thorough a research of yours is, unless you say quick: or max:"),
        "accessory": depth,
    }
    return [_title("Your settings"), question, _notice(tab)]


def _notice(tab: HomeTab) -> Block:
    option = _option("yes", "Also write to me directly when a research of mine ends in a channel")
    boxes: Block = {"type": "checkboxes", "action_id": NOTIFY, "options": [option]}
    if tab.preferences.notify:
        boxes["initial_options"] = [option]
    return {"type": "actions", "block_id": f"home:notify:{tab.preferences.notify}", "elements": [boxes]}


def _option(value: str, words: str) -> Block:
    return {"text": plain_text(words), "value": value}


def _left(tab: HomeTab) -> str:
    """What of a person's limits is left."""
    shelf, limits = tab.shelf, tab.limits
    facts = [f"{shelf.open:,} running or waiting"]
    if limits.active_per_user:
        facts[0] += f" (at most {limits.active_per_user:,} run at once)"
    if limits.daily_per_user:
        left = max(0, limits.daily_per_user - shelf.asked_today)
        facts.append(f"{left:,} of {limits.daily_per_user:,} questions left within 24 hours")
    else:
        facts.append(f"{shelf.asked_today:,} asked within 24 hours")
    spent = shelf.spent / DOLLAR
    if limits.monthly_per_user_usd:
        left_usd = max(0.0, limits.monthly_per_user_usd - spent)
        facts.append(f"${left_usd:,.2f} of ${limits.monthly_per_user_usd:,.2f} left this month")
    else:
        facts.append(f"${spent:,.2f} used or reserved this month")
    return " · ".join(facts)


def _workspace(page: StatusPage, workspace_url: str) -> list[Block]:
    """The newest of everybody, and the way into all pages of the console."""
    blocks = [_title("This workspace, for admins"), context(overview(page))]
    for line in page.lines:
        # One's own stand above too, and a block_id is there once in a view.
        blocks += [
            block | ({"block_id": f"all:{block['block_id']}"} if "block_id" in block else {})
            for block in line_blocks(line, page.now, workspace_url, everybody=True)
        ]
    elements = [buttons.button("All researches", f"{buttons.STATUS_PAGE}_all", "0||")]
    elements += [
        buttons.button(label, f"{buttons.STATUS_PAGE}_{lens.value}", f"0||{lens.value}")
        for lens, label in _LENSES.items()
        if page.counts.get(lens)
    ]
    return [*blocks, {"type": "actions", "block_id": "home:workspace", "elements": elements}]


def _updated(at: datetime) -> Block:
    seconds = int(at.timestamp())
    words = f"Updated <!date^{seconds}^{{date_short_pretty}}, {{time}}|{at:%H:%M} UTC>"
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": words}]}
