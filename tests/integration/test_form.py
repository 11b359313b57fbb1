"""The form: opened by the bare command and both shortcuts, errors in it, one question and ten, submitted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.kit import direct_roots, hears, no_code_words, nothing_was_refused
from tests.world import World, visible

if TYPE_CHECKING:
    from bot.sandbox.slack import Ack


async def opened(world: World, person: str = "ada") -> dict[str, Any]:
    """The form that the person sees, once Slack shows it."""
    await world.slack.until(lambda: world.slack.people.view(person) is not None)
    view = world.slack.people.view(person)
    assert view is not None
    return view


async def fill(world: World, person: str = "ada", **fields: Any) -> Ack:
    """Submits the form with these fields, the others as they stand."""
    return await world.slack.people.submit_view(
        person, {name: {name: value} for name, value in fields.items()}
    )


def errors(ack: Ack) -> dict[str, str]:
    """What the form says is wrong, by field."""
    payload = ack.payload or {}
    return payload["errors"] if payload.get("response_action") == "errors" else {}


def words(view: dict[str, Any]) -> str:
    """All text of a view that a person reads."""
    return "\n".join(_texts([view["title"], view["blocks"], view.get("submit")]))


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [
            text for item in value.values() if isinstance(item, dict | list) for text in _texts(item)
        ]
    return []


async def test_the_bare_command_opens_a_form_that_becomes_a_research_here(world: World):
    async with world.bot():
        ack = await world.ask("")
        view = await opened(world)
        sent = await fill(world, question="How do glaciers move? demo:quick", depth="max")
        root = await world.root()
        await world.outcome(root)

    assert ack.acked
    assert sent.acked
    assert "$3–7" in words(view)
    assert "5–20 min" in words(view)
    assert "Google" in words(view)
    assert world.slack.people.view("ada") is None
    assert world.gemini.creates[0].agent == "deep-research-max-preview-04-2026"
    assert "How do glaciers move?" in visible(root)
    assert nothing_was_refused(world)
    no_code_words(world)


async def test_the_global_shortcut_opens_it_and_only_me_means_our_direct_message(world: World):
    async with world.bot():
        await world.slack.people.shortcut("ada", "research_new")
        await opened(world)
        nowhere = errors(await fill(world, question="Who sees this? demo:quick"))
        await fill(world, question="Who sees this? demo:quick", where="direct")
        await world.slack.until(lambda: len(direct_roots(world)) == 1)
        await world.outcome(direct_roots(world)[0])

    assert list(nowhere) == ["conversation"]
    assert world.roots() == []
    assert nothing_was_refused(world)


async def test_a_form_that_slack_opens_no_more_explains_itself_instead(world: World):
    from bot.sandbox.slack import Fault

    world.slack.faults.add("views.open", Fault.error("expired_trigger_id"))
    async with world.bot():
        await world.ask("")
        said = await hears(world, "ada", "/research <question>")

    assert "/research max: <question>" in said


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("   ", "write a question"),
        ("🎉🎉", "no words"),
        ("\n".join(f"Question {number}?" for number in range(11)), "at most 10"),
        ("What is gold?\n…\nWhat is silver?", "Line 2"),
    ],
)
async def test_what_is_wrong_with_the_question_is_said_in_the_form_and_nothing_starts(
    world: World, question: str, sentence: str
):
    async with world.bot():
        await world.ask("")
        await opened(world)
        wrong = errors(await fill(world, question=question))

    assert sentence in wrong["question"]
    assert world.slack.people.view("ada") is not None
    assert world.gemini.creates == []
    assert world.roots() == []


async def test_several_questions_start_only_after_their_total_was_seen(world: World):
    asked = "What is gold? demo:quick\n\nWhat is silver? demo:quick\nWhat is gold? demo:quick"
    async with world.bot():
        await world.ask("")
        await opened(world)
        await fill(world, question=asked)
        overview = await opened(world)
        before = len(world.gemini.creates), len(world.roots())
        await fill(world, depth="max")
        dearer = await opened(world)
        await fill(world)
        for number in range(2):
            await world.outcome(await world.root(number))

    assert before == (0, 0)
    assert "Start 2 researches?" in words(overview)
    assert "together $2–6" in words(overview)
    assert "What is silver?" in words(overview)
    assert "together $6–14" in words(dearer)
    assert sorted("gold" in visible(root) for root in world.roots()) == [False, True]
    assert sorted("silver" in visible(root) for root in world.roots()) == [False, True]
    assert len(world.gemini.creates) == 2


async def test_a_plan_is_shown_first_where_it_was_ticked_and_a_quick_answer_has_none(world: World):
    async with world.bot():
        await world.ask("")
        await opened(world)
        none = errors(await fill(world, question="How do glaciers move?", depth="quick", options=["plan"]))
        await fill(world, question="How do glaciers move? demo:quick", depth="standard", options=["plan"])
        root = await world.root()
        await world.slack.until(lambda: world.part(root, "proposal.1") is not None, timeout=30)

    assert "no plan" in none["options"]
    assert [one.request["agent_config"]["collaborative_planning"] for one in world.gemini.creates] == [True]


async def test_of_ten_questions_those_beyond_the_quota_are_named_and_the_others_start(world: World):
    asked = "\n".join(f"What is element {number}? demo:quick" for number in range(10))
    async with world.bot(RESEARCH_DAILY_PER_USER="7", RESEARCH_MAX_ACTIVE_PER_USER="0"):
        await world.ask("")
        await opened(world)
        await fill(world, question=asked)
        await fill(world)
        told_so = words(await opened(world))
        await world.root(6)
        await world.slack.people.close_view("ada")
        await world.ask("")
        await opened(world)
        none_left = errors(await fill(world, question="And one more?"))

    assert "7 of 10 started" in told_so
    assert "What is element 7?" in told_so
    assert "What is element 6?" not in told_so
    assert "24 hours" in told_so
    assert "24 hours" in none_left["question"]


async def test_a_submission_that_arrives_twice_is_one_research(world: World):
    async with world.bot():
        await world.ask("")
        await opened(world)
        world.slack.socket.duplicate_next()
        await fill(world, question="Once? demo:quick")
        await world.outcome(await world.root())
        await world.ask("And now? demo:quick")
        await world.outcome(await world.root(1))

    assert len(world.gemini.creates) == 2


async def test_a_private_channel_that_the_asker_is_not_in_is_closed_to_them(world: World):
    async with world.bot():
        await world.ask("", person="ben")
        await opened(world, "ben")
        await fill(world, "ben", question="What do they hide?", conversation="C0SECRET")
        direct = world.slack.workspace.dm("ben").id
        await world.slack.until(lambda: bool(world.slack.workspace.messages(direct)))
        said = visible(world.slack.workspace.messages(direct)[0])

    assert "not in that conversation" in said
    assert "What do they hide?" in said
    assert world.roots("C0SECRET") == []
    assert world.gemini.creates == []


async def test_a_message_becomes_a_question_that_is_answered_in_its_thread(world: World):
    async with world.bot():
        ts = await world.slack.people.say(
            "ben", "research", "Somebody says <https://x.example|gold> is heavy.\nHow heavy?"
        )
        await world.slack.people.shortcut("ada", "research_message", "research", ts)
        view = await opened(world)
        await fill(world, question="How heavy is gold? demo:quick")
        await world.slack.until(
            lambda: any("your report is ready" in visible(one) for one in replies(world, ts)), timeout=30
        )

    proposed = next(one for one in view["blocks"] if one["block_id"] == "question")["element"][
        "initial_value"
    ]
    assert proposed == "Somebody says https://x.example is heavy.\nHow heavy?"
    assert "How heavy is gold?" in visible(replies(world, ts)[0])
    assert [one for one in world.roots() if one.ts != ts] == []
    assert nothing_was_refused(world)


async def test_a_thread_holds_one_research_and_a_second_gets_its_own(world: World):
    async with world.bot():
        ts = await world.slack.people.say("ben", "research", "Gold.")
        for number in range(2):
            await world.slack.people.shortcut("ada", "research_message", "research", ts)
            await opened(world)
            await fill(world, question=f"How heavy, try {number}? demo:quick")
            await world.slack.until(lambda: world.slack.people.view("ada") is None)
        own = await world.root()
        await world.outcome(own)

    assert "try 1" in visible(own)
    assert any("try 0" in visible(one) for one in replies(world, ts))


def replies(world: World, ts: str, channel: str = "C0RESEARCH") -> list[Any]:
    """What stands under a message."""
    return world.slack.workspace.messages(channel, ts)[1:]
