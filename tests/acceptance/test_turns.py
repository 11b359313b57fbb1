"""The whole conversation in a browser: a plan, changed and started, its report, a follow-up, deeper, and shared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.acceptance.test_demo import SOON, open_thread, type_in_channel

if TYPE_CHECKING:
    from playwright.async_api import Page

    from bot.sandbox.slack import SimulatedSlack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_a_plan_is_changed_and_started_and_its_report_is_asked_about_and_gone_deeper_into(
    page: Page, running_demo: SimulatedSlack
):
    await type_in_channel(page, "/research plan: How do heat pumps do in old buildings? demo:quick")
    thread = await open_thread(page, "heat pumps")
    await expect(thread).to_contain_text("Nothing is researched before you press Start", timeout=SOON)
    await thread.get_by_role("button", name="Change…").click()
    modal = page.get_by_test_id("view-modal")
    await modal.get_by_role("textbox").fill("Only Germany, please.")
    await page.get_by_test_id("view-submit").click()
    await expect(thread).to_contain_text("This plan was changed.", timeout=SOON)
    await expect(thread).to_contain_text("I have worked your remarks into the plan", timeout=SOON)

    await thread.get_by_role("button", name="Start").click(timeout=SOON)
    await expect(thread).to_contain_text("your report is ready", timeout=SOON)
    await thread.get_by_role("button", name="Run again").wait_for(timeout=SOON)
    composer = page.get_by_test_id("thread-composer")
    await composer.fill("@Deep Research What does it cost in Norway?")
    await composer.press("Enter")
    await expect(thread).to_contain_text("here is what I found", timeout=SOON)

    await thread.get_by_role("button", name="Research deeper").last.click()
    dialog = page.get_by_test_id("confirm-dialog")
    await expect(dialog).to_contain_text("usually 5–20 min, $1–3")
    await dialog.get_by_role("button", name="Research deeper").click()
    await expect(thread).to_contain_text("deeper, for Ada", timeout=SOON)
    assert running_demo.ledger == []


async def test_a_report_of_the_direct_message_is_shared_to_a_channel(
    page: Page, running_demo: SimulatedSlack
):
    await page.locator("#dms").get_by_text("Deep Research").first.click()
    await type_in_channel(page, "/research How do heat pumps do in old buildings? demo:quick")
    thread = await open_thread(page, "heat pumps")
    await thread.get_by_role("button", name="Share to channel…").click(timeout=SOON)
    modal = page.get_by_test_id("view-modal")
    await modal.locator("select").select_option(label="#vault")
    await page.get_by_test_id("view-submit").click()
    await expect(modal).to_contain_text(re.compile("cannot post there|You are not in"), timeout=SOON)
    await modal.locator("select").select_option(label="#research")
    await page.get_by_test_id("view-submit").click()
    await expect(modal).to_contain_text("in your name", timeout=SOON)
    await modal.get_by_role("button", name="Close").first.click()

    await page.locator("#channels").get_by_text("research").first.click()
    shared = await open_thread(page, "Ada shares a report on")
    await expect(shared).to_contain_text("Sources", timeout=SOON)
    assert running_demo.ledger == []
