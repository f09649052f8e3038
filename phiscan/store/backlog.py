"""What is still to be read, and what changed recognizers and rules would have read and judged again: files and bytes.

Files are counted apart by size: a small one costs by its number, a large one by its bytes. From what reading has cost
so far follows how long it will take.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import case, func, select

from phiscan.model import Level
from phiscan.store.ledger import within
from phiscan.store.notes import note, set_note
from phiscan.store.schema import ledger

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

SMALL: Final = 256 << 10  # bytes: below, opening and starting cost more than reading
_MEMORY: Final = 1000.0  # files of which the running figure is a mean; what was before fades


@dataclass(frozen=True, slots=True)
class Amount:
    """Files and their bytes; of those below `SMALL` the number, of the others the bytes."""

    files: int = 0
    bytes: int = 0
    small: int = 0  # files
    large: int = 0  # bytes

    def __add__(self, other: Amount) -> Amount:
        """Return both together."""
        return Amount(
            self.files + other.files, self.bytes + other.bytes, self.small + other.small, self.large + other.large
        )


@dataclass
class Rate:
    """What reading has cost: a running figure. `seconds` are those of one worker."""

    files: float = 0.0  # small ones
    files_seconds: float = 0.0
    bytes: float = 0.0  # of large ones
    bytes_seconds: float = 0.0
    measured: int = 0  # files, in all
    fresh: bool = field(default=False, compare=False)  # something was noted that the store does not know

    def read(self, size: int, seconds: float) -> None:
        """Take note of a file that was read."""
        keep = 1 - 1 / _MEMORY
        if size < SMALL:
            self.files, self.files_seconds = self.files * keep + 1, self.files_seconds * keep + seconds
        else:
            self.bytes, self.bytes_seconds = self.bytes * keep + size, self.bytes_seconds * keep + seconds
        self.measured, self.fresh = self.measured + 1, True

    def seconds(self, amount: Amount, workers: int, bandwidth: int | None = None) -> float | None:
        """Return how long so much will take, None where nothing has been measured that tells."""
        if not amount.files:
            return 0.0
        if not self.measured:
            return None
        a_file = self.files_seconds / self.files if self.files else 0.0
        # Where only one kind was read, it stands for the other: as if every small file had half the limit.
        a_byte = self.bytes_seconds / self.bytes if self.bytes else 2 * a_file / SMALL
        a_file = a_file or a_byte * SMALL / 2
        working = (amount.small * a_file + amount.large * a_byte) / workers
        return max(working, amount.bytes / bandwidth if bandwidth else 0.0)

    @property
    def bytes_per_second(self) -> float | None:
        """How many bytes of large files one worker reads a second; None where it has read none."""
        return self.bytes / self.bytes_seconds if self.bytes_seconds else None

    @property
    def files_per_second(self) -> float | None:
        """How many small files one worker reads a second; None where it has read none."""
        return self.files / self.files_seconds if self.files_seconds else None


def rate(connection: Connection) -> Rate:
    """Return what reading has cost so far, as the daemon last noted it."""
    known = note(connection, "rate") or {}
    return Rate(**{name: known[name] for name in _KEPT if name in known})


def keep_rate(connection: Connection, measured: Rate) -> None:
    """Note what reading has cost."""
    if measured.fresh:
        set_note(connection, "rate", {name: getattr(measured, name) for name in _KEPT})
        measured.fresh = False


_KEPT: Final = ("files", "files_seconds", "bytes", "bytes_seconds", "measured")


def waiting(connection: Connection, roots: Iterable[int]) -> Amount:
    """Return what is still to be read in some roots, whyever."""
    return sum(_by_level(connection, roots, ledger.c.pending.isnot(None)).values(), Amount())


def unread(connection: Connection, roots: Collection[int]) -> dict[Level, Amount]:
    """Return what was met and never read, by exposure."""
    return _by_level(connection, roots, ledger.c.read.is_(None), ledger.c.pending.isnot(None))


def read_otherwise(connection: Connection, roots: Collection[int], detect: str) -> dict[Level, Amount]:
    """Return what was read with other recognizers than those of a digest, by exposure: it would be read again."""
    return _by_level(connection, roots, ledger.c.detect != detect)


def judged_otherwise(connection: Connection, roots: Collection[int], detect: str, rules: str) -> dict[Level, Amount]:
    """Return what was read with these recognizers but judged by other rules: it would be judged again, unread."""
    wanted = ledger.c.detect == detect, ledger.c.rules != rules, ledger.c.facts.isnot(None)
    return _by_level(connection, roots, *wanted)


def _by_level(connection: Connection, roots: Iterable[int], *wanted: ColumnElement[bool]) -> dict[Level, Amount]:
    small: Any = case((ledger.c.size < SMALL, 1), else_=0)
    columns = (
        ledger.c.level,
        func.count(),
        func.sum(ledger.c.size),
        func.sum(small),
        func.sum(case((ledger.c.size < SMALL, 0), else_=ledger.c.size)),
    )
    found = connection.execute(select(*columns).where(within(roots), *wanted).group_by(ledger.c.level))
    return {Level(row[0]): Amount(*(int(value or 0) for value in row[1:])) for row in found}
