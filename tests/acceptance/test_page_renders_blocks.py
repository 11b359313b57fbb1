"""The demo's page in a real browser: every block an app sends is drawn, safely, and redrawing takes nothing from the reader."""

from __future__ import annotations

import aiohttp
import pytest
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack import SimulatedSlack

pytestmark = pytest.mark.browser

RESEARCH = "C0RESEARCH"


def plain(text):
    return {"type": "plain_text", "text": text}


def mrkdwn(text):
    return {"type": "mrkdwn", "text": text}


def words(text, **style):
    return {"type": "text", "text": text, "style": style} if style else {"type": "text", "text": text}


def rich(*elements):
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def rich_list(style, *items, **more):
    sections = [{"type": "rich_text_section", "elements": [words(item)]} for item in items]
    return {"type": "rich_text_list", "style": style, "elements": sections, **more}


def plan(title, **statuses):
    tasks = [
        {"task_id": name, "title": f"Step {name}", "status": status, "details": rich(words(f"about {name}"))}
        for name, status in statuses.items()
    ]
    tasks[0]["output"] = rich(words("Found two sources"))
    tasks[0]["sources"] = [{"type": "url", "url": "https://www.example.com/a", "text": "Example"}]
    return {"type": "plan", "block_id": "plan", "title": title, "tasks": tasks}


def confirmation(title, text, confirm, deny):
    return {"title": plain(title), "text": plain(text), "confirm": plain(confirm), "deny": plain(deny)}


def button(action_id, text, **more):
    return {"type": "button", "action_id": action_id, "text": plain(text), "value": "r1", **more}


@pytest.fixture
async def slack():
    async with SimulatedSlack.serve() as server:
        server.strict_limits = False
        yield server


@pytest.fixture
async def app(slack):
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(slack.bot_token, slack.api_url, session=session, retry_handlers=[])


@pytest.fixture
async def page(slack, browser):
    """The page as Ada sees it; an error in its scripts, or a breach of its CSP, fails the test."""
    opened = await browser.new_page(viewport={"width": 1280, "height": 900}, timezone_id="UTC")
    problems = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if "Security Policy" in line.text else None)
    await opened.goto(slack.url)
    await expect(opened.locator("#channel-title")).to_have_text("research")
    yield opened
    await opened.close()
    assert problems == []


async def posted(app, page, *blocks, text="posted", **more):
    """Posts a message and gives its place on the page."""
    answer = await app.chat_postMessage(channel=RESEARCH, text=text, blocks=list(blocks), **more)
    where = page.get_by_test_id("thread-messages" if more else "channel-messages")
    message = where.locator(f'[data-testid="message"][data-ts="{answer["ts"]}"]')
    await expect(message).to_be_visible()
    return message


async def test_mrkdwn_is_drawn_with_its_marks_mentions_and_entities(app, page):
    text = "*bold* _it_ ~gone~ `code` <https://example.com/a|a link> <@U0BEN> <#C0GENERAL> a &lt;b&gt; &amp;amp;\n&gt; quoted"
    message = await posted(app, page, {"type": "section", "text": mrkdwn(text)})

    await expect(message.locator("strong")).to_have_text("bold")
    await expect(message.locator("em")).to_have_text("it")
    await expect(message.locator("s")).to_have_text("gone")
    await expect(message.locator("code")).to_have_text("code")
    await expect(message.get_by_role("link", name="a link")).to_have_attribute(
        "href", "https://example.com/a"
    )
    await expect(message.get_by_text("@Ben")).to_be_visible()
    await expect(message.get_by_role("link", name="#general")).to_be_visible()
    await expect(message.get_by_text("a <b> &amp;")).to_be_visible()
    await expect(message.locator("blockquote")).to_have_text("quoted")


async def test_rich_text_keeps_lists_code_and_styles(app, page):
    block = rich(
        words("strong", bold=True), {"type": "user", "user_id": "U0CLEO"}, {"type": "emoji", "name": "tada"}
    )
    block["elements"] += [
        rich_list("ordered", "one", "two"),
        rich_list("bullet", "nested", indent=1),
        rich_list("ordered", "three", offset=2),
        {"type": "rich_text_preformatted", "language": "python", "elements": [words("print(1)\nprint(2)")]},
        {"type": "rich_text_quote", "elements": [words("said")]},
    ]
    message = await posted(app, page, block)

    await expect(message.locator("strong")).to_have_text("strong")
    await expect(message.get_by_text("@Cleo")).to_be_visible()
    await expect(message.get_by_role("img", name=":tada:")).to_have_text("🎉")
    await expect(message.locator("ol").nth(1)).to_have_attribute("start", "3")
    await expect(message.locator("ul.indent-1 li")).to_have_text("nested")
    await expect(message.locator("pre[data-language=python] br")).to_have_count(1)
    await expect(message.locator("blockquote")).to_have_text("said")


async def test_a_markdown_report_becomes_headings_lists_tables_and_numbered_links(app, page):
    report = (
        "## Summary\n\nIt **works** [1](https://example.com/one).\n\n1. first\n   - inner\n2. second\n\n"
        "| Name | Number |\n|:--|--:|\n| a \\| b | 12 |\n\n- [x] done\n\n```python\nx = '<b>'\n```\n\n> quoted\n"
    )
    message = await posted(app, page, {"type": "markdown", "text": report})

    await expect(message.get_by_role("heading", name="Summary")).to_be_visible()
    await expect(message.get_by_role("link", name="1")).to_have_attribute("href", "https://example.com/one")
    await expect(message.locator("ol > li")).to_have_count(2)
    await expect(message.locator("ol ul li")).to_have_text("inner")
    await expect(message.get_by_role("cell", name="a | b")).to_be_visible()
    await expect(message.get_by_role("cell", name="12")).to_have_class("align-right")
    await expect(message.get_by_role("checkbox")).to_be_checked()
    await expect(message.locator("pre code")).to_have_text("x = '<b>'")
    await expect(message.locator("blockquote")).to_have_text("quoted")


async def test_fields_headers_context_tables_and_pictures_are_drawn(app, page):
    rows = [
        [{"type": "raw_text", "text": f"Column {n}"} for n in range(8)],
        [
            rich(words("rich", bold=True)),
            *[{"type": "raw_text", "text": "a rather long cell"} for _ in range(7)],
        ],
    ]
    message = await posted(
        app,
        page,
        {"type": "header", "text": plain("A header")},
        {"type": "section", "fields": [mrkdwn("*State*\nRunning"), mrkdwn("*Cost*\n$2")]},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn("since <!date^1795368784^{date_num}|then>")]},
        {"type": "table", "rows": rows, "column_settings": [{"align": "center"}]},
        {"type": "image", "image_url": "https://127.0.0.1:9/none.png", "alt_text": "A chart"},
    )

    await expect(message.get_by_role("heading", name="A header")).to_be_visible()
    await expect(message.locator(".field")).to_have_count(2)
    await expect(message.locator("hr")).to_have_count(1)
    await expect(message.locator(".context-text time")).to_have_text("2026-11-22")
    await expect(message.get_by_role("columnheader")).to_have_count(8)
    await expect(message.locator("td strong")).to_have_text("rich")
    await expect(message.get_by_alt_text("A chart")).to_be_attached()
    await page.set_viewport_size({"width": 900, "height": 800})
    box = message.locator(".table-box")
    assert await box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_plan_shows_each_steps_state_and_its_sources(app, page):
    message = await posted(app, page, plan("Reading", a="complete", b="in_progress", c="pending", d="error"))

    await expect(message.get_by_test_id("plan").locator("> summary")).to_contain_text("Reading")
    for name in ("Complete", "Pending", "Failed"):
        await expect(message.locator(".task").get_by_role("img", name=name)).to_be_visible()
    await expect(message.get_by_text("about b")).to_be_visible()
    await expect(message.get_by_text("about a")).to_be_hidden()
    await message.get_by_text("Step a").click()
    await expect(message.get_by_text("Found two sources")).to_be_visible()
    await expect(message.get_by_role("link", name="Example")).to_have_attribute(
        "href", "https://www.example.com/a"
    )


async def test_a_block_that_the_page_does_not_know_is_named(slack, app, page):
    message = await posted(app, page, {"type": "divider"})
    stored = slack.workspace.messages(RESEARCH)[-1]
    stored.blocks = [
        {"type": "hologram", "block_id": "h"},
        {"type": "alert", "level": "warning", "text": mrkdwn("*careful*"), "block_id": "a"},
    ]
    slack.changed(stored)

    await expect(message.get_by_test_id("unsupported-block")).to_contain_text("Unsupported block: hologram")
    await expect(message.get_by_role("note")).to_have_text("careful")


async def test_nothing_that_was_written_becomes_html_or_a_script_link(app, page):
    evil = "<img src=x onerror=alert(1)> [click](javascript:alert(1)) <javascript:alert(1)|me>"
    message = await posted(
        app,
        page,
        {"type": "markdown", "text": evil},
        {"type": "section", "text": mrkdwn(evil.replace("<", "&lt;"))},
        rich(
            words("<script>alert(1)</script>"),
            {"type": "link", "url": "https://example.com", "text": "<b>ok</b>"},
        ),
    )

    await expect(message.locator("img, script, b")).to_have_count(0)
    await expect(message.get_by_role("link")).to_have_count(1)
    await expect(message.get_by_role("link")).to_have_text("<b>ok</b>")
    await expect(message.get_by_text("<script>alert(1)</script>")).to_be_visible()


async def test_an_update_keeps_what_the_reader_opened_typed_and_scrolled_to(app, page):
    root = await app.chat_postMessage(channel=RESEARCH, text="root")
    await app.chat_postMessage(channel=RESEARCH, thread_ts=root["ts"], text="line\n" * 80)
    card = await app.chat_postMessage(
        channel=RESEARCH,
        thread_ts=root["ts"],
        text="card",
        blocks=[plan("One", a="complete", b="in_progress")],
    )
    await page.get_by_test_id("reply-footer").click()
    thread = page.get_by_test_id("thread-pane")
    await thread.get_by_text("Step a").click()
    await page.get_by_test_id("thread-composer").press_sequentially("half a thought")
    scroller = page.locator("#thread-scroller")
    await scroller.evaluate("box => { box.scrollTop = 300; }")

    await app.chat_update(
        channel=RESEARCH, ts=card["ts"], text="card", blocks=[plan("Two", a="complete", b="complete")]
    )

    await expect(thread.locator(".plan-title")).to_have_text("Two")
    await expect(thread.locator("[data-task-id=a]")).to_have_attribute("open", "")
    await expect(page.get_by_test_id("thread-composer")).to_have_value("half a thought")
    await expect(page.get_by_test_id("thread-composer")).to_be_focused()
    assert await scroller.evaluate("box => box.scrollTop") == 300


async def test_a_button_with_a_confirmation_asks_first_and_escape_declines(app, page):
    confirm = confirmation("Stop this research?", "What was found is kept.", "Stop", "Keep going")
    actions = {"type": "actions", "elements": [button("cancel", "Cancel", confirm=confirm)]}
    message = await posted(app, page, actions)
    dialog = page.get_by_test_id("confirm-dialog")
    sent = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/click") else None)

    await message.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_contain_text("What was found is kept.")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(message.get_by_role("button", name="Cancel")).to_be_focused()
    assert sent == []

    await message.get_by_role("button", name="Cancel").click()
    async with page.expect_request("**/sandbox/click"):
        await dialog.get_by_role("button", name="Stop").click()
    body = sent[0].post_data_json
    assert (body["person"], body["action_id"], body["value"]) == ("U0ADA", "cancel", "r1")


async def test_a_form_insists_on_what_is_required(slack, app, page):
    ack = await slack.people.command("ada", "research", "/research")
    question = {"type": "plain_text_input", "action_id": "text", "multiline": True}
    blocks = [{"type": "input", "block_id": "q", "label": plain("Question"), "element": question}]
    view = {"type": "modal", "title": plain("New research"), "submit": plain("Start"), "blocks": blocks}
    await app.views_open(trigger_id=ack.sent["trigger_id"], view=view)
    form = page.get_by_test_id("view-modal")

    await form.get_by_role("button", name="Start").click()

    await expect(form.get_by_role("alert")).to_have_text("Please complete this required field.")
    await expect(form.get_by_label("Question")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(form).to_have_count(0)


async def test_a_mention_elsewhere_shows_a_badge_and_a_note_that_leads_there(app, page):
    root = await app.chat_postMessage(channel="C0GENERAL", text="root")
    await app.chat_postMessage(
        channel="C0GENERAL", thread_ts=root["ts"], text="<@U0ADA> your report is ready"
    )

    await expect(page.locator('a[data-channel="C0GENERAL"] .badge')).to_have_text("1")
    await page.get_by_test_id("toast").get_by_role("button", name="your report is ready").click()

    await expect(page.get_by_test_id("thread-pane")).to_contain_text("your report is ready")
    await expect(page.locator('a[data-channel="C0GENERAL"] .badge')).to_have_count(0)


async def test_only_the_person_meant_sees_an_ephemeral_and_may_dismiss_it(app, page):
    await app.chat_postEphemeral(channel=RESEARCH, user="U0ADA", text="between us")
    message = page.get_by_test_id("message").filter(has_text="between us")
    await expect(message).to_contain_text("Only visible to you")

    await message.get_by_test_id("dismiss").click()

    await expect(message).to_have_count(0)


async def test_the_status_line_and_the_native_stop_follow_the_thread(app, page):
    root = await app.chat_postMessage(channel=RESEARCH, text="root")
    await app.chat_postMessage(channel=RESEARCH, thread_ts=root["ts"], text="reply")
    await page.get_by_test_id("reply-footer").click()

    await app.assistant_threads_setStatus(channel_id=RESEARCH, thread_ts=root["ts"], status="is searching…")
    await expect(page.get_by_test_id("status-line")).to_contain_text("Deep Research is searching…")
    await expect(page.get_by_test_id("stop-button")).to_be_visible()

    await app.assistant_threads_setStatus(channel_id=RESEARCH, thread_ts=root["ts"], status="")
    await expect(page.get_by_test_id("status-line")).to_be_hidden()


async def test_on_a_small_screen_the_thread_takes_over(app, page):
    root = await app.chat_postMessage(channel=RESEARCH, text="root")
    await app.chat_postMessage(channel=RESEARCH, thread_ts=root["ts"], text="reply")
    await page.set_viewport_size({"width": 400, "height": 760})

    await page.get_by_test_id("reply-footer").click()
    await expect(page.get_by_test_id("channel-pane")).to_be_hidden()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await page.get_by_role("button", name="Back to the channel").click()
    await expect(page.get_by_test_id("channel-pane")).to_be_visible()
