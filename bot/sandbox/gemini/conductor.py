"""The conductor plays the timeline of every run on the event loop's one timer heap: no task per run."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from .interactions import SimulatedInteraction
from .library import Report
from .timeline import Beat, timeline
from .wire import opening, search_steps

USAGE_LAG = 3.0
"""Seconds (pace 1.0) after the end until a streamed run's usage is known (BIG #1143: "seconds later")."""
CANCEL_LAG = 8.0
INTERNAL_ERROR = {"code": "api_error", "message": "An internal error has occurred."}


@dataclass(slots=True, eq=False)
class Run:
    """An interaction with what it is going to think, and the timer of its next beat."""

    interaction: SimulatedInteraction
    thoughts: tuple[str, ...]
    beats: list[Beat] = field(default_factory=list)
    started: float = 0.0
    played: int = 0
    written: int = 0
    timer: asyncio.TimerHandle | None = None
    thinking: bool = False
    writing: bool = False
    output: int = 1
    """The index of the model_output step."""


class Conductor:
    """Starts, steers and ends runs. ``pace`` scales every duration, ``now`` gives Unix time."""

    def __init__(
        self,
        pace: float,
        rng: random.Random,
        now: Callable[[], float],
        on_end: Callable[[SimulatedInteraction], None],
    ) -> None:
        self._pace, self._rng, self._now, self._on_end = pace, rng, now, on_end
        self._runs: dict[str, Run] = {}
        self._timers: set[asyncio.TimerHandle] = set()

    def start(self, interaction: SimulatedInteraction, thoughts: tuple[str, ...], *, held: bool) -> None:
        """Begins a run; a held one emits nothing by itself."""
        run = Run(interaction, thoughts)
        self._runs[interaction.id] = run
        interaction.emit("interaction.created", interaction=opening(interaction))
        interaction.emit(
            "interaction.status_update", interaction_id=interaction.id, status=interaction.status
        )
        if held:
            return
        deltas = len(interaction.report.deltas) if interaction.report else 0
        run.beats = timeline(interaction.script, thoughts, deltas, self._rng)
        run.started = asyncio.get_running_loop().time()
        self._schedule(run)

    def think(self, interaction: SimulatedInteraction, *thoughts: str) -> None:
        """Emits thinking summaries; deep research puts an empty signature between them."""
        run = self._runs[interaction.id]
        if not run.thinking:
            run.thinking = True
            interaction.emit("step.start", index=0, step={"type": "thought"})
        for thought in thoughts:
            content = {"type": "text", "text": thought}
            interaction.emit("step.delta", index=0, delta={"type": "thought_summary", "content": content})
            if not interaction.thoughts:
                interaction.emit("step.delta", index=0, delta={"type": "thought_signature", "signature": ""})
            interaction.thoughts.append(thought)
        if interaction.script.blips:
            interaction.emit("error", numbered=False, error={})
        if interaction.script.unknown:
            interaction.emit("step.shimmer", index=0, shimmer={"phase": len(interaction.thoughts)})

    def finish(
        self, interaction: SimulatedInteraction, report: Report | None = None, status: str = "completed"
    ) -> None:
        """Writes what is left of the report and ends the run; a report given replaces the script's."""
        run = self._runs[interaction.id]
        if report is not None:
            interaction.report, run.written = report, 0
        self._write(run, len(interaction.report.deltas) if interaction.report else 0)
        self._close_output(run)
        self.end(interaction, status)

    def fail(self, interaction: SimulatedInteraction, error: dict[str, str] | None) -> None:
        """Ends the run as failed, with an entry in ``errors`` or without."""
        if error is not None:
            interaction.errors.append(error)
        self.end(interaction, "failed")

    def end(self, interaction: SimulatedInteraction, status: str) -> None:
        """Ends the run in this status; a second end is ignored."""
        if interaction.ended:
            return
        run = self._runs.pop(interaction.id)
        if run.timer is not None:
            run.timer.cancel()
        interaction.status, interaction.ended_at = status, self._now()
        if interaction.script.usage and status not in ("failed", "cancelled"):
            self._make_usage_known(interaction)
        numbered = status in ("completed", "incomplete")
        if status in ("cancelled", "requires_action"):
            interaction.emit(
                "interaction.status_update", numbered=False, interaction_id=interaction.id, status=status
            )
        final = "interaction.complete" if interaction.script.legacy else "interaction.completed"
        interaction.emit(final, numbered=numbered, interaction={"id": interaction.id, "status": status})
        self._on_end(interaction)

    def cancel(self, interaction: SimulatedInteraction) -> str:
        """Obeys a cancel as the script says; gives the status that the answer shows."""
        interaction.cancel_asked = True
        interaction.touch()
        if interaction.script.cancel == "ignored":
            return interaction.status
        if interaction.script.cancel == "lagging":
            self.later(CANCEL_LAG, lambda: self.end(interaction, "cancelled"))
        else:
            self.end(interaction, "cancelled")
        return "cancelled"

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Does something ``seconds`` (pace 1.0) from now, unless the server is closed before."""

        def due() -> None:
            self._timers.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(seconds * self._pace, due)
        self._timers.add(handle)

    def close(self) -> None:
        """Stops every timer."""
        for run in self._runs.values():
            if run.timer is not None:
                run.timer.cancel()
        for handle in self._timers:
            handle.cancel()

    def _schedule(self, run: Run) -> None:
        if run.played < len(run.beats):
            at = run.started + run.beats[run.played].at * self._pace
            run.timer = asyncio.get_running_loop().call_at(at, self._play, run)

    def _play(self, run: Run) -> None:
        beat = run.beats[run.played]
        run.played += 1
        self._perform(run, beat)
        if not run.interaction.ended:
            self._schedule(run)

    def _perform(self, run: Run, beat: Beat) -> None:
        interaction = run.interaction
        if beat.does == "think":
            self.think(interaction, *beat.thoughts)
        elif beat.does == "write":
            self._write(run, beat.upto)
        elif beat.does == "status":
            interaction.status = beat.status
            interaction.emit("interaction.status_update", interaction_id=interaction.id, status=beat.status)
        else:
            self._finale(interaction)

    def _finale(self, interaction: SimulatedInteraction) -> None:
        ending = interaction.script.ending
        if ending in ("completed", "incomplete"):
            self.finish(interaction, status=ending)
        elif ending == "failed":
            self.fail(interaction, dict(INTERNAL_ERROR))
        elif ending in ("failed_silently", "failed_in_step"):
            self.fail(interaction, None)
        else:
            self.end(interaction, "completed" if ending == "empty" else ending)

    def _write(self, run: Run, upto: int) -> None:
        interaction = run.interaction
        deltas = interaction.report.deltas[run.written : upto] if interaction.report else ()
        if deltas and not run.writing:
            self._open_output(run)
        kind = "content" if interaction.script.legacy else "step"
        for delta in deltas:
            untyped = {name: value for name, value in delta.items() if name != "type"}
            sent = untyped if interaction.script.blips else delta
            interaction.emit(f"{kind}.delta", index=run.output, delta=sent)
        run.written = max(run.written, upto)

    def _open_output(self, run: Run) -> None:
        interaction = run.interaction
        if interaction.model is not None:
            interaction.emit("step.start", index=0, step={"type": "thought"})
            signature = {"type": "thought_signature", "signature": "sig_b64"}
            interaction.emit("step.delta", index=0, delta=signature)
            run.thinking = True
        if run.thinking:
            interaction.emit("step.stop", index=0)
        run.writing, run.output = True, int(run.thinking)
        if interaction.script.legacy:
            interaction.emit("content.start", index=run.output, content={"type": "text"})
        else:
            interaction.emit("step.start", index=run.output, step={"type": "model_output"})

    def _close_output(self, run: Run) -> None:
        if run.writing:
            kind = "content" if run.interaction.script.legacy else "step"
            run.interaction.emit(f"{kind}.stop", index=run.output)
        self._tell_search(run)

    def _tell_search(self, run: Run) -> None:
        """A model's searches come behind its text, each with what was missing at its start (as recorded)."""
        for place, step in enumerate(search_steps(run.interaction.search), run.output + 1):
            kind = step["type"]
            ids: dict[str, object] = {name: step[name] for name in ("id", "call_id") if name in step}
            rest = {name: value for name, value in step.items() if name not in (*ids, "search_type")}
            run.interaction.emit("step.start", index=place, step={"type": kind, **ids})
            run.interaction.emit("step.delta", index=place, delta=rest)
            run.interaction.emit("step.stop", index=place)

    def _make_usage_known(self, interaction: SimulatedInteraction) -> None:
        def known() -> None:
            interaction.usage_ready = True
            interaction.touch()

        if interaction.streamed and interaction.agent:
            self.later(USAGE_LAG, known)
        else:
            known()
