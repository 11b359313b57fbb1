"""People and places as the simulated Slack shows them."""

from __future__ import annotations

import anyio
import pytest

from bot.domain.permits import Kind, Person, Place
from bot.errors import SlackBusy, SlackRefused, SlackUncertain, SlackUnreachable
from bot.sandbox.slack import Fault
from bot.slack.directory import SlackDirectory, person_of, place_of
from bot.slack.web import connect, constant
from tests.contract.slack_kit import TEAM, SkippingClock, desk


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ("U0ADA", Person(TEAM, "U0ADA", name="Ada")),
        ("U0CLEO", Person(TEAM, "U0CLEO", name="Cleo", is_admin=True)),
        ("U0GUS", Person(TEAM, "U0GUS", name="Gus", is_guest=True)),
        ("U0BOT", Person(TEAM, "U0BOT", name="Deep Research", is_bot=True)),
        ("U0NOBODY", Person(TEAM, "U0NOBODY", is_outsider=True)),
    ],
)
async def test_a_person_has_the_flags_that_slack_gives(user, expected):
    async with desk() as d:
        assert await d.directory.person(TEAM, user) == expected


async def test_somebody_slack_may_not_show_us_is_an_outsider():
    async with desk() as d:
        d.slack.faults.add("users.info", Fault.error("user_not_visible"))

        assert (await d.directory.person(TEAM, "U0ADA")).is_outsider


@pytest.mark.parametrize(
    ("user", "flags"),
    [
        ({"is_owner": True}, {"is_admin"}),
        ({"is_primary_owner": True}, {"is_admin"}),
        ({"enterprise_user": {"is_admin": True}}, {"is_admin"}),
        ({"enterprise_user": {"is_owner": True}}, {"is_admin"}),
        ({"is_ultra_restricted": True}, {"is_guest"}),
        ({"is_workflow_bot": True}, {"is_bot"}),
        ({"is_stranger": True}, {"is_outsider"}),
        ({"deleted": True}, {"is_deactivated"}),
        ({"team_id": "T0OTHER"}, {"is_outsider"}),
        ({"team_id": "T0OTHER", "enterprise_user": {"teams": ["T0X", TEAM]}}, set()),
        ({"team_id": "T0OTHER", "enterprise_user": {"teams": ["T0X"]}}, {"is_outsider"}),
        ({"team_id": TEAM}, set()),
        ({}, set()),
    ],
)
def test_the_flags_of_a_user_object(user, flags):
    person = person_of(TEAM, "U1", user)
    named = ("is_admin", "is_guest", "is_bot", "is_outsider", "is_deactivated")

    assert {name for name in named if getattr(person, name)} == flags


def test_slackbot_is_a_bot_though_slack_says_it_is_not():
    assert person_of(TEAM, "USLACKBOT", {"is_bot": False}).is_bot


def test_on_grid_an_org_wide_install_knows_the_people_of_the_organisation():
    user = {"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E1", "teams": ["T0OTHER"]}}

    assert not person_of("E1", "U1", user).is_outsider


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        ("C0RESEARCH", Place(TEAM, "C0RESEARCH", Kind.PUBLIC, is_member=True)),
        ("C0RANDOM", Place(TEAM, "C0RANDOM", Kind.PUBLIC, is_member=False)),
        ("C0SECRET", Place(TEAM, "C0SECRET", Kind.PRIVATE, is_member=True)),
        ("C0VAULT", Place(TEAM, "C0VAULT", Kind.UNKNOWN, is_member=False)),
        ("C0MUSEUM", Place(TEAM, "C0MUSEUM", Kind.PUBLIC, is_member=True, is_archived=True)),
        ("D0ADA", Place(TEAM, "D0ADA", Kind.DIRECT, is_member=True)),
        ("C0NOWHERE", Place(TEAM, "C0NOWHERE", Kind.UNKNOWN, is_member=False)),
    ],
)
async def test_a_place_is_what_we_can_do_there(channel, expected):
    async with desk() as d:
        assert await d.directory.place(TEAM, channel) == expected


async def test_a_group_message_is_a_group_though_it_is_private_too():
    async with desk() as d:
        channel = d.slack.workspace.add_channel("mpdm-1", "mpim", {"U0ADA", "U0BEN", "U0BOT"})
        place = await d.directory.place(TEAM, channel.id)

        assert (place.kind, place.is_member) == (Kind.GROUP, True)


def test_a_frozen_channel_is_as_closed_as_an_archived_one():
    assert not place_of(TEAM, "C1", {"is_channel": True, "is_member": True, "is_frozen": True}).is_open_to_us


async def test_an_invitation_opens_a_place_at_once():
    async with desk() as d:
        closed = await d.directory.place(TEAM, "C0RANDOM")
        await d.slack.people.invite("ada", "random")
        opened = await d.directory.place(TEAM, "C0RANDOM")

        assert (closed.is_open_to_us, opened.is_open_to_us) == (False, True)


async def test_members_of_a_channel_are_known_and_others_are_not():
    async with desk() as d:
        asked = [("C0SECRET", "U0ADA"), ("C0SECRET", "U0CLEO"), ("C0VAULT", "U0ADA"), ("D0ADA", "U0ADA")]

        assert [await d.directory.is_member(TEAM, *pair) for pair in asked] == [True, False, False, True]


class Pages:
    """A web of ever more members, a page each."""

    def __init__(self, pages):
        self.pages = pages
        self.cursors = []

    async def call(self, team_id, method, **args):
        self.cursors.append(args["cursor"])
        at = int(args["cursor"] or 0)
        following = str(at + 1) if at + 1 < len(self.pages) else ""
        return {"members": self.pages[at], "response_metadata": {"next_cursor": following}}


async def test_reading_members_stops_at_the_page_that_has_the_person(desk_clock):
    pages = Pages([["U1"], ["U2"], ["U3"]])

    assert await SlackDirectory(pages, desk_clock).is_member(TEAM, "C1", "U2")
    assert pages.cursors == [None, "1"]


async def test_reading_members_ends_somewhere(desk_clock):
    pages = Pages([["U1"]] * 1000)

    assert not await SlackDirectory(pages, desk_clock).is_member(TEAM, "C1", "U2")
    assert len(pages.cursors) == 20


@pytest.fixture
def desk_clock():
    return SkippingClock()


async def test_our_direct_message_with_a_person_is_opened_once():
    async with desk() as d:
        found = [await d.directory.direct_channel(TEAM, "U0ADA") for _ in range(2)]

        assert found == ["D0ADA", "D0ADA"]
        assert len(d.slack.calls_of("conversations.open")) == 1


async def test_people_are_remembered_for_five_minutes_and_places_for_one():
    async with desk() as d:
        for at in (0, 59, 61, 299, 301):
            d.clock.at = 1000.0 + at
            await d.directory.person(TEAM, "U0ADA")
            await d.directory.place(TEAM, "C0RESEARCH")
            await d.directory.is_member(TEAM, "C0RESEARCH", "U0ADA")

        asked = {name: len(d.slack.calls_of(name)) for name in ("users.info", "conversations.info")}
        assert asked == {"users.info": 2, "conversations.info": 3}
        assert len(d.slack.calls_of("conversations.members")) == 3


async def test_the_same_question_asked_by_many_at_once_is_asked_once():
    async with desk() as d, anyio.create_task_group() as group:
        for _ in range(20):
            group.start_soon(d.directory.person, TEAM, "U0ADA")
            group.start_soon(d.directory.place, TEAM, "C0RANDOM")
        await d.slack.until(lambda: len(d.slack.calls) == 2)

        assert sorted(call.method for call in d.slack.calls) == ["conversations.info", "users.info"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.drop_before(), SlackUncertain),
        (Fault.status(503, html=True), SlackUncertain),
        (Fault.rate_limited(2), SlackBusy),
        (Fault.error("token_revoked"), SlackRefused),
    ],
)
async def test_a_look_that_fails_says_so_and_is_made_again_next_time(fault, error):
    async with desk() as d:
        looks = [
            ("users.info", lambda: d.directory.person(TEAM, "U0ADA")),
            ("conversations.info", lambda: d.directory.place(TEAM, "C0RESEARCH")),
            ("conversations.members", lambda: d.directory.is_member(TEAM, "C0RESEARCH", "U0ADA")),
            ("conversations.open", lambda: d.directory.direct_channel(TEAM, "U0ADA")),
        ]
        for method, look in looks:
            d.slack.faults.add(method, fault)
            with pytest.raises(error):
                await look()

            assert await look()
            assert len(d.slack.calls_of(method)) == 2


async def test_an_unreachable_slack_is_told_as_such(desk_clock):
    async with connect(constant("xoxb-1"), "http://127.0.0.1:9/api/") as web:
        with pytest.raises(SlackUnreachable):
            await SlackDirectory(web, desk_clock).person(TEAM, "U0ADA")
