"""Words for one person find a way to that person, or say why not."""

from __future__ import annotations

import pytest

from bot.domain.letters import Whisper
from bot.errors import Remedy, SlackRefused, SlackUncertain
from bot.sandbox.slack import Fault
from tests.contract.slack_kit import desk, letter, now, thread

EPHEMERAL, POST = "chat.postEphemeral", "chat.postMessage"


def whisper(d=None, *, channel="C0RESEARCH", person="U0ADA", thread_ts=None):
    url = d.slack.permissions.response_url("commands", person, channel) if d else ""
    content = Whisper(person, "Your question waits.", response_url=url)
    return letter(content, "whisper:1", channel=channel, thread_ts=thread_ts)


def heard(d, channel="C0RESEARCH", person="U0ADA"):
    return [message.text for message in d.slack.workspace.ephemerals_of(person, channel)]


async def test_a_whisper_answers_where_it_was_asked():
    async with desk() as d:
        ts = await d.courier.post(whisper(d))

        assert (ts, heard(d), d.slack.calls) == ("", ["Your question waits."], [])


async def test_a_whisper_reaches_a_channel_that_we_are_not_in():
    async with desk() as d:
        await d.courier.post(whisper(d, channel="C0VAULT"))

        assert heard(d, "C0VAULT") == ["Your question waits."]


@pytest.mark.parametrize("code", ["expired_url", "used_url"])
async def test_a_whisper_whose_answer_address_is_used_up_is_shown_in_the_channel(code):
    async with desk() as d:
        d.slack.faults.add("response_url", Fault.error(code))
        await d.courier.post(whisper(d))

        assert heard(d) == ["Your question waits."]
        assert [call.method for call in d.slack.calls] == [EPHEMERAL]


async def test_a_whisper_without_an_answer_address_is_shown_in_the_thread():
    async with desk() as d:
        root_ts = await thread(d)
        await d.courier.post(whisper(thread_ts=root_ts))
        (message,) = d.slack.workspace.ephemerals_of("U0ADA", "C0RESEARCH")

        assert message.thread_ts == root_ts


@pytest.mark.parametrize(
    ("channel", "person"), [("C0VAULT", "U0ADA"), ("C0SECRET", "U0BEN"), ("C0MUSEUM", "U0ADA")]
)
async def test_a_whisper_that_the_channel_does_not_take_comes_as_a_direct_message(channel, person):
    async with desk() as d:
        await d.courier.post(whisper(channel=channel, person=person))

        assert d.slack.workspace.messages(f"D0{person[2:]}")[-1].text == "Your question waits."


@pytest.mark.parametrize("fault", [Fault.drop_after(), Fault.status(500)])
async def test_a_whisper_that_may_have_been_heard_takes_no_other_way(fault):
    async with desk() as d:
        d.slack.faults.add("response_url", fault)
        with pytest.raises(SlackUncertain):
            await d.courier.post(whisper(d))

        assert d.slack.calls == []


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("channel_not_found", Remedy.GIVE_UP),
        ("invalid_blocks", Remedy.GIVE_UP),
        ("messages_tab_disabled", Remedy.PARK),
    ],
)
async def test_a_whisper_never_moves_a_thread(code, remedy):
    async with desk() as d:
        d.slack.faults.add(EPHEMERAL, Fault.error("user_not_in_channel"))
        d.slack.faults.add(POST, Fault.error(code))
        with pytest.raises(SlackRefused) as refused:
            await d.courier.post(whisper())

        assert (refused.value.code, refused.value.remedy) == (code, remedy)


async def test_a_whisper_of_an_uninstalled_app_is_parked_at_once():
    async with desk() as d:
        d.slack.revoke()
        with pytest.raises(SlackRefused) as refused:
            await d.courier.post(whisper())

        assert refused.value.remedy is Remedy.PARK
        assert len(d.slack.calls) == 1


async def test_a_whisper_leaves_nothing_to_be_found():
    async with desk() as d:
        await d.courier.post(whisper(d))

        assert await d.courier.find(whisper(), now()) is None
        assert d.slack.calls == []
