"""What a run cost: from the usage that Gemini reports and the prices below, or an estimate that is called one.

Money is whole millionths of a US dollar, so that sums are exact on every database. The prices are data: when Google
changes one, add a line with its date and where it stands; nothing else has to change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.domain.interaction import Usage

DOLLAR = 1_000_000
"""Millionths."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens, and for a thousand searches. `names` is how agents and models of it begin."""

    names: tuple[str, ...]
    input: float
    cached: float
    output: float
    """Thoughts are charged as output; what tools read is charged as input."""
    searches: float
    since: date
    source: str
    is_assumed: bool = False
    """No list price was known when this was written, so that what is reckoned by it is an estimate."""


_LIST = "Google’s list prices of the Gemini API, standard, prompts up to 200,000 tokens"

PRICES = (
    # The Deep Research agents are charged as the model that they run on, and its searches (Deep Research guide).
    Price(("deep-research-", "gemini-3.1-pro"), 2.00, 0.20, 12.00, 14.00, date(2026, 3, 1), _LIST),
    Price(
        ("gemini-3.8-flash",),
        1.50,
        0.15,
        9.00,
        14.00,
        date(2026, 11, 25),
        "that of gemini-3.5-flash",
        is_assumed=True,
    ),
    Price(("gemini-3.5-flash",), 1.50, 0.15, 9.00, 14.00, date(2026, 6, 1), _LIST),
    Price(("gemini-3-flash",), 0.50, 0.05, 3.00, 14.00, date(2026, 1, 1), _LIST),
    Price(("gemini-3.1-flash-lite",), 0.25, 0.025, 1.50, 14.00, date(2026, 3, 1), _LIST),
)
"""A model that is not here is estimated by what its kind of research usually costs."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Millionths of a dollar, and whether they are a guess because Google did not say what it used."""

    micros: int
    is_estimate: bool = False

    @property
    def words(self) -> str:
        """`$2.31`, or `about $2.00 (estimated)`."""
        return f"about {dollars(self.micros)} (estimated)" if self.is_estimate else dollars(self.micros)


def dollars(micros: int) -> str:
    """`$2.31`; `under $0.01` for what is not nothing."""
    if 0 < micros < DOLLAR // 100:
        return "under $0.01"
    return f"${micros / DOLLAR:,.2f}"


def price_of(agent: str) -> Price | None:
    """What an agent or model is charged by; the longest name that fits."""
    fitting = [
        (len(name), price) for price in PRICES for name in price.names if agent.lower().startswith(name)
    ]
    return max(fitting, key=lambda pair: pair[0])[1] if fitting else None


def cost_of(agent: str, usage: Usage | None, guess: int) -> Cost:
    """What a run cost. `guess` stands in where Gemini does not report it, or not enough of it."""
    price = price_of(agent)
    if price is None or usage is None or usage.input_tokens is None or usage.output_tokens is None:
        return Cost(guess, is_estimate=True)
    cached = min(usage.cached_tokens or 0, usage.input_tokens)
    tokens = (
        (usage.input_tokens - cached + (usage.tool_tokens or 0)) * price.input
        + cached * price.cached
        + (usage.output_tokens + (usage.thought_tokens or 0)) * price.output
    )
    if usage.searches is None and price.searches:
        return Cost(max(round(tokens), guess), is_estimate=True)
    return Cost(round(tokens + (usage.searches or 0) * 1000 * price.searches), price.is_assumed)
