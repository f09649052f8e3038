"""Run by Alembic, and by it alone: migrates within the transaction that `phiscan.store.migrate` is in."""

from __future__ import annotations

from alembic import context

from phiscan.store.schema import tables

context.configure(connection=context.config.attributes["connection"], target_metadata=tables)
with context.begin_transaction():
    context.run_migrations()
