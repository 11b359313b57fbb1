"""What a create asks for, typed; combinations that Gemini cannot do are refused here, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.errors import GeminiRefused
from bot.gemini.faults import Asked
from bot.ports import Work

if TYPE_CHECKING:
    from bot.ports import Order

Json = Mapping[str, Any]


class Kind(StrEnum):
    """Who answers: a managed agent (deep research, minutes, in the background) or a model (seconds)."""

    AGENT = "agent"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """Settings of deep research (Gemini docs: agent_config of type deep-research).

    `visualization` and `collaborative_planning` left at None are left to Gemini (auto, and no planning).
    """

    thinking_summaries: str = "auto"
    visualization: str | None = None
    collaborative_planning: bool | None = None

    def body(self) -> dict[str, Any]:
        """As Gemini wants it."""
        body = {
            "type": "deep-research",
            "thinking_summaries": self.thinking_summaries,
            "visualization": self.visualization,
            "collaborative_planning": self.collaborative_planning,
        }
        return {name: value for name, value in body.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Request:
    """One create. `input` is a text, or contents or steps as Gemini defines them.

    None leaves a choice to Gemini; `background` and `store` of an agent are always true, because it works only so.
    `user_metadata` goes with the webhook. Neither the question nor the tools (whose headers may hold secrets) are
    part of the repr.
    """

    kind: Kind
    name: str
    input: str | Sequence[Json] = field(default="", repr=False)
    agent_config: AgentConfig | None = None
    tools: Sequence[Json] = field(default=(), repr=False)
    background: bool | None = None
    store: bool | None = None
    streamed: bool = False
    previous_interaction_id: str | None = None
    system_instruction: str | None = field(default=None, repr=False)
    response_format: Json | Sequence[Json] | None = field(default=None, repr=False)
    generation_config: Json | None = None
    service_tier: str | None = None
    webhook_uris: Sequence[str] = ()
    user_metadata: Json = field(default_factory=dict, repr=False)
    continuation_token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, order: Order) -> Request:
        """What a runner orders. A model answers in the background too, so that everything is followed alike: its
        answer is fetched, resumed and stopped by its id.
        """
        if order.work is Work.ANSWER:
            return answer(
                order.question,
                order.agent,
                streamed=order.streamed,
                previous_interaction_id=order.previous_interaction_id,
            )
        is_turn = order.previous_interaction_id is not None
        planning = True if order.work is Work.PLAN else False if is_turn else None
        return research(
            order.question,
            order.agent,
            streamed=order.streamed,
            previous_interaction_id=order.previous_interaction_id,
            planning=planning,
        )

    @property
    def is_background(self) -> bool:
        """Whether the answer comes by id, later."""
        return self.kind is Kind.AGENT or bool(self.background)

    @property
    def asked(self) -> Asked:
        """What a "not found" is about."""
        return Asked.FOLLOW_UP if self.previous_interaction_id else Asked.AGENT

    @property
    def secrets(self) -> tuple[str, ...]:
        """Header values of MCP servers, and what of them follows the scheme; never to be shown."""
        headers = [tool["headers"] for tool in self.tools if isinstance(tool.get("headers"), Mapping)]
        values = [str(value) for one in headers for value in one.values()]
        return tuple(sorted({*values, *(value.split()[-1] for value in values if value.split())}, key=len))[
            ::-1
        ]

    def body(self) -> dict[str, Any]:
        """The JSON of the POST, without a field that was left to Gemini.

        Raises `GeminiRefused` with a sentence where Gemini would refuse, or would start something else than asked.
        """
        if problem := _problem(self):
            raise GeminiRefused(problem)
        agent = self.kind is Kind.AGENT
        webhook = {"uris": list(self.webhook_uris), "user_metadata": dict(self.user_metadata)}
        body = {
            self.kind.value: self.name,
            "input": self.input if isinstance(self.input, str) else list(self.input),
            "agent_config": self.agent_config.body() if self.agent_config else None,
            "tools": [dict(tool) for tool in self.tools],
            "background": True if agent else self.background,
            "store": True if agent else self.store,
            "stream": self.streamed or None,
            "previous_interaction_id": self.previous_interaction_id,
            "system_instruction": self.system_instruction,
            "response_format": self.response_format,
            "generation_config": self.generation_config,
            "service_tier": self.service_tier,
            "webhook_config": {name: part for name, part in webhook.items() if part}
            if self.webhook_uris
            else None,
            "continuation_token": self.continuation_token,
        }
        return {name: value for name, value in body.items() if value is not None and value not in ("", [])}

    def continued(self, token: str, interaction_id: str) -> Request:
        """The next piece of a model's answer that reached the limit of one request. What is stored at Gemini is
        continued there; otherwise the question goes along again (as the official client does it).
        """
        if self.store is False:
            return replace(self, continuation_token=token)
        return replace(self, input="", previous_interaction_id=interaction_id, continuation_token=token)

    def with_report(self, report: str) -> Request:
        """The same follow-up without the previous interaction (which Gemini refused or forgot), the stored report
        sent along instead.
        """
        question = self.input if isinstance(self.input, str) else ""
        told = (
            f"This is a report that was written before:\n\n{report}\n\n---\n\nAbout this report: {question}"
        )
        return replace(self, input=told, previous_interaction_id=None)


def research(
    question: str,
    agent: str,
    *,
    streamed: bool = False,
    previous_interaction_id: str | None = None,
    visualization: str | None = None,
    planning: bool | None = None,
    tools: Sequence[Json] = (),
) -> Request:
    """A deep research; with `previous_interaction_id` one that goes deeper into an earlier one."""
    return Request(
        Kind.AGENT,
        agent,
        question,
        AgentConfig("auto", visualization, planning),
        tools,
        background=True,
        store=True,
        streamed=streamed,
        previous_interaction_id=previous_interaction_id,
    )


def plan(question: str, agent: str, *, streamed: bool = False) -> Request:
    """Asks for a plan only. It comes as the text of a completed interaction; nothing in that marks it as a plan,
    so whoever asks has to remember it.
    """
    return research(question, agent, planning=True, streamed=streamed)


def revise(change: str, agent: str, plan_id: str, *, streamed: bool = False) -> Request:
    """Asks for another plan, changed as `change` says."""
    return research(change, agent, planning=True, previous_interaction_id=plan_id, streamed=streamed)


def approve(
    agent: str, plan_id: str, *, words: str = "The plan looks good.", streamed: bool = False
) -> Request:
    """Starts the research that was planned."""
    return research(words, agent, planning=False, previous_interaction_id=plan_id, streamed=streamed)


def question(
    text: str, model: str, *, previous_interaction_id: str | None = None, streamed: bool = False
) -> Request:
    """A quick answer of a model; with `previous_interaction_id` one about an earlier research."""
    return Request(
        Kind.MODEL, model, text, previous_interaction_id=previous_interaction_id, streamed=streamed
    )


def answer(
    text: str, model: str, *, previous_interaction_id: str | None = None, streamed: bool = False
) -> Request:
    """A cited answer of a model that searches the web, by id like a research (Gemini docs: background, store)."""
    return Request(
        Kind.MODEL,
        model,
        text,
        tools=({"type": "google_search"},),
        background=True,
        store=True,
        streamed=streamed,
        previous_interaction_id=previous_interaction_id,
    )


def _problem(request: Request) -> str:
    """Why Gemini cannot do this, as a sentence; empty if it can."""
    if not request.name.strip():
        return f"No {request.kind.value} was named."
    if not request.input and not request.continuation_token:
        return "There is no question."
    own = _agent_problem(request) if request.kind is Kind.AGENT else _model_problem(request)
    return own or _tools_problem(request.tools)


def _agent_problem(request: Request) -> str:
    refused = {
        "a system instruction (put it into the question)": request.system_instruction,
        "a response format": request.response_format,
        "a generation config": request.generation_config,
        "a continuation token": request.continuation_token,
    }
    for name, value in refused.items():
        if value:
            return f"A research agent does not take {name}."
    if request.background is False or request.store is False:
        return "A research agent works only in the background, with its interaction stored."
    if any(tool.get("type") == "function" for tool in request.tools):
        return "A research agent cannot call functions of ours."
    config = request.agent_config
    if config and config.thinking_summaries not in ("auto", "none"):
        return "Thinking summaries are either auto or none."
    if config and config.visualization not in (None, "auto", "off"):
        return "Visualization is either auto or off."
    return ""


def _model_problem(request: Request) -> str:
    if request.agent_config:
        return "A model takes no agent config."
    if request.background and request.store is False:
        return "What works in the background has to be stored."
    if request.webhook_uris and not request.background:
        return "A webhook needs an interaction that works in the background."
    return ""


def _tools_problem(tools: Sequence[Json]) -> str:
    if not all(isinstance(tool.get("type"), str) and tool["type"] for tool in tools):
        return "A tool has no type."
    kinds = {tool["type"] for tool in tools}
    if "file_search" in kinds and kinds & {"google_search", "url_context"}:
        return "File search cannot be combined with searching or reading the web."
    return ""
