"""`gemini get|start|stream|cancel|delete|research`: the API from the terminal, for people who debug."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

import anyio

from bot.domain.interaction import Ended, Phase, Signal, Snapshot
from bot.domain.pacing import poll_delay
from bot.domain.research import Thought
from bot.errors import GeminiBusy, GeminiUncertain, GeminiUnreachable
from bot.gemini import requests
from bot.gemini.jsons import parsed
from bot.gemini.requests import Request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from random import Random

    from bot.gemini.client import GeminiClient
    from bot.ports import Clock

_PASSING = (GeminiUnreachable, GeminiBusy, GeminiUncertain)


def add_arguments(parser: argparse.ArgumentParser, *, agent: str) -> None:
    """The verbs and their options; `agent` is the one that researches where none is named."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="verb")
    for verb, told in (
        ("get", "show an interaction"),
        ("stream", "show its events as they come"),
        ("cancel", "ask to stop it"),
        ("delete", "remove its record"),
    ):
        one = verbs.add_parser(verb, help=told)
        one.add_argument("id", help="id of the interaction, v1_…")
        one.add_argument("--json", action="store_true", help="as JSON")
        if verb == "stream":
            one.add_argument("--after", help="id of the last event that is known")
    for verb, told in (
        ("start", "start an interaction and show its id (a research costs money)"),
        ("research", "research, show thoughts as they come and the report at the end; Ctrl-C stops it"),
    ):
        one = verbs.add_parser(verb, help=told)
        one.add_argument("question")
        one.add_argument("--agent", default=agent)
        one.add_argument("--previous", help="id of an interaction that this one follows up")
        one.add_argument("--json", action="store_true", help="as JSON")
        if verb == "start":
            one.add_argument("--model", help="ask this model instead of an agent")


class Console:
    """Runs one verb against `client` and writes to `out`; errors are the `GeminiError` tree."""

    def __init__(self, client: GeminiClient, out: TextIO, clock: Clock, chance: Random) -> None:
        self._client = client
        self._out = out
        self._clock = clock
        self._chance = chance

    async def run(self, arguments: argparse.Namespace) -> int:
        """The exit code: 0, or 1 where a research ended without a report."""
        match arguments.verb:
            case "get":
                self._show(await self._client.fetch(arguments.id), as_json=arguments.json)
            case "cancel":
                await self._client.cancel(arguments.id)
                self._show(await self._client.fetch(arguments.id), as_json=arguments.json)
            case "delete":
                await self._client.delete(arguments.id)
                self._tell({"deleted": arguments.id}, as_json=arguments.json)
            case "stream":
                async with self._client.listen(arguments.id, arguments.after) as signals:
                    async for signal in signals:
                        self._tell(_signal(signal), as_json=arguments.json)
            case "start":
                self._show(await self._client.create(_request(arguments)), as_json=arguments.json)
            case _:
                return await self._research(arguments)
        return 0

    async def _research(self, arguments: argparse.Namespace) -> int:
        request = requests.research(
            arguments.question, arguments.agent, streamed=True, previous_interaction_id=arguments.previous
        )
        async with self._client.start(request) as (interaction_id, signals):
            try:
                found = await self._followed(interaction_id, signals)
            except anyio.get_cancelled_exc_class():
                with anyio.CancelScope(shield=True), anyio.move_on_after(10):
                    await self._client.cancel(interaction_id)
                    self._tell({"cancelled": interaction_id}, as_json=arguments.json)
                raise
        if arguments.json:
            self._show(found, as_json=True)
        else:
            self._out.write(f"\n{found.findings.text}\n" if found.findings.text else _table(_facts(found)))
        return 0 if found.phase is Phase.COMPLETED and found.findings.text else 1

    async def _followed(self, interaction_id: str, signals: AsyncIterator[Signal]) -> Snapshot:
        """Streams while that lasts, looks in between, and waits out what passes."""
        seen: set[str] = set()
        after = await self._listened(signals, seen, None)
        attempt = 0
        while True:
            wait = 0.0
            try:
                found = await self._client.fetch(interaction_id)
                if found.phase is not Phase.ALIVE:
                    return found
                async with self._client.listen(interaction_id, after) as more:
                    after = await self._listened(more, seen, after)
            except _PASSING as error:
                wait = error.retry_after or 0.0
            await self._clock.sleep(max(wait, poll_delay(attempt, 2.0, 10.0, self._chance)))
            attempt += 1

    async def _listened(
        self, signals: AsyncIterator[Signal], seen: set[str], after: str | None
    ) -> str | None:
        """Writes each new thought; gives the last event's id."""
        async for signal in signals:
            after = signal.event_id or after
            if isinstance(signal, Thought) and signal.key not in seen:
                seen.add(signal.key)
                self._out.write(f"{signal.text}\n\n")
                self._out.flush()
            if isinstance(signal, Ended):
                break
        return after

    def _show(self, found: Snapshot, *, as_json: bool) -> None:
        if as_json:
            self._out.write(json.dumps(parsed(found.raw), ensure_ascii=False, indent=2) + "\n")
        else:
            self._out.write(_table(_facts(found)))

    def _tell(self, facts: dict[str, Any], *, as_json: bool) -> None:
        self._out.write(json.dumps(facts, ensure_ascii=False) + "\n" if as_json else _table(facts))
        self._out.flush()


def _request(arguments: argparse.Namespace) -> Request:
    if arguments.model:
        return requests.question(
            arguments.question, arguments.model, previous_interaction_id=arguments.previous
        )
    return requests.research(arguments.question, arguments.agent, previous_interaction_id=arguments.previous)


def _facts(found: Snapshot) -> dict[str, Any]:
    usage = asdict(found.usage) if found.usage else {}
    return {
        "id": found.interaction_id,
        "status": found.status,
        "trouble": found.trouble,
        "thoughts": len(found.thoughts) or "",
        **{name: count for name, count in usage.items() if count is not None},
        "citations": len(found.findings.citations) or "",
        "pictures": len(found.findings.pictures) or "",
        "text": found.findings.text,
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "signal": type(signal).__name__,
        **{name: value for name, value in asdict(signal).items() if value},
    }


def _table(facts: dict[str, Any]) -> str:
    """One line each; texts of several lines stand below their name. Control characters do not reach the terminal."""
    lines = []
    for name, value in facts.items():
        text = "".join(c for c in str(value) if c.isprintable() or c in "\n\t")
        if text:
            lines.append(f"{name:<16}{text}" if "\n" not in text else f"{name}\n\n{text}\n")
    return "\n".join(lines) + "\n"
