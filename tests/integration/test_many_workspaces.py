"""Many workspaces in one process: installed by OAuth, served side by side, and nothing of one seen in another."""

from __future__ import annotations

from base64 import b64encode
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.sandbox.slack.faults import Fault
from bot.slack import buttons, turns
from bot.slack.installed import EARLY
from tests.world import RESEARCH, World, visible

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import Running
    from bot.sandbox.slack.tenant import Tenant

COOKIE = "slack-app-oauth-state"


@asynccontextmanager
async def many(world: World) -> AsyncIterator[Running]:
    """The bot in OAuth mode, told things over HTTP."""
    for name in ("SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"):
        world.environ.pop(name, None)
    oauth = {
        "SLACK_CLIENT_ID": world.slack.client_id,
        "SLACK_CLIENT_SECRET": world.slack.client_secret,
        "SLACK_SIGNING_SECRET": world.slack.signing_secret,
        "ENCRYPTION_KEYS": b64encode(bytes(range(32))).decode(),
    }
    async with world.bot(**oauth) as running:
        world.slack.deliver_to(events(running))
        yield running


def events(running: Running) -> str:
    return f"http://127.0.0.1:{running.port}/slack/events"


async def begin(running: Running, http: aiohttp.ClientSession) -> str:
    """Opens the install page; gives the state that Slack is sent away with."""
    url = f"http://127.0.0.1:{running.port}/slack/install"
    async with http.get(url, allow_redirects=False) as answer:
        query = parse_qs(urlsplit(answer.headers["Location"]).query)

        assert answer.status == 302
        assert answer.cookies[COOKIE].value == query["state"][0]
        assert answer.cookies[COOKIE]["httponly"]
        assert answer.cookies[COOKIE]["secure"]
        return query["state"][0]


async def come_back(
    running: Running, http: aiohttp.ClientSession, code: str, state: str, cookie: str | None = None
) -> tuple[int, str]:
    """Slack sends the browser back with a code."""
    url = f"http://127.0.0.1:{running.port}/slack/oauth_redirect"
    headers = {"Cookie": f"{COOKIE}={state if cookie is None else cookie}"}
    async with http.get(url, params={"code": code, "state": state}, headers=headers) as answer:
        return answer.status, await answer.text()


async def install(running: Running, tenant: Tenant) -> str:
    """The whole dance; gives the page at its end."""
    async with aiohttp.ClientSession() as http:
        status, page = await come_back(running, http, tenant.oauth_code(), await begin(running, http))

    assert status == 200
    return page


async def test_two_workspaces_install_the_app_and_each_gets_its_own_report(world: World):
    async with many(world) as running:
        other = world.slack.add_workspace("T0OTHER", "Other Place")
        other.deliver_to(events(running))
        page = await install(running, world.slack)
        await install(running, other)
        await world.ask("What do we know? demo:quick")
        await other.people.command("ada", "research", "/research", "What do they know? demo:quick")
        ours = await world.outcome(await world.root())
        await other.until(lambda: any("your report is ready" in visible(one) for one in everything(other)))

    assert "Deep Research is installed in Sandbox." in page
    assert "your report is ready" in visible(ours)
    assert not any("What do they know?" in visible(one) for one in everything(world.slack))
    assert not any("What do we know?" in visible(one) for one in everything(other))


def everything(tenant: Tenant):
    """All messages that anybody can read in a workspace."""
    workspace = tenant.workspace
    shown = [one for log in workspace.logs.values() for one in log.by_ts.values()]
    return shown + [one for person in workspace.people for one in workspace.ephemerals_of(person)]


async def test_ids_of_another_workspace_open_nothing(world: World):
    """People and channels of both have the same ids: only the team tells them apart."""
    async with many(world) as running:
        other = world.slack.add_workspace("T0OTHER", "Other Place")
        other.deliver_to(events(running))
        await install(running, world.slack)
        await install(running, other)
        await world.ask("Whose is this? demo:slow")
        root = await world.root()
        await world.slack.until(lambda: world.part(root, "card") is not None)
        research_id = root.metadata["event_payload"]["research"]
        for person in ("ada", "cleo"):
            await other.people.command(person, "research", "/research", f"cancel {research_id}")
            await other.people.command(person, "research", "/research-status", "")
            await other.people.command(person, "research", "/research", "list")
        answers = await until_told(other, "none yet", people=("U0ADA", "U0CLEO"))
        held = await running.bench.ledger.held(research_id)

    assert held.state.value in ("starting", "running")
    assert any("not here any more" in one for one in answers)
    assert not any("Whose is this" in one for one in answers)


BUTTONS = [
    value
    for name, value in vars(buttons).items()
    if name.isupper() and isinstance(value, str) and "_" in value
] + list(buttons.EXPORTS)
VIEWS = (turns.SHARE_VIEW, turns.CHANGE_VIEW)
INPUTS = (turns.SHARE_INPUT, turns.CHANGE_INPUT)


async def test_no_button_or_form_of_another_workspace_reaches_a_research(world: World):
    """Every action that we listen to, pressed in a forged message with the id of somebody else's research."""
    async with many(world) as running:
        other = world.slack.add_workspace("T0OTHER", "Other Place")
        other.deliver_to(events(running))
        await install(running, world.slack)
        await install(running, other)
        await world.ask("A secret of ours? demo:slow")
        root = await world.root()
        await world.slack.until(lambda: world.part(root, "card") is not None)
        research_id = root.metadata["event_payload"]["research"]
        before = (await running.bench.ledger.held(research_id)).state
        for action_id in BUTTONS:
            for person in ("ada", "cleo"):
                await pressed(other, person, action_id, research_id)
        for callback_id in VIEWS:
            await submitted(other, callback_id, research_id)
        await until_told(other, "not here any more", people=("U0ADA",), least=1)
        stop = {
            "type": "agent_session_stopped",
            "channel": root.channel,
            "user": "U0CLEO",
            "thread_ts": root.ts,
        }
        other.event(stop)
        mention = f"<@{other.workspace.app.bot_user}> what does the report say?"
        await other.people.say("ada", "research", mention)
        after = await running.bench.ledger.held(research_id)

    said = [visible(one) for one in everything(other)]
    assert after.state is before
    assert not [words for words in said if "secret of ours" in words]
    assert "secret of ours" not in repr(vars(other.views))


async def pressed(tenant: Tenant, person: str, action_id: str, research_id: str) -> None:
    """A button with an id that this workspace has never been shown."""
    who = tenant.workspace.person(person)
    payload = {
        "type": "block_actions",
        "user": {"id": who.id, "team_id": tenant.workspace.team_id},
        "team": {"id": tenant.workspace.team_id},
        "api_app_id": tenant.workspace.app.app_id,
        "trigger_id": tenant.permissions.trigger(who.id),
        "container": {"type": "message", "channel_id": RESEARCH, "message_ts": "1.1", "thread_ts": "1.0"},
        "channel": {"id": RESEARCH},
        "response_url": tenant.permissions.response_url("actions", who.id, RESEARCH),
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": f"act:{research_id}:1",
                "value": research_id,
                "action_ts": tenant.mint.ts(),
            }
        ],
    }
    await tenant.delivery.interact("interactive", payload, accepts_response=False)


async def submitted(tenant: Tenant, callback_id: str, research_id: str) -> None:
    """A form that claims to be about a research of another workspace."""
    payload = {
        "type": "view_submission",
        "user": {"id": "U0ADA", "team_id": tenant.workspace.team_id},
        "team": {"id": tenant.workspace.team_id},
        "api_app_id": tenant.workspace.app.app_id,
        "trigger_id": tenant.permissions.trigger("U0ADA"),
        "view": {
            "id": "V1",
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": research_id,
            "state": {
                "values": {
                    block: {
                        block: {
                            "type": "plain_text_input",
                            "value": "Shorter.",
                            "selected_conversation": RESEARCH,
                        }
                    }
                    for block in INPUTS
                }
            },
            "hash": "1.abc",
        },
    }
    await tenant.delivery.interact("interactive", payload, accepts_response=True)


async def until_told(tenant: Tenant, words: str, people: tuple[str, ...], least: int = 0) -> list[str]:
    def told() -> list[str]:
        return [visible(one) for person in people for one in tenant.workspace.ephemerals_of(person)]

    await tenant.until(lambda: sum(words in one for one in told()) >= (least or 2 * len(people)))
    return told()


async def test_a_state_is_bound_to_its_browser_and_good_once(world: World):
    async with many(world) as running, aiohttp.ClientSession() as http:
        state = await begin(running, http)
        stranger, _ = await come_back(running, http, world.slack.oauth_code(), state, cookie="another")
        unknown, _ = await come_back(running, http, world.slack.oauth_code(), "made-up")
        first, _ = await come_back(running, http, world.slack.oauth_code(), state)
        second, page = await come_back(running, http, world.slack.oauth_code(), state)
        wrong_code, _ = await come_back(running, http, "no-code", await begin(running, http))

    assert (stranger, unknown, first, second, wrong_code) == (400, 401, 200, 401, 401)
    assert "was used already" in page


async def test_what_nobody_installed_is_answered_with_nothing(world: World):
    async with many(world) as running:
        ack = await world.ask("Is anybody there?")
        page = await running.bench.office.page(_all(), running.bench.clock.now())

    assert page.total == 0
    assert ack.payload is None or "research" not in str(ack.payload).lower().replace("deep research", "")


def _all():
    from bot.domain.status import StatusQuery

    return StatusQuery("T0SANDBOX")


async def test_a_rotating_token_is_exchanged_before_it_ends_and_by_one_alone(world: World):
    world.slack.grants.rotates = True
    async with many(world) as running:
        await install(running, world.slack)
        await world.ask("Before? demo:quick")
        await world.outcome(await world.root())
        world.clock.ahead += 43_200 - EARLY.total_seconds() + 60
        await world.ask("After? demo:quick")
        after = await world.outcome(await world.root(1))
        refreshes = world.slack.grants.refreshes

    assert "your report is ready" in visible(after)
    assert refreshes == 1


async def test_an_organisation_installs_for_all_its_workspaces(world: World):
    world.slack.enterprise_id = "E0ORG"
    async with many(world) as running:
        await install(running, world.slack)
        await world.ask("For all of us? demo:quick")
        outcome = await world.outcome(await world.root())

    assert "your report is ready" in visible(outcome)


async def test_a_workspace_that_leaves_is_left_alone_and_comes_back_with_what_was_kept(world: World):
    async with many(world) as running:
        await install(running, world.slack)
        await world.ask("Will you keep it? demo:slow")
        root = await world.root()
        world.slack.revoke()
        await world.gemini.until(lambda: world.gemini.creates)
        await _undelivered(running)
        world.slack.reinstall()
        await install(running, world.slack)
        world.clock.ahead += 700
        outcome = await world.outcome(root)

    assert "your report is ready" in visible(outcome)


async def _undelivered(running: Running) -> None:
    while True:
        page = await running.bench.office.page(_all(), running.bench.clock.now())
        if page.lines and page.lines[0].undelivered:
            return
        await running.bench.clock.sleep(1.0)


async def test_a_workspace_whose_slack_hangs_holds_up_no_other(world: World):
    """Theirs is asked about thirty times, and no call about it is answered before we give up on it."""
    async with many(world) as running:
        other = world.slack.add_workspace("T0OTHER", "Other Place")
        other.deliver_to(events(running))
        await install(running, world.slack)
        await install(running, other)
        for method in ("users.info", "conversations.info", "chat.postMessage", "chat.update"):
            other.faults.add(method, Fault.delay(20.0), times=1000)
        for number in range(30):
            await other.people.command("ada", "research", "/research", f"Does it hang, {number}? demo:quick")
        await world.ask("Does it hang here? demo:quick")
        outcome = await world.outcome(await world.root(within=10), within=20)
        other.faults.clear()

    assert "your report is ready" in visible(outcome)


@pytest.mark.parametrize("path", ["/slack/install", "/slack/oauth_redirect"])
async def test_one_workspace_has_no_pages_to_install_it(world: World, path: str):
    async with (
        world.bot() as running,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{running.port}{path}") as answer,
    ):
        pass

    assert answer.status == 404
    assert world.roots(RESEARCH) == []
