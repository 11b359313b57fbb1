"""pre: plans, and what the next create of a research says and goes on from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TEXTS = {"approved_by": sa.String(), "words": sa.Text(), "previous_interaction_id": sa.String()}


def upgrade() -> None:
    """Programs that do not know the columns leave them at their defaults."""
    op.add_column("research", sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True))
    for name, kind in _TEXTS.items():
        op.add_column("research", sa.Column(name, kind, nullable=False, server_default=""))
    op.add_column(
        "interaction", sa.Column("is_plan", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    """Back to researches of one turn."""
    with op.batch_alter_table("interaction") as batch:
        batch.drop_column("is_plan")
    with op.batch_alter_table("research") as batch:
        for name in ("planned_at", *_TEXTS):
            batch.drop_column(name)
