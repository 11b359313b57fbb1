"""pre: settings of workspaces, lifted limits, the audit, and places in line"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REFUSE = "BEGIN RAISE EXCEPTION ''the audit is append-only''; END"

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER deed_stays BEFORE UPDATE ON deed BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
        "CREATE TRIGGER deed_is_kept BEFORE DELETE ON deed BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END",
    ),
    "postgresql": (
        f"CREATE OR REPLACE FUNCTION deed_refuses() RETURNS trigger LANGUAGE plpgsql AS '{_REFUSE}'",
        "CREATE TRIGGER deed_stays BEFORE UPDATE OR DELETE ON deed FOR EACH ROW EXECUTE FUNCTION deed_refuses()",
        "CREATE TRIGGER deed_is_kept BEFORE TRUNCATE ON deed FOR EACH STATEMENT EXECUTE FUNCTION deed_refuses()",
    ),
}


def upgrade() -> None:
    """Programs that do not know the column leave it at its default."""
    op.add_column(
        "research", sa.Column("place_in_line", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_table(
        "house",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id"),
    )
    op.create_table(
        "lift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_for", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_lift_person", "lift", ["team_id", "person_id"])
    op.create_table(
        "pseudonym",
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "person_id"),
    )
    op.create_table(
        "deed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_deed_team", "deed", ["team_id", "id"])
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    """Takes the audit with it."""
    for table in ("deed", "pseudonym", "lift", "house"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION deed_refuses()")
    with op.batch_alter_table("research") as batch:
        batch.drop_column("place_in_line")
