"""The store's versions, migrated with Alembic: `env.py` is its way in, `versions/` holds one script a version.

A revision is a number of four digits, one more than the one before. `phiscan.store.schema` always says how the tables
are now; a script says how they became so, and is never changed once it has been released.
"""
