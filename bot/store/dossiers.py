"""One research in full, what researches cost in all, and the rows of an export: read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from bot.domain.house import month_of
from bot.domain.research import ACTIVE, OPEN, State
from bot.domain.status import Call, Dossier, Post, StatusLine, Total, Totals
from bot.store.candidates import PACE
from bot.store.deeds import DEED
from bot.store.houses import load_house
from bot.store.listing import conditions, line_of, through
from bot.store.opinions import count_opinions, feedback_on
from bot.store.rows import DELIVERY, INTERACTION, RESEARCH
from bot.store.spending import spent_since

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from bot.domain.status import StatusQuery

MOST_SHOWN = 10
MOST_POSTS = 20
MOST_EXPORTED = 50_000
_MOMENTS = (
    ("asked_at", "asked"),
    ("create_attempted_at", "sent to Google"),
    ("started_at", "started at Google"),
    ("changed_at", "last news from Google"),
    ("stuck_at", "stuck since"),
    ("cancel_asked_at", "asked to stop"),
    ("ended_at", "ended"),
)
_DEEDS = {"research.retried": "retried", "research.shared": "shared", "report.exported": "exported"}


def dossier(connection: Connection, team_id: str, research_id: str, now: datetime) -> Dossier | None:
    """Everything about one research of a workspace; None where it has none of that id."""
    row = connection.execute(
        select(RESEARCH).where(RESEARCH.c.id == research_id, RESEARCH.c.team_id == team_id)
    ).one_or_none()
    if row is None:
        return None
    calls = connection.execute(
        select(INTERACTION).where(INTERACTION.c.research_id == research_id).order_by(INTERACTION.c.id)
    ).all()
    of_research = DELIVERY.c.research_id == research_id
    is_message = DELIVERY.c.kind.not_in(("status", "session"))
    sent = select(func.count()).where(of_research, DELIVERY.c.state == "sent", is_message)
    waiting = (
        select(DELIVERY)
        .where(of_research, is_message, DELIVERY.c.state.in_(("pending", "sending", "dead")))
        .order_by(DELIVERY.c.seq)
        .limit(MOST_POSTS)
    )
    return Dossier(
        line_of(row, *count_opinions(connection, [row.id]).get(row.id, (0, 0))),
        _timeline(connection, row),
        tuple(map(_call, calls)),
        int(connection.execute(sent).scalar_one()),
        tuple(Post(one.part, one.state, one.tries, one.error) for one in connection.execute(waiting)),
        now,
        feedback_on(connection, row.id),
    )


def _timeline(connection: Connection, row: Row[Any]) -> tuple[tuple[datetime, str], ...]:
    moments = [(getattr(row, column), words) for column, words in _MOMENTS]
    query = select(DEED.c.at, DEED.c.what).where(
        DEED.c.team_id == row.team_id, DEED.c.about == row.id, DEED.c.what.in_(list(_DEEDS))
    )
    moments += [(at, _DEEDS[what]) for at, what in connection.execute(query)]
    return tuple(sorted((at, words) for at, words in moments if at is not None))


def _call(row: Row[Any]) -> Call:
    return Call(
        row.turn,
        row.attempt,
        row.create_attempted_at,
        row.agent,
        row.interaction_id or "",
        row.status,
        row.micros,
        row.spent,
    )


def totals(connection: Connection, team_id: str, since: datetime, now: datetime) -> Totals:
    """What the researches of a workspace cost since a moment, by person, channel and agent, and in each month."""
    states = select(RESEARCH.c.state, func.count()).where(
        RESEARCH.c.team_id == team_id, RESEARCH.c.state.in_([state.value for state in OPEN])
    )
    counts = {
        State(state): int(count) for state, count in connection.execute(states.group_by(RESEARCH.c.state))
    }
    agents = _most(connection, team_id, since, INTERACTION.c.agent)
    paused = select(PACE.c.method, func.max(PACE.c.free_at)).where(
        PACE.c.team_id == team_id, PACE.c.channel_id == "", PACE.c.free_at > now
    )
    return Totals(
        since=since,
        now=now,
        spent=spent_since(connection, team_id, since),
        runs=_runs(connection, team_id, since),
        people=_most(connection, team_id, since, RESEARCH.c.asker_id),
        channels=_most(connection, team_id, since, RESEARCH.c.channel_id),
        agents=agents,
        months=_months(connection, team_id, now),
        limits=load_house(connection, team_id).limits,
        running=sum(count for state, count in counts.items() if state in ACTIVE),
        waiting=counts.get(State.QUEUED, 0),
        paused=tuple((method, at) for method, at in connection.execute(paused.group_by(PACE.c.method))),
    )


def _begun(team_id: str, since: datetime) -> tuple[Any, ...]:
    return INTERACTION.c.team_id == team_id, INTERACTION.c.create_attempted_at >= since


def _runs(connection: Connection, team_id: str, since: datetime) -> int:
    query = select(func.count()).select_from(INTERACTION).where(*_begun(team_id, since))
    return int(connection.execute(query).scalar_one())


def _most(connection: Connection, team_id: str, since: datetime, column: Any) -> tuple[Total, ...]:
    """The ten that cost most."""
    micros = func.coalesce(func.sum(INTERACTION.c.micros), 0)
    query = (
        select(column, func.count(), micros)
        .select_from(INTERACTION)
        .join(RESEARCH, RESEARCH.c.id == INTERACTION.c.research_id)
        .where(*_begun(team_id, since))
        .group_by(column)
        .order_by(micros.desc(), column)
        .limit(MOST_SHOWN)
    )
    return tuple(Total(name, int(runs), int(cost)) for name, runs, cost in connection.execute(query))


def _months(connection: Connection, team_id: str, now: datetime) -> tuple[Total, ...]:
    """The last twelve months that have any, newest first."""
    year_ago = month_of(now).replace(year=now.year - 1)
    if connection.dialect.name == "postgresql":
        month = func.to_char(func.timezone("UTC", INTERACTION.c.create_attempted_at), "YYYY-MM")
    else:
        month = func.strftime("%Y-%m", INTERACTION.c.create_attempted_at)
    named = month.label("month")
    query = (
        select(named, func.count(), func.coalesce(func.sum(INTERACTION.c.micros), 0))
        .select_from(INTERACTION)
        .where(*_begun(team_id, year_ago))
        .group_by(named)
        .order_by(named.desc())
    )
    return tuple(Total(name, int(runs), int(cost)) for name, runs, cost in connection.execute(query))


def exported(connection: Connection, query: StatusQuery, now: datetime) -> list[StatusLine]:
    """The lines of an export, newest first."""
    statement = (
        select(RESEARCH)
        .where(*conditions(query, now), *through(query.lens))
        .order_by(RESEARCH.c.asked_at.desc(), RESEARCH.c.id.desc())
        .limit(MOST_EXPORTED)
    )
    return [line_of(row) for row in connection.execute(statement)]
