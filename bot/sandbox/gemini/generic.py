"""What the simulated agent writes about a topic nobody prepared: a report, a plan, a short answer."""

from __future__ import annotations

from .library import Annotation, Report, TextPart, Volume, redirect

DOMAINS = (
    "en.wikipedia.org",
    "nature.com",
    "oecd.org",
    "arxiv.org",
    "ec.europa.eu",
    "reuters.com",
    "ourworldindata.org",
    "sciencedirect.com",
)

THOUGHTS = """**Framing the question**

I'm separating what is really being asked about {topic} from what is merely implied, and noting which terms need a definition.

**Generating a research plan**

I'm laying out four strands: definitions, the state of the evidence, points of dispute, and what follows in practice.

**Searching for primary sources**

I'm starting with primary material and official statistics before turning to commentary on {topic}.

**Reading review articles**

Two recent reviews cover most of the ground. I'm noting where they cite the same underlying data, so that I don't count it twice.

**Checking the numbers**

Three sources quote the same figure, but only one explains how it was obtained. I'm tracing it to its origin.

**Weighing conflicting claims**

Some accounts contradict each other. The difference mostly disappears once their time frames and definitions are aligned.

**Looking for dissent**

I'm deliberately searching for well-argued criticism, so that the summary does not merely repeat the majority view.

**Filling gaps**

Regional differences are poorly covered so far. I'm running additional searches in other languages.

**Verifying dates**

Several pages are older than they look. I'm discarding anything superseded by newer publications.

**Comparing options**

I'm arranging the alternatives along cost, risk and reversibility to make them comparable.

**Structuring the report**

The answer comes first, then the evidence in order of strength, then open questions.

**Drafting and citing**

I'm writing the sections and attaching a source to every statement that carries weight."""

REPORT = """# {title}

**In short:** The evidence on “{topic}” is broader than it is deep. A few well-documented findings carry most of what can be said with confidence; much of the remaining literature repeats them [cite: 1, 2]. Where sources disagree, the disagreement usually comes from different definitions or time frames rather than from conflicting observations [cite: 3].

## What the question covers

Sources use the central terms in at least two ways. The narrow sense is common in official statistics, the wide one in journalism and policy papers [cite: 1, 5]. This report uses the narrow sense unless stated otherwise, because only there do figures from different countries and years compare.

Three sub-questions turned out to matter:

1. What is known, and from which kind of evidence?
2. Which claims circulate widely without a traceable origin?
3. What would a careful person do with this knowledge today?

## State of the evidence

### Well supported

*   Long-run series show a gradual change rather than a break; the often-quoted turning points are artefacts of revised methods [cite: 3, 7].
*   Differences **within** groups exceed differences **between** them, which limits what averages can tell an individual case [cite: 2, 4].
*   Cost and timing dominate the practical outcome in most documented cases [cite: 3, 8].

### Plausible but thin

*   A link to local conditions is reported in four case studies, none of them with a comparison group [cite: 4].
*   Expert surveys lean in one direction, yet with response rates below a third [cite: 6].

### Repeated but unsupported

*   A round figure that appears in many articles goes back to a press release whose underlying data was never published [cite: 6].

| Claim | Evidence | Confidence |
| --- | --- | --- |
| Gradual change over two decades | Official series, several countries | High |
| Large spread within groups | Two reviews, one register study | High |
| Dependence on local conditions | Case studies | Medium |
| The popular round figure | None traceable | Low |

## Points of dispute

The sharpest dispute concerns causality. One camp reads the correlation as an effect; the other points out that the same pattern appears where the supposed cause is absent [cite: 2, 8]. The newest work, which follows the same units over time, finds a smaller effect than earlier cross-sections did, but one that does not vanish [cite: 4].

> “Most of the confusion would disappear if authors stated which of the two definitions they use.” — from one of the reviews [cite: 2]

## What follows in practice

1. Decide first which definition applies to your case; it changes the numbers more than any other choice.
2. Prefer reversible steps while the medium-confidence claims are unsettled.
3. Revisit the question when the next round of official data appears, usually in spring [cite: 5].

## Limits of this report

Paywalled studies were read in abstract only. Sources in languages other than English, German, French and Spanish are under-represented. No figure was taken from a source that does not say how it was obtained."""


def generic_volume(question: str) -> Volume:
    """A report on any question, with thoughts to match."""
    topic = topic_of(question)
    thoughts = THOUGHTS.replace("{topic}", topic).split("\n\n**")
    return Volume(
        name="generic",
        keywords=(),
        domains=DOMAINS,
        thoughts=(thoughts[0], *("**" + thought for thought in thoughts[1:])),
        body=REPORT.replace("{topic}", topic).replace("{title}", topic[:1].upper() + topic[1:]),
    )


def topic_of(question: str) -> str:
    """The first line of the question, without its question mark, at most 120 characters."""
    first = next((line.strip() for line in question.splitlines() if line.strip()), "the question")
    return first.rstrip("?!. ")[:120] or "the question"


def plan_text(volume: Volume, *, revised: bool) -> str:
    """A research plan, as collaborative planning returns it in place of a report."""
    titles = [thought.split("**")[1] for thought in volume.thoughts if thought.count("**") >= 2]
    steps = "\n".join(f"{n}. {title}" for n, title in enumerate(titles[1:8], 1))
    opening = "I have worked your remarks into the plan." if revised else "Here is how I would proceed."
    return f"## Research plan: {volume.title}\n\n{opening}\n\n{steps}\n\nShall I start, or would you change something?\n"


def quick_answer(question: str, volume: Volume, *, follow_up: bool) -> str:
    """A model's short answer, with two sources."""
    lead = next(
        (part.strip() for part in volume.body.split("\n\n")[1:] if part[:1].isalpha() or part[:2] == "**"),
        volume.title,
    )
    opening = (
        f"On “{topic_of(question)}”, the report supports this:" if follow_up else f"**{topic_of(question)}**"
    )
    domains = volume.domains[:2]
    tail = "\n".join(f"{n}. [{domain}]({redirect(domain, n)})" for n, domain in enumerate(domains, 1))
    return f"{opening}\n\n{_renumbered(lead)} [cite: 1, 2]\n\n**Sources:**\n{tail}\n"


def searched_answer(question: str, volume: Volume, *, follow_up: bool) -> Report:
    """A model's short answer with google_search: no markers in it, but annotations that cover its sentences."""
    lead = quick_answer(question, volume, follow_up=follow_up).partition(" [cite:")[0]
    more = (
        "The sources agree on this; they differ in how they delimit the question, which changes the figures."
    )
    text = f"{lead} {more}\n"
    first, last = len(lead.encode()), len(f"{lead} {more}".encode())
    spans = ((len(lead.rpartition("\n")[0].encode()), first), (first + 1, last))
    annotations: tuple[Annotation, ...] = tuple(
        {"type": "url_citation", "title": domain, "url": redirect(domain, number)}
        | {"start_index": start, "end_index": end}
        for number, (domain, (start, end)) in enumerate(zip(volume.domains, spans, strict=False), 1)
    )
    return Report((TextPart(text, annotations),), delta=90)


def _renumbered(text: str) -> str:
    return text.partition(" [cite:")[0].rstrip(".") + "."
