"""pre: the thread that a research was asked in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the column begin a thread of their own."""
    op.add_column("research", sa.Column("anchor_ts", sa.String(), nullable=True))
    op.create_index("ix_research_anchor", "research", ["team_id", "channel_id", "anchor_ts"])


def downgrade() -> None:
    """Back to threads that only a root begins."""
    op.drop_index("ix_research_anchor", table_name="research")
    with op.batch_alter_table("research") as batch:
        batch.drop_column("anchor_ts")
