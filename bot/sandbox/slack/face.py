"""The HTTP face for the demo's page: state, messages, events, and what a person does there."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
from aiohttp import web
from anyio.streams.memory import MemoryObjectReceiveStream

from bot.sandbox.slack.ack import Ack
from bot.sandbox.slack.channel import Channel
from bot.sandbox.slack.installed import PROMPTS, SHORTCUTS, STEPS
from bot.sandbox.slack.people import People
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.shown import message_shown

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
QUIET_SECONDS = 15
PAGE = Path(__file__).parents[1] / "page"
LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
GUARDED = ("/sandbox/", "/page/", "/files/")


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses the page's addresses to other hosts, and posts from other origins."""
    if request.path == "/" or request.path.startswith(GUARDED):
        if urlsplit(f"//{request.host}").hostname not in LOCAL:
            return web.json_response({"error": "foreign host"}, status=403)
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin is not None and urlsplit(origin).netloc != request.host:
            return web.json_response({"error": "foreign origin"}, status=403)
    return await handler(request)


def _ack(ack: Ack) -> Json:
    answer = {"acked": ack.acked, "seconds": round(ack.seconds, 6)}
    return answer if ack.acked else {**answer, "error": ack.error}


def _picked(asked: Json) -> str | None:
    """What was chosen in a menu; several by commas."""
    value = asked.get("value")
    return ",".join(map(str, value)) if isinstance(value, list) else value


class Face:
    """Answers `/`, `/page/…` and `/sandbox/…`."""

    def __init__(self, platform: Platform, people: People) -> None:
        self.platform = platform
        self.people = people

    def routes(self) -> list[web.RouteDef]:
        """What the server adds for the page."""
        posts = {
            "command": self.command,
            "say": self.say,
            "click": self.click,
            "stop": self.stop,
            "invite": self.invite,
            "view/submit": self.submit_view,
            "view/close": self.close_view,
            "view/click": self.click_view,
            "home": self.home,
            "shortcut": self.shortcut,
            "step": self.step,
        }
        return [
            web.get("/", self.index),
            web.get("/page/{file}", self.static),
            web.get("/sandbox/state", self.state),
            web.get("/sandbox/messages", self.messages),
            web.get("/sandbox/status", self.status),
            web.get("/sandbox/traffic", self.traffic),
            web.get("/sandbox/events", self.events),
            web.get("/sandbox/view", self.view),
            web.get("/sandbox/steps", self.steps),
            *(web.post(f"/sandbox/{name}", self._deed(deed)) for name, deed in posts.items()),
        ]

    def _deed(self, deed: Callable[[Json], Awaitable[Json]]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                asked = await request.json()
                answer = await deed(asked)
            except (ValueError, KeyError, TypeError) as error:
                return web.json_response({"error": f"bad request: {error}"}, status=400)
            except LookupError as error:
                return web.json_response({"error": str(error)}, status=404)
            return web.json_response(answer)

        return handle

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The page."""
        return await self._file("index.html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        """A file of the page."""
        return await self._file(request.match_info["file"])

    async def _file(self, name: str) -> web.StreamResponse:
        path = PAGE / name
        if path.parent != PAGE or name.endswith(".py") or not await anyio.Path(path).is_file():
            return web.Response(status=404)
        headers = {
            "Content-Type": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
        }
        return web.FileResponse(path, headers=headers)

    async def state(self, request: web.Request) -> web.StreamResponse:
        """Team, people, channels, scenarios and notices."""
        workspace = self.platform.workspace
        people = [
            {"id": one.id, "name": one.real_name, "title": one.title, "admin": one.admin, "guest": one.guest}
            for one in workspace.people.values()
            if not one.bot
        ]
        state = {
            "team": {"id": workspace.team_id, "name": workspace.team_name},
            "bot": {"id": workspace.app.bot_user, "name": workspace.app.name},
            "people": people,
            "channels": [self._channel(one) for one in workspace.channels.values()],
            "scenarios": self.platform.scenarios,
            "notices": self.platform.notices,
            "shortcuts": SHORTCUTS,
            "prompts": PROMPTS,
            "steps": STEPS,
        }
        return web.json_response(state)

    def _channel(self, channel: Channel) -> Json:
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "archived": channel.archived,
            "member_ids": sorted(channel.members),
            "app_is_member": self.platform.workspace.app.bot_user in channel.members,
        }

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """A channel or a thread as a person sees it; 404 for what they cannot see."""
        person, channel = request.query.get("person", ""), request.query.get("channel", "")
        thread_ts = request.query.get("thread_ts") or None
        if not self.platform.sees(person, channel):
            return web.json_response({"error": "not found"}, status=404)
        workspace = self.platform.workspace
        held = [one for one in workspace.ephemerals_of(person, channel) if one.thread_ts == thread_ts]
        answer = {
            "messages": [message_shown(one, person) for one in workspace.messages(channel, thread_ts)],
            "ephemerals": [message_shown(one, person) for one in held],
        }
        return web.json_response(answer)

    async def status(self, request: web.Request) -> web.StreamResponse:
        """The status line and session of a thread."""
        channel, thread_ts = request.query.get("channel", ""), request.query.get("thread_ts", "")
        threads = self.platform.threads
        answer = {
            "status": threads.status(channel, thread_ts),
            "session": threads.session(channel, thread_ts),
        }
        return web.json_response(answer)

    async def traffic(self, request: web.Request) -> web.StreamResponse:
        """Exchanges after number `after`, newest last."""
        after = request.query.get("after", "0")
        entries = self.platform.traffic.after(int(after) if after.isdigit() else 0)
        return web.json_response({"entries": entries})

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events for one person's open page."""
        headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        await response.write(b": open\n\n")
        with self.platform.changes.page(request.query.get("person", "")) as events:
            try:
                while True:
                    await response.write(await self._next_line(events))
            except (ConnectionError, anyio.EndOfStream):
                return response

    @staticmethod
    async def _next_line(events: MemoryObjectReceiveStream[Json]) -> bytes:
        """The next event, or a comment when nothing happens, so that a page that went away is noticed."""
        with anyio.move_on_after(QUIET_SECONDS):
            return f"data: {json.dumps(await events.receive())}\n\n".encode()
        return b": still here\n\n"

    async def command(self, asked: Json) -> Json:
        """A slash command."""
        return _ack(
            await self.people.command(
                asked["person"], asked["channel"], asked["command"], asked.get("text") or ""
            )
        )

    async def say(self, asked: Json) -> Json:
        """A message."""
        ts = await self.people.say(
            asked["person"], asked["channel"], asked["text"], asked.get("thread_ts") or None
        )
        return {"ts": ts}

    async def click(self, asked: Json) -> Json:
        """A click on a button of a message."""
        which = asked.get("ephemeral_id") or asked["message_ts"]
        value, block_id = _picked(asked), asked.get("block_id") or None
        person, channel, action_id = asked["person"], asked["channel"], asked["action_id"]
        return _ack(await self.people.click(person, channel, which, action_id, value, block_id=block_id))

    async def stop(self, asked: Json) -> Json:
        """A press on the thread's native Stop."""
        return _ack(await self.people.press_stop(asked["person"], asked["channel"], asked["thread_ts"]))

    async def invite(self, asked: Json) -> Json:
        """The app is added to a channel."""
        await self.people.invite(asked["person"], asked["channel"])
        return {"ok": True}

    async def view(self, request: web.Request) -> web.StreamResponse:
        """The modal that a person has open, and their Home tab."""
        person = request.query.get("person", "")
        if person not in self.platform.workspace.people:
            return web.json_response({"error": "not found"}, status=404)
        return web.json_response({"view": self.people.view(person), "home": self.people.home(person)})

    async def submit_view(self, asked: Json) -> Json:
        """A modal is submitted; `errors` by block id when the app refuses it."""
        ack = await self.people.submit_view(asked["person"], asked.get("state") or {}, asked.get("view_id"))
        answer = _ack(ack)
        if ack.payload and ack.payload.get("response_action") == "errors":
            answer["errors"] = ack.payload.get("errors", {})
        return answer

    async def close_view(self, asked: Json) -> Json:
        """A modal is closed."""
        await self.people.close_view(asked["person"], asked.get("view_id"))
        return {"ok": True}

    async def click_view(self, asked: Json) -> Json:
        """A click on a button in a modal or the Home tab."""
        who, action_id, value = asked["person"], asked["action_id"], _picked(asked)
        return _ack(await self.people.click_view(who, action_id, value, view_id=asked.get("view_id")))

    async def home(self, asked: Json) -> Json:
        """The app's Home tab is opened."""
        return _ack(await self.people.open_home(asked["person"], asked.get("tab") or "home"))

    async def shortcut(self, asked: Json) -> Json:
        """A global or message shortcut."""
        where, ts = asked.get("channel"), asked.get("message_ts")
        return _ack(await self.people.shortcut(asked["person"], asked["callback_id"], where, ts))

    async def step(self, asked: Json) -> Json:
        """A workflow reaches a step of the app."""
        required = tuple(STEPS[asked["callback_id"]]["output_parameters"]["required"])
        return _ack(await self.people.run_step(asked["callback_id"], asked["inputs"], required))

    async def steps(self, request: web.Request) -> web.StreamResponse:
        """The steps that were run, newest first, and what came of them."""
        ran = [
            {
                "id": one.id,
                "inputs": one.inputs,
                "state": one.state,
                "outputs": one.outputs,
                "error": one.error,
            }
            for one in reversed(self.platform.functions.by_id.values())
        ]
        return web.json_response({"steps": ran})
