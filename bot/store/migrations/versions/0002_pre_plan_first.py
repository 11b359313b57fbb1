"""pre: a research may show its plan first"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the column leave it at its default."""
    op.add_column(
        "research", sa.Column("plan_first", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Back to researches that begin at once."""
    with op.batch_alter_table("research") as batch:
        batch.drop_column("plan_first")
