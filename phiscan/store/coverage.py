"""What each walk covered, and when the daemon was at work: the proof that nothing was found where nothing was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, select, update

from phiscan.incidents.incident import moment
from phiscan.source.paths import display
from phiscan.store.schema import lives, meta, roots, walks

if TYPE_CHECKING:
    from sqlalchemy import Connection

_APART: Final = 5.0  # seconds: a record knows whole ones, and is written a moment after it was made
_SILENT: Final = 300.0  # seconds between two signs of life of one that is at work; it gives one every few


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One record: what it says, as it was signed, and the signature."""

    root: bytes
    started: float
    ended: float
    record: str
    signature: str

    def said(self) -> dict[str, Any]:
        """Return what the record says."""
        said: dict[str, Any] = json.loads(self.record)
        return said

    def signed(self, sign: Callable[[str], str]) -> bool:
        """Whether the record is as it was signed, and lies where it was laid: of this root, at this time.

        Else a true record of one day would prove another.
        """
        if sign(self.record) != self.signature:
            return False
        said = self.said()
        times = (self.started, said["started"]), (self.ended, said["ended"])
        return said["root"] == display(self.root) and all(
            abs(mine - datetime.fromisoformat(its).timestamp()) < _APART for mine, its in times
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """When a daemon was at work: from its beginning to its last sign of life, and the signature of both."""

    began: float
    alive: float
    signature: str

    @property
    def record(self) -> str:
        """What is signed."""
        return f"phiscan.life {self.began!r} {self.alive!r}"


def put(connection: Connection, root: int, started: float, ended: float, record: str, signature: str) -> None:
    """Keep the record of a walk."""
    values = {"root": root, "started": started, "ended": ended, "record": record, "signature": signature}
    connection.execute(insert(walks).values(**values))


def at(connection: Connection, upto: float) -> list[Walk]:
    """Return for each root the last walk that ended by then."""
    last = select(walks.c.root, func.max(walks.c.id).label("id")).where(walks.c.ended <= upto).group_by(walks.c.root)
    latest = last.subquery()
    wanted = (
        select(roots.c.path, walks.c.started, walks.c.ended, walks.c.record, walks.c.signature)
        .join(latest, latest.c.id == walks.c.id)
        .join(roots, roots.c.id == walks.c.root)
        .order_by(roots.c.path)
    )
    return [
        Walk(root=row.path, started=row.started, ended=row.ended, record=row.record, signature=row.signature)
        for row in connection.execute(wanted)
    ]


def of(connection: Connection, root: int, upto: float) -> list[Walk]:
    """Return the walks of a root that had ended by then, the oldest first."""
    wanted = select(roots.c.path, walks.c.started, walks.c.ended, walks.c.record, walks.c.signature)
    mine = wanted.join(roots, roots.c.id == walks.c.root).where(walks.c.root == root, walks.c.ended <= upto)
    return [
        Walk(root=row.path, started=row.started, ended=row.ended, record=row.record, signature=row.signature)
        for row in connection.execute(mine.order_by(walks.c.id))
    ]


def between(connection: Connection, start: float, end: float) -> list[Walk]:
    """Return the walks that ended after one moment and by another, by root, the oldest first."""
    wanted = select(roots.c.path, walks.c.started, walks.c.ended, walks.c.record, walks.c.signature)
    inside = wanted.join(roots, roots.c.id == walks.c.root).where(walks.c.ended > start, walks.c.ended <= end)
    return [
        Walk(root=row.path, started=row.started, ended=row.ended, record=row.record, signature=row.signature)
        for row in connection.execute(inside.order_by(roots.c.path, walks.c.id))
    ]


def after(connection: Connection, moment_: float) -> list[Walk]:
    """Return for each root the first walk that ended after a moment: it says whether nobody watched before."""
    first = select(walks.c.root, func.min(walks.c.id).label("id")).where(walks.c.ended > moment_)
    earliest = first.group_by(walks.c.root).subquery()
    wanted = select(roots.c.path, walks.c.started, walks.c.ended, walks.c.record, walks.c.signature)
    rows = wanted.join(earliest, earliest.c.id == walks.c.id).join(roots, roots.c.id == walks.c.root)
    return [
        Walk(root=row.path, started=row.started, ended=row.ended, record=row.record, signature=row.signature)
        for row in connection.execute(rows.order_by(roots.c.path))
    ]


def lived(connection: Connection) -> list[Life]:
    """Return when daemons were at work, the earliest first."""
    rows = connection.execute(select(lives).order_by(lives.c.id))
    return [Life(began=row.began, alive=row.alive, signature=row.signature) for row in rows]


def live(connection: Connection, at_: float, sign: Callable[[str], str], *, begins: bool = False) -> None:
    """Note that the daemon is at work, signed. One that gave no sign for long was not: the machine may have slept."""
    last = connection.execute(select(lives).order_by(lives.c.id.desc()).limit(1)).one_or_none()
    if begins or last is None or not last.began <= at_ <= last.alive + _SILENT:
        life = Life(began=at_, alive=at_, signature="")
        connection.execute(insert(lives).values(began=at_, alive=at_, signature=sign(life.record)))
    elif at_ > last.alive:
        life = Life(began=last.began, alive=at_, signature="")
        mine = update(lives).where(lives.c.id == last.id)
        connection.execute(mine.values(alive=at_, signature=sign(life.record)))


def alive(connection: Connection, at_: float) -> None:
    """Note that the daemon is at work."""
    connection.execute(delete(meta).where(meta.c.name == "alive"))
    connection.execute(insert(meta).values(name="alive", value=repr(at_)))


def last_alive(connection: Connection) -> float | None:
    """Return when a daemon was last known to be at work."""
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "alive"))
    return None if value is None else float(value)


def down(connection: Connection, root: int, started: float) -> dict[str, str] | None:
    """Return from when to when no daemon watched before this one began, if it began since the last walk of a root."""
    before = connection.scalar(select(func.max(walks.c.ended)).where(walks.c.root == root))
    if before is None or before > started:
        return None
    value = connection.scalar(select(meta.c.value).where(meta.c.name == "alive_before"))
    return {"from": moment(float(value) if value is not None else before), "to": moment(started)}


def begin(connection: Connection) -> None:
    """Remember until when the daemon before this one was at work."""
    known = last_alive(connection)
    connection.execute(delete(meta).where(meta.c.name == "alive_before"))
    if known is not None:
        connection.execute(insert(meta).values(name="alive_before", value=repr(known)))
