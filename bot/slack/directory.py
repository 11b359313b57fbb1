"""Who somebody is and what a channel is (`ports.Directory`), asked of Slack and remembered for a short while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.background import Said
from bot.domain.permits import Kind, Person, Place
from bot.errors import SlackRefused
from bot.slack.memory import Remembered
from bot.slack.web import text_at
from bot.slack.words import readable

if TYPE_CHECKING:
    from bot.domain.background import ThreadRef
    from bot.ports import Clock
    from bot.slack.web import SlackWeb

PERSON_SECONDS = 300.0
PLACE_SECONDS = 60.0
PAGE = 1000  # members a call (Slack docs: conversations.members, at most 1,000)
MOST_PAGES = 20
MOST_MESSAGES = 100  # of a thread that goes along with a question

_NOBODY_HERE = ("user_not_found", "user_not_visible")
_NOT_OURS = ("channel_not_found", "not_in_channel")
SLACKBOT = "USLACKBOT"  # users.info says is_bot: false of it


class SlackDirectory:
    """Looks people and channels up. People are remembered for 5 min, open places and memberships for 60 s."""

    def __init__(self, web: SlackWeb, clock: Clock) -> None:
        self._web = web
        self._people: Remembered[tuple[str, str], Person] = Remembered(clock, PERSON_SECONDS)
        # A closed place is not remembered: whoever has just invited us tries again at once.
        self._places: Remembered[tuple[str, str], Place] = Remembered(
            clock, PLACE_SECONDS, keep=lambda place: place.is_open_to_us
        )
        self._members: Remembered[tuple[str, str, str], bool] = Remembered(clock, PLACE_SECONDS)
        self._groups: Remembered[tuple[str, str], frozenset[str]] = Remembered(clock, PERSON_SECONDS)
        self._direct: Remembered[tuple[str, str], str] = Remembered(clock, PERSON_SECONDS)

    async def person(self, team_id: str, user_id: str) -> Person:
        """Flags of a person; somebody this workspace does not know, or may not see, is an outsider."""
        return await self._people.get((team_id, user_id), lambda: self._look_at_person(team_id, user_id))

    async def place(self, team_id: str, channel_id: str) -> Place:
        """What we can do in a channel; one that Slack does not show us is one that we are not in."""
        return await self._places.get((team_id, channel_id), lambda: self._look_at_place(team_id, channel_id))

    async def is_member(self, team_id: str, channel_id: str, user_id: str) -> bool:
        """Whether the person is among the first 20,000 members of the channel; False where we cannot see them."""
        key = (team_id, channel_id, user_id)
        return await self._members.get(key, lambda: self._look_for_member(*key))

    async def people_of(self, team_id: str, group_id: str) -> frozenset[str]:
        """The people in a user group, remembered for 5 min; `SlackError` for one that Slack does not know."""
        return await self._groups.get((team_id, group_id), lambda: self._look_at_group(team_id, group_id))

    async def direct_channel(self, team_id: str, user_id: str) -> str:
        """The id of our direct message with a person, opened if need be."""
        return await self._direct.get((team_id, user_id), lambda: self._open_direct(team_id, user_id))

    async def thread(self, team_id: str, thread: ThreadRef) -> list[Said]:
        """What people said in a thread, from its beginning; apps' messages are left out."""
        answer = await self._web.call(
            team_id, "conversations.replies", channel=thread.channel_id, ts=thread.ts, limit=MOST_MESSAGES
        )
        said = [
            Said(str(one.get("user") or ""), readable(str(one.get("text") or "")).strip())
            for one in answer.get("messages", ())
            if not one.get("bot_id") and one.get("subtype") in (None, "file_share", "thread_broadcast")
        ]
        return [one for one in said if one.words]

    async def permalink(self, team_id: str, channel_id: str, ts: str) -> str:
        """The address of a message, which opens only for those who may see it."""
        answer = await self._web.call(team_id, "chat.getPermalink", channel=channel_id, message_ts=ts)
        return text_at(answer, "chat.getPermalink", "permalink")

    async def _look_at_person(self, team_id: str, user_id: str) -> Person:
        try:
            answer = await self._web.call(team_id, "users.info", user=user_id)
        except SlackRefused as refused:
            if refused.code in _NOBODY_HERE:
                return Person(team_id, user_id, is_outsider=True)
            raise
        return person_of(team_id, user_id, answer.get("user") or {})

    async def _look_at_place(self, team_id: str, channel_id: str) -> Place:
        try:
            answer = await self._web.call(team_id, "conversations.info", channel=channel_id)
        except SlackRefused as refused:
            if refused.code in _NOT_OURS:
                return Place(team_id, channel_id)
            raise
        return place_of(team_id, channel_id, answer.get("channel") or {})

    async def _look_for_member(self, team_id: str, channel_id: str, user_id: str) -> bool:
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            try:
                answer = await self._web.call(
                    team_id, "conversations.members", channel=channel_id, limit=PAGE, cursor=cursor
                )
            except SlackRefused as refused:
                if refused.code in _NOT_OURS:
                    return False
                raise
            if user_id in answer.get("members", ()):
                return True
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return False
        return False

    async def _look_at_group(self, team_id: str, group_id: str) -> frozenset[str]:
        answer = await self._web.call(team_id, "usergroups.users.list", usergroup=group_id)
        return frozenset(map(str, answer.get("users") or ()))

    async def _open_direct(self, team_id: str, user_id: str) -> str:
        answer = await self._web.call(team_id, "conversations.open", users=user_id)
        return text_at(answer, "conversations.open", "channel", "id")


def person_of(team_id: str, user_id: str, user: dict[str, Any]) -> Person:
    """The flags of a user object as seen from `team_id` (Slack docs: user object, `enterprise_user` on Grid)."""
    grid = user.get("enterprise_user") or {}
    admin = any(user.get(flag) for flag in ("is_admin", "is_owner", "is_primary_owner"))
    profile = user.get("profile") or {}
    return Person(
        team_id,
        user_id,
        name=str(user.get("real_name") or profile.get("display_name") or user.get("name") or ""),
        is_admin=admin or bool(grid.get("is_admin") or grid.get("is_owner")),
        is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        is_bot=bool(user.get("is_bot") or user.get("is_workflow_bot")) or user_id == SLACKBOT,
        is_outsider=bool(user.get("is_stranger")) or not _belongs(team_id, user, grid),
        is_deactivated=bool(user.get("deleted")),
    )


def _belongs(team_id: str, user: dict[str, Any], grid: dict[str, Any]) -> bool:
    """Whether the account is one of this workspace's: on Grid `team_id` may name another one of the same person."""
    home = user.get("team_id") or team_id
    return team_id in (home, grid.get("enterprise_id")) or team_id in (grid.get("teams") or ())


def place_of(team_id: str, channel_id: str, channel: dict[str, Any]) -> Place:
    """A conversation object as a place (Slack docs: conversation object); a direct message we can see is ours.

    Group messages and direct ones say `is_private` too, so they are asked about first.
    """
    kind = Kind.PUBLIC
    if channel.get("is_im"):
        kind = Kind.DIRECT
    elif channel.get("is_mpim"):
        kind = Kind.GROUP
    elif channel.get("is_private") or channel.get("is_group"):
        kind = Kind.PRIVATE
    elif not channel.get("is_channel"):
        kind = Kind.UNKNOWN
    return Place(
        team_id,
        channel_id,
        kind=kind,
        is_member=bool(channel.get("is_im") or channel.get("is_member")),
        is_archived=bool(channel.get("is_archived") or channel.get("is_frozen")),
    )
