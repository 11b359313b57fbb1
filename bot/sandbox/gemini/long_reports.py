"""The two long reports: a compendium of the shelf's own topics, and an atlas of heating in thirty countries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain

from .library import CITE, Volume

ATLAS_DOMAINS = (
    "ec.europa.eu",
    "iea.org",
    "ehpa.org",
    "euroheat.org",
    "eurostat.ec.europa.eu",
    "acer.europa.eu",
    "bpie.eu",
    "odyssee-mure.eu",
    "nature.com",
    "sciencedirect.com",
    "raponline.org",
    "jrc.ec.europa.eu",
)

ATLAS_THOUGHTS = (
    "**Setting up the atlas**\n\nThirty countries, one page each: I'm fixing the same five figures for all of them first.",
    "**Collecting prices**\n\nHousehold prices include taxes and levies; I'm taking the medium consumption band everywhere.",
    "**Reading national plans**\n\nThe national energy and climate plans are long and uneven. I'm extracting only measures in force.",
    "**Counting heat pumps**\n\nSome countries count air conditioners and some do not. I'm marking the difference instead of hiding it.",
    "**Comparing networks**\n\nDistrict heating shares come from three sources that disagree by up to five points.",
    "**Looking north**\n\nFinland, Norway and Sweden made the change without today's subsidies. I'm asking what did it there.",
    "**Looking south**\n\nReversible air conditioners do much of the work in the south and appear in no heating statistics.",
    "**Working through central Europe**\n\nRegulated prices explain more than climate does. I'm computing the price ratio for each country.",
    "**Checking the break-even**\n\nI'm comparing each price ratio with a seasonal performance of 3.0 and a boiler at ninety per cent.",
    "**Verifying policies**\n\nProgrammes that have ended or are paused are labelled as such.",
    "**Grouping countries**\n\nFour groups emerge, and they follow the price ratio rather than latitude.",
    "**Assembling the report**\n\nThe answer goes first, then the pages in alphabetical order.",
)

IN_SHORT = (
    "**In short:** The price of electricity, not climate, decides where heat pumps spread, and old buildings are no "
    "obstacle to them where radiators get by on 55 °C. Solid-state cells have left the laboratory but not yet the pilot "
    "line. Remote work has settled at a day or two a week. Which vector database is chosen matters less than how the text "
    "is cut. And printing changed Europe through its workshops more than through its inventor."
)
INTRODUCTION = """# Heating in Europe: an atlas of {count} countries

**In short:** What people pay for electricity relative to gas explains the spread of heat pumps better than climate, wealth or the age of buildings [cite: 1, 2]. Where a kilowatt-hour of electricity costs less than about 2.7 times a kilowatt-hour of gas, heat pumps spread with little help; where it costs more than 3.5 times as much, even generous grants have moved little [cite: 3, 11]. The Nordic countries made the change in the nineties and without today's subsidies; central Europe shows both the quickest successes and the costliest detours.

## How to read this atlas

Each page gives the same five figures, followed by what is particular about the country's buildings, its policy and its practice. The **price ratio** is electricity divided by gas, per kilowatt-hour and for households, with taxes [cite: 5, 6]. The **running cost** compares a heat pump with a seasonal performance of 3.0 to a gas boiler at ninety per cent, for a home that needs 15,000 kWh of heat a year:

```
heat pump = 15,000 / 3.0 × electricity price
boiler    = 15,000 / 0.9 × gas price
```

Three warnings apply throughout:

1. Counts of heat pumps include air-to-air units in the north and mostly exclude them in the south [cite: 3].
2. Shares of district heating refer to dwellings, not to heat.
3. Policies change faster than reports. Everything here is as of autumn 2026.

"""

CONCLUSION = """## What the comparison shows

### Four groups

{groups}

The grouping follows the price ratio, not latitude: Finland and Spain have more in common than Finland and Poland.

### Three findings that hold nearly everywhere

*   **Continuity beats generosity.** Programmes that ran for ten years with moderate grants achieved more per euro than large ones that opened and closed within hours [cite: 7, 8]. Slovenia and Czechia are the examples on one side, Italy is the one on the other.
*   **Installers are the instrument.** The spread between the best and the worst tenth of installers exceeds the difference between any two types of building [cite: 9].
*   **Shared buildings are the real problem.** Single-family houses change one by one. Blocks of flats change when a majority, a riser and a loan come together, and the law on majorities is often the cheapest of the three to alter [cite: 7].

### What remains uncertain

Figures on hybrid systems are thin outside the Netherlands. The effect of carbon pricing on heating from 2027 or 2028 is modelled often and known nowhere [cite: 10, 12]. And nobody counts what reversible air conditioners contribute in the south, although it may be the largest single number that this atlas does not contain.

**Confidence:** high for prices and networks, medium for counts of heat pumps, low for forecasts."""


@dataclass(frozen=True, slots=True)
class Country:
    """One line of the atlas: prices in ct/kWh (gas None where there is none), shares in per cent."""

    name: str
    electricity: float
    gas: float | None
    heat_pumps: int
    district: int
    gas_share: int
    stock: str
    policy: str
    practice: str

    @property
    def ratio(self) -> float | None:
        """Electricity price over gas price."""
        return self.electricity / self.gas if self.gas else None


def compendium(volumes: list[Volume]) -> Volume:
    """All given reports as the chapters of one, their sources numbered through."""
    chapters: list[str] = []
    offset = 0
    for number, volume in enumerate(volumes, 1):
        chapter = re.sub(r"^(#+) ", r"#\1 ", volume.body.strip(), flags=re.MULTILINE)
        chapter = re.sub(r"^## ", f"## Chapter {number}: ", chapter, count=1)
        chapters.append(_renumbered(chapter, offset))
        offset += len(volume.domains)
    listed = "\n".join(f"{n}. {volume.title}" for n, volume in enumerate(volumes, 1))
    opening = f"# A compendium of {len(volumes)} reports\n\n{IN_SHORT}\n\n{listed}"
    return Volume(
        name="long",
        keywords=(),
        domains=tuple(chain.from_iterable(volume.domains for volume in volumes)),
        thoughts=tuple(chain.from_iterable(volume.thoughts[:3] for volume in volumes)),
        body="\n\n".join([opening, *chapters]),
    )


def atlas(lines: str) -> Volume:
    """The atlas of heating, a page for each line of its table."""
    countries = [parse_country(line) for line in lines.splitlines() if line and not line.startswith("#")]
    pages = "\n\n".join(_page(country, place) for place, country in enumerate(countries))
    opening = INTRODUCTION.replace("{count}", str(len(countries)))
    body = (
        opening + _overview(countries) + pages + "\n\n" + CONCLUSION.replace("{groups}", _groups(countries))
    )
    return Volume("atlas", (), ATLAS_DOMAINS, ATLAS_THOUGHTS, body)


def parse_country(line: str) -> Country:
    """Reads ``name | electricity | gas | heat pumps | district | gas share | stock | policy | practice``."""
    name, electricity, gas, pumps, district, share, stock, policy, practice = line.split(" | ")
    price = None if gas == "–" else float(gas)
    return Country(
        name, float(electricity), price, int(pumps), int(district), int(share), stock, policy, practice
    )


def _renumbered(text: str, offset: int) -> str:
    def shifted(marker: re.Match[str]) -> str:
        numbers = (int(number) + offset for number in marker[1].split(","))
        return f"[cite: {', '.join(map(str, numbers))}]"

    return CITE.sub(shifted, text)


def _overview(countries: list[Country]) -> str:
    rows = [
        f"| {c.name} | {c.ratio:.1f} | {c.heat_pumps} | {c.district} % |"
        for c in sorted((c for c in countries if c.ratio), key=lambda c: c.ratio or 0)
    ]
    head = "| Country | Price ratio | Heat pumps per 1,000 homes | District heating |\n| --- | ---: | ---: | ---: |"
    return "## Overview, by price ratio\n\n" + head + "\n" + "\n".join(rows) + "\n\n"


def _page(country: Country, place: int) -> str:
    cites = [(place * 3 + step) % len(ATLAS_DOMAINS) + 1 for step in range(4)]
    gas = f"{country.gas:g} ct/kWh" if country.gas else "no network"
    table = (
        "| | |\n| --- | ---: |\n"
        f"| Electricity | {country.electricity:g} ct/kWh |\n| Gas | {gas} |\n"
        f"| Heat pumps per 1,000 homes | {country.heat_pumps} |\n"
        f"| District heating | {country.district} % |\n| Gas in heating | {country.gas_share} % |"
    )
    return (
        f"## {country.name}\n\n{country.stock} [cite: {cites[0]}] {_spread(country)}\n\n{table}\n\n"
        f"**Policy.** {country.policy} [cite: {cites[1]}, {cites[2]}]\n\n"
        f"**Practice.** {country.practice} [cite: {cites[3]}]\n\n{_sums(country)}"
    )


def _spread(country: Country) -> str:
    per_mille = country.heat_pumps
    if per_mille > 400:
        return f"With {per_mille} heat pumps per thousand homes the change is history rather than policy."
    if per_mille > 140:
        return f"About one home in {1000 // per_mille} has a heat pump, well above the European average."
    if per_mille > 60:
        return f"Some {per_mille} in a thousand homes have a heat pump, close to the European average."
    return f"Heat pumps are still the exception: {per_mille} in a thousand homes."


def _sums(country: Country) -> str:
    pump = 15_000 / 3.0 * country.electricity / 100
    if country.gas is None or country.ratio is None:
        return (
            f"**The sum for {country.name}.** A year of heat costs about €{pump:,.0f} by heat pump. Without a gas network the comparison "
            f"is with direct electric heating, at €{pump * 3:,.0f}."
        )
    boiler = 15_000 / 0.9 * country.gas / 100
    ratio = f"The price ratio is {country.ratio:.1f}."
    if pump < boiler * 0.95:
        verdict = f"That saves €{boiler - pump:,.0f} a year, enough to repay the difference in price within the device's life."
    elif pump <= boiler * 1.05:
        verdict = "The two are level, so comfort, noise and trust in the installer decide."
    else:
        verdict = f"The heat pump costs €{pump - boiler:,.0f} more; only a better performance or another tariff turns this round."
    return f"**The sum for {country.name}.** {ratio} A year of heat costs about €{pump:,.0f} by heat pump and €{boiler:,.0f} by gas. {verdict}"


def _groups(countries: list[Country]) -> str:
    settled = [c.name for c in countries if c.heat_pumps > 400]
    easy = [c.name for c in countries if c.ratio and c.ratio <= 2.7 and c.heat_pumps <= 400]
    hard = [c.name for c in countries if c.ratio and c.ratio > 3.5 and c.heat_pumps <= 400]
    between = [c.name for c in countries if c.ratio and 2.7 < c.ratio <= 3.5 and c.heat_pumps <= 400]
    titled = {
        "The change is done": settled,
        "Prices favour the heat pump": easy,
        "Undecided": between,
        "Prices stand against it": hard,
    }
    return "\n".join(
        f"{n}. **{title}:** {', '.join(names)}." for n, (title, names) in enumerate(titled.items(), 1)
    )
