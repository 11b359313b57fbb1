"""pre: what each interaction cost, and what it was charged as"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the columns leave them at their defaults."""
    op.add_column(
        "research", sa.Column("micros", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "research", sa.Column("is_estimate", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("interaction", sa.Column("agent", sa.String(), nullable=False, server_default=""))
    op.add_column(
        "interaction", sa.Column("micros", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column("interaction", sa.Column("spent", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_interaction_spent", "interaction", ["create_attempted_at", "research_id", "micros"])


def downgrade() -> None:
    """Back to counting by what a research usually costs."""
    op.drop_index("ix_interaction_spent", "interaction")
    with op.batch_alter_table("interaction") as batch:
        for name in ("agent", "micros", "spent"):
            batch.drop_column(name)
    with op.batch_alter_table("research") as batch:
        for name in ("micros", "is_estimate"):
            batch.drop_column(name)
