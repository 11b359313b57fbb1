"""The Home tab in a browser: taught by example, asked from there, set, found again, and an admin's way into the console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.acceptance.test_demo import SOON

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from bot.sandbox.slack import SimulatedSlack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def home_of(page: Page, person: str) -> Locator:
    """The Home tab as a person sees it."""
    await page.locator("label.person", has_text=person).click()
    await page.get_by_test_id("channel-link").filter(has_text="Deep Research").click()
    await page.get_by_test_id("tab-home").click()
    return page.locator("#home-view")


async def test_a_person_asks_sets_stops_and_finds_again_and_an_admin_goes_on_in_the_console(
    page: Page, running_demo: SimulatedSlack
):
    home = await home_of(page, "Ada")
    await expect(home).to_contain_text("/research quick:", timeout=SOON)
    await home.get_by_role("combobox").select_option(label="Quick answer: usually 5–60 s, $0.01–0.10")
    await home.get_by_role("checkbox").check()
    await home.get_by_role("button", name="New research").click()
    modal = page.get_by_test_id("view-modal")
    await expect(modal.get_by_role("radio", name="Quick answer")).to_be_checked(timeout=SOON)
    await modal.get_by_role("radio", name="Standard").check()
    await modal.get_by_role("textbox", name="Question").fill("How heavy is gold?")
    await page.get_by_role("button", name="Start research").click()
    await expect(home.get_by_role("link", name="How heavy is gold?")).to_be_visible(timeout=SOON)
    await home.get_by_role("button", name="Cancel this research").click()
    await page.get_by_role("button", name="Stop research").click()
    await expect(home).to_contain_text("Nothing of yours runs or waits now", timeout=SOON)
    search = home.get_by_role("textbox", name="Search")
    await search.fill("silver")
    await search.press("Enter")
    await expect(home).to_contain_text("Nothing of yours holds “silver”", timeout=SOON)
    await search.fill("")
    await search.press("Enter")
    await expect(home.get_by_role("link", name="How heavy is gold?")).to_be_visible(timeout=SOON)
    await expect(home.get_by_role("checkbox")).to_be_checked()

    home = await home_of(page, "Cleo")
    await expect(home).to_contain_text("This workspace, for admins", timeout=SOON)
    await expect(home).not_to_contain_text("How heavy is gold?")  # it stands in Ada's direct message
    await home.get_by_role("button", name="All researches").click()
    await expect(modal).to_contain_text("Researches of this workspace", timeout=SOON)
    await modal.get_by_role("button", name="Details").click()
    await expect(modal).to_contain_text("Calls and cost", timeout=SOON)
    await expect(modal).not_to_contain_text("How heavy is gold?")
    assert running_demo.ledger == []
