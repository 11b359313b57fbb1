"""The simulated workspace: its team, people, channels and messages. State and look-ups, no network."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.sandbox.slack.channel import Channel, Kind
from bot.sandbox.slack.message import AppIdentity, Message
from bot.sandbox.slack.mint import Mint
from bot.sandbox.slack.person import Person


@dataclass
class ChannelLog:
    """The messages of one channel, oldest first."""

    by_ts: dict[str, Message] = field(default_factory=dict)
    roots: list[Message] = field(default_factory=list)


@dataclass
class Workspace:
    """People and channels by id, messages by channel and ts, ephemeral messages by person."""

    app: AppIdentity
    team_name: str
    domain: str
    mint: Mint
    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)
    """The people of each user group, by its id `S…`."""
    logs: dict[str, ChannelLog] = field(default_factory=dict)
    ephemerals: dict[str, dict[str, Message]] = field(default_factory=dict)

    @property
    def team_id(self) -> str:
        """The workspace's id, `T…`."""
        return self.app.team_id

    def add_person(self, name: str, *, person_id: str = "", **flags: bool | str) -> Person:
        """A new person with a DM with the app; flags are Person's fields."""
        person = Person(person_id or self.mint.id("U"), name, str(flags.pop("real_name", name.title())))
        for key, value in flags.items():
            setattr(person, key, value)
        self.people[person.id] = person
        return person

    def add_channel(
        self, name: str, kind: Kind = "public", members: set[str] | None = None, *, channel_id: str = ""
    ) -> Channel:
        """A new channel; the app is in it if its bot user is among `members`."""
        channel = Channel(
            channel_id or self.mint.id("D" if kind == "im" else "C"), name, kind, set(members or ())
        )
        self.channels[channel.id] = channel
        self.logs[channel.id] = ChannelLog()
        return channel

    def remove_channel(self, channel_id: str) -> None:
        """The channel is deleted: everything that names it meets channel_not_found."""
        del self.channels[channel_id]
        del self.logs[channel_id]

    def person(self, name: str) -> Person:
        """The person with this id or handle; LookupError if there is none."""
        found = self.people.get(name) or next((one for one in self.people.values() if one.name == name), None)
        if found is None:
            raise LookupError(f"no person {name!r} in the simulated workspace")
        return found

    def channel(self, name: str) -> Channel:
        """The channel with this id or name (with or without `#`); LookupError if there is none."""
        bare = name.removeprefix("#")
        found = self.channels.get(name) or next(
            (one for one in self.channels.values() if one.name == bare), None
        )
        if found is None:
            raise LookupError(f"no channel {name!r} in the simulated workspace")
        return found

    def dm(self, person: str, other: str | None = None) -> Channel:
        """The direct message of a person with the app, or with another person; opened if need be."""
        pair = {self.person(person).id, self.person(other).id if other else self.app.bot_user}
        name = "dm-" + "-".join(sorted(pair))
        for channel in self.channels.values():
            if channel.kind == "im" and channel.name == name:
                return channel
        return self.add_channel(name, "im", pair)

    def sees(self, person_id: str, channel: Channel) -> bool:
        """Whether a person can open the channel."""
        if person_id in channel.members:
            return True
        person = self.people[person_id]
        return channel.kind == "public" and not person.guest and not person.deleted

    @property
    def app_is_in(self) -> frozenset[str]:
        """Ids of the channels of which the app is a member."""
        return frozenset(one.id for one in self.channels.values() if self.app.bot_user in one.members)

    def message(self, channel_id: str, ts: str) -> Message | None:
        """A stored message, or None."""
        log = self.logs.get(channel_id)
        return log.by_ts.get(ts) if log else None

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """What a channel shows, oldest first; with `thread_ts`, that thread with its parent first."""
        log = self.logs[self.channel(channel).id]
        if thread_ts is None:
            return list(log.roots)
        root = log.by_ts.get(thread_ts)
        return [root, *root.replies] if root else []

    def ephemerals_of(self, person: str, channel: str | None = None) -> list[Message]:
        """Ephemeral messages that a person still has, oldest first."""
        held = self.ephemerals.get(self.person(person).id, {}).values()
        where = self.channel(channel).id if channel else None
        return [one for one in held if where is None or one.channel == where]

    def store(self, message: Message) -> None:
        """Adds a message to its channel and, for a reply, to its thread."""
        log = self.logs[message.channel]
        log.by_ts[message.ts] = message
        root = log.by_ts.get(message.thread_ts) if message.thread_ts else None
        if root is None or root is message:
            log.roots.append(message)
            return
        root.thread_ts, message.parent_user = root.ts, root.user
        root.replies.append(message)
        if message.user not in root.reply_users:
            root.reply_users.append(message.user)
        if message.broadcast:
            log.roots.append(message)

    def store_ephemeral(self, message: Message) -> None:
        """Keeps an ephemeral message for the one person who sees it."""
        assert message.ephemeral_to is not None
        assert message.ephemeral_id is not None
        self.ephemerals.setdefault(message.ephemeral_to, {})[message.ephemeral_id] = message

    def remove(self, message: Message) -> None:
        """Deletes a message; a parent with replies stays as a tombstone, until the last of these has gone."""
        if message.ephemeral_to and message.ephemeral_id:
            self.ephemerals[message.ephemeral_to].pop(message.ephemeral_id, None)
            return
        if message.replies:
            message.subtype, message.text, message.blocks = "tombstone", "This message was deleted.", []
            message.metadata, message.files = None, []
            return
        log = self.logs[message.channel]
        del log.by_ts[message.ts]
        if message in log.roots:
            log.roots.remove(message)
        root = log.by_ts.get(message.thread_ts) if message.thread_ts else None
        if root is not None and message in root.replies:
            root.replies.remove(message)
            if root.deleted and not root.replies:
                self.remove(root)
