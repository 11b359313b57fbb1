"""Alembic's entry: runs on the connection that `bot.store.schema` hands over."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from bot.store import tables, tenants  # noqa: F401  # they fill the metadata
from bot.store.columns import UtcDateTime


def render_item(kind: str, value: Any, _context: object) -> str | Literal[False]:
    """Migrations name plain types: they are frozen, while ours may change."""
    if kind == "type" and isinstance(value, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(value, AutoString):
        return "sa.String()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
