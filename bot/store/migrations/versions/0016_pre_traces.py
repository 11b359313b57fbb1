"""pre: the trace that a research belongs to"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the column begin no trace."""
    op.add_column("research", sa.Column("traceparent", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to researches without traces."""
    with op.batch_alter_table("research") as batch:
        batch.drop_column("traceparent")
