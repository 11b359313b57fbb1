"""What Slack did not take is told once more, because somebody asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from bot.store.rows import DELIVERY, RESEARCH

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def deliver_again(connection: Connection, research_id: str, now: datetime) -> int:
    """What was given up is pending again, what waits is due; how many there are. A call that may have been applied is
    left to whoever reads it back: that alone keeps it from appearing twice. A session that is given up is one that the
    workspace does not have.
    """
    mine = DELIVERY.c.research_id == research_id
    anew = (
        update(DELIVERY)
        .where(mine, DELIVERY.c.state == "dead", DELIVERY.c.kind != "session")
        .values(
            state="pending",
            open=True,
            due_at=now,
            tries=0,
            leased_by=None,
            leased_until=None,
            fence=DELIVERY.c.fence + 1,
        )
        .returning(DELIVERY.c.id)
    )
    revived = len(connection.execute(anew).all())
    waiting = (
        update(DELIVERY)
        .where(mine, DELIVERY.c.state == "pending", DELIVERY.c.due_at > now)
        .values(due_at=now)
        .returning(DELIVERY.c.id)
    )
    hurried = len(connection.execute(waiting).all())
    if revived or hurried:
        connection.execute(update(RESEARCH).where(RESEARCH.c.id == research_id).values(undelivered=""))
    return revived + hurried
