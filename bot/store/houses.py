"""The settings of a workspace as a row: read in the transaction that depends on them, so they hold at once everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import insert, select, update

from bot.domain.errands import Lift
from bot.domain.house import House, changes, retention_of
from bot.store.deeds import note_deed
from bot.store.tenants import HouseRow, LiftRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

HOUSE = HouseRow.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
LIFT = LiftRow.__table__  # type: ignore[attr-defined]  # likewise

_HOUSE = TypeAdapter(House)


def load_house(connection: Connection, team_id: str) -> House:
    """The settings of a workspace; those that nobody changed are as they are made."""
    row = connection.execute(select(HOUSE).where(HOUSE.c.team_id == team_id)).one_or_none()
    return House() if row is None else replace(_HOUSE.validate_json(row.body), version=row.version)


def retentions(connection: Connection, ceiling: int) -> dict[str, int]:
    """Days for which each workspace keeps words, where that is less than the environment says."""
    houses = {row.team_id: _HOUSE.validate_json(row.body) for row in connection.execute(select(HOUSE))}
    days = {team_id: retention_of(ceiling, house) for team_id, house in houses.items()}
    return {team_id: kept for team_id, kept in days.items() if kept < ceiling}


def save_house(connection: Connection, team_id: str, house: House, by: str, now: datetime) -> bool:
    """Writes settings that were read as `house.version`; False where somebody else has changed them since."""
    before = load_house(connection, team_id)
    if before.version != house.version:
        return False
    values = {
        "version": house.version + 1,
        "body": _HOUSE.dump_json(house).decode(),
        "changed_at": now,
    }
    if before.version == 0:
        connection.execute(insert(HOUSE).values(team_id=team_id, **values))
    else:
        statement = update(HOUSE).where(HOUSE.c.team_id == team_id, HOUSE.c.version == house.version)
        if connection.execute(statement.values(**values)).rowcount != 1:
            return False
    note_deed(connection, team_id, by, "settings.changed", "", now, "; ".join(changes(before, house)))
    return True


def give_lift(connection: Connection, team_id: str, person_id: str, by: str, now: datetime) -> None:
    """One question more than the settings of the workspace allow."""
    connection.execute(insert(LIFT).values(team_id=team_id, person_id=person_id, given_at=now, used_for=""))
    note_deed(connection, team_id, by, "limit.lifted", "", now)


def lift_of(connection: Connection, team_id: str, person_id: str) -> Lift | None:
    """The oldest one of a person that is not used up."""
    row = connection.execute(
        select(LIFT.c.id)
        .where(LIFT.c.team_id == team_id, LIFT.c.person_id == person_id, LIFT.c.used_for == "")
        .order_by(LIFT.c.id)
        .limit(1)
    ).one_or_none()
    return None if row is None else Lift(row.id)


def use_lift(connection: Connection, lift: Lift, research_id: str) -> None:
    """It was for this question."""
    connection.execute(update(LIFT).where(LIFT.c.id == lift.lift_id).values(used_for=research_id))
