"""functions.*: how a workflow step ends."""

from __future__ import annotations

from typing import Any

from bot.sandbox.slack.content import parsed
from bot.sandbox.slack.functions import Execution
from bot.sandbox.slack.methods.call import Method, WebCall
from bot.sandbox.slack.refusal import Refusal

Json = dict[str, Any]


def _running(call: WebCall) -> Execution:
    (execution_id,) = call.need("function_execution_id")
    execution = call.platform.functions.by_id.get(execution_id)
    if execution is None:
        raise Refusal("function_execution_not_found")
    if execution.state != "running":
        raise Refusal("execution_not_in_running_state")
    return execution


def complete_success(call: WebCall) -> Json:
    """Slack docs: functions.completeSuccess, Tier 3; required outputs must be there."""
    execution = _running(call)
    outputs = parsed(call.args.get("outputs"), "invalid_arguments")
    if not isinstance(outputs, dict) or any(name not in outputs for name in execution.required):
        raise Refusal("parameter_validation_failed")
    execution.state, execution.outputs = "completed", outputs
    call.platform.changes.notify()
    return {}


def complete_error(call: WebCall) -> Json:
    """Slack docs: functions.completeError, Tier 3."""
    execution = _running(call)
    _, error = call.need("function_execution_id", "error")
    execution.state, execution.error = "failed", error
    call.platform.changes.notify()
    return {}


METHODS = {
    "functions.completeSuccess": Method(complete_success, 3),
    "functions.completeError": Method(complete_error, 3),
}
