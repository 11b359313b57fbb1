"""pre: what makes two questions the same one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the columns leave them empty: their questions are nobody's earlier ones."""
    for name in ("fingerprint", "same_as"):
        op.add_column("research", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.create_index("ix_research_same", "research", ["team_id", "fingerprint", "asked_at"])


def downgrade() -> None:
    """Back to questions that are all new."""
    op.drop_index("ix_research_same", table_name="research")
    with op.batch_alter_table("research") as batch:
        for name in ("fingerprint", "same_as"):
            batch.drop_column(name)
