"""The Home tab's way in and out: it is opened, searched, paged and set here, and published to Slack from its row."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.domain.policy import Depth
from bot.slack import home, modals
from bot.slack.asking import open_form, opener_of
from bot.slack.click import click_of
from bot.slack.forms import empty_form
from bot.slack.front import FAILED, SLOW

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.domain.home import HomeTab, OpenTab
    from bot.slack.click import Click
    from bot.slack.front import Front
    from bot.slack.identity import Workspaces
    from bot.slack.web import SlackWeb

Body = dict[str, Any]


class HomeWall:
    """Shows Home tabs (`offices.Wall`)."""

    def __init__(self, web: SlackWeb, workspaces: Workspaces) -> None:
        self._web = web
        self._workspaces = workspaces

    async def publish(self, opened: OpenTab, tab: HomeTab) -> str:
        """Slack docs: views.publish, Tier 4; `hash_conflict` where Slack shows something else than was seen last."""
        identity = await self._workspaces.identity(opened.team_id)
        answer = await self._web.call(
            opened.team_id,
            "views.publish",
            user_id=opened.person_id,
            view=home.home_view(tab, identity.workspace_url),
            hash=opened.seen or None,
        )
        return str((answer.get("view") or {}).get("hash") or "")


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners of everything that only the Home tab has."""

    async def on_opened(ack: AsyncAck, body: Body) -> None:
        event = body["event"]
        if event.get("tab") == "home":
            seen = str((event.get("view") or {}).get("hash") or "")
            work = partial(front.keeper.opened, body["team_id"], event["user"], seen)
            await front.in_time(work, slow=None, failed=None)
        await ack()

    async def on_new(ack: AsyncAck, body: Body) -> None:
        open_form(front, opener_of(body), partial(empty_form, is_direct=True))
        await ack()

    def on(action: str | re.Pattern[str], work: Callable[[Front, Click, Body], Awaitable[None]]) -> None:
        async def listener(ack: AsyncAck, body: Body) -> None:
            click = click_of(body)
            change = partial(work, front, click, body["actions"][0])
            trouble = await front.in_time(change, slow=SLOW, failed=FAILED)
            if trouble is not None:
                front.after_ack("answer", partial(modals.say, front, click, trouble.sentence))
            await ack()

        app.action(action)(listener)

    app.event("app_home_opened")(on_opened)
    app.action(home.NEW)(on_new)
    on(home.REFRESH, _refresh)
    on(home.SEARCH, _search)
    on(re.compile(f"{home.PAGE}_.*"), _turn)
    on(home.DEPTH, _choose_depth)
    on(home.NOTIFY, _choose_notice)


async def _refresh(front: Front, click: Click, _: Body) -> None:
    await front.keeper.refresh(click.team_id, click.person_id)


async def _search(front: Front, click: Click, action: Body) -> None:
    await front.keeper.search(click.team_id, click.person_id, str(action.get("value") or ""))


async def _turn(front: Front, click: Click, _: Body) -> None:
    page = int(click.value) if click.value.isdecimal() else 0
    await front.keeper.page(click.team_id, click.person_id, page)


async def _choose_depth(front: Front, click: Click, action: Body) -> None:
    chosen = str((action.get("selected_option") or {}).get("value") or "")
    depth = Depth(chosen) if chosen in set(Depth) else None
    before = await front.keeper.preferences(click.team_id, click.person_id)
    await front.keeper.prefer(click.team_id, click.person_id, replace(before, depth=depth))


async def _choose_notice(front: Front, click: Click, action: Body) -> None:
    before = await front.keeper.preferences(click.team_id, click.person_id)
    notify = bool(action.get("selected_options"))
    await front.keeper.prefer(click.team_id, click.person_id, replace(before, notify=notify))
