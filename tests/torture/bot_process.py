"""A bot in a process of its own that lives in hurried time: `python -m tests.torture.bot_process '{"lease": 6, …}'`.

The policy is changed where settings become one; bounds that are no policy are set in their modules. Nothing else differs
from `python -m bot`.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import anyio
import slack_sdk.web.async_base_client

import bot.gemini.client
import bot.slack.uploads
import bot.slack.web
import bot.store.connecting
import bot.work.dispatcher
from bot import app
from bot.gemini.limits import Limits
from bot.ops import logs
from bot.settings import Settings
from bot.variables import read
from tests.torture.plan import Hurry

if TYPE_CHECKING:
    from bot.domain.policy import Policy

_HURRY = Hurry(**json.loads(sys.argv[1])) if len(sys.argv) > 1 else Hurry()


class HurriedSettings(Settings):
    """The same variables, another policy."""

    def policy(self) -> Policy:
        return replace(
            super().policy(),
            lease=_HURRY.lease,
            renew_every=_HURRY.renew_every,
            settle_pause=_HURRY.settle_pause,
            slow_poll=_HURRY.slow_poll,
        )


def hurry() -> None:
    """Shortens what no setting names; a call still ends before its lease, and a read-back still comes after it."""
    bot.work.dispatcher.MARGIN = _HURRY.margin
    bot.work.dispatcher.PARKED = (_HURRY.parked, _HURRY.parked)
    app.SLACK_PAUSE = _HURRY.slack_pause
    bot.slack.web.CALL_SECONDS = bot.slack.web.UPLOAD_SECONDS = _HURRY.call
    bot.slack.web.CONNECT_SECONDS = _HURRY.call
    bot.slack.uploads.SHARE_SECONDS = _HURRY.share
    bot.store.connecting.BUSY_MILLISECONDS = _HURRY.busy_milliseconds
    bot.store.connecting.ASLEEP_MILLISECONDS = int(_HURRY.lease * 500)
    limits = Limits(connect=_HURRY.idle, read=_HURRY.idle, whole=3 * _HURRY.idle, idle=_HURRY.idle)
    setattr(bot.gemini.client, "Limits", lambda: limits)  # noqa: B010  # its one use there is the default
    # Calls say which process made them.
    setattr(slack_sdk.web.async_base_client, "get_user_agent", lambda *_: f"torture/{os.getpid()}")  # noqa: B010


def main() -> int:
    hurry()
    settings = read(HurriedSettings, None)
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    anyio.run(app.serve, settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
