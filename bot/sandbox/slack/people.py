"""What people do in the simulated workspace, as tests and the demo's page ask for it."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack import payloads, posting
from bot.sandbox.slack.ack import FAILED, Ack
from bot.sandbox.slack.channel import Channel
from bot.sandbox.slack.controls import chosen_of, find_element, is_shown
from bot.sandbox.slack.hooks import respond
from bot.sandbox.slack.message import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.platform import Platform
from bot.sandbox.slack.refusal import Refusal
from bot.sandbox.slack.responses import ResponseUrl
from bot.sandbox.slack.typed import as_rich, as_sent
from bot.sandbox.slack.view_people import ViewPeople

Json = dict[str, Any]


class People(ViewPeople):
    """Each deed returns when the app has acknowledged it or Slack gave up after 3 s. People and channels go by id
    or name; LookupError for what is not there or cannot be seen.
    """

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def _place(self, person: str, channel: str) -> tuple[Person, Channel]:
        workspace = self.platform.workspace
        found = workspace.person(person)
        where = workspace.channel(channel)
        if not workspace.sees(found.id, where):
            raise LookupError(f"{found.name} cannot see {where.name}")
        return found, where

    async def command(self, person: str, channel: str, command: str, text: str = "") -> Ack:
        """Types a slash command. Without an ack the person is shown an ephemeral error, as in Slack."""
        platform = self.platform
        who, where = self._place(person, channel)
        if platform.should_escape:
            text = as_sent(platform.workspace, text, escape=False)
        payload = payloads.slash_command(platform, who, where, command, text)
        ack = await platform.delivery.interact("slash_commands", payload, accepts_response=True)
        if ack.payload:
            answer = ResponseUrl(who.id, where.id, 0, slash=True)
            self._answer(answer, ack.payload)
        if not ack.acked:
            self._complain(who, where, f"{command} failed with the error “{ack.error}”")
        platform.changes.notify()
        return ack

    def _answer(self, url: ResponseUrl, body: Json) -> None:
        try:
            respond(self.platform, url, body)
        except Refusal as refusal:
            where = self.platform.workspace.channels[url.channel]
            self._complain(self.platform.workspace.people[url.person], where, refusal.code)

    def _complain(self, person: Person, channel: Channel, text: str) -> None:
        message = posting.ephemeral(self.platform, channel, person.id, text=text)
        message.user, message.bot = "USLACKBOT", False
        posting.publish(self.platform, message)

    async def click(
        self,
        person: str,
        channel: str,
        message_ts: str,
        action_id: str,
        value: str | None = None,
        *,
        block_id: str | None = None,
    ) -> Ack:
        """Clicks a button (or picks from a menu) of a message, given by its ts or ephemeral id.

        `value` stands in for the button's own, or is the option picked. LookupError if there is no such button, or
        it is not shown to this person.
        """
        who, where = self._place(person, channel)
        message = self._message(who, where, message_ts)
        found_block, element = find_element(message.blocks, action_id, block_id)
        if not is_shown(element, who.id):
            raise LookupError(f"{action_id} is not shown to {who.name}")
        chosen = chosen_of(element, value)
        clicked = payloads.action(self.platform, found_block, element, chosen)
        payload = payloads.message_actions(self.platform, who, message, clicked)
        ack = await self.platform.delivery.interact("interactive", payload, accepts_response=False)
        self.platform.changes.notify()
        return ack

    def _message(self, person: Person, channel: Channel, ts: str) -> Message:
        workspace = self.platform.workspace
        held = workspace.ephemerals.get(person.id, {})
        found = held.get(ts) or workspace.message(channel.id, ts)
        found = found or next((one for one in held.values() if one.ts == ts), None)
        if found is None or found.channel != channel.id:
            raise LookupError(f"no message {ts} in {channel.name}")
        return found

    async def say(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Writes a message; gives its ts. The app hears of it as its membership and subscriptions allow.

        LookupError where the person may not write.
        """
        platform = self.platform
        who, where = self._place(person, channel)
        if where.archived or (who.id not in where.members and where.kind != "public"):
            raise LookupError(f"{who.name} cannot write in {where.name}")
        where.members.add(who.id)
        sent = as_sent(platform.workspace, text)
        client_msg_id = platform.mint.secret()
        message = Message(where.id, platform.mint.ts(), who.id, sent, client_msg_id=client_msg_id)
        message.thread_ts = thread_ts
        message.blocks = [as_rich(sent, platform.mint.short())]
        posting.publish(platform, message)
        app = platform.workspace.app
        if (
            app.bot_user in message.mentions
            and app.bot_user in where.members
            and where.kind in ("public", "private")
        ):
            shape = message.shape(app) | {"type": "app_mention", "channel": where.id, "event_ts": message.ts}
            platform.event(shape)
        return message.ts

    async def delete(self, person: str, channel: str, message_ts: str) -> None:
        """Deletes a message, their own or as an admin anyone's."""
        who, where = self._place(person, channel)
        posting.delete(self.platform, self._message(who, where, message_ts))

    async def delete_thread(self, person: str, channel: str, message_ts: str) -> None:
        """Deletes a message and all replies to it, as an admin may."""
        for reply in reversed(self.platform.workspace.messages(channel, message_ts)[1:]):
            await self.delete(person, channel, reply.ts)
        await self.delete(person, channel, message_ts)

    async def edit(self, person: str, channel: str, message_ts: str, text: str) -> None:
        """Edits a message of their own."""
        who, where = self._place(person, channel)
        message = self._message(who, where, message_ts)
        before = message.shape(self.platform.workspace.app)
        message.text, message.edited_at = as_sent(self.platform.workspace, text), self.platform.mint.ts()
        message.blocks = [as_rich(message.text, self.platform.mint.short())]
        posting.edit(self.platform, message, before)

    async def press_stop(self, person: str, channel: str, thread_ts: str) -> Ack:
        """Presses Slack's own Stop on a thread; the session stays processing until the app changes it."""
        platform = self.platform
        who, where = self._place(person, channel)
        session = platform.threads.session(where.id, thread_ts)
        if not session or not session["can_stop"]:
            raise LookupError(f"no Stop button on {thread_ts} in {where.name}")
        streaming = platform.streams.stop_in(where.id, platform.workspace.messages(where.id, thread_ts))
        event = {
            "type": "agent_session_stopped",
            "channel": where.id,
            "user": who.id,
            "thread_ts": thread_ts,
            "streaming_message_ts": streaming,
        }
        outer = platform.outer_event(event)
        if outer is None:
            return Ack(False, error=FAILED)
        return await platform.delivery.event_now(outer)

    async def invite(self, person: str, channel: str) -> None:
        """Adds the app to a channel, as `/invite @app` does."""
        platform = self.platform
        who, where = self._place(person, channel)
        app = platform.workspace.app
        where.members.add(app.bot_user)
        text = f"<@{app.bot_user}> has joined the channel"
        message = Message(where.id, platform.mint.ts(), app.bot_user, text, subtype="channel_join")
        posting.publish(platform, message)
        platform.event(
            {
                "type": "member_joined_channel",
                "user": app.bot_user,
                "channel": where.id,
                "channel_type": "C" if where.kind == "public" else "G",
                "team": platform.workspace.team_id,
                "inviter": who.id,
            }
        )

    async def remove_app(self, person: str, channel: str) -> None:
        """Removes the app from a channel."""
        _, where = self._place(person, channel)
        where.members.discard(self.platform.workspace.app.bot_user)
        self.platform.changes.notify()

    async def archive(self, channel: str) -> None:
        """Archives a channel."""
        self.platform.workspace.channel(channel).archived = True
        self.platform.changes.notify()

    async def unarchive(self, channel: str) -> None:
        """Opens an archived channel again."""
        self.platform.workspace.channel(channel).archived = False
        self.platform.changes.notify()
