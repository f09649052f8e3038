"""What has come to the zones that say what they are for, and left them: how many files, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from phiscan.store.schema import zones

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Files that came to a zone and left it. Times are seconds since the epoch, of when it was noticed."""

    path: bytes
    arrived: int = 0
    departed: int = 0
    first_arrival: float | None = None
    last_arrival: float | None = None
    last_departure: float | None = None


def get(connection: Connection, path: bytes) -> Traffic:
    """Return what is known of a zone."""
    found = connection.execute(select(zones).where(zones.c.path == path)).one_or_none()
    return Traffic(path=path) if found is None else Traffic(**found._mapping)


def came(connection: Connection, path: bytes, at: float) -> None:
    """A file has come to a zone."""
    known = get(connection, path)
    first = at if known.first_arrival is None else known.first_arrival
    _put(connection, known, arrived=known.arrived + 1, first_arrival=first, last_arrival=at)


def left(connection: Connection, path: bytes, at: float) -> None:
    """A file has left a zone."""
    known = get(connection, path)
    _put(connection, known, departed=known.departed + 1, last_departure=at)


def _put(connection: Connection, known: Traffic, **values: float | None) -> None:
    if known.arrived or known.departed:
        connection.execute(update(zones).where(zones.c.path == known.path).values(**values))
    else:
        connection.execute(insert(zones).values(**{"arrived": 0, "departed": 0} | values, path=known.path))
