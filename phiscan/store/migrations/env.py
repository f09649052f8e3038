"""Run by Alembic, and by it alone: migrates within the transaction that `phiscan.store.migrate` is in."""

from __future__ import annotations

from alembic import context

from phiscan.store.schema_readers import readers

context.configure(connection=context.config.attributes["connection"], target_metadata=readers.metadata)  # all tables
with context.begin_transaction():
    context.run_migrations()
