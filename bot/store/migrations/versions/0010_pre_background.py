"""pre: the thread that goes along with a question"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Programs that do not know the columns send no thread along."""
    op.add_column("research", sa.Column("thread_along", sa.String(), nullable=False, server_default=""))
    op.add_column("research", sa.Column("background", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Back to questions alone."""
    with op.batch_alter_table("research") as batch:
        batch.drop_column("thread_along")
        batch.drop_column("background")
