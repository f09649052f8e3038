"""What reading one file may cost, and the small things every reader of documents shares.

A `Budget` is counted down by all levels of one file together: a bomb inside a bomb has no second purse.
Unpacked members live in anonymous memory files (memfd), never on disk and never under a name of theirs.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

from phiscan.errors import Encrypted, GapReason, Unreadable
from phiscan.model import Chunk, Gap, Limits, Part, Stage, Text

if TYPE_CHECKING:
    from phiscan.extract.kind import Kind

BLOCK = 1 << 18  # bytes read at a time
CHUNK = 1 << 18  # characters of a Text, about
RATIO_FLOOR = 10 << 20  # bytes unpacked below which the ratio is not looked at
NAME = 1024  # characters kept of a member's name

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Reader(Protocol):
    """Anything that gives bytes in order."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, b"" at the end."""
        ...


@dataclass(slots=True)
class Budget:
    """Bytes and members one file may still unpack to. `spent` once a limit has been reached."""

    limits: Limits
    packed: int  # bytes of the file on disk
    unpacked: int = 0
    entries: int = 0
    spent: bool = False

    def take(self, count: int) -> None:
        """Count `count` bytes more; raise `Unreadable` ("bomb") over a limit."""
        self.unpacked += count
        if self.unpacked > self.limits.unpacked:
            self.stop("more unpacked bytes than allowed")
        if self.unpacked > RATIO_FLOOR and self.unpacked > self.limits.ratio * max(self.packed, 1):
            self.stop("unpacks to too many times its size")

    def entry(self) -> None:
        """Count one member more; raise `Unreadable` ("bomb") over the limit."""
        self.entries += 1
        if self.entries > self.limits.entries:
            self.stop("more members than allowed")

    def stop(self, detail: str) -> None:
        """Declare the budget spent."""
        self.spent = True
        raise Unreadable("bomb", detail)


@dataclass(frozen=True, slots=True, repr=False)
class Doc:
    """A document to be read: a seekable stream and where it stands in its file."""

    stream: BinaryIO
    name: str  # its own last name, a hint for its kind
    size: int
    member: str = ""  # "" for the file itself
    depth: int = 0  # containers around it
    flaw: Gap | None = None  # what went wrong while it was unpacked
    labels: set[str] = field(default_factory=set, compare=False)  # labels already given to members

    def label(self, name: str) -> str:
        """Return the path by which a member called `name` is reported, distinct within this document."""
        clean = safe_name(name) or "unnamed"
        label = whole = f"{self.member}!{clean}" if self.member else clean
        count = 1
        while label in self.labels:
            count += 1
            label = f"{whole}#{count}"
        self.labels.add(label)
        return label

    def gap(self, reason: GapReason, detail: str = "", stage: Stage = "extract") -> Gap:
        """Return a gap that stands in this document."""
        return Gap(stage, reason, detail, self.member)


Visit = Callable[[Doc], Iterator[Part]]  # reads a document, whatever it is


def safe_name(name: str) -> str:
    """Return `name` with control characters and undecodable bytes escaped, shortened to 1,024 characters."""
    return _UNPRINTABLE.sub(_escape, name)[:NAME]


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02X}" if code < 256 else f"\\u{code:04X}"


def memory_file() -> BinaryIO:
    """Return an empty seekable file without a name on any disk."""
    return io.BufferedRandom(io.FileIO(os.memfd_create("phiscan"), "r+"))


def spool(reader: Reader, budget: Budget, *, counted: bool = False) -> tuple[BinaryIO, int, Unreadable | None]:
    """Copy `reader` to a memory file: the file, its size in bytes, and what stopped the copy before its end.

    `counted` says that the bytes of `reader` are already taken from the budget.
    """
    file, size, error = memory_file(), 0, None
    try:
        while block := reader.read(BLOCK):
            if not counted:
                budget.take(len(block))
            file.write(block)
            size += len(block)
    except Exception as problem:
        error = as_unreadable(problem, "compressed data is damaged")
    file.seek(0)
    return file, size, error


def as_unreadable(problem: BaseException, detail: str) -> Unreadable:
    """Return what a library raised as an `Unreadable` with a phrase of ours."""
    if isinstance(problem, Unreadable):
        return problem
    if isinstance(problem, MemoryError):
        return Unreadable("memory", "needs more memory than allowed")
    if isinstance(problem, RecursionError):
        return Unreadable("malformed", "nested too deeply")
    if isinstance(problem, OSError) and problem.errno is not None:  # the disk's, not a format's
        return Unreadable("vanished", "the file could not be read to its end")
    return Unreadable("malformed", detail)


def guard(chunks: Iterable[Chunk | Gap], doc: Doc, detail: str = "damaged content") -> Iterator[Chunk | Gap]:
    """Pass `chunks` on; an exception among them becomes the last gap. Gaps get the document's member."""
    try:
        for chunk in chunks:
            if isinstance(chunk, Gap) and not chunk.member and doc.member:
                yield Gap(chunk.stage, chunk.reason, chunk.detail, doc.member)
            else:
                yield chunk
    except Encrypted:
        yield doc.gap("unsupported", "encrypted section")
    except Exception as problem:
        error = as_unreadable(problem, detail)
        yield doc.gap(error.reason, error.detail)


def gap_part(doc: Doc, kind: Kind, reason: GapReason, detail: str) -> Part:
    """Return the part that stands for a document nothing of which could be read."""
    return Part(doc.member, kind.mime, doc.size, iter((doc.gap(reason, detail),)), status="gap")


def leaf(doc: Doc, kind: Kind, chunks: Iterable[Chunk | Gap], detail: str = "damaged content") -> Part:
    """Return the part of a document whose chunks are read as they are asked for."""
    return Part(doc.member, kind.mime, doc.size, guard(chunks, doc, detail))


def texts(
    lines: Iterable[str], *, line: int = 1, page: int | None = None, starts: bool = False, prose: bool = True
) -> Iterator[Text]:
    """Join `lines` to passages of about 256 Ki characters; a longer line is cut. No passage is empty."""
    held: list[str] = []
    size = 0
    for whole in lines:
        for at in range(0, len(whole) or 1, CHUNK):
            piece = whole[at : at + CHUNK]
            held.append(piece)
            size += len(piece) + 1
            if size >= CHUNK:
                text = "\n".join(held)
                yield Text(text, line, page, starts=starts, prose=prose)
                line += text.count("\n") + 1
                held, size, starts = [], 0, False
    text = "\n".join(held)
    if text.strip():
        yield Text(text, line, page, starts=starts, prose=prose)


def numbered(chunks: Iterable[Chunk | Gap]) -> Iterator[Chunk | Gap]:
    """Give each passage of a part the number of its first line in the part."""
    line = 1
    for chunk in chunks:
        if isinstance(chunk, Text):
            chunk.line = line
            line += chunk.text.count("\n") + 1
        yield chunk
