"""Files in a thread: stored, completed, shown; and found again wherever it broke off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import Remedy, SlackBusy, SlackRefused, SlackUncertain
from bot.sandbox.slack import Fault
from tests.contract.slack_kit import desk, letter, now, picture, thread

TICKET, COMPLETE, INFO = "files.getUploadURLExternal", "files.completeUploadExternal", "files.info"


async def stored(d, root_ts):
    one = letter(picture(), "part:2", thread_ts=root_ts)
    return replace(one, content=picture(await d.courier.store(one)))


async def shown(d, ts):
    await d.slack.until(lambda: len(d.slack.workspace.messages("C0RESEARCH", ts)) > 1)
    return d.slack.workspace.messages("C0RESEARCH", ts)[-1].ts


async def test_a_stored_file_is_seen_by_nobody():
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        file = d.slack.files.by_id[one.content.file_id]

        assert (file.content, file.alt, file.complete) == (b"\x89PNG bytes", "A blue sky", False)
        assert await d.courier.find(one, now()) is None


async def test_a_posted_file_is_in_its_thread_when_the_post_returns():
    async with desk() as d:
        root_ts = await thread(d)
        ts = await d.courier.post(await stored(d, root_ts))
        message = d.slack.workspace.message("C0RESEARCH", ts)

        assert (message.thread_ts, message.files[0]["title"]) == (root_ts, "Picture 1")


async def test_a_file_without_a_thread_is_found_at_its_root():
    async with desk() as d:
        ts = await d.courier.post(await stored(d, None))

        assert d.slack.workspace.messages("C0RESEARCH")[-1].ts == ts


async def test_storing_again_is_safe():
    async with desk() as d:
        root_ts = await thread(d)
        d.slack.faults.add("upload", Fault.drop_after())
        with pytest.raises(SlackUncertain):
            await stored(d, root_ts)
        await d.courier.post(await stored(d, root_ts))

        assert len(d.slack.workspace.messages("C0RESEARCH", root_ts)) == 2


async def test_a_completion_whose_answer_was_lost_is_found_and_adopted():
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        d.slack.faults.add(COMPLETE, Fault.drop_after())
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)
        ts = await shown(d, root_ts)

        assert await d.courier.find(one, now()) == ts
        assert len(d.slack.calls_of(COMPLETE)) == 1


async def test_a_completion_that_did_not_arrive_is_not_found():
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        d.slack.faults.add(COMPLETE, Fault.drop_before())
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)

        assert await d.courier.find(one, now()) is None


async def test_a_file_completed_twice_is_shared_once():
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        first = await d.courier.post(one)

        assert await d.courier.post(one) == first
        assert len(d.slack.workspace.messages("C0RESEARCH", root_ts)) == 2


async def test_a_file_shared_in_another_thread_is_not_found_in_this_one():
    async with desk() as d:
        here, there = await thread(d), await thread(d)
        one = await stored(d, there)
        await d.courier.post(one)

        assert await d.courier.find(replace(one, address=replace(one.address, thread_ts=here)), now()) is None


async def test_a_file_that_does_not_appear_is_uncertain_after_twenty_seconds():
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        d.slack.share_delay = 60
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)

        assert 15 < sum(d.clock.slept) <= 20
        assert (min(d.clock.slept), max(d.clock.slept)) == (0.3, 1.0)


@pytest.mark.parametrize(
    "fault",
    [Fault.drop_before(), Fault.status(503), Fault.rate_limited(2), Fault.error("file_not_found")],
    ids=lambda fault: fault.kind,
)
async def test_trouble_while_looking_for_a_completed_file_is_looked_past(fault):
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        d.slack.faults.add(INFO, fault, 2)
        ts = await d.courier.post(one)

        assert d.slack.workspace.messages("C0RESEARCH", root_ts)[-1].ts == ts
        assert len(d.slack.calls_of(COMPLETE)) == 1


@pytest.mark.parametrize("fault", [Fault.error("missing_scope"), Fault.rate_limited(100)])
async def test_a_completed_file_that_cannot_be_looked_for_is_uncertain_not_refused(fault):
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        d.slack.faults.add(INFO, fault)
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("file_uploads_disabled", Remedy.GIVE_UP),
        ("storage_limit_reached", Remedy.GIVE_UP),
        ("posting_to_channel_denied", Remedy.REDIRECT),
        ("token_revoked", Remedy.PARK),
    ],
)
async def test_a_refused_file_has_its_remedy(code, remedy):
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        for method, send in ((TICKET, d.courier.store), (COMPLETE, d.courier.post)):
            d.slack.faults.add(method, Fault.error(code))
            with pytest.raises(SlackRefused) as refused:
                await send(one)

            assert refused.value.remedy is remedy


async def test_a_file_that_slack_lost_is_given_up():
    async with desk() as d:
        root_ts = await thread(d)
        with pytest.raises(SlackRefused) as refused:
            await d.courier.post(letter(picture("F0NOWHERE"), thread_ts=root_ts))

        assert (refused.value.code, refused.value.remedy) == ("file_not_found", Remedy.GIVE_UP)


@pytest.mark.parametrize("method", [TICKET, COMPLETE])
@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.rate_limited(3), SlackBusy), (Fault.status(500), SlackUncertain)]
)
async def test_nothing_of_an_upload_is_sent_again_by_itself(method, fault, error):
    async with desk() as d:
        root_ts = await thread(d)
        one = await stored(d, root_ts)
        before = len(d.slack.calls_of(method))
        d.slack.faults.add(method, fault)
        with pytest.raises(error):
            await {TICKET: d.courier.store, COMPLETE: d.courier.post}[method](one)

        assert len(d.slack.calls_of(method)) == before + 1
