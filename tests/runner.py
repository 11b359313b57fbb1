"""`python -m bot` for tests that kill it: the same program, with the pause before a read-back made short.

`RUNNER_SETTLE_PAUSE` is that pause in seconds; it must still be longer than a Slack call of the test may take.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.__main__ import main
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.domain.policy import Policy

_policy = Settings.policy


def _hurried(settings: Settings) -> Policy:
    return replace(_policy(settings), settle_pause=float(os.environ["RUNNER_SETTLE_PAUSE"]))


if __name__ == "__main__":
    Settings.policy = _hurried  # type: ignore[method-assign, assignment]  # the one knob that is no setting
    sys.exit(main([]))
