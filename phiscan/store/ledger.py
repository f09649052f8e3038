"""The ledger: what has been seen of every file, so that unchanged content is not read again.

A row's facts are what rules may know. So changed rules judge again without reading, and who is in a file is kept
for incidents only. `pending` orders what is still to be read. Counts over many rows are made in `ledger_sums.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, delete, func, insert, select, update

from phiscan.judge import Facts
from phiscan.model import Gap, Level, Place, Severity
from phiscan.store.facts import read_facts, read_gaps, write_facts, write_gaps
from phiscan.store.paths import inside
from phiscan.store.schema import ledger, roots

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

_SIGNED = 1 << 63

# What is asked for each file is built once: building a statement costs more than running it.
_GET = select(ledger).where(ledger.c.root == bindparam("in_root"), ledger.c.path == bindparam("at_path"))
_AT_INODE = select(ledger).where(ledger.c.inode == bindparam("at_inode")).limit(20)
_SEEN = select(
    ledger.c.path, ledger.c.id, ledger.c.inode, ledger.c.size, ledger.c.mtime_ns, ledger.c.ctime_ns, ledger.c.level,
    ledger.c.read, ledger.c.status, ledger.c.facts.isnot(None),
).where(ledger.c.root == bindparam("in_root"), ledger.c.path.in_(bindparam("at_paths", expanding=True)))  # fmt: skip
_INSERT = insert(ledger)
_UPDATE = update(ledger).where(ledger.c.id == bindparam("row"))


class Pending(IntEnum):
    """Why a file is still to be read, least urgent first."""

    CHECK = 1  # only its ctime moved: most likely a chmod, but content can be changed behind a forged mtime
    AGAIN = 2  # the recognizers have changed
    FOUND = 3  # met by a walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A watched root, as the store knows it."""

    id: int
    path: bytes
    device: int | None
    inode: int | None
    walked: float | None  # when its first whole walk ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the ledger."""

    root: int
    path: bytes
    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    level: Level
    id: int = 0
    content: str | None = None
    status: str | None = None
    facts: Facts | None = None
    gaps: tuple[Gap, ...] = ()
    severity: Severity = Severity.NONE
    detect: str | None = None
    rules: str | None = None
    read: float | None = None
    pending: Pending | None = None

    def same_content(self, place: Place) -> bool:
        """Whether inode, size and modification time are those of `place`: nothing says that it was written to."""
        return (self.inode, self.size, self.mtime_ns) == (_signed(place.inode), place.size, place.mtime_ns)

    def same(self, place: Place) -> bool:
        """Whether nothing at all has changed, rights included."""
        return self.same_content(place) and self.ctime_ns == place.ctime_ns

    def at(self, place: Place, level: Level) -> Entry:
        """Return the row with the status of `place` and its exposure."""
        return replace(
            self,
            path=place.path,
            device=_signed(place.device),
            inode=_signed(place.inode),
            size=place.size,
            mtime_ns=place.mtime_ns,
            ctime_ns=place.ctime_ns,
            level=level,
        )


class Seen(NamedTuple):
    """What a walk has to know of a row to tell that nothing is to be done: it asks for every file there is."""

    id: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    level: int
    read: float | None
    status: str | None
    facts: bool  # whether there are any

    def same_content(self, place: Place) -> bool:
        """Whether nothing says that the file was written to."""
        return (self.inode, self.size, self.mtime_ns) == (_signed(place.inode), place.size, place.mtime_ns)

    def settled(self, place: Place) -> bool:
        """Whether the file was read, there is nothing to be tried again, and nothing has changed, rights included."""
        read = self.read is not None and self.status != "gap"
        return read and self.ctime_ns == place.ctime_ns and self.same_content(place)


def entry_of(root: int, place: Place, level: Level, pending: Pending | None = None) -> Entry:
    """Return the row of a file that has not been read."""
    empty = Entry(root=root, path=b"", device=0, inode=0, size=0, mtime_ns=0, ctime_ns=0, level=level, pending=pending)
    return empty.at(place, level)


def root_of(connection: Connection, path: bytes) -> Root:
    """Return the root at `path`, known from now on."""
    found = connection.execute(select(roots).where(roots.c.path == path)).one_or_none()
    if found is None:
        connection.execute(insert(roots).values(path=path))
        return root_of(connection, path)
    return Root(**found._mapping)


def all_roots(connection: Connection) -> list[Root]:
    """Return every root that was ever watched."""
    return [Root(**row._mapping) for row in connection.execute(select(roots).order_by(roots.c.id))]


def identity(device: int, inode: int) -> tuple[int, int]:
    """Return device and inode as the store has them."""
    return _signed(device), _signed(inode)


def set_root(connection: Connection, root: int, **values: Any) -> None:
    """Change what is known of a root: `device`, `inode`, `walked`."""
    values = {name: _signed(value) if isinstance(value, int) else value for name, value in values.items()}
    connection.execute(update(roots).where(roots.c.id == root).values(**values))


def get(connection: Connection, root: int, path: bytes) -> Entry | None:
    """Return the row of a file."""
    found = connection.execute(_GET, {"in_root": root, "at_path": path}).one_or_none()
    return None if found is None else _entry(found)


def by_id(connection: Connection, row: int) -> Entry | None:
    """Return a row by its id."""
    found = connection.execute(select(ledger).where(ledger.c.id == row)).one_or_none()
    return None if found is None else _entry(found)


def get_all(connection: Connection, root: int, paths: Sequence[bytes]) -> dict[bytes, Entry]:
    """Return the rows of some files, by path. At most a few hundred at once."""
    found = connection.execute(select(ledger).where(ledger.c.root == root, ledger.c.path.in_(paths)))
    return {row.path: _entry(row) for row in found}


def seen(connection: Connection, root: int, paths: Sequence[bytes]) -> dict[bytes, Seen]:
    """Return the little that a walk asks of the rows of some files, by path. At most a few hundred at once."""
    found = connection.execute(_SEEN, {"in_root": root, "at_paths": paths}).all()
    return {path: Seen(*row) for path, *row in found}


def at_inode(connection: Connection, place: Place) -> list[Entry]:
    """Return the rows with the inode of `place`: where it lay before it was moved, or its other names."""
    found = connection.execute(_AT_INODE, {"at_inode": _signed(place.inode)})
    return [_entry(row) for row in found]


def put(connection: Connection, entry: Entry) -> int:
    """Write a row, a new one where it has no id; return its id."""
    values = _values(entry)
    if entry.id:
        connection.execute(_UPDATE, values | {"row": entry.id})
        return entry.id
    made: Any = connection.execute(_INSERT, values).inserted_primary_key
    return int(made[0])


def put_new(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write rows that are known to be new."""
    if entries:
        connection.execute(insert(ledger), [_values(entry) for entry in entries])


def put_off(connection: Connection, root: int, place: Place, level: Level, known: Entry | None) -> None:
    """Have a file wait here until it is its turn to be read. `known` is its row, if it has one."""
    if known is None:
        put_new(connection, [entry_of(root, place, level, Pending.FOUND)])
    elif known.pending is not Pending.FOUND:
        set_pending(connection, [known.id], Pending.FOUND)


def drop(connection: Connection, row: int) -> None:
    """Forget a file that is gone."""
    connection.execute(delete(ledger).where(ledger.c.id == row))


def set_pending(connection: Connection, rows: Iterable[int], pending: Pending | None) -> None:
    """Say of some rows that they are to be read, or no longer."""
    values = [{"row": row, "to": pending} for row in rows]
    if values:
        connection.execute(
            update(ledger).where(ledger.c.id == bindparam("row")).values(pending=bindparam("to")), values
        )


def within(roots: Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that a row is one of some roots, for what the index of what is pending has to answer.

    As a sum: SQLite would go through a root's whole ledger, which has an index too.
    """
    return (ledger.c.root + 0).in_(list(roots))


def pending(
    connection: Connection,
    count: int,
    busy: Iterable[int] = (),
    roots: Collection[int] | None = None,
    *,
    found: bool = False,
) -> list[Entry]:
    """Return what is to be read next: met before changed recognizers, then the exposed, then the recent.

    `busy`: rows that are being read already. `roots`: those whose files are asked for, else all. `found`: only what a
    walk has met.
    """
    wanted = select(ledger).where(
        ledger.c.pending == Pending.FOUND if found else ledger.c.pending.isnot(None), ledger.c.id.notin_(list(busy))
    )
    if roots is not None:
        wanted = wanted.where(within(roots))
    order = ledger.c.pending.desc(), ledger.c.level.desc(), ledger.c.mtime_ns.desc(), ledger.c.id
    rows = connection.execute(wanted.order_by(*order).limit(count))
    return [_entry(row) for row in rows]


def any_pending(connection: Connection, roots: Collection[int], busy: Iterable[int]) -> bool:
    """Return whether any file of some roots is still to be read, besides those that are being read already."""
    wanted = ledger.c.pending.isnot(None), within(roots), ledger.c.id.notin_(list(busy))
    return connection.execute(select(ledger.c.id).where(*wanted).limit(1)).first() is not None


def waiting(connection: Connection, root: int | None = None) -> int:
    """Return how many files are still to be read, those of changed recognizers left out."""
    wanted = select(func.count()).select_from(ledger).where(ledger.c.pending == Pending.FOUND)
    return connection.scalar(wanted if root is None else wanted.where(ledger.c.root == root)) or 0


def stale(connection: Connection, detect: str, roots: Collection[int]) -> int:
    """Mark every row of some roots that other recognizers have read as to be read again; return how many there are."""
    wanted = ledger.c.detect != detect, ledger.c.pending.is_(None), ledger.c.root.in_(list(roots))
    changed = update(ledger).where(*wanted)
    return connection.execute(changed.values(pending=Pending.AGAIN)).rowcount


def judged_otherwise(connection: Connection, rules: str, after: int, count: int) -> list[Entry]:
    """Return rows that other rules have judged, by id, from the one after `after`."""
    wanted = select(ledger).where(ledger.c.rules != rules, ledger.c.facts.isnot(None), ledger.c.id > after)
    return [_entry(row) for row in connection.execute(wanted.order_by(ledger.c.id).limit(count))]


def last_id(connection: Connection) -> int:
    """Return the highest id there is; 0 for an empty ledger."""
    return connection.scalar(select(func.max(ledger.c.id))) or 0


def below(connection: Connection, root: int, folder: bytes, after: bytes, upto: int, count: int = 1000) -> list[Entry]:
    """Return rows at or below a path, in the order of their paths: the next ones after `after`, `b""` for the first.

    None has an id above `upto`.
    """
    return [_entry(row) for row in _page(connection, ledger.c, root, folder, after, upto, count)]


def beginning(connection: Connection, root: int, start: bytes) -> list[Entry]:
    """Return the rows of one folder whose paths begin with `start`, a folder's path and the beginning of a name."""
    wanted = select(ledger).where(ledger.c.root == root, ledger.c.path >= start, ledger.c.path < start + b"\xff")
    folder = start.rfind(b"/")
    return [_entry(row) for row in connection.execute(wanted) if row.path.rfind(b"/") == folder]


def paths_below(
    connection: Connection, root: int, folder: bytes, after: bytes, upto: int, count: int
) -> list[tuple[int, bytes]]:
    """Return ids and paths of the rows that `below` returns: a walk asks for all of them, and needs few."""
    columns = ledger.c.id, ledger.c.path
    return [(row, path) for row, path in _page(connection, columns, root, folder, after, upto, count)]


def _page(
    connection: Connection, columns: Iterable[Any], root: int, folder: bytes, after: bytes, upto: int, count: int
) -> list[Any]:
    """Return the next rows at or below a path.

    In the order of the index over root and path: in any other, each page costs as much as all of them.
    """
    wanted = select(*columns).where(ledger.c.root == root, ledger.c.id <= upto).order_by(ledger.c.path).limit(count)
    found = [] if after else [*connection.execute(wanted.where(ledger.c.path == folder)).all()]
    return [*found, *connection.execute(wanted.where(inside(ledger.c.path, folder, after))).all()][:count]


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "root": entry.root,
        "path": entry.path,
        "device": entry.device,
        "inode": entry.inode,
        "size": entry.size,
        "mtime_ns": entry.mtime_ns,
        "ctime_ns": entry.ctime_ns,
        "content": entry.content,
        "status": entry.status,
        "level": int(entry.level),
        "facts": None if entry.facts is None else write_facts(entry.facts),
        "gaps": write_gaps(entry.gaps),
        "severity": int(entry.severity),
        "detect": entry.detect,
        "rules": entry.rules,
        "read": entry.read,
        "pending": None if entry.pending is None else int(entry.pending),
    }


def _entry(row: Any) -> Entry:
    level = Level(row.level)
    return Entry(
        id=row.id,
        root=row.root,
        path=row.path,
        device=row.device,
        inode=row.inode,
        size=row.size,
        mtime_ns=row.mtime_ns,
        ctime_ns=row.ctime_ns,
        content=row.content,
        status=row.status,
        level=level,
        facts=None if row.facts is None else read_facts(row.facts, level),
        gaps=read_gaps(row.gaps),
        severity=Severity(row.severity),
        detect=row.detect,
        rules=row.rules,
        read=row.read,
        pending=None if row.pending is None else Pending(row.pending),
    )


def _signed(number: int) -> int:
    """Return an inode or device as databases take it: 64 bits with a sign."""
    return number - 2 * _SIGNED if number >= _SIGNED else number
