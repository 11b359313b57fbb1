"""Whether Gemini can be reached: one GET that costs nothing, asked at most once a minute however often it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import anyio

from bot.errors import GeminiError, GeminiNotFound, GeminiRefused, Impaired, NoAccess, NoCredit, WrongKey

if TYPE_CHECKING:
    from bot.ports import Clock, Researcher

NOBODY = "v1_nobody_has_this_id"
WELL_FOR, ILL_FOR = 60.0, 15.0
"""Seconds for which an answer holds."""
PATIENCE = 2.5
"""Seconds for which it is waited for."""


class Reach:
    """Remembers the last answer. Without Gemini questions are still taken and wait, so that nothing is off duty."""

    def __init__(self, researcher: Researcher, clock: Clock) -> None:
        self._researcher = researcher
        self._clock = clock
        self._trouble = ""
        self._good_until = float("-inf")
        self._turn = anyio.Lock()

    async def check(self) -> None:
        """For `/readyz`. Raises `Impaired` where Gemini cannot be used."""
        async with self._turn:
            if self._clock.monotonic() >= self._good_until:
                self._trouble = await self._asked()
                self._good_until = self._clock.monotonic() + (ILL_FOR if self._trouble else WELL_FOR)
        if self._trouble:
            raise Impaired(self._trouble)

    async def _asked(self) -> str:
        """Asks for an interaction that does not exist: "not found" is what a good key is told."""
        try:
            with anyio.fail_after(PATIENCE):
                await self._researcher.fetch(NOBODY)
        except (WrongKey, NoCredit, NoAccess) as error:
            return error.sentence
        except (GeminiNotFound, GeminiRefused):
            return ""
        except GeminiError as error:
            return f"Google does not answer ({error.code}); questions wait until it does."
        except TimeoutError:
            return f"Google gave no answer within {PATIENCE:g} s; questions wait until it does."
        return ""
