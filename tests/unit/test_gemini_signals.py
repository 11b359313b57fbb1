"""Recorded streams as signals, and the one promise: each thought once and in order, whatever the stream does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.interaction import Created, Ended, Phase, StatusChanged, StreamTrouble, TextGrew
from bot.domain.research import Thought
from bot.gemini.signals import Reader
from bot.gemini.sse import Decoder, Event

SSE = Path(__file__).parents[1] / "contract" / "gemini" / "sse"
RUN = "v1_ChdxVERfa0ItNzAtWFNYNnBFUmtlNnpPOBIXcVREX2tCLTcwLVhTWDZwRVJrZTZ6Tzg"


def event(**body):
    return Event("", json.dumps(body))


def signals_of(name):
    decoder, reader = Decoder(), Reader()
    signals = [
        signal for one in decoder.feed((SSE / f"{name}.sse").read_bytes()) for signal in reader.read(one)
    ]
    return [*signals, *reader.last_words(decoder.stray)]


def kinds(signals):
    return [type(signal).__name__ for signal in signals]


def test_a_deep_research_stream_tells_id_thoughts_text_and_end():
    signals = signals_of("deep_research_full_get")

    assert kinds(signals) == [
        "Created",
        "StatusChanged",
        "Thought",
        "Thought",
        "TextGrew",
        "TextGrew",
        "Ended",
    ]
    assert signals[0] == Created(RUN, "evt_000001")
    assert [(thought.key, thought.event_id) for thought in signals[2:4]] == [
        ("evt_000004",) * 2,
        ("evt_000006",) * 2,
    ]
    assert signals[2].text.startswith("**Generating research plan**")
    assert signals[-1].phase is Phase.COMPLETED
    assert (signals[-1].usage.total_tokens, signals[-1].usage.searches) == (1117031, 41)


def test_the_end_of_a_post_stream_may_lack_the_usage():
    assert signals_of("deep_research_full_post")[-1] == Ended(
        "completed", Phase.COMPLETED, None, "evt_000014"
    )


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("cancelled", Ended("cancelled", Phase.STOPPED)),
        ("failed", Ended("failed", Phase.BROKEN)),
        (
            "error_gateway_timeout",
            StreamTrouble("gateway_timeout", "Deadline expired before operation could complete."),
        ),
        (
            "error_gateway_timeout_no_done",
            StreamTrouble("gateway_timeout", "Deadline expired before operation could complete."),
        ),
        (
            "error_not_found",
            StreamTrouble("not_found", "Failed to get completed interaction: Result not found."),
        ),
        (
            "cut_600s_json_array",
            StreamTrouble("deadline_exceeded", "Deadline expired before operation could complete."),
        ),
    ],
)
def test_every_recorded_end_is_told(name, end):
    assert signals_of(name)[-1] == end


def test_a_model_stream_has_text_and_no_ids():
    signals = signals_of("model_stream")

    assert "".join(signal.text for signal in signals if isinstance(signal, TextGrew)) == (
        "Red flakes drift from the bridge’s spine."
    )
    assert {signal.event_id for signal in signals} == {None}


def test_a_model_stream_with_searches_ends_completed():
    assert kinds(signals_of("model_google_search_stream")) == ["Created", "TextGrew", "Ended"]


def test_a_stream_that_needs_an_action_is_broken():
    assert [signal.phase for signal in signals_of("requires_action_stream")[1:]] == [
        Phase.BROKEN,
        Phase.BROKEN,
    ]


def test_thoughts_without_ids_are_keyed_by_their_place():
    reader = Reader()
    delta = {"type": "thought_summary", "content": {"type": "text", "text": "t"}}
    events = [event(event_type="step.delta", index=index, delta=delta) for index in (0, 0, 2)]

    assert [signal.key for one in events for signal in reader.read(one)] == ["0.0", "0.1", "2.0"]


@pytest.mark.parametrize(
    "delta",
    [
        {"type": "thought_summary", "content": {"text": "hm"}},
        {"type": "thought_summary", "content": {"type": "text", "text": "hm"}},
        {"type": "thought_summary", "text": "hm"},
        {"type": "thought", "text": "hm"},
        {"text": "hm"},
    ],
)
@pytest.mark.parametrize("family", ["step", "content"])
def test_a_thought_is_known_in_every_form(delta, family):
    reader = Reader()
    part = "step" if family == "step" else "content"
    reader.read(
        Event("", json.dumps({"event_type": f"{family}.start", "index": 0, part: {"type": "thought"}}))
    )

    assert reader.read(event(event_type=f"{family}.delta", index=0, delta=delta)) == [Thought("0.0", "hm")]


def test_untyped_text_of_an_output_is_text():
    reader = Reader()
    reader.read(event(event_type="step.start", index=0, step={"type": "model_output"}))

    assert reader.read(event(event_type="step.delta", index=0, delta={"text": "a"})) == [TextGrew("a")]


@pytest.mark.parametrize(
    ("body", "signal"),
    [
        ({"event_type": "interaction.start", "interaction": {"id": "i"}}, Created("i")),
        (
            {"event_type": "interaction.complete", "interaction": {"status": "failed"}},
            Ended("failed", Phase.BROKEN),
        ),
        ({"event_type": "interaction.in_progress"}, StatusChanged("in_progress", Phase.ALIVE)),
        ({"event_type": "interaction.requires_action"}, StatusChanged("requires_action", Phase.BROKEN)),
        (
            {"event_type": "interaction.status_update", "status": "pondering"},
            StatusChanged("pondering", Phase.ALIVE),
        ),
        (
            {"event_type": "interaction.error", "error": {"code": 13, "message": "m"}},
            StreamTrouble("13", "m"),
        ),
        ({"event_type": "error", "error": {"code": "x"}}, StreamTrouble("x", "")),
    ],
)
def test_other_names_of_the_same_events(body, signal):
    assert Reader().read(event(**body)) == [signal]


@pytest.mark.parametrize(
    "body",
    [
        {"event_type": "error", "error": {}},
        {"event_type": "error"},
        {"event_type": "interaction.rethought"},
        {"event_type": "step.paused", "index": "x"},
        {"event_type": "weather.changed"},
        {"event_type": "step.delta", "index": 0, "delta": {"type": "smell", "text": "roses"}},
        {"event_type": ["?"]},
        {},
    ],
)
def test_what_is_unknown_or_empty_passes_by(body):
    assert Reader().read(event(**body)) == []


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "event_type",
                        "interaction",
                        "id",
                        "step",
                        "delta",
                        "type",
                        "text",
                        "index",
                        "error",
                        "code",
                        "content",
                        "summary",
                        "usage",
                        "event_id",
                        "status",
                    ]
                ),
                inner,
            )
        ),
    ),
    st.sampled_from(
        ["interaction.created", "interaction.completed", "step.start", "step.delta", "error", ""]
    ),
)
def test_no_event_makes_the_reader_raise(body, name):
    Reader().read(Event(name, json.dumps(body)))
    Reader().read(
        Event(name, json.dumps({"event_type": name, "delta": body, "step": body, "interaction": body}))
    )


def thinking(ids):
    """A stream of eight thoughts in two steps; `ids` are the numbers of the events that have ids."""
    events = [{"event_type": "interaction.created", "interaction": {"id": "i", "status": "in_progress"}}]
    for step in (0, 1):
        events.append({"event_type": "step.start", "index": step, "step": {"type": "thought"}})
        for number in range(4):
            content = {"type": "text", "text": f"thought {step}.{number}"}
            delta = {"type": "thought_summary", "content": content}
            events.append({"event_type": "step.delta", "index": step, "delta": delta})
        events.append({"event_type": "step.stop", "index": step})
    events.append({"event_type": "interaction.completed", "interaction": {"id": "i", "status": "completed"}})
    for number, one in enumerate(events):
        if number in ids:
            one["event_id"] = f"evt_{number}"
    return events


def recorded(name):
    return [
        json.loads(one.data)
        for one in Decoder().feed((SSE / f"{name}.sse").read_bytes())
        if one.data != "[DONE]"
    ]


LOGS = {
    "recorded": recorded("deep_research_full_get"),
    "every event has an id": thinking(set(range(20))),
    "no event has an id": thinking(set()),
    "some events have ids": thinking({0, 3, 6, 9, 12}),
    "only the first has an id": thinking({0}),
}


@given(st.sampled_from(sorted(LOGS)), st.lists(st.tuples(st.integers(0, 20), st.booleans(), st.booleans())))
def test_any_cuts_resumes_and_repeats_give_each_thought_once_and_in_order(name, connections):
    log = LOGS[name]
    expected = [
        one["delta"].get("content", {}).get("text")
        for one in log
        if one["event_type"] == "step.delta" and one["delta"]["type"] == "thought_summary"
    ]
    seen, after = {}, None
    for cut, resumes, honoured in [*connections, (1000, True, True)]:
        anchor = after if resumes else None
        ids = [one.get("event_id") for one in log]
        start = ids.index(anchor) + 1 if anchor is not None and honoured else 0
        reader = Reader(anchor)
        for one in log[start : start + cut]:
            for signal in reader.read(event(**one)):
                after = signal.event_id or after
                if isinstance(signal, Thought):
                    seen.setdefault(signal.key, signal.text)

    assert list(seen.values()) == expected
