"""The simulated Gemini Interactions API: the double for tests, and the agent of the demo."""

from __future__ import annotations

from .faults import Fault
from .interactions import SimulatedInteraction
from .script import SCENARIOS, Scenario
from .server import SimulatedGemini
from .traffic import Call

__all__ = ["SCENARIOS", "Call", "Fault", "Scenario", "SimulatedGemini", "SimulatedInteraction"]
