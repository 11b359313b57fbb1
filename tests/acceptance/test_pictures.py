"""Every report of the corpus as a reader sees it, in the thread and as a web page: nothing cut off, no letter missing."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.report import Findings, Report, assemble, without_citations
from bot.sandbox.slack import SimulatedSlack
from bot.slack.export import to_html
from bot.slack.parts import Part, cut
from tests.unit.report_reading import expected_letters, letters, missing_letter, visible_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

CORPUS = sorted((Path(__file__).parent.parent / "corpus").glob("*.md"))
RESEARCH = "C0RESEARCH"
PICTURES = os.environ.get("TEST_PICTURES", "")
"""A folder for pictures of everything that is looked at, for people."""

LOOKED_AT = """
(root) => {
  const edge = root.getBoundingClientRect(), found = [];
  const scrolls = (el) => ["auto", "scroll"].includes(getComputedStyle(el).overflowX);
  const boxed = (el) => { for (let one = el.parentElement; one && one !== root; one = one.parentElement) if (scrolls(one)) return true; return false; };
  for (const el of root.querySelectorAll("*")) {
    const style = getComputedStyle(el), place = el.getBoundingClientRect();
    if (style.display === "none" || style.display === "inline" || !el.textContent.trim() || el.closest("[aria-hidden=true], .sr-only")) continue;
    const name = `${el.tagName.toLowerCase()}.${el.className}: ${el.textContent.trim().slice(0, 60)}`;
    if (["hidden", "clip"].includes(style.overflowX) && el.scrollWidth > el.clientWidth + 1) found.push(`cut off: ${name}`);
    if (!boxed(el) && (place.right > edge.right + 1 || place.left < edge.left - 1)) found.push(`sticks out: ${name}`);
  }
  return { words: root.innerText, found: found.slice(0, 5), wide: root.scrollWidth - root.clientWidth };
}
"""


def report(path: Path) -> Report:
    return assemble(Findings(path.read_bytes().decode()))


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of its own; what its console calls an error fails the test, and nothing may be asked for elsewhere."""
    opened = await browser.new_page(viewport={"width": 1440, "height": 900})
    errors: list[str] = []
    opened.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await opened.close()

    assert errors == []


async def looked_at(page: Page, selector: str, name: str, expected: str) -> list[str]:
    """What is wrong with the picture of one report."""
    seen = await page.locator(selector).evaluate(LOOKED_AT)
    if PICTURES:
        await page.locator(selector).screenshot(path=f"{PICTURES}/{name}.png")
    wrong = [f"{name}: {one}" for one in seen["found"]]
    if seen["wide"] > 1:
        wrong.append(f"{name}: {seen['wide']} pixels too wide")
    if (at := missing_letter(expected, letters(seen["words"]))) is not None:
        wrong.append(f"{name}: not there: …{expected[max(0, at - 30) : at + 10]}…")
    return wrong


async def test_every_report_is_whole_in_its_thread(page: Page):
    wrong: list[str] = []
    async with SimulatedSlack.serve() as slack, aiohttp.ClientSession() as session:
        slack.strict_limits = False
        app = AsyncWebClient(slack.bot_token, slack.api_url, session=session, retry_handlers=[])
        await page.goto(slack.url)
        for path in CORPUS:
            parts = [part for part in cut(report(path)) if isinstance(part, Part)]
            root = await app.chat_postMessage(channel=RESEARCH, text=path.stem)
            for part in parts:
                await app.chat_postMessage(
                    channel=RESEARCH, thread_ts=root["ts"], text=part.text, blocks=part.blocks
                )
            await page.goto(f"{slack.url}#/{RESEARCH}/{root['ts']}")
            thread = page.get_by_test_id("thread-messages")
            await expect(thread.get_by_test_id("message")).to_have_count(1 + len(parts))
            await expect(thread).to_contain_text(path.stem)
            expected = letters("".join(visible_text(part.blocks) for part in parts))
            wrong += await looked_at(page, "[data-testid=thread-messages]", f"thread-{path.stem}", expected)

    assert not wrong, "\n".join(wrong)


async def test_every_report_is_whole_as_a_web_page_on_any_screen_and_on_paper(page: Page):
    wrong: list[str] = []
    for path in CORPUS:
        made = report(path)
        expected = expected_letters(re.sub(r"(?i)<br\s*/?>", " ", without_citations(made.markdown)))
        await page.set_content(to_html(made, question="What is known?", about="Deep Research"))
        for name, width, media, scheme in (
            ("desk", 1440, "screen", "light"),
            ("phone", 360, "screen", "dark"),
            ("paper", 680, "print", "light"),
        ):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(media=media, color_scheme=scheme)
            wrong += await looked_at(page, "html", f"{name}-{path.stem}", expected)

    assert not wrong, "\n".join(wrong)
