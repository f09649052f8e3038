"""What came out of logs for some files: who read them, how much of them, and the lines that prove it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from phiscan.access.model import Access, Extent, Line

LINES: Final = 50  # lines kept of one reader, or of one kind of change: all are counted
_PIECES: Final = "pieces"  # among the extents: further pieces of reads that are counted there already
_READERS: Final = 10_000  # readers of one file that are told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A line that speaks of a file. `key` says of which."""

    key: int
    access: Access
    line: Line
    extent: Extent
    sure: bool


@dataclass(slots=True, kw_only=True)
class Reader:
    """An address and account that read a file, over one service. `size` are all bytes, in as many reads."""

    key: int
    address: str
    account: str
    service: str
    first: float
    last: float
    size: int = 0
    extents: Counter[str] = field(default_factory=Counter)
    sure: bool = False  # at least one line is certain

    @property
    def reads(self) -> int:
        """How often it was read."""
        return sum(self.extents.values()) - self.extents[_PIECES]

    @property
    def by_extent(self) -> dict[str, int]:
        """How many of its reads have got how much."""
        return {extent: count for extent, count in self.extents.items() if extent != _PIECES}

    @property
    def known(self) -> int | None:
        """The bytes that it is known to have got; None where no log tells."""
        return self.size if self.size or self.extents["unknown"] < self.reads else None

    def extent(self, whole: int | None) -> Extent:
        """Return the most that it has got of a file of `whole` bytes."""
        return most(self.extents, self.size, whole)


@dataclass(slots=True)
class Gathered:
    """What the logs say. Everything is counted, `lines` are bounded."""

    readers: dict[tuple[int, str, str, str], Reader] = field(default_factory=dict)
    lines: list[Evidence] = field(default_factory=list)
    _apart: Counter[int] = field(default_factory=Counter)
    _kept: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def take(self, evidence: Evidence) -> None:
        """Count an access to a file, and keep its line where there are not enough of its kind."""
        access = evidence.access
        service = "/".join(access.services)
        kind: tuple[object, ...] = (evidence.key, access.action)
        if access.action == "read":
            who = (evidence.key, access.address, access.account, service)
            if who not in self.readers:
                self._apart[evidence.key] += 1
            if who not in self.readers and self._apart[evidence.key] > _READERS:
                who = (evidence.key, "", "", service)  # the rest together
            kind = who
            reader = self.readers.setdefault(
                who,
                Reader(key=who[0], address=who[1], account=who[2], service=service, first=access.at, last=access.at),
            )
            reader.first, reader.last = min(reader.first, access.at), max(reader.last, access.at)
            reader.size += access.size or 0
            reader.extents[_PIECES if access.piece else evidence.extent] += 1
            reader.sure |= evidence.sure
        if access.piece:
            return
        if self._kept[kind] < LINES:
            self._kept[kind] += 1
            self.lines.append(evidence)


def extent_of(access: Access, whole: int | None) -> Extent:
    """Return how much of a file of `whole` bytes (None: unknown) an access has fetched.

    What the server calls complete may begin in the middle: only as many bytes as the file has are all of it.
    """
    if access.complete is False:
        return "partial"
    if access.span is not None and whole is not None:
        return "complete" if access.span[0] == 0 and access.span[1] >= whole else "partial"
    size = access.size
    if size is None:
        return "unknown"
    if whole is None:
        return "complete" if access.complete else "unknown"
    if size >= whole:
        return "complete"
    return "short" if access.format == "combined" else "partial"


def most(extents: Counter[str], size: int, whole: int | None) -> Extent:
    """Return the most that reads of these extents, together `size` bytes, have fetched of a file."""
    if extents["complete"]:
        return "complete"
    pieces = extents["partial"] + extents["short"]
    if whole and (pieces > 1 or extents[_PIECES]) and size >= whole:
        return "parts"
    if extents["unknown"]:
        return "unknown"
    return "short" if extents["short"] else "partial"
