"""Letters become messages, once: what the courier does with every way in which Slack can answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.letters import Contents, Entry, Notice, Outcome, Session, Whole
from bot.domain.report import Report
from bot.domain.research import State
from bot.domain.sessions import SessionStatus
from bot.errors import Remedy, SlackBusy, SlackRefused, SlackUncertain
from bot.sandbox.slack import Fault
from bot.slack.courier import EDIT_BYTES, session_title, within
from tests.contract.slack_kit import TEAM, card, desk, letter, now, picture, root, thread, view, words

POST, UPDATE, STATUS = "chat.postMessage", "chat.update", "assistant.threads.setStatus"
BEFORE = [Fault.drop_before(), Fault.status(500), Fault.error("internal_error")]


async def test_a_root_is_a_message_in_the_channel_and_pings_nobody():
    async with desk() as d:
        ts = await d.courier.post(letter(root(), "root"))
        message = d.slack.workspace.message("C0RESEARCH", ts)

        assert (message.thread_ts, message.notified) == (None, set())
        assert (message.unfurl_links, message.unfurl_media) == (False, False)
        assert message.metadata == {
            "event_type": "deep_research",
            "event_payload": {"research": "r_01", "part": "root"},
        }


async def test_cards_outcomes_and_parts_are_replies_in_order():
    async with desk() as d:
        root_ts = await thread(d)
        outcome = Outcome(view(state=State.COMPLETED, ended_at=now()), summary="Because of scattering.")
        contents = [(card(), "card"), (outcome, "outcome"), (words("Part one"), "part:1")]
        sent = [await d.courier.post(letter(one, part, thread_ts=root_ts)) for one, part in contents]

        assert [one.ts for one in d.slack.workspace.messages("C0RESEARCH", root_ts)] == [root_ts, *sent]


async def test_an_edit_replaces_the_message_and_keeps_what_identifies_it():
    async with desk() as d:
        root_ts = await thread(d)
        ts = await d.courier.post(letter(card(), "card", thread_ts=root_ts))
        before = replace(d.slack.workspace.message("C0RESEARCH", ts))
        await d.courier.edit(
            letter(card(state=State.COMPLETED, ended_at=now()), "card", thread_ts=root_ts), ts
        )
        after = d.slack.workspace.message("C0RESEARCH", ts)

        assert after.blocks != before.blocks
        assert after.metadata["event_payload"]["part"] == "card"
        assert await d.courier.find(letter(card(), "card", thread_ts=root_ts), now()) == ts


async def test_the_text_of_an_edit_stays_within_what_slack_takes():
    async with desk() as d:
        ts = await d.courier.post(letter(words("short")))
        await d.courier.edit(letter(replace(words("short"), text="ü" * 3000)), ts)

        assert len(d.slack.workspace.message("C0RESEARCH", ts).text.encode()) <= EDIT_BYTES


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("0123456789", 10, "0123456789"),
        ("0123456789x", 10, "0123456…"),
        ("üüüüü", 9, "üüü…"),
        ("hello <@U0ADA> there", 15, "hello …"),
        ("a &amp; b and more", 8, "a …"),
    ],
)
def test_a_text_is_shortened_to_bytes_without_tearing_anything(text, limit, expected):
    assert within(text, limit) == expected


@pytest.mark.parametrize("fault", BEFORE, ids=lambda fault: fault.kind)
async def test_a_post_that_did_not_arrive_is_uncertain_and_not_found(fault):
    async with desk() as d:
        root_ts, since = await thread(d), now()
        one = letter(words("Part one"), thread_ts=root_ts)
        d.slack.faults.add(POST, fault)
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)

        assert await d.courier.find(one, since) is None
        assert len(d.slack.calls_of(POST)) == 2


@pytest.mark.parametrize("in_thread", [True, False])
async def test_a_post_whose_answer_was_lost_is_found_and_adopted(in_thread):
    async with desk() as d:
        root_ts = await thread(d) if in_thread else None
        since = now()
        one = letter(root() if root_ts is None else words("Part one"), "it", thread_ts=root_ts)
        d.slack.faults.add(POST, Fault.drop_after())
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)
        found = await d.courier.find(one, since)

        assert found == d.slack.workspace.messages("C0RESEARCH", root_ts)[-1].ts
        assert len(d.slack.calls_of(POST)) == 1 + in_thread


async def test_only_the_very_same_letter_is_found():
    async with desk() as d:
        root_ts, since = await thread(d), now()
        await d.courier.post(letter(words("One"), "part:1", thread_ts=root_ts))

        assert await d.courier.find(letter(words("One"), "part:2", thread_ts=root_ts), since) is None
        other = letter(words("One"), "part:1", thread_ts=root_ts, research_id="r_02")
        assert await d.courier.find(other, since) is None


async def test_a_message_of_somebody_else_with_our_metadata_is_not_ours():
    async with desk() as d:
        root_ts, since = await thread(d), now()
        ts = await d.courier.post(letter(words("One"), thread_ts=root_ts))
        message = d.slack.workspace.message("C0RESEARCH", ts)
        message.bot, message.user = False, "U0BEN"

        assert await d.courier.find(letter(words("One"), thread_ts=root_ts), since) is None


async def test_the_read_back_turns_the_pages():
    async with desk() as d:
        since = now()
        ts = await d.courier.post(letter(root(), "root"))
        for n in range(450):
            await d.web.call(TEAM, POST, channel="C0RESEARCH", text=f"noise {n}")

        assert await d.courier.find(letter(root(), "root"), since) == ts
        assert len(d.slack.calls_of("conversations.history")) == 3


async def test_the_read_back_looks_a_little_further_back_than_our_clock_says():
    async with desk() as d:
        ts = await d.courier.post(letter(root(), "root"))

        assert await d.courier.find(letter(root(), "root"), now() + timedelta(seconds=4)) == ts


async def test_a_thread_that_is_gone_holds_nothing_of_ours():
    async with desk() as d:
        assert await d.courier.find(letter(words("One"), thread_ts="1.000001"), now()) is None


async def test_a_read_back_that_fails_says_nothing_about_the_letter():
    async with desk() as d:
        root_ts = await thread(d)
        d.slack.faults.add("conversations.replies", Fault.status(503))
        with pytest.raises(SlackUncertain):
            await d.courier.find(letter(words("One"), thread_ts=root_ts), now())


@pytest.mark.parametrize(
    ("channel", "code"),
    [("C0RANDOM", "not_in_channel"), ("C0VAULT", "channel_not_found"), ("C0MUSEUM", "is_archived")],
)
async def test_a_place_that_is_closed_asks_for_another_one(channel, code):
    async with desk() as d:
        with pytest.raises(SlackRefused) as refused:
            await d.courier.post(letter(root(), "root", channel=channel))

        assert (refused.value.code, refused.value.remedy) == (code, Remedy.REDIRECT)


async def test_an_uninstalled_app_parks_everything():
    async with desk() as d:
        root_ts = await thread(d)
        d.slack.revoke()
        one = letter(card(), "card", thread_ts=root_ts)
        for send in (d.courier.post(one), d.courier.edit(one, root_ts), d.courier.show_status(one)):
            with pytest.raises(SlackRefused) as refused:
                await send

            assert refused.value.remedy is Remedy.PARK


async def test_a_part_that_slack_refuses_can_be_cut_smaller():
    async with desk() as d:
        report = Report("\n\n".join(f"Paragraph {n}. " + "Words of it. " * 20 for n in range(12)))
        (part,) = d.courier.cut(letters_whole(report))
        d.slack.faults.add(POST, Fault.error("msg_blocks_too_long"), times=2)
        with pytest.raises(SlackRefused) as refused:
            await d.courier.post(letter(part))
        for n, piece in enumerate(d.courier.recut(part)):
            await d.courier.post(letter(piece, f"part:1.{n}"))

        assert refused.value.remedy is Remedy.REFORMAT
        assert len(d.slack.workspace.messages("C0RESEARCH")) == 2


async def test_an_edit_of_a_message_that_is_gone_is_given_up():
    async with desk() as d:
        ts = await thread(d)
        d.slack.workspace.remove(d.slack.workspace.message("C0RESEARCH", ts))
        with pytest.raises(SlackRefused) as refused:
            await d.courier.edit(letter(root(), "root"), ts)

        assert (refused.value.code, refused.value.remedy) == ("message_not_found", Remedy.GIVE_UP)


async def test_an_edit_whose_answer_was_lost_is_uncertain_and_safe_to_repeat():
    async with desk() as d:
        ts = await thread(d)
        d.slack.faults.add(UPDATE, Fault.drop_after())
        with pytest.raises(SlackUncertain):
            await d.courier.edit(letter(root(state=State.COMPLETED), "root"), ts)
        await d.courier.edit(letter(root(state=State.COMPLETED), "root"), ts)

        assert len(d.slack.calls_of(UPDATE)) == 2


@pytest.mark.parametrize("method", [POST, UPDATE, STATUS])
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.rate_limited(3), SlackBusy),
        (Fault.drop_before(), SlackUncertain),
        (Fault.drop_after(), SlackUncertain),
        (Fault.status(502, html=True), SlackUncertain),
        (Fault.error("fatal_error"), SlackUncertain),
        (Fault.error("something_new"), SlackRefused),
    ],
)
async def test_nothing_is_ever_sent_again_by_the_courier(method, fault, error):
    async with desk() as d:
        root_ts = await thread(d)
        one = letter(card(), "card", thread_ts=root_ts)
        sends = {
            POST: d.courier.post,
            STATUS: d.courier.show_status,
            UPDATE: lambda x: d.courier.edit(x, root_ts),
        }
        before = len(d.slack.calls)
        d.slack.faults.add(method, fault)
        with pytest.raises(error):
            await sends[method](one)

        assert [call.method for call in d.slack.calls[before:]] == [method]


async def test_a_workspace_that_refuses_plan_blocks_gets_plain_cards_from_then_on():
    async with desk() as d:
        root_ts = await thread(d)
        d.slack.refuse_blocks = {"plan"}
        one = letter(card(), "card", thread_ts=root_ts)
        ts = await d.courier.post(one)
        await d.courier.edit(one, ts)
        message = d.slack.workspace.message("C0RESEARCH", ts)

        assert "plan" not in {block["type"] for block in message.blocks}
        assert [call.error for call in d.slack.calls_of(POST)] == [None, "invalid_blocks", None]
        assert [call.error for call in d.slack.calls_of(UPDATE)] == [None]


async def test_an_edit_learns_about_plan_blocks_as_well():
    async with desk() as d:
        root_ts = await thread(d)
        one = letter(card(), "card", thread_ts=root_ts)
        ts = await d.courier.post(one)
        d.slack.refuse_blocks = {"plan"}
        await d.courier.edit(one, ts)

        assert "plan" not in {block["type"] for block in d.slack.workspace.message("C0RESEARCH", ts).blocks}


async def test_a_card_refused_in_every_form_is_refused_and_teaches_nothing():
    async with desk() as d:
        root_ts = await thread(d)
        one = letter(card(), "card", thread_ts=root_ts)
        d.slack.faults.add(POST, Fault.error("invalid_blocks"), 3)
        with pytest.raises(SlackRefused):
            await d.courier.post(one)
        ts = await d.courier.post(one)

        assert "plan" in {block["type"] for block in d.slack.workspace.message("C0RESEARCH", ts).blocks}


async def test_an_outcome_whose_summary_is_refused_pings_all_the_same_and_the_next_one_is_rich_again():
    async with desk() as d:
        root_ts = await thread(d)
        ended = Outcome(view(state=State.FAILED, ended_at=now()), "## Key\n\n- **One** thing")
        one = letter(ended, "outcome.1", thread_ts=root_ts)
        d.slack.refuse_blocks = {"header"}
        plain = d.slack.workspace.message("C0RESEARCH", await d.courier.post(one))
        d.slack.refuse_blocks = set()
        rich = d.slack.workspace.message("C0RESEARCH", await d.courier.post(one))

        assert "header" not in {block["type"] for block in plain.blocks}
        for said in (str(plain.blocks), str(rich.blocks)):
            assert all(word in said for word in ("U0ADA", "One", "thing", "research_retry"))
        assert "header" in {block["type"] for block in rich.blocks}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (root(), "Why is the sky blue?"),
        (card(), "Planning the research"),
        (Outcome(view(state=State.FAILED, ended_at=now()), "The answer."), "<@U0ADA> your research did not work out"),
    ],
    ids=["root", "card", "outcome"],
)  # fmt: skip
async def test_what_is_refused_in_any_blocks_is_said_in_words(content, said):
    async with desk() as d:
        d.slack.refuse_blocks = {"rich_text", "section", "context", "plan"}
        one = letter(content, content.kind)
        ts = await d.courier.post(one)
        if content.kind != "outcome":
            await d.courier.edit(one, ts)
        message = d.slack.workspace.message("C0RESEARCH", ts)

        assert message.blocks in (None, [])
        assert said in message.text


async def test_a_plain_retry_whose_answer_is_lost_is_uncertain():
    async with desk() as d:
        root_ts, since = await thread(d), now()
        one = letter(card(), "card", thread_ts=root_ts)
        d.slack.refuse_blocks = {"plan"}
        d.slack.faults.add(POST, Fault.drop_after(), after=1)
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)
        (_, message) = d.slack.workspace.messages("C0RESEARCH", root_ts)

        assert await d.courier.find(one, since) == message.ts


async def test_the_status_line_shows_the_card_and_goes_with_the_end():
    async with desk() as d:
        root_ts = await thread(d)
        await d.courier.show_status(letter(card(), "card", thread_ts=root_ts))
        running = d.slack.threads.status("C0RESEARCH", root_ts)
        ended = card(state=State.COMPLETED, ended_at=now())
        await d.courier.show_status(letter(ended, "card", thread_ts=root_ts))

        assert running
        assert not d.slack.threads.status("C0RESEARCH", root_ts)


async def test_the_session_says_that_we_work_and_that_we_do_not():
    async with desk() as d:
        root_ts = await thread(d)
        for status in (SessionStatus.PROCESSING, SessionStatus.ACTIVE):
            content = Session(status, "Why is the sky blue?")
            await d.courier.show_session(letter(content, "session", thread_ts=root_ts))
            shown = d.slack.threads.session("C0RESEARCH", root_ts)

            assert shown == {
                "status": status.value,
                "title": "Why is the sky blue?",
                "can_stop": status is SessionStatus.PROCESSING,
            }


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Heat pumps,\n in old buildings?", "Heat pumps, in old buildings?"),
        ("word " * 40, "word " * 14 + "word"),
        ("Warum <@U1>?", ""),
        ("東京の歴史", ""),
    ],
)
def test_a_session_is_called_what_slack_surely_takes_or_nothing(question, title):
    assert session_title(question) == title
    assert len(title) <= 80


async def test_without_a_thread_there_is_no_status_line_and_no_session():
    async with desk() as d:
        await d.courier.show_status(letter(card(), "card"))
        await d.courier.show_session(letter(Session(SessionStatus.PROCESSING, "Why?"), "session"))

        assert d.slack.calls == []


async def test_what_is_no_message_is_a_mistake():
    async with desk() as d:
        whole = letters_whole(Report("Words."))
        with pytest.raises(ValueError, match="whole"):
            await d.courier.post(letter(whole))
        with pytest.raises(ValueError, match="whole"):
            await d.courier.edit(letter(whole), "1.000001")
        with pytest.raises(TypeError):
            await d.courier.store(letter(root()))


def letters_whole(report):
    return Whole(view(state=State.COMPLETED), report)


# --- contents


def guide(told):
    entries = (Entry("First", 2, 1), Entry("Deeper", 3, 2), Entry("Nowhere", 2, 9))
    return Contents(entries, "Each line leads somewhere.", told=told)


async def test_contents_lead_to_messages_and_to_files():
    async with desk() as d:
        ts = await thread(d)
        file = picture(await d.courier.store(letter(picture(), thread_ts=ts)))
        await d.courier.post(letter(file, thread_ts=ts))
        told = {1: "1767000000.000001", 2: file.file_id}
        posted = await d.courier.post(letter(guide(told), "report.1.3", thread_ts=ts))

        (message,) = [one for one in d.slack.workspace.messages("research", ts) if one.ts == posted]
        lists = message.blocks[1]["elements"]
        first, deeper, nowhere = [one["elements"][0]["elements"][0] for one in lists]
        assert first["url"].endswith(f"/archives/C0RESEARCH/p1767000000000001?thread_ts={ts}&cid=C0RESEARCH")
        assert deeper["url"] == d.slack.files.by_id[file.file_id].shape(d.slack.url, "")["permalink"]
        assert nowhere == {"type": "text", "text": "Nowhere"}
        assert [one["indent"] for one in lists] == [0, 1, 0]
        assert "Deeper" in message.text


@pytest.mark.parametrize("method", ["auth.test", "files.info"])
async def test_contents_do_not_wait_for_links_that_slack_does_not_tell(method):
    async with desk() as d:
        ts = await thread(d)
        d.slack.faults.add(method, Fault.error("internal_error"))
        await d.courier.post(letter(guide({1: "F404"}), "report.1.3", thread_ts=ts))

        assert "url" not in str(d.slack.workspace.messages("research", ts)[-1].blocks)


async def test_nothing_leaves_a_process_that_was_asleep_since_its_call_began_until_somebody_else_took_over():
    """The lease is looked at when a call begins; this is the last look, right before the bytes go."""
    async with desk() as d:
        root_ts = await thread(d)
        late = replace(letter(card(), "card", thread_ts=root_ts), good_until=now())
        before = len(d.slack.calls)
        with pytest.raises(SlackUncertain):
            await d.courier.post(late)
        with pytest.raises(SlackUncertain):
            await d.courier.edit(late, root_ts)
        after = len(d.slack.calls)
        in_time = replace(late, good_until=now() + timedelta(minutes=1))

        assert after == before
        assert await d.courier.post(in_time)


async def test_a_notice_goes_to_the_asker_with_the_way_to_the_thread_and_is_found_again_there():
    async with desk() as d:
        root_ts = await thread(d)
        ended = view(state=State.COMPLETED, ended_at=now(), question="Is <!channel> *blue*?")
        one, since = letter(Notice(ended), "notice.1", thread_ts=root_ts), now()
        d.slack.faults.add(POST, Fault.drop_after())
        with pytest.raises(SlackUncertain):
            await d.courier.post(one)
        (notice,) = d.slack.workspace.messages("D0ADA")

        assert await d.courier.find(one, since) == notice.ts
        assert f"archives/C0RESEARCH/p{root_ts.replace('.', '')}" in str(notice.blocks)
        assert "Is <!channel> *blue*?" in str(notice.blocks)
        assert "<!channel>" not in notice.text


async def test_a_notice_without_a_way_to_its_person_says_so():
    async with desk() as d:
        d.slack.faults.add("conversations.open", Fault.error("user_disabled"))
        with pytest.raises(SlackRefused):
            await d.courier.post(letter(Notice(view()), "notice.1", thread_ts="1.000001"))
