"""The console's listeners: pages, details, costs, files, and its buttons. Everything comes behind the ack."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from bot.domain import spreadsheet
from bot.domain.letters import File
from bot.domain.status import StatusQuery
from bot.errors import SlackError, StoreError
from bot.slack import buttons, modals, turning
from bot.slack.click import click_of
from bot.slack.console import status_message
from bot.slack.dossiers import dossier_message, totals_message
from bot.slack.front import literal, spoken
from bot.slack.handing import hand_over
from bot.slack.help import UNREADABLE
from bot.slack.status_words import Audit, Costs, Details, Export, Show
from bot.work.rights import GONE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.async_app import AsyncAck, AsyncApp

    from bot.slack.click import Click
    from bot.slack.elements import Message
    from bot.slack.front import Front
    from bot.slack.status_words import Looks
    from bot.work.reply import Reply

ADMINS_ONLY = "Only admins of this workspace can see that."
AUDIT_COLUMNS = ("at", "who", "what", "about", "detail")
SENT = "The file is in our direct message."
NOT_SENT = "Slack did not take the file. Please try again in a moment."


def register(app: AsyncApp, front: Front) -> None:
    """Adds the listeners of the console's buttons."""

    async def on_page(ack: AsyncAck, body: dict[str, Any]) -> None:
        click = click_of(body)
        query, words = turning.turned(click.value, click.team_id)
        _answer(front, click, partial(_page, front, query, click.person_id, words), replace=True)
        await ack()

    async def on_details(ack: AsyncAck, body: dict[str, Any]) -> None:
        click = click_of(body)
        _answer(front, click, partial(_details, front, click), replace=True)
        await ack()

    app.action(re.compile(f"{buttons.STATUS_PAGE}_.*"))(on_page)
    app.action(buttons.DETAILS)(on_details)
    _on_reply(app, front, buttons.LOOK_AGAIN, front.console.look_again)
    _on_reply(app, front, buttons.DELIVER_AGAIN, front.console.deliver_again)


def _on_reply(
    app: AsyncApp, front: Front, action_id: str, work: Callable[[str, str, str], Awaitable[Reply]]
) -> None:
    async def listener(ack: AsyncAck, body: dict[str, Any]) -> None:
        click = click_of(body)

        async def answer() -> Message:
            return spoken((await work(click.team_id, click.value, click.person_id)).sentence)

        _answer(front, click, answer)
        await ack()

    app.action(action_id)(listener)


def look(front: Front, command: dict[str, Any], meant: Looks) -> None:
    """Answers what somebody wants to look at."""
    team_id, person_id = command["team_id"], command["user_id"]
    match meant:
        case Show():
            query = turning.query_of(meant, team_id)
            work = partial(_page, front, query, person_id, meant.words)
        case Details(research_id=research_id):
            work = partial(_dossier, front, team_id, research_id, person_id)
        case Costs():
            work = partial(_totals, front, team_id, person_id)
        case Export():
            work = partial(_list_file, front, team_id, person_id)
        case Audit():
            work = partial(_audit_file, front, team_id, person_id)
    _later(front, work, command["response_url"])


def show_own(front: Front, command: dict[str, Any]) -> None:
    """The first page of one's own."""
    query = StatusQuery(command["team_id"], command["user_id"])
    _later(front, partial(_page, front, query, command["user_id"], ""), command["response_url"])


def _answer(
    front: Front, click: Click, work: Callable[[], Awaitable[Message]], *, replace: bool = False
) -> None:
    """Where somebody pressed a button: in place of its message, or in a modal."""

    async def show() -> None:
        await modals.show(front, click, await _readable(work), replace=replace)

    if click.is_in_view:
        front.after_ack("status", show)
    else:
        _later(front, work, click.response_url, replace=replace)


def _later(
    front: Front, work: Callable[[], Awaitable[Message]], response_url: str, *, replace: bool = False
) -> None:
    async def answer() -> None:
        await front.whisper(await _readable(work), response_url, replace=replace)

    front.after_ack("status", answer)


async def _readable(work: Callable[[], Awaitable[Message]]) -> Message:
    try:
        return await work()
    except StoreError:
        return literal(UNREADABLE)


async def _page(front: Front, query: StatusQuery, person_id: str, words: str) -> Message:
    found = await front.console.page(query, person_id)
    return status_message(found, await front.workspace_url(query.team_id), words)


async def _details(front: Front, click: Click) -> Message:
    return await _dossier(front, click.team_id, click.value, click.person_id)


async def _dossier(front: Front, team_id: str, research_id: str, person_id: str) -> Message:
    found = await front.console.dossier(team_id, research_id, person_id)
    return literal(GONE) if found is None else dossier_message(found, await front.workspace_url(team_id))


async def _totals(front: Front, team_id: str, person_id: str) -> Message:
    found = await front.console.totals(team_id, person_id)
    return literal(ADMINS_ONLY) if found is None else totals_message(found)


async def _list_file(front: Front, team_id: str, person_id: str) -> Message:
    lines = await front.console.export(StatusQuery(team_id), person_id)
    content = await anyio.to_thread.run_sync(spreadsheet.researches, lines)
    return await _sent(front, team_id, person_id, "researches", content, f"{len(lines):,} researches.")


async def _audit_file(front: Front, team_id: str, person_id: str) -> Message:
    deeds = await front.administration.deeds(team_id, person_id)
    if deeds is None:
        return literal(ADMINS_ONLY)
    content = spreadsheet.csv_of(AUDIT_COLUMNS, deeds)
    return await _sent(front, team_id, person_id, "audit", content, f"{len(deeds):,} entries of the audit.")


async def _sent(front: Front, team_id: str, person_id: str, name: str, content: bytes, words: str) -> Message:
    file = File(f"{name}.csv", name.capitalize(), "text/csv", "", content)
    try:
        await hand_over(front, team_id, person_id, file, words)
    except SlackError as error:
        front.journal.note("file.handing_over_failed", method=error.method, error=error.code)
        return literal(NOT_SENT)
    return literal(SENT)
