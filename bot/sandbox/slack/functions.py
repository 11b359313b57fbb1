"""Running workflow steps (function executions) and their short-lived tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack.clock import SandboxClock
from bot.sandbox.slack.mint import Mint

Json = dict[str, Any]
TOKEN_LIFETIME = 900.0


@dataclass
class Execution:
    """One execution: state is `running`, `completed`, `failed` or `cancelled`."""

    id: str
    token: str
    expires: float
    required: tuple[str, ...] = ()
    inputs: Json = field(default_factory=dict)
    state: str = "running"
    outputs: Json = field(default_factory=dict)
    error: str = ""


@dataclass
class Executions:
    """Executions by id; a step's token lives 15 minutes or until the step ends."""

    clock: SandboxClock
    mint: Mint
    by_id: dict[str, Execution] = field(default_factory=dict)
    _tokens: dict[str, Execution] = field(default_factory=dict)

    def start(self, required: tuple[str, ...], inputs: Json) -> Execution:
        """A new running execution with its token."""
        token = f"xwfp-sandbox-{self.mint.secret()}"
        execution = Execution(self.mint.id("Fx"), token, self.clock.now() + TOKEN_LIFETIME, required, inputs)
        self.by_id[execution.id] = self._tokens[execution.token] = execution
        return execution

    def token_works(self, token: str) -> bool | None:
        """Whether a workflow token is still good; None if it is none of ours."""
        execution = self._tokens.get(token)
        if execution is None:
            return None
        return execution.state == "running" and self.clock.now() < execution.expires
