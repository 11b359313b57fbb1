"""pre: researches about others, and what a model has written so far"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the columns leave them at their defaults."""
    for name in ("relation", "parent_id"):
        op.add_column("research", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_research_parent", "research", ["parent_id"])
    op.add_column("interaction", sa.Column("draft", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to researches that stand alone."""
    with op.batch_alter_table("interaction") as batch:
        batch.drop_column("draft")
    op.drop_index("ix_research_parent", "research")
    with op.batch_alter_table("research") as batch:
        for name in ("relation", "parent_id"):
            batch.drop_column(name)
