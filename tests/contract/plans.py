"""How a database would run the statement that a unit of work executes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from bot.store.database import Database


async def plan_of(database: Database, work: Callable[[Connection], Any], words: str) -> str:
    """The plan of the first statement of `work` that has these words. Tables are empty, so PostgreSQL is told not to
    read them through.
    """

    def explain(connection: Connection) -> str:
        seen: list[tuple[str, Any]] = []

        def remember(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            seen.append((statement, parameters))

        event.listen(connection, "before_cursor_execute", remember)
        work(connection)
        event.remove(connection, "before_cursor_execute", remember)
        statement, parameters = next(one for one in seen if words in one[0])
        on_sqlite = connection.dialect.name == "sqlite"
        if not on_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        how = "EXPLAIN QUERY PLAN" if on_sqlite else "EXPLAIN"
        rows = connection.exec_driver_sql(f"{how} {statement}", parameters).all()
        return "\n".join(str(row[-1]) for row in rows)

    return await database.write(explain)
