"""The whole product in a browser: ask, watch, stop, read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

    from bot.sandbox.slack import SimulatedSlack

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

SOON = 20_000
"""Milliseconds that a simulated research may take here."""


async def type_in_channel(page: Page, words: str) -> None:
    composer = page.get_by_test_id("channel-composer")
    await composer.fill(words)
    await composer.press("Enter")


async def open_thread(page: Page, question: str) -> Locator:
    footer = page.get_by_test_id("reply-footer")
    message = page.get_by_test_id("message").filter(has_text=question).filter(has=footer).last
    await message.get_by_test_id("reply-footer").click(timeout=SOON)
    return page.get_by_role("complementary", name="Thread")


async def test_a_newcomer_asks_watches_and_reads_the_cited_report(page: Page, running_demo: SimulatedSlack):
    await type_in_channel(page, "/research Compare vector databases for a 50M-document corpus")
    thread = await open_thread(page, "Compare vector databases")

    plan = thread.get_by_test_id("plan")
    await expect(plan).to_contain_text("Clarifying the requirement", timeout=SOON)
    await expect(plan).to_contain_text("Worked for", timeout=SOON)
    await expect(thread).to_contain_text("your report is ready", timeout=SOON)
    await expect(thread.get_by_role("table").first).to_contain_text("pgvector", timeout=SOON)
    await expect(thread.get_by_text(re.compile(r"^\[\d+\]")).first).to_have_attribute(
        "href", re.compile("^https://")
    )
    assert running_demo.ledger == []


async def test_a_research_is_cancelled_while_another_one_is_read(page: Page):
    await type_in_channel(page, "/research Something that takes long demo:slow")
    await type_in_channel(page, "/research How do heat pumps do in old buildings? demo:quick")
    thread = await open_thread(page, "takes long")

    await thread.get_by_role("button", name="Cancel").click(timeout=SOON)
    dialog = page.get_by_test_id("confirm-dialog")
    await expect(dialog).to_contain_text("Stop this research?")
    await dialog.get_by_role("button", name="Stop research").click()

    await expect(thread).to_contain_text("your research is stopped", timeout=SOON)
    await expect(thread.get_by_test_id("plan")).to_contain_text("Stopped after", timeout=SOON)
    await expect(thread.get_by_text("Stopped by")).to_be_visible(timeout=SOON)
    await expect(thread.get_by_role("button", name="Cancel")).to_have_count(0)

    other = await open_thread(page, "heat pumps")
    await expect(other).to_contain_text("your report is ready", timeout=SOON)
    await expect(other).to_contain_text("Sources", timeout=SOON)


async def test_a_colleague_may_not_stop_it_and_an_admin_may(page: Page):
    await type_in_channel(page, "/research Whose is this? demo:slow")
    await page.locator("label.person", has_text="Ben").click()
    thread = await open_thread(page, "Whose is this?")
    await thread.get_by_role("button", name="Cancel").click(timeout=SOON)
    await page.get_by_test_id("confirm-dialog").get_by_role("button", name="Stop research").click()
    await expect(thread).to_contain_text("who asked, and this workspace’s admins can stop", timeout=SOON)

    await page.locator("label.person", has_text="Cleo").click()
    await type_in_channel(page, "/research-status")
    listed = page.get_by_test_id("message").filter(has_text="Researches of this workspace").last
    await expect(listed).to_contain_text("Whose is this?", timeout=SOON)
    await listed.get_by_role("button", name="Cancel").click()
    await page.get_by_test_id("confirm-dialog").get_by_role("button", name="Stop research").click()
    thread = await open_thread(page, "Whose is this?")
    await expect(thread).to_contain_text("your research is stopped", timeout=SOON)
