"""The simulated Slack: the double that tests drive and the workspace of the demo."""

from __future__ import annotations

from bot.sandbox.slack.ack import Ack
from bot.sandbox.slack.faults import Fault
from bot.sandbox.slack.server import SimulatedSlack
from bot.sandbox.slack.traffic import Call

__all__ = ["Ack", "Call", "Fault", "SimulatedSlack"]
