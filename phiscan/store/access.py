"""Who has read the files of incidents, as far as logs tell: rows of the store.

Readers count everything, lines are a bounded proof of it. The address of a reader is personal data: the purge takes it
after `retention.reader_addresses` and leaves the count.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, insert, or_, select, update

from phiscan.access.model import Target
from phiscan.access.readers import LINES, Evidence, Gathered, Reader
from phiscan.store.schema import incidents, ledger
from phiscan.store.schema_readers import accesses, accounts, logs, names, readers, searched
from phiscan.store.schema_readers import account_places as places

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.seal import Sealer

_PART: Final = 5_000  # incidents asked for together


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A log line that was kept. `seal` is the keyed hash of file, offset and line."""

    id: int
    incident: int
    at: float
    action: str
    address: str
    account: str
    service: str
    size: int | None
    extent: str
    sure: bool
    file: bytes
    place: int
    line: bytes
    seal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """How far a log was read. `head` is the hash of its first bytes, `first` the time of its first line."""

    path: bytes
    device: int
    inode: int
    place: int
    head: str
    services: tuple[str, ...]
    first: float | None
    read: float
    unread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account that several people seem to use."""

    service: str
    account: str
    kind: str
    addresses: int
    first: float
    last: float
    place: bytes = b""  # the folder of a zone or root where it is used so; "" where no place is told apart


@dataclass(slots=True)
class News:
    """What is new about the readers of an incident: who had not read it before, or had not got all of it."""

    readers: list[Reader] = field(default_factory=list)


def add(connection: Connection, found: Gathered, sealer: Sealer, sizes: dict[int, int | None]) -> dict[int, News]:
    """Add what logs say to what is known; return what is new, by incident."""
    known: dict[tuple[int, str, str, str], Any] = {}
    for key in {reader.key for reader in found.readers.values()}:
        for row in connection.execute(select(readers).where(readers.c.incident == key)):
            known[row.incident, row.address, row.account, row.service] = row
    news: dict[int, News] = {}
    for who, reader in found.readers.items():
        before_row = known.get(who)
        if before_row is None:
            connection.execute(insert(readers).values(**_values(reader)))
            fresh = True
        else:
            before = _reader(before_row)
            both = Reader(
                key=reader.key,
                address=reader.address,
                account=reader.account,
                service=reader.service,
                first=min(before.first, reader.first),
                last=max(before.last, reader.last),
                size=before.size + reader.size,
                extents=before.extents + reader.extents,
                sure=before.sure or reader.sure,
            )
            connection.execute(update(readers).where(readers.c.id == before_row.id).values(**_values(both)))
            whole, got = sizes.get(reader.key), ("complete", "parts")
            fresh = both.extent(whole) in got and before.extent(whole) not in got
        if fresh:
            news.setdefault(reader.key, News()).readers.append(reader)
    _keep(connection, found.lines, sealer)
    return news


def _keep(connection: Connection, lines: Iterable[Evidence], sealer: Sealer) -> None:
    kept: dict[tuple[object, ...], int] = {}
    for one in lines:
        access = one.access
        kind = (one.key, access.action, access.address, access.account)
        if kind not in kept:
            same = (
                accesses.c.incident == one.key,
                accesses.c.action == access.action,
                accesses.c.address == access.address,
                accesses.c.account == access.account,
            )
            kept[kind] = connection.scalar(select(func.count()).select_from(accesses).where(*same)) or 0
        if kept[kind] >= LINES:
            continue
        kept[kind] += 1
        line = one.line
        connection.execute(
            insert(accesses).values(
                incident=one.key,
                at=access.at,
                action=access.action,
                address=access.address,
                account=access.account,
                service="/".join(access.services),
                size=access.size,
                extent=one.extent,
                sure=int(one.sure),
                file=line.file,
                place=line.offset,
                line=line.text,
                seal=sealer.line(line.file, line.offset, line.text),
            )
        )


def readers_of(connection: Connection, incident: int) -> list[Reader]:
    """Return who has read the file of an incident, the latest first."""
    wanted = select(readers).where(readers.c.incident == incident).order_by(readers.c.last.desc(), readers.c.id)
    return [_reader(row) for row in connection.execute(wanted)]


def readers_among(connection: Connection, numbers: Iterable[int]) -> list[Reader]:
    """Return who has read the files of some incidents, the latest first."""
    found: list[Reader] = []
    for some in _parts(numbers):
        found += [_reader(row) for row in connection.execute(select(readers).where(readers.c.incident.in_(some)))]
    return sorted(found, key=lambda one: (-one.last, one.key, one.address))


def lines_of(connection: Connection, incident: int) -> list[Kept]:
    """Return the log lines that were kept for an incident, by their time."""
    wanted = select(accesses).where(accesses.c.incident == incident).order_by(accesses.c.at, accesses.c.id)
    return [Kept(**{**row._mapping, "sure": bool(row.sure)}) for row in connection.execute(wanted)]


def unsearched(connection: Connection, count: int) -> list[int]:
    """Return incidents for which the logs were not searched yet, the latest first."""
    done = select(searched.c.incident)
    files = incidents.c.subject == "", incidents.c.id.notin_(done)
    wanted = select(incidents.c.id).where(*files).order_by(incidents.c.id.desc()).limit(count)
    return list(connection.scalars(wanted))


def standing(connection: Connection) -> list[int]:
    """Return incidents whose file is still there, as far as is known, and for which the logs were searched."""
    there = or_(incidents.c.state != "resolved", incidents.c.resolution.in_(("person", "unexposed")))
    wanted = select(incidents.c.id).join(searched, searched.c.incident == incidents.c.id)
    return list(connection.scalars(wanted.where(there).order_by(incidents.c.id)))


def exposing(connection: Connection) -> frozenset[str]:
    """Return the services that give away something of which there is an incident that is not over."""
    files = incidents.c.state != "resolved", incidents.c.subject == ""
    wanted = select(incidents.c.exposure).where(*files).distinct()
    found = (reason["service"] for said in connection.scalars(wanted) for reason in json.loads(said)["reasons"])
    return frozenset(found)


def is_searched(connection: Connection, incident: int) -> float | None:
    """Return when the logs were searched for an incident, None where they were not yet."""
    found: float | None = connection.scalar(select(searched.c.at).where(searched.c.incident == incident))
    return found


def set_searched(connection: Connection, numbers: Iterable[int], at: float) -> None:
    """Note that everything in the logs was searched for some incidents."""
    rows = [{"incident": number, "at": at} for number in numbers]
    if rows:
        connection.execute(delete(searched).where(searched.c.incident.in_([row["incident"] for row in rows])))
        connection.execute(insert(searched), rows)


def named(connection: Connection, incident: int, path: bytes, until: float) -> None:
    """Note what the file of an incident was called until now."""
    connection.execute(insert(names).values(incident=incident, path=path, until=until))


def names_of(connection: Connection, numbers: Iterable[int]) -> dict[int, tuple[tuple[bytes, float], ...]]:
    """Return earlier paths of the files of some incidents, each with until when."""
    found: dict[int, tuple[tuple[bytes, float], ...]] = {}
    for row in connection.execute(select(names).where(names.c.incident.in_(list(numbers))).order_by(names.c.id)):
        found[row.incident] = (*found.get(row.incident, ()), (row.path, row.until))
    return found


def sizes_of(connection: Connection, numbers: Iterable[int]) -> dict[int, int | None]:
    """Return how large the files of some incidents are, None where that is not known any more."""
    found: dict[int, int | None] = {}
    for some in _parts(numbers):
        found |= {row.id: row.size for row in connection.execute(_placed(some))}
    return found


def unchanged_since(connection: Connection, incident: int) -> float | None:
    """Return since when nothing about the file of an incident has changed, by its ctime; None where it is gone."""
    here = (ledger.c.root == incidents.c.root) & (ledger.c.path == incidents.c.path)
    wanted = select(ledger.c.ctime_ns).join(incidents, here).where(incidents.c.id == incident)
    found = connection.scalar(wanted)
    return None if found is None else found / 1e9


def targets(connection: Connection, numbers: Iterable[int]) -> list[Target]:
    """Return what the logs are to be searched for, for some incidents."""
    found: list[Target] = []
    for some in _parts(numbers):
        earlier = names_of(connection, some)
        found += [
            Target(key=row.id, path=row.path, size=row.size, names=earlier.get(row.id, ()))
            for row in connection.execute(_placed(some))
        ]
    return found


def _placed(numbers: list[int]) -> Any:
    """Return a query for the places of incidents, with the size of the file where it is still there."""
    here = (ledger.c.root == incidents.c.root) & (ledger.c.path == incidents.c.path)
    placed = select(incidents.c.id, incidents.c.path, ledger.c.size).outerjoin(ledger, here)
    return placed.where(incidents.c.id.in_(numbers)).order_by(incidents.c.id)


def _parts(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Yield numbers in parts that a database takes in one query."""
    rest = sorted(numbers)
    for start in range(0, len(rest), _PART):
        yield rest[start : start + _PART]


def log_states(connection: Connection) -> list[LogState]:
    """Return every log that was ever met, by its path."""
    rows = connection.execute(select(logs).order_by(logs.c.path))
    return [_log(row) for row in rows]


def set_log(connection: Connection, state: LogState) -> None:
    """Note how far a log was read."""
    values = {name: getattr(state, name) for name in LogState.__slots__} | {"services": " ".join(state.services)}
    connection.execute(delete(logs).where(logs.c.path == state.path))
    connection.execute(insert(logs).values(**values))


def set_account(connection: Connection, found: Account) -> bool:
    """Note an account that several people seem to use; return whether that is news."""
    key = accounts.c.service == found.service, accounts.c.account == found.account, accounts.c.kind == found.kind
    before = connection.execute(select(accounts).where(*key)).one_or_none()
    if before is None:
        connection.execute(insert(accounts).values(**{name: getattr(found, name) for name in _ACCOUNT}))
        return True
    values = {"addresses": max(before.addresses, found.addresses), "last": max(before.last, found.last)}
    connection.execute(update(accounts).where(*key).values(**values))
    return False


def accounts_of(connection: Connection) -> list[Account]:
    """Return the accounts that several people seem to use."""
    rows = connection.execute(select(accounts).order_by(accounts.c.last.desc(), accounts.c.id))
    return [Account(**{name: getattr(row, name) for name in _ACCOUNT}) for row in rows]


_ACCOUNT: Final = ("service", "account", "kind", "addresses", "first", "last")


def set_account_place(connection: Connection, found: Account) -> None:
    """Note where an account is used as several people would."""
    key = [getattr(places.c, name) == getattr(found, name) for name in ("service", "account", "kind", "place")]
    before = connection.execute(select(places).where(*key)).one_or_none()
    if before is None:
        connection.execute(insert(places).values(**{name: getattr(found, name) for name in (*_ACCOUNT, "place")}))
        return
    values = {"addresses": max(before.addresses, found.addresses), "last": max(before.last, found.last)}
    connection.execute(update(places).where(*key).values(**values))


def account_places(connection: Connection) -> list[Account]:
    """Return where accounts are used as several people would."""
    rows = connection.execute(select(places).order_by(places.c.id))
    return [Account(**{name: getattr(row, name) for name in (*_ACCOUNT, "place")}) for row in rows]


def _values(reader: Reader) -> dict[str, Any]:
    return {
        "incident": reader.key,
        "address": reader.address,
        "account": reader.account,
        "service": reader.service,
        "first": reader.first,
        "last": reader.last,
        "size": reader.size,
        "extents": json.dumps(reader.extents, sort_keys=True),
        "sure": int(reader.sure),
    }


def _reader(row: Any) -> Reader:
    return Reader(
        key=row.incident,
        address=row.address,
        account=row.account,
        service=row.service,
        first=row.first,
        last=row.last,
        size=row.size,
        extents=Counter(json.loads(row.extents)),
        sure=bool(row.sure),
    )


def _log(row: Any) -> LogState:
    values = {name: getattr(row, name) for name in LogState.__slots__}
    return LogState(**{**values, "services": tuple(row.services.split())})
