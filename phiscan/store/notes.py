"""Small things the daemon remembers of itself between two lives, by name, as JSON in `meta`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select

from phiscan.store.schema import meta

if TYPE_CHECKING:
    from sqlalchemy import Connection


def note(connection: Connection, name: str) -> dict[str, Any] | None:
    """Return what was noted under a name."""
    value = connection.scalar(select(meta.c.value).where(meta.c.name == f"note.{name}"))
    if value is None:
        return None
    found: dict[str, Any] = json.loads(value)
    return found


def set_note(connection: Connection, name: str, data: Mapping[str, Any] | None) -> None:
    """Note something under a name instead of what was noted before; None: nothing any more."""
    connection.execute(delete(meta).where(meta.c.name == f"note.{name}"))
    if data is not None:
        connection.execute(insert(meta).values(name=f"note.{name}", value=json.dumps(data, sort_keys=True)))
