"""Asking: what people type, what they are told at once, and what is posted about it."""

from __future__ import annotations

import pytest

from tests.integration.kit import hears, no_code_words, pings, runs, told, whole_report
from tests.world import World, visible


@pytest.mark.parametrize("typed", ["help", "  HELP ", "max:"])
async def test_nothing_to_research_explains_the_commands(world: World, typed: str):
    async with world.bot():
        ack = await world.ask(typed)

    assert ack.acked
    assert "/research max: <question>" in told(world, "ada")[-1]
    assert "/research-status" in told(world, "ada")[-1]
    assert "$1–3" in told(world, "ada")[-1]
    assert not world.gemini.calls


async def test_list_alone_shows_my_researches_but_a_list_of_something_is_a_question(world: World):
    async with world.bot():
        await world.ask("list")
        none_yet = await hears(world, "ada", "none yet")
        await world.ask("list the moons of Jupiter demo:quick")
        root = await world.root()
        await world.outcome(root)
        await world.ask("list")
        mine = await hears(world, "ada", "1 in all")

    assert "Your researches" in none_yet
    assert "list the moons of Jupiter" in mine
    assert "Report ready" in mine


async def test_max_asks_the_thorough_agent_and_says_its_price(world: World):
    async with world.bot():
        await world.ask("max: How do glaciers move? demo:quick")
        root = await world.root()
        await world.outcome(root)

    assert world.gemini.creates[0].agent == "deep-research-max-preview-04-2026"
    assert world.gemini.creates[0].question.startswith("How do glaciers move?")
    assert "Deep Research Max" in visible(root)


async def test_quick_asks_the_model_with_a_web_search_and_shows_its_sources(world: World):
    async with world.bot(RESEARCH_MODEL="gemini-3.9-flash"):
        await world.ask("quick: How high is K2?")
        root = await world.root()
        await world.slack.until(
            lambda: world.said(root, "here is what I found") and world.said(root, "Sources")
        )

    asked = world.gemini.creates[0]
    answer = world.part(root, "answer.1")
    assert answer is not None
    assert (asked.agent, asked.model, asked.question) == (None, "gemini-3.9-flash", "How high is K2?")
    assert asked.request["tools"] == [{"type": "google_search"}]
    assert len(world.gemini.creates) == 1
    assert "Quick answer" in visible(root)
    assert "with 2 sources" in visible(answer)
    assert "The sources agree on this" in visible(answer)
    assert world.thread(root) == [answer]
    no_code_words(world)


@pytest.mark.parametrize("typed", ["plan: quick: a trip to the moon", "Quick:plan: a trip to the moon"])
async def test_a_quick_answer_with_a_plan_is_not_understood_and_spends_nothing(world: World, typed: str):
    async with world.bot():
        await world.ask(typed)
        said = await hears(world, "ada", "A quick answer has no plan")

    assert "Nothing was started" in said
    assert world.gemini.creates == []
    assert world.roots() == []


@pytest.mark.parametrize("typed", [":tada: :eyes:", "🎉🎉🎉", "?!… —"])
async def test_a_question_without_words_is_not_started_and_says_why(world: World, typed: str):
    async with world.bot():
        ack = await world.ask(typed)

    assert ack.acked
    said = told(world, "ada")[-1]
    assert "nothing was started" in said or "/research <question>" in said
    assert world.gemini.creates == []


async def test_a_question_of_ten_thousand_characters_reaches_gemini_whole_and_the_thread_shortened(
    world: World,
):
    question = "Why is it so? demo:quick " + "word " * 1995
    async with world.bot():
        await world.ask(question)
        root = await world.root()
        await world.outcome(root)

    assert world.gemini.creates[0].question.startswith(question.strip())
    assert len(visible(root)) < 4_000
    assert "…" in visible(root)


async def test_a_question_beyond_all_measure_is_refused_with_its_length(world: World):
    async with world.bot():
        await world.ask("x" * 20_001)

    assert "20,001 characters" in told(world, "ada")[-1]
    assert "Nothing was started" in told(world, "ada")[-1]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ما هي عاصمة فرنسا؟ demo:quick", "ما هي عاصمة فرنسا؟"),
        ("מה חדש? demo:quick", "מה חדש?"),
        ("evil \u202etxt.exe\u202c \x07bell \x00nul demo:quick", "evil txt.exe bell nul"),
        ("a\r\nb\u2028c demo:quick", "a\nb\nc"),
        ("What does `x < y && z > *w*` mean? ~_*demo:quick*_~", "`x < y && z > *w*`"),
    ],
)
async def test_whatever_the_script_or_the_characters_the_question_is_shown_and_asked(
    world: World, typed: str, shown: str
):
    async with world.bot():
        await world.ask(typed)
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)

    assert shown in visible(root)
    assert shown in world.gemini.creates[0].question
    no_code_words(world)


@pytest.mark.parametrize("should_escape", [True, False])
async def test_mentions_and_links_in_a_question_ping_nobody_and_link_nowhere(
    world: World, should_escape: bool
):
    world.slack.should_escape = should_escape
    async with world.bot():
        await world.ask("<!channel> @here @ben #general <!everyone> <https://evil.example|bank> demo:quick")
        root = await world.root()
        await world.outcome(root)
        await whole_report(world, root)

    assert pings(world) == [("outcome.1", {"U0ADA"})]
    assert "<!channel>" not in root.text
    assert not any(element["type"] == "link" for block in root.blocks for element in _elements(block))
    assert not root.mentions
    assert "https://evil.example" in world.gemini.creates[0].question


def _elements(block: dict) -> list[dict]:
    return [inner for outer in block.get("elements", []) for inner in outer.get("elements", [])]


async def test_a_hostile_report_pings_nobody(world: World):
    async with world.bot():
        await world.ask("Be evil demo:hostile demo:quick")
        root = await world.root()
        await world.outcome(root)
        await world.slack.until(lambda: world.said(root, "Sources"))

    assert pings(world) == [("outcome.1", {"U0ADA"})]


async def test_a_second_envelope_of_the_same_command_is_the_same_research(world: World):
    async with world.bot():
        world.slack.socket.duplicate_next(same_envelope=True)
        await world.ask("Once? demo:quick")
        await world.outcome(await world.root())
        world.slack.socket.duplicate_next()
        await world.ask("And this? demo:quick")
        await world.outcome(await world.root(1))

    assert len(world.gemini.creates) == 2
    assert len(world.roots()) == 2


async def test_a_guest_is_refused_privately_before_anything_is_posted_or_spent(world: World):
    async with world.bot():
        await world.ask("May I?", person="gus")
        said = await hears(world, "gus", "guests")

    assert "costs money" in said
    assert world.roots() == []
    assert world.gemini.creates == []
    no_code_words(world)


async def test_rights_that_slack_does_not_tell_are_denied_with_a_sentence(world: World):
    from bot.sandbox.slack import Fault

    world.slack.faults.add("users.info", Fault.error("user_not_found"))
    async with world.bot():
        await world.ask("May I? demo:quick")
        await hears(world, "ada", "Only members of this workspace")
        world.slack.faults.add("users.info", Fault.status(503), times=20)
        await world.ask("May I now? demo:quick", person="ben")
        said = await hears(world, "ben", "Slack did not tell")

    assert "Nothing was spent" in said
    assert world.gemini.creates == []
    no_code_words(world)


async def test_the_daily_quota_refuses_with_what_to_do(world: World):
    async with world.bot(RESEARCH_DAILY_PER_USER="1"):
        await world.ask("One demo:quick")
        await world.outcome(await world.root())
        await world.ask("Two demo:quick")
        said = await hears(world, "ada", "24 hours")
        await world.ask("Another person's demo:quick", person="ben")
        await world.outcome(await world.root(1))

    assert "Nothing was started" in said
    assert len(world.gemini.creates) == 2


async def test_the_monthly_budget_refuses_with_what_to_do(world: World):
    async with world.bot(RESEARCH_MONTHLY_BUDGET_USD="3"):
        await world.ask("One demo:quick")
        await world.outcome(await world.root())
        await world.ask("Two demo:quick")
        said = await hears(world, "ada", "budget")

    assert "Nothing was started" in said
    assert len(world.gemini.creates) == 1


async def test_the_second_of_one_at_a_time_waits_says_so_and_starts_by_itself(world: World):
    async with world.bot(RESEARCH_MAX_ACTIVE_PER_USER="1"):
        await world.ask("One")
        first = await world.root()
        await runs(world, 1)
        await world.ask("Two demo:quick")
        second = await world.root(1)
        await world.slack.until(lambda: "this one starts by itself" in visible(second))
        waited = len(world.gemini.creates)
        await world.outcome(first)
        await world.outcome(second)

    assert waited == 1
    assert len(world.gemini.creates) == 2
    no_code_words(world)


async def test_a_question_that_the_database_did_not_take_is_told_so(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    from bot.errors import StoreError

    async with world.bot() as running:

        async def full(_question: object) -> None:
            raise StoreError("OperationalError: disk full")

        with monkeypatch.context() as patched:
            patched.setattr(type(running.bench.ledger), "ask", lambda _self, question: full(question))
            await world.ask("Is there room?")
        said = await hears(world, "ada", "could not be written down")
        await world.ask("Is there room now? demo:quick")
        await world.outcome(await world.root())

    assert "nothing was started" in said
    assert "disk" not in said
