"""The bot on a disk whose sync takes 2 ms longer: each of SQLite's transactions, which is one sync, lasts so much more."""

from __future__ import annotations

import sys
import time
from typing import Any

from bot.__main__ import main
from bot.store import database

SYNC_SECONDS = 0.002


def slowed(transact: Any) -> Any:
    """A transaction and the slow sync at its end, in the writer's thread."""

    def carry(*arguments: Any) -> Any:
        result = transact(*arguments)
        time.sleep(SYNC_SECONDS)  # in a thread: this is what the disk does
        return result

    return carry


if __name__ == "__main__":
    database._transact = slowed(database._transact)  # noqa: SLF001  # the disk is below everything that is public
    sys.exit(main())
