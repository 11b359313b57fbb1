"""Wire conformance: what the official SDK sends we send, and what it reads in verified answers we read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import httpx2
import pytest
from google.genai._gaos.types.interactions import Interaction

from bot.errors import (
    GeminiBusy,
    GeminiNotFound,
    GeminiRefused,
    GeminiUncertain,
    NoAccess,
    NoCredit,
    UnknownAgent,
    WrongKey,
)
from bot.gemini import answers, requests
from bot.gemini.client import GeminiClient
from bot.gemini.requests import AgentConfig, Kind, Request
from bot.gemini.wire import snapshot
from bot.ports import Order

FACTS = Path(__file__).parent / "gemini"
RUN = "v1_ChdxVERfa0ItNzAtWFNYNnBFUmtlNnpPOBIXcVREX2tCLTcwLVhTWDZwRVJrZTZ6Tzg"
AGENT, MODEL = "deep-research-preview-04-2026", "gemini-3.8-flash"
KEY = "test-key-0123456789"
QUESTION = "Research solid-state batteries."
RESPONSES = sorted((FACTS / "responses").glob("[cg]*.json"))
PHASES = {"completed": "completed", "cancelled": "stopped", "in_progress": "alive", "queued": "alive"}


def read(folder, name):
    return json.loads((FACTS / folder / f"{name}.json").read_text(encoding="utf-8"))


class Recorder:
    """Answers every request with what is given, and remembers what came."""

    def __init__(self, *answers_):
        self.requests = []
        self._answers = list(answers_)

    async def __call__(self, request):
        await request.aread()
        self.requests.append(request)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return httpx2.Response(**answer)

    def client(self, version="v1"):
        transport = httpx2.MockTransport(self)
        return GeminiClient("https://generativelanguage.googleapis.com", version, KEY, transport=transport)


def answering(name):
    return {"status_code": 200, "json": read("responses", name)}


def streaming(content, **headers):
    headers = {"content-type": "text/event-stream", **headers}
    return {"status_code": 200, "stream": httpx2.ByteStream(content), "headers": headers}


def sse(name):
    return streaming((FACTS / "sse" / f"{name}.sse").read_bytes())


CREATED = answering("create_agent_in_progress")
ALL_OPTIONS = Request(
    Kind.AGENT,
    "deep-research-max-preview-04-2026",
    [
        {
            "type": "user_input",
            "content": [
                {"type": "text", "text": QUESTION},
                {"type": "document", "uri": "https://example.com/a.pdf", "mime_type": "application/pdf"},
            ],
        }
    ],
    AgentConfig("auto", "off", collaborative_planning=True),
    tools=[
        {"type": "google_search"},
        {"type": "url_context"},
        {"type": "code_execution"},
        {
            "type": "mcp_server",
            "name": "docs",
            "url": "https://mcp.example.com/mcp",
            "headers": {"Authorization": "Bearer X"},
            "allowed_tools": [{"mode": "auto", "tools": ["search"]}],
        },
    ],
    webhook_uris=["https://hooks.example.com/gemini"],
    user_metadata={"job_id": "job-42"},
)
MODEL_OPTIONS = Request(
    Kind.MODEL,
    MODEL,
    "Give me a fun fact about hummingbirds.",
    system_instruction="Be concise.",
    service_tier="flex",
    generation_config={
        "max_output_tokens": 2048,
        "seed": 1,
        "thinking_level": "low",
        "thinking_summaries": "auto",
    },
    response_format={
        "type": "text",
        "mime_type": "application/json",
        "schema": {"type": "object", "properties": {"fact": {"type": "string"}}},
    },
)


def starting(request):
    async def call(client):
        async with client.start(request):
            pass

    return call


async def listened(client, after=None):
    async with client.listen(RUN, after) as signals:
        return [signal async for signal in signals]


SAME = {
    "01_create_deep_research": (starting(Order(QUESTION, AGENT, streamed=False)), CREATED),
    "02_create_deep_research_all_options": (starting(ALL_OPTIONS), CREATED),
    "03_create_model": (starting(MODEL_OPTIONS), answering("create_model_completed")),
    "04_create_with_previous_interaction_id": (
        starting(requests.question("Elaborate on the second point.", MODEL, previous_interaction_id=RUN)),
        answering("create_followup_completed"),
    ),
    "05_create_approve_plan": (starting(requests.approve(AGENT, RUN, words="Plan looks good!")), CREATED),
    "06_create_stream": (starting(Order("x", AGENT)), sse("deep_research_full_post")),
    "07_get": (lambda client: client.fetch(RUN), answering("get_completed_deep_research")),
    "09_get_stream": (listened, sse("deep_research_full_get")),
    "10_get_stream_last_event_id": (
        lambda client: listened(client, "evt_000009"),
        sse("deep_research_resume_after_evt_000009"),
    ),
    "11_cancel": (lambda client: client.cancel(RUN), answering("cancel_cancelled")),
    "12_delete": (lambda client: client.delete(RUN), answering("delete_ok")),
    "13_create_deep_research_v1beta": (starting(Order("x", AGENT, streamed=False)), CREATED),
}


@pytest.mark.parametrize("name", sorted(SAME))
async def test_a_request_is_the_one_that_the_official_sdk_sends(name):
    call, answer = SAME[name]
    recorded = read("requests", name)
    recorder = Recorder(answer)
    async with recorder.client(recorded["path"].split("/")[1]) as client:
        await call(client)
    [sent] = recorder.requests
    expected = dict(recorded["body"] or {})
    if name.startswith("02"):  # the SDK does not see that these exclude each other
        expected["tools"] = [tool for tool in expected["tools"] if tool["type"] != "file_search"]
    if name.startswith("13"):
        expected["agent_config"] = {"type": "deep-research", "thinking_summaries": "auto"}

    assert (sent.method, sent.url.path) == (recorded["method"], recorded["path"])
    assert dict(sent.url.params) == recorded["query"]
    assert (json.loads(sent.content) if sent.content else {}) == expected
    assert sent.headers["x-goog-api-key"] == KEY
    assert sent.headers["accept"] == recorded["headers"]["accept"]
    if sent.method == "POST":
        assert int(sent.headers["content-length"]) == len(sent.content)
    assert KEY not in str(sent.url)


async def test_an_answer_in_pieces_is_continued_as_the_official_sdk_does_it():
    recorded = read("requests", "17_create_model_automatic_continuation")
    recorder = Recorder(answering("create_requires_continuation"), answering("create_model_completed"))
    async with recorder.client() as client:
        answer = await answers.ask(client, requests.question("Write a very long text.", MODEL))

    assert [json.loads(sent.content) for sent in recorder.requests] == [one["body"] for one in recorded]
    assert answer.findings.text == "part one Hummingbirds can fly backwards."
    assert answer.status == "completed"


@pytest.mark.parametrize("path", RESPONSES, ids=lambda path: path.stem)
def test_a_verified_response_has_the_facts_that_the_official_sdk_sees(path):
    body = path.read_bytes()
    theirs, ours = Interaction.model_validate_json(body), snapshot(body)
    usage = theirs.usage

    assert (ours.interaction_id, ours.status) == (theirs.id, theirs.status)
    assert ours.phase == PHASES.get(theirs.status, "alive" if "continuation" in theirs.status else "broken")
    assert ours.findings.text == (theirs.output_text or "")
    assert (ours.usage is None) == (usage is None)
    if ours.usage and usage:
        assert ours.usage.total_tokens == usage.total_tokens
        assert ours.usage.input_tokens == usage.total_input_tokens
        assert ours.usage.output_tokens == usage.total_output_tokens
        assert ours.usage.thought_tokens == usage.total_thought_tokens
    assert [thought.text for thought in ours.thoughts] == [
        part.text for step in theirs.steps or [] if step.type == "thought" for part in step.summary or []
    ]
    assert ours.raw == body


@pytest.mark.parametrize("path", RESPONSES, ids=lambda path: path.stem)
def test_citations_cover_the_same_text_as_the_sdks_byte_offsets(path):
    body = path.read_bytes()
    theirs, ours = Interaction.model_validate_json(body), snapshot(body)
    covered = [
        (part.text.encode()[note.start_index : note.end_index].decode(), note.url, note.title)
        for step in theirs.steps or []
        if step.type == "model_output"
        for part in step.content or []
        if part.type == "text"
        for note in part.annotations or []
    ]

    found = ours.findings
    assert [(found.text[c.start : c.end], c.url, c.title) for c in found.citations] == covered


def test_the_recorded_report_has_its_picture_behind_its_text():
    found = snapshot((FACTS / "responses" / "get_completed_deep_research.json").read_bytes()).findings

    assert [(picture.position, picture.mime_type) for picture in found.pictures] == [
        (len(found.text), "image/png")
    ]
    assert found.pictures[0].data.startswith(b"\x89PNG")
    assert [found.text[c.start : c.end] for c in found.citations] == [
        "[cite: 1, 2]",
        "[cite: 1, 2]",
        "[cite: 3]",
    ]


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("get_failed", "api_error: An internal error has occurred."),
        ("get_failed_no_error", ""),
        ("get_failed_output_step_error", "13: Internal error"),
        ("get_incomplete", ""),
        ("get_budget_exceeded", ""),
        ("get_requires_action", ""),
    ],
)
def test_recorded_failures_say_why_where_they_do(name, trouble):
    found = snapshot((FACTS / "responses" / f"{name}.json").read_bytes())

    assert (found.phase, found.trouble) == ("broken", trouble)


ERRORS = {
    "400_cancel_not_running": (GeminiRefused, GeminiRefused, None),
    "400_invalid_request": (GeminiRefused, GeminiRefused, None),
    "400_parameter_unknown": (GeminiRefused, GeminiRefused, None),
    "400_store_required": (GeminiRefused, GeminiRefused, None),
    "401_authentication": (WrongKey, WrongKey, None),
    "402_payment_required": (NoCredit, NoCredit, None),
    "403_permission_denied": (NoAccess, NoAccess, None),
    "404_model_not_found": (UnknownAgent, GeminiNotFound, None),
    "404_not_found": (UnknownAgent, GeminiNotFound, None),
    "409_aborted": (GeminiRefused, GeminiRefused, None),
    "429_grpc_resource_exhausted": (GeminiBusy, GeminiBusy, 7.0),
    "429_quota_exceeded": (GeminiBusy, GeminiBusy, None),
    "429_rate_limit_exceeded": (GeminiBusy, GeminiBusy, 1.0),
    "500_api_error": (GeminiUncertain, GeminiUncertain, None),
    "501_unimplemented": (GeminiUncertain, GeminiUncertain, None),
    "502_html": (GeminiUncertain, GeminiUncertain, None),
    "503_service_unavailable": (GeminiUncertain, GeminiUncertain, 1.0),
    "504_deadline_exceeded": (GeminiUncertain, GeminiUncertain, None),
}


def test_every_recorded_error_is_tried():
    assert sorted(ERRORS) == sorted(path.stem for path in (FACTS / "errors").glob("*.json"))


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize("form", ["as recorded", "in a list"])
@pytest.mark.parametrize("name", sorted(ERRORS))
async def test_a_recorded_error_is_raised_as_its_class(name, form, streamed):
    recorded = read("errors", name)
    at_create, of_an_id, wait = ERRORS[name]
    body = recorded.get("body_text") or json.dumps(
        [recorded["body"]] if form == "in a list" else recorded["body"]
    )
    recorder = Recorder(
        {"status_code": recorded["status"], "headers": recorded["headers"], "content": body.encode()}
    )
    async with recorder.client() as client:
        with pytest.raises(at_create) as refused:
            await starting(Order("x", AGENT, streamed=streamed))(client)
        with pytest.raises(of_an_id):
            await client.fetch(RUN)
        with pytest.raises(of_an_id):
            await listened(client)

    message = recorded["body"]["error"]["message"] if "body" in recorded else "Error 502 (Server Error)!!1"
    assert (refused.value.detail, refused.value.status) == (message, recorded["status"])
    assert refused.value.retry_after == wait
    assert type(refused.value) is at_create
    assert len(recorder.requests) == 3


async def test_a_json_answer_to_a_streamed_create_is_accepted():
    async with Recorder(CREATED).client() as client, client.start(Order("x", AGENT)) as (found, signals):
        assert found == RUN
        assert [signal async for signal in signals] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"data: {}\n\n", b"<html>", b"\xff\xfe\x00", b'data: {"event_type":"step.start"}\n\n',
     b'event: error\ndata: {"event_type":"error","error":{"code":"api_error","message":"no"}}\n\n',
     b'[{"error":{"code":504,"message":"late","status":"DEADLINE_EXCEEDED"}}]', b"data: [DONE]\n\n"],
)  # fmt: skip
async def test_a_stream_that_names_no_interaction_is_uncertain(content):
    answer = streaming(content)
    recorder = Recorder(answer)
    async with recorder.client() as client:
        with pytest.raises(GeminiUncertain):
            await starting(Order("x", AGENT))(client)

    assert len(recorder.requests) == 1


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": "rate_limit_exceeded", "message": "slow"}, GeminiBusy),
        ({"code": "model_not_found", "message": "gone"}, UnknownAgent),
        ({"code": "authentication", "message": "who"}, WrongKey),
        ({"code": "invalid_request", "message": "what"}, GeminiRefused),
        ({"code": 402, "message": "pay"}, NoCredit),
        ({"code": "api_error", "message": "oh"}, GeminiUncertain),
    ],
)
async def test_an_error_event_before_the_id_is_like_the_status(error, kind):
    empty = b'event: error\ndata: {"event_type":"error","error":{}}\n\n'
    event = json.dumps({"event_type": "error", "error": error}).encode()
    content = empty + b"event: error\ndata: " + event + b"\n\n"
    answer = streaming(content)
    async with Recorder(answer).client() as client:
        with pytest.raises(kind) as refused:
            await starting(Order("x", AGENT))(client)

    assert type(refused.value) is kind
    assert refused.value.detail == error["message"]


async def test_a_stream_may_come_packed():
    content = (FACTS / "sse" / "deep_research_full_get.sse").read_bytes()
    async with Recorder(
        streaming(content), streaming(gzip.compress(content), **{"content-encoding": "gzip"})
    ).client() as client:
        plain, packed = await listened(client), await listened(client)

    assert packed == plain != []


@pytest.mark.parametrize("path", sorted((FACTS / "sse").glob("*.sse")), ids=lambda path: path.stem)
async def test_a_recorded_stream_just_ends_whatever_its_end(path):
    async with Recorder(sse(path.stem)).client() as client:
        signals = await listened(client)

    assert signals
