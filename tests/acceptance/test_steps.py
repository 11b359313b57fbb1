"""A workflow's step in a browser, up to what came out of it; and what a reader says about the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.acceptance.test_demo import SOON, open_thread

if TYPE_CHECKING:
    from playwright.async_api import Page

    from bot.sandbox.slack import SimulatedSlack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_a_step_is_run_refused_to_a_guest_and_its_report_is_rated(
    page: Page, running_demo: SimulatedSlack
):
    await page.get_by_test_id("channel-composer-shortcuts").click()
    await page.get_by_role("menuitem", name=re.compile("Run deep research")).click()
    dialog = page.get_by_test_id("step-dialog")
    await dialog.get_by_label("Question").fill("How do heat pumps do in old buildings? demo:quick")
    await dialog.get_by_label("Requested by").select_option("U0GUS")
    await page.get_by_test_id("step-run").click()
    refused = page.get_by_test_id("step")
    await expect(refused).to_have_attribute("data-state", "failed", timeout=SOON)
    await expect(refused).to_contain_text("guests of this workspace cannot start one")

    await dialog.get_by_label("Requested by").select_option("U0ADA")
    await page.get_by_test_id("step-run").click()
    step = page.get_by_test_id("step").first
    await expect(step).to_have_attribute("data-state", "completed", timeout=SOON)
    await expect(step.get_by_test_id("step-link")).to_have_attribute(
        "href", re.compile("/archives/C0RESEARCH/")
    )
    await dialog.get_by_role("button", name="Close").click()

    thread = await open_thread(page, "heat pumps")
    await thread.get_by_role("button", name="This report was not useful").click(timeout=SOON)
    modal = page.get_by_test_id("view-modal")
    await modal.get_by_text("Something in it is wrong").click()
    await modal.get_by_role("textbox").fill("Not in my house.")
    await page.get_by_test_id("view-submit").click()
    await expect(thread).to_contain_text("Thank you. The admins of this bot can see it.", timeout=SOON)
    assert running_demo.ledger == []
