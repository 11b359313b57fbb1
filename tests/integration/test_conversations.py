"""What comes after a report: follow-ups, deeper, again, shared; each is one create, told once, in the right thread."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.gemini import Fault
from bot.work.conversation import Conversation
from tests.integration.kit import (
    direct_roots,
    has_card,
    hears,
    no_code_words,
    part_name,
    parts,
    pings,
    runs,
    whole_report,
)
from tests.world import RESEARCH, World, visible

if TYPE_CHECKING:
    from bot.app import Running
    from bot.sandbox.slack.message import Message
    from bot.work.desk import Reply

TEAM = "T0SANDBOX"
AGENT = "deep-research-preview-04-2026"
QUESTION = "How do heat pumps work? demo:quick"


def _buttons(message: Message) -> list[str]:
    return [e["text"]["text"] for b in message.blocks or [] if b["type"] == "actions" for e in b["elements"]]


async def _reported(
    world: World, question: str = QUESTION, channel: str = RESEARCH
) -> tuple[Message, Message]:
    """A thread with its whole report, and the message that ends it."""
    await world.ask(question, channel=channel)
    root = await world.root(channel=channel)
    await world.slack.until(
        lambda: any("Run again" in _buttons(one) for one in world.thread(root)), timeout=60
    )
    return root, next(one for one in world.thread(root) if "Run again" in _buttons(one))


async def _follow_up(
    running: Running, root: Message, text: str, key: str, person: str = "U0ADA"
) -> Reply | None:
    desk = Conversation(running.bench)
    return await desk.follow_up(TEAM, root.channel, root.ts, person, key, text)


def _answers(world: World, root: Message) -> list[Message]:
    return [one for one in world.thread(root) if part_name(one).startswith("answer.")]


async def _answered(world: World, root: Message, number: int = 1) -> Message:
    """The n-th answer of a thread, once it is whole."""
    await world.slack.until(
        lambda: (
            len(_answers(world, root)) >= number
            and "Research deeper" in _buttons(_answers(world, root)[number - 1])
        ),
        timeout=60,
    )
    return _answers(world, root)[number - 1]


async def test_a_follow_up_is_answered_below_the_report_by_a_model_that_knows_it(world: World):
    async with world.bot() as running:
        root, _ = await _reported(world)
        reply = await _follow_up(running, root, "And what do they cost?", "m1")
        twin = await _follow_up(running, root, "And what do they cost?", "m1")
        first = await _answered(world, root)
        await _follow_up(running, root, "In Norway?", "m2", person="U0BEN")
        second = await _answered(world, root, 2)

    assert (reply.done, reply.sentence, twin.done) == (True, "", True)
    research, one, two = world.gemini.creates
    assert (one.model, one.question, one.request["previous_interaction_id"]) == (
        "gemini-3.8-flash",
        "And what do they cost?",
        research.id,
    )
    assert two.request["previous_interaction_id"] == one.id
    assert one.request["tools"] == [{"type": "google_search"}]
    assert "here is what I found, after" in visible(first)
    assert "with 2 sources" in visible(first)
    assert "The sources agree on this" in visible(first)
    assert "Sources" in visible(first)
    assert second.notified == {"U0BEN"}
    assert len(world.roots()) == 1
    assert not any("Run again" in _buttons(one) for one in (first, second))
    no_code_words(world)


async def test_an_answer_is_written_into_one_message_that_is_edited_at_a_pace_and_whole_in_the_end(
    world: World,
):
    world.gemini.hold()
    async with world.bot() as running:
        await world.ask("quick: How high is K2?")
        root = await world.root()
        await world.slack.until(lambda: _answers(world, root))
        answer = _answers(world, root)[0]
        begun = visible(answer)
        await runs(world)
        world.gemini.finish(world.gemini.creates[0].id, "K2 is 8,611 m high. " * 900 + "The end.")
        await world.slack.until(lambda: world.said(root, "The end."), timeout=60)
        await world.slack.until(
            lambda: sum(visible(one).count("8,611") for one in _told(world, root)) >= 900, timeout=60
        )

    told = _told(world, root)
    assert "looking it up" in begun
    assert part_name(told[0]) == "answer.1"
    assert [part_name(one) for one in told[1:]] == ["report.1.1"]
    assert _buttons(told[0]) == []
    assert pings(world) == [("answer.1", {"U0ADA"})]
    assert running is not None


def _told(world: World, root: Message) -> list[Message]:
    return [one for one in world.thread(root) if part_name(one).startswith(("answer.", "report."))]


async def _settled(world: World, root: Message) -> None:
    await world.slack.until(
        lambda: any("Run again" in _buttons(one) for one in world.thread(root)), timeout=60
    )


async def test_what_a_model_writes_grows_before_the_readers_eyes_three_seconds_apart(world: World):
    async with world.bot(RESEARCH_PROGRESS_SECONDS="3"):
        await world.ask("quick: How high is K2? demo:slow")
        root = await world.root()
        await world.slack.until(lambda: _answers(world, root))
        answer = _answers(world, root)[0]
        seen: list[str] = []
        await world.slack.until(
            lambda: _grown(seen, answer) and "here is what I found" in visible(answer), timeout=60
        )

    drafts = [words for words in seen if "this is what I find" in words]
    assert len(drafts) >= 3
    assert all(len(later) >= len(earlier) for earlier, later in pairwise(drafts))
    edits = [
        call.at
        for call in world.slack.calls
        if call.method == "chat.update" and call.args.get("ts") == answer.ts
    ]
    assert min(later - earlier for earlier, later in pairwise(edits)) >= 2.9
    assert not world.slack.ledger


def _grown(seen: list[str], answer: Message) -> bool:
    if not seen or seen[-1] != visible(answer):
        seen.append(visible(answer))
    return True


async def test_a_follow_up_before_the_report_or_by_a_guest_or_in_a_strange_thread_starts_nothing(
    world: World,
):
    world.gemini.hold()
    async with world.bot() as running:
        await world.ask(QUESTION)
        root = await world.root()
        await has_card(world, root)
        early = await _follow_up(running, root, "Well?", "m1")
        world.gemini.hold(False)
        world.gemini.finish(world.gemini.creates[0].id, "# Done\n\nAll said.")
        await _settled(world, root)
        guest = await _follow_up(running, root, "Well?", "m2", person="U0GUS")
        desk = Conversation(running.bench)
        strange = await desk.follow_up(TEAM, root.channel, "1.1", "U0ADA", "m3", "Well?")
        foreign = await desk.follow_up("T0OTHER", root.channel, root.ts, "U0ADA", "m4", "Well?")

    assert early.sentence == "The report is not there yet. Please ask again when it is."
    assert not guest.done
    assert "guests" in guest.sentence or "not here" in guest.sentence
    assert strange is None
    assert foreign is None
    assert len(world.gemini.creates) == 1


@pytest.mark.parametrize("how", ["forgotten", "not implemented"])
async def test_what_google_has_forgotten_is_answered_from_our_copy_of_the_report(world: World, how: str):
    async with world.bot() as running:
        root, _ = await _reported(world)
        if how == "forgotten":
            world.gemini.creates[0].deleted = True
        else:
            world.gemini.faults.add("create", Fault.status(501, "not_implemented", "Not implemented."))
        await _follow_up(running, root, "And what do they cost?", "m1")
        await _answered(world, root)

    asked = world.gemini.creates[1]
    assert "previous_interaction_id" not in asked.request
    assert asked.question.startswith("This is a report that was written before:")
    assert asked.question.endswith("About this report: And what do they cost?")
    assert len(world.gemini.creates) == 2


async def test_what_nobody_has_any_more_is_said_and_costs_nothing(world: World):
    async with world.bot() as running:
        root, _ = await _reported(world)
        world.gemini.creates[0].deleted = True
        await running.bench.ledger._database.write(
            lambda connection: connection.exec_driver_sql("DELETE FROM report")
        )
        await _follow_up(running, root, "And what do they cost?", "m1")
        await world.slack.until(lambda: world.said(root, "there is nothing to go on from"))

    assert len(world.gemini.creates) == 1
    no_code_words(world)


async def test_a_lost_follow_up_is_a_question_and_only_retry_makes_another(world: World):
    async with world.bot() as running:
        root, _ = await _reported(world)
        world.gemini.faults.add("create", Fault.drop_after())
        await _follow_up(running, root, "And what do they cost?", "m1")
        await world.slack.until(lambda: world.said(root, "unknown whether Google is running it"))
        lost = next(one for one in parts(world, root, "outcome.") if "unknown" in visible(one))
        before = len(world.gemini.creates)
        await world.slack.people.click("ada", "research", lost.ts, "research_retry")
        await world.slack.people.click("ada", "research", lost.ts, "research_retry")
        await world.slack.until(
            lambda: any("here is what I found" in visible(a) for a in _answers(world, root))
        )

    assert before == 2
    assert len(world.gemini.creates) == 3
    assert "If so, it costs $0.01–0.10" in visible(lost)
    assert [part_name(one) for one in _answers(world, root)] == ["answer.1", "answer.2"]
    assert "that did not work out" in visible(_answers(world, root)[0])
    no_code_words(world)


async def test_deeper_runs_the_agent_on_top_in_the_same_thread_once_however_often_it_is_pressed(world: World):
    async with world.bot():
        root, last = await _reported(world)
        for person in ("ada", "ada", "ben"):
            await world.slack.people.click(person, "research", last.ts, "research_deeper")
        await hears(world, "ben", "being researched already")
        await world.slack.until(
            lambda: sum(part_name(o) == "outcome.1" for o in world.thread(root)) == 2, timeout=60
        )

    research, deeper = world.gemini.creates
    assert (deeper.agent, deeper.request["previous_interaction_id"]) == (AGENT, research.id)
    assert deeper.request["agent_config"]["collaborative_planning"] is False
    assert "Go deeper than this report" in deeper.question
    assert len(world.roots()) == 1
    assert any("deeper, for Ada" in visible(one) for one in world.thread(root))
    no_code_words(world)


async def test_run_again_asks_the_same_in_a_new_thread_and_again_only_when_that_has_ended(world: World):
    async with world.bot():
        _, last = await _reported(world)
        for _ in range(2):
            await world.slack.people.click("ada", "research", last.ts, "research_again")
        second = await world.root(1)
        await world.outcome(second)
        await whole_report(world, second, 1)
        await world.slack.people.click("ada", "research", last.ts, "research_again")
        await world.root(2)
        await runs(world, 3)

    assert [one.question for one in world.gemini.creates] == [QUESTION] * 3
    assert all("previous_interaction_id" not in one.request for one in world.gemini.creates)
    no_code_words(world)


async def test_a_report_of_a_direct_message_is_shared_to_a_channel_once_in_the_asker_s_name(world: World):
    async with world.bot() as running:
        dm = world.slack.workspace.dm("ada").id
        await world.ask(QUESTION, channel=dm)
        await world.slack.until(lambda: direct_roots(world))
        root = direct_roots(world)[0]
        await _settled(world, root)
        last = next(one for one in world.thread(root) if "Share to channel…" in _buttons(one))
        told = []
        for channel in ("C0RESEARCH", "C0RESEARCH"):
            await world.slack.people.click("ada", dm, last.ts, "research_share")
            told.append(await world.slack.people.submit_view("ada", {"channel": {"channel": channel}}))
            await world.slack.people.close_view("ada")
        shared = await world.root()
        await whole_report(world, shared)
        foreign = await running.bench.ledger.of_thread(TEAM, root.channel, root.ts)
        refused = await Conversation(running.bench).share(foreign, TEAM, "U0BEN", "C0RESEARCH")
        await _follow_up(running, shared, "And what do they cost?", "m1", person="U0BEN")
        await _answered(world, shared)

    assert "Shared to" in str(told[0].payload)
    assert told[1].payload["errors"] == {"channel": "This report was shared there already."}
    assert "shares a report on" in visible(shared)
    assert "Ada" in visible(shared)
    assert not refused.done
    assert world.gemini.creates[1].request["previous_interaction_id"] == world.gemini.creates[0].id
    assert len(world.roots()) == 1
    assert not shared.notified
    no_code_words(world)
