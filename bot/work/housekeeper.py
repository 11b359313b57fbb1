"""Forgets what has been kept long enough, here and at Gemini: questions, thoughts, reports, what was sent; figures stay."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.errors import GeminiError, StoreError

if TYPE_CHECKING:
    from datetime import datetime

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
        ceiling = bench.policy.retention_days
        try:
            await bench.ledger.drop_response_urls(now - timedelta(seconds=RESPONSE_URL_LIFE))
            for team_id, days in {"": ceiling, **await bench.office.retentions(ceiling)}.items():
                await self._forget(now - timedelta(days=days), team_id)
            if erased := await bench.office.erase_departed(now):
                bench.journal.note("workspace.erased", count=erased)
            await self._forget_at_gemini()
        except StoreError as error:
            bench.journal.note("housekeeping_failed", error=error.detail)

    async def _forget(self, before: datetime, team_id: str) -> None:
        while forgotten := await self._bench.ledger.forget(before, AT_ONCE, team_id):
            self._bench.journal.note("research.forgotten", count=forgotten)

    async def _forget_at_gemini(self) -> None:
        """Google's own records of what was forgotten here; what it does not delete now is asked again in an hour."""
        bench = self._bench
        while due := await bench.office.forgettable(bench.clock.now(), AT_ONCE):
            for key, interaction_id in due:
                try:
                    await bench.researcher.delete(interaction_id)
                except GeminiError as error:
                    bench.journal.note("interaction.deletion_failed", error=error.code)
                    await bench.office.forget_later(key, bench.clock.now() + timedelta(seconds=EVERY))
                else:
                    await bench.office.forgotten_there(key)
