"""What makes the audit append-only: triggers of the database itself, on each engine. The migration has the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import DDL, event

if TYPE_CHECKING:
    from sqlalchemy import Table

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


def listen(table: Table) -> None:
    """Has the triggers made with the table, wherever it is made without migrations."""
    for dialect, statements in APPEND_ONLY.items():
        for statement in statements:
            trigger = DDL(statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's
            event.listen(table, "after_create", trigger.execute_if(dialect=dialect))
