"""Forgets what has been kept long enough: questions, thoughts, reports and what was sent; figures stay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import StoreError

if TYPE_CHECKING:
    from bot.work.bench import Bench

EVERY = 3600.0
"""Seconds between rounds."""
AT_ONCE = 200
"""Researches forgotten in one transaction, so that nobody waits long for the writer."""
RESPONSE_URL_LIFE = 1800.0
"""Seconds for which Slack's response_url works (Slack docs: handling user interaction); a secret until then."""


class Housekeeper:
    """One round an hour, in every process; rounds of several do not disturb each other."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.round()
            await self._bench.clock.sleep(EVERY)

    async def round(self) -> None:
        """Forgets everything that is due now."""
        bench = self._bench
        now = bench.clock.now()
        before = now - timedelta(days=bench.policy.retention_days)
        try:
            await bench.ledger.drop_response_urls(now - timedelta(seconds=RESPONSE_URL_LIFE))
            while forgotten := await bench.ledger.forget(before, AT_ONCE):
                bench.journal.note("research.forgotten", count=forgotten)
        except StoreError as error:
            bench.journal.note("housekeeping_failed", error=error.detail)
