"""What a create leads to: the script, the thoughts and the report for a question, an approved plan, a follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .generic import generic_volume, plan_text, quick_answer, searched_answer
from .library import Report, TextPart, Volume
from .script import Script, script_for, without_words
from .shelf import VOLUMES, volume_for

MAX_AGENT = "deep-research-max-preview-04-2026"
STANDARD = Script()
THOROUGH = Script(seconds=40.0, thoughts=18)
PLANNING = Script(seconds=6.0, thoughts=3)
ANSWERING = Script(seconds=6.0, thoughts=0, writes_from=0.25, pieces=12)


@dataclass(frozen=True, slots=True)
class Composition:
    """Everything the conductor needs to play one run."""

    script: Script
    report: Report | None
    thoughts: tuple[str, ...]
    planned: bool = False
    search: str = ""


def question_of(body: Mapping[str, object]) -> str:
    """All text of ``input``, in any of the shapes the API takes (string, content, list of content or steps)."""
    return "\n".join(_texts(body.get("input", "")))


def searches(body: Mapping[str, object]) -> bool:
    """Whether a model was given the web."""
    tools = body.get("tools")
    return isinstance(tools, list) and any(
        isinstance(tool, dict) and tool.get("type") == "google_search" for tool in tools
    )


def compose(body: Mapping[str, object], earlier: list[str]) -> Composition:
    """The run of this create; ``earlier`` are the questions of the previous interactions, nearest first."""
    question = question_of(body)
    topics = [question, *earlier]
    if "model" in body:
        volume = _volume(topics, None)
        script = script_for(question, ANSWERING)
        if script.volume is not None:
            return Composition(script, VOLUMES[script.volume].report.without_images(), ())
        words, follows = without_words(question), bool(earlier)
        if not searches(body):
            return Composition(script, Report.of(quick_answer(words, volume, follow_up=follows)), ())
        return Composition(script, searched_answer(words, volume, follow_up=follows), (), search=words)
    config = body.get("agent_config")
    options = config if isinstance(config, dict) else {}
    if options.get("collaborative_planning") is True:
        volume = _volume(topics, None)
        plan = Report.of(plan_text(volume, revised=bool(earlier)))
        return Composition(script_for(question, PLANNING), plan, _thoughts(volume, options), planned=True)
    script = script_for(question, THOROUGH if body.get("agent") == MAX_AGENT else STANDARD)
    volume = _volume(topics, script.volume)
    report = volume.report
    if options.get("visualization") == "off":
        report = report.without_images()
    if script.ending == "incomplete":
        report = _half(report)
    return Composition(script, report, _thoughts(volume, options))


def _volume(topics: list[str], named: str | None) -> Volume:
    if named is not None:
        return VOLUMES[named]
    for topic in topics:
        if volume := volume_for(topic):
            return volume
    return generic_volume(without_words(topics[-1]))


def _thoughts(volume: Volume, options: Mapping[str, object]) -> tuple[str, ...]:
    # Thinking summaries default to "none" (Deep Research guide): silence unless they were asked for.
    if options.get("thinking_summaries") != "auto":
        return ()
    return volume.thoughts + generic_volume(volume.title).thoughts


def _half(report: Report) -> Report:
    text = report.text
    first = TextPart(text[: len(text) // 2], ())
    return replace(report, parts=(first,))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, dict):
        return _texts(value.get("text", value.get("content", [])))
    return []
