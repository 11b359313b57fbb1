"""pre: what has to be erased, here and at Gemini"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the columns leave them at their defaults."""
    op.add_column("research", sa.Column("erased_as", sa.String(), nullable=False, server_default=""))
    op.add_column("interaction", sa.Column("erase_at", sa.DateTime(timezone=True), nullable=True))
    where = sa.text("erase_at IS NOT NULL")
    op.create_index(
        "ix_interaction_erase", "interaction", ["erase_at"], sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "departure",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("erase_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id"),
    )


def downgrade() -> None:
    """Back to forgetting by age alone."""
    op.drop_table("departure")
    op.drop_index("ix_interaction_erase", "interaction")
    with op.batch_alter_table("interaction") as batch:
        batch.drop_column("erase_at")
    with op.batch_alter_table("research") as batch:
        batch.drop_column("erased_as")
