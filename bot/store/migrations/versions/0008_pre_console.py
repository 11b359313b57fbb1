"""pre: what the console's filters and totals are found by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STUCK, UNDELIVERED = sa.text("stuck_at IS NOT NULL"), sa.text("undelivered != ''")


def upgrade() -> None:
    """Programs that do not know the column leave it empty: what they start is in no total until it is filled."""
    op.create_index("ix_research_state", "research", ["team_id", "state", "asked_at"])
    for name, columns, where in (
        ("ix_research_undelivered", ["team_id", "asked_at"], UNDELIVERED),
        ("ix_research_stuck", ["team_id"], STUCK),
    ):
        op.create_index(name, "research", columns, sqlite_where=where, postgresql_where=where)
    op.add_column("interaction", sa.Column("team_id", sa.String(), nullable=False, server_default=""))
    op.execute(
        "UPDATE interaction SET team_id = (SELECT team_id FROM research WHERE research.id = interaction.research_id)"
    )
    op.drop_index("ix_interaction_spent", "interaction")
    op.create_index("ix_interaction_spent", "interaction", ["team_id", "create_attempted_at", "micros"])


def downgrade() -> None:
    """Back to slower lists."""
    op.drop_index("ix_interaction_spent", "interaction")
    with op.batch_alter_table("interaction") as batch:
        batch.drop_column("team_id")
    op.create_index("ix_interaction_spent", "interaction", ["create_attempted_at", "research_id", "micros"])
    for name in ("ix_research_stuck", "ix_research_undelivered", "ix_research_state"):
        op.drop_index(name, "research")
