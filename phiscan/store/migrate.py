"""Of which version a store is, and making it one of this one. Alembic is loaded only where there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, inspect, select, text

from phiscan.store.schema import SCHEMA, meta

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

SCRIPTS: Final = Path(__file__).parent / "migrations"
_FIRST: Final = "0001"
_UNNUMBERED: Final = "1"  # what `meta` says in a store made before Alembic: its tables are those of the first revision


def version(connection: Connection) -> str | None:
    """Return the revision of a store, None for an empty database. What is not ours is no version of ours."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    if "meta" not in tables:
        return None
    found = str(connection.scalar(select(meta.c.value).where(meta.c.name == "schema")))
    return _FIRST if found == _UNNUMBERED else found


def is_older(found: str) -> bool:
    """Whether a store of a version can be migrated to this one's."""
    return found.isdecimal() and int(found) < int(SCHEMA)


def is_numbered(connection: Connection) -> bool:
    """Whether Alembic knows the store."""
    return inspect(connection).has_table("alembic_version")


def upgrade(connection: Connection) -> None:
    """Make a store of an older version, or an empty database, one of this version.

    In the transaction of whoever calls: all of it or, where it fails, nothing.

    On SQLite the connection must not enforce foreign keys: a table that cannot be altered is made anew.
    """
    from alembic import command

    config = _config(connection)
    if not is_numbered(connection) and version(connection) is not None:
        connection.execute(delete(meta).where(meta.c.name == "schema"))
        command.stamp(config, _FIRST)
    command.upgrade(config, SCHEMA)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
