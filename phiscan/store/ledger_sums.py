"""What the ledger comes to: how many files a root or folder holds, in which state, with which gaps, and what was found.

Each is asked of the database as a whole; single rows are `phiscan.store.ledger`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, literal_column, select

from phiscan.judge import Facts
from phiscan.model import Gap, Level
from phiscan.store.facts import read_facts, read_gaps
from phiscan.store.paths import inside
from phiscan.store.schema import ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FOUND: Final = 200  # files of which is asked what was found below a folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Files of one folder that are alike in all that is counted."""

    status: str | None
    level: Level
    facts: Facts | None
    files: int
    size: int  # bytes of all of them


def alike_below(connection: Connection, root: int, folder: bytes) -> list[Alike]:
    """Return the files below a folder by what is known of them: most are alike, so it is few rows for many files."""
    keys = ledger.c.status, ledger.c.level, ledger.c.facts
    mine = ledger.c.root == root, inside(ledger.c.path, folder)
    wanted = select(*keys, func.count(), func.sum(ledger.c.size)).where(*mine)
    return [
        Alike(
            status=status,
            level=Level(level),
            facts=None if facts is None else read_facts(facts, Level(level)),
            files=files,
            size=int(size),
        )
        for status, level, facts, files, size in connection.execute(wanted.group_by(*keys))
    ]


def count_below(connection: Connection, root: int, folder: bytes) -> int:
    """Return how many rows there are below a folder."""
    mine = ledger.c.root == root, inside(ledger.c.path, folder)
    return connection.scalar(select(func.count()).select_from(ledger).where(*mine)) or 0


def count_beside(
    connection: Connection, root: int, folder: bytes, others: Collection[bytes], enough: int | None = None
) -> int:
    """Return how many rows there are below a folder and below none of some others in it, at most `enough`."""
    mine = [ledger.c.root == root, inside(ledger.c.path, folder), *(~inside(ledger.c.path, one) for one in others)]
    found = select(ledger.c.id).where(*mine).limit(enough)
    return connection.scalar(select(func.count()).select_from(found.subquery())) or 0


def found_below(connection: Connection, root: int, folder: bytes, most: int = _FOUND) -> Facts:
    """Return what is known of identified people's health data below a folder: of so many files, counts "at least".

    Nothing of it where there is none. An index holds the files in which something was found, among all others.
    """
    something = ledger.c.severity > literal_column("0")
    health = ~ledger.c.facts.contains('"health":0,', autoescape=True)
    mine = ledger.c.root == root, inside(ledger.c.path, folder), something, ledger.c.facts.isnot(None), health
    found = Facts(Level.RESTRICTED, exact=False, identified_health_exact=False)
    for written, level in connection.execute(select(ledger.c.facts, ledger.c.level).where(*mine).limit(most)):
        one, categories = read_facts(written, Level(level)), dict(found.categories)
        for name, its in one.categories.items():
            known = categories.get(name, its)
            categories[name] = replace(known, hits=max(known.hits, its.hits), persons=max(known.persons, its.persons))
        found = replace(
            found,
            records=max(found.records, one.records),
            persons=max(found.persons, one.persons),
            identified_health=max(found.identified_health, one.identified_health),
            strong_persons=max(found.strong_persons, one.strong_persons),
            categories=categories,
        )
    return found


def totals(connection: Connection, root: int) -> dict[str, int]:
    """Return how many files of a root are in which status; `files` and `bytes` are all of them."""
    found = connection.execute(
        select(ledger.c.status, func.count(), func.sum(ledger.c.size))
        .where(ledger.c.root == root)
        .group_by(ledger.c.status)
    ).all()
    by_status = {str(status or "unread"): int(count) for status, count, _ in found}
    return {"files": sum(by_status.values()), "bytes": sum(int(size or 0) for _, _, size in found), **by_status}


def gaps(connection: Connection) -> Counter[str]:
    """Return how many gaps there are for each reason."""
    wanted = select(ledger.c.gaps, func.count()).where(ledger.c.gaps.isnot(None)).group_by(ledger.c.gaps)
    counted: Counter[str] = Counter()
    for written, count in connection.execute(wanted):
        counted.update({gap.reason: count for gap in read_gaps(written)})
    return counted


def with_gaps(connection: Connection, root: int) -> list[tuple[bytes, Gap]]:
    """Return everything in a root that was not read, by path."""
    wanted = select(ledger.c.path, ledger.c.gaps).where(ledger.c.root == root, ledger.c.gaps.isnot(None))
    found = connection.execute(wanted.order_by(ledger.c.path))
    return [(row.path, gap) for row in found for gap in read_gaps(row.gaps)]
