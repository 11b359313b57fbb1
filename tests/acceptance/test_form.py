"""The form in a browser: from the bare command to an overview and its researches, and from a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.acceptance.test_demo import SOON, type_in_channel

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from bot.sandbox.slack import SimulatedSlack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def opened(page: Page) -> Locator:
    modal = page.get_by_test_id("view-modal")
    await expect(modal).to_be_visible(timeout=SOON)
    return modal


def question(modal: Locator) -> Locator:
    return modal.get_by_role("textbox", name="Question")


async def test_several_questions_from_the_form_over_the_overview_to_their_threads(
    page: Page, running_demo: SimulatedSlack
):
    await type_in_channel(page, "/research")
    modal = await opened(page)
    await page.get_by_test_id("view-submit").click()
    await expect(modal).to_contain_text("Please complete this required field")
    await question(modal).fill("What is gold for? demo:quick\n🎉")
    await page.get_by_test_id("view-submit").click()
    await expect(modal).to_contain_text("Line 2: I found no words", timeout=SOON)
    await question(modal).fill("What is gold for? demo:quick\nWhat is silver for? demo:quick")
    await page.get_by_test_id("view-submit").click()
    await expect(modal).to_contain_text("together $2–6", timeout=SOON)
    await page.get_by_role("button", name="Start 2 researches").click()

    await expect(modal).to_have_count(0, timeout=SOON)
    for metal in ("gold", "silver"):
        root = page.get_by_test_id("message").filter(has_text=f"What is {metal} for?")
        await expect(root).to_contain_text("Report ready", timeout=SOON)
    assert running_demo.ledger == []


async def test_a_message_is_researched_in_its_thread_by_its_shortcut(page: Page):
    await type_in_channel(page, "They say that gold is heavy.")
    message = page.get_by_test_id("message").filter(has_text="gold is heavy").first
    await message.hover()
    await message.get_by_role("button", name="Research this message").click()
    modal = await opened(page)
    await expect(question(modal)).to_have_value("They say that gold is heavy.")
    await question(modal).fill("How heavy is gold? demo:quick")
    await page.get_by_role("button", name="Start research").click()
    await message.get_by_test_id("reply-footer").click(timeout=SOON)

    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread).to_contain_text("How heavy is gold?", timeout=SOON)
    await expect(thread).to_contain_text("your report is ready", timeout=SOON)


async def test_the_global_shortcut_proposes_the_channel_that_is_open(page: Page):
    await page.get_by_test_id("channel-composer-shortcuts").click()
    await page.get_by_role("menuitem", name="New research").click()
    modal = await opened(page)

    await expect(modal.get_by_role("combobox", name="Conversation")).to_have_value("C0RESEARCH")
    await expect(modal).to_contain_text("Questions go to Google")


async def test_a_mention_is_answered_in_its_thread_and_the_same_question_again_is_offered_what_is_there(
    page: Page, running_demo: SimulatedSlack
):
    await type_in_channel(page, "@Deep Research How heavy is gold? demo:quick")
    mention = page.get_by_test_id("message").filter(has_text="How heavy is gold?").first
    await mention.get_by_test_id("reply-footer").click(timeout=SOON)
    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread).to_contain_text("your report is ready", timeout=SOON)
    await page.locator("label.person", has_text="Ben").click()
    await type_in_channel(page, "/research how heavy is gold demo:quick")
    offer = page.get_by_test_id("message").filter(has_text="Ada asked the same question").last
    await expect(offer.get_by_role("link", name="Read the report")).to_be_visible(timeout=SOON)
    await offer.get_by_role("button", name="Research it anyway").click()

    own = page.get_by_test_id("message").filter(has_text="Ben asks")
    await expect(own).to_contain_text("Report ready", timeout=SOON)
    assert running_demo.ledger == []


async def test_the_messages_tab_suggests_and_answers_in_the_thread_of_the_message(page: Page):
    await page.get_by_test_id("channel-link").filter(has_text="Deep Research").click()
    await page.get_by_test_id("prompt").first.click()
    composer = page.get_by_test_id("channel-composer")
    await expect(composer).to_have_value(
        "Compare the leading open-source vector databases for a corpus of 50 million documents."
    )
    await composer.press("Enter")
    message = page.get_by_test_id("message").filter(has_text="Compare the leading").first
    await message.get_by_test_id("reply-footer").click(timeout=SOON)

    thread = page.get_by_role("complementary", name="Thread")
    await expect(thread).to_contain_text("your report is ready", timeout=SOON)
