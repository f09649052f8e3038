"""Reading one file through the workers: opened, shared out where it is large, and its answer put together.

The one-off scan and the daemon read with this; what they make of the answer is their own affair.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from phiscan.errors import Unreadable
from phiscan.isolate import Job, Result
from phiscan.model import Limits, Place
from phiscan.source.open import open_regular
from phiscan.source.paths import below
from phiscan.tally import Tally

_SHARED_FROM = 32 << 20  # bytes: a table this large is read by all workers together
_LATE = 4  # times as long may what makes way for everybody take: see `phiscan.isolate.priority`
_HEAD = 2 << 20  # bytes of a large table that are read first

Parts = list[tuple[Mapping[str, Any], Tally]]
Opening = Generator[None, None, tuple[int, os.stat_result]]


@dataclass(slots=True)
class Reading:
    """One file that workers read. `tag` is whatever the reader's owner wants to know of it later."""

    place: Place
    tag: Any
    times: int = 0  # how often it was read before, and had changed meanwhile
    shares: int = 1  # workers that read it together
    late: bool = False  # it could wait: read at idle priority, and given up for what cannot
    pace: float | None = None  # bytes a second, of all shares together; None: as fast as it goes
    begun: float = 0.0  # `time.monotonic()` when the first share went to a worker
    results: list[Result] = field(default_factory=list)  # of the shares that answered


class Local:
    """Opens files of this machine."""

    def __init__(self, roots: Sequence[bytes]) -> None:
        self.roots = tuple(roots)

    def open(self, place: Place) -> Opening:
        """Return a file opened for reading, and its status. Raises Unreadable."""
        yield from ()
        return open_regular(place.path, self.roots)

    def again(self, path: bytes, opened: int) -> tuple[int, os.stat_result]:
        """Open the same file once more: a duplicate would share the position in it. Raises Unreadable."""
        return open_regular(path, self.roots)

    def status(self, path: bytes) -> os.stat_result:
        """Return what the file is now. Raises OSError."""
        return os.stat(path) if path in self.roots else os.lstat(path)


class Reader:
    """Hands out files and puts answers together. `roots` are the paths given by hand; names are searched below them."""

    def __init__(self, limits: Limits, workers: int, roots: Sequence[bytes]) -> None:
        self._limits, self.workers, self._roots = limits, workers, tuple(roots)

    def jobs(self, reading: Reading, source: Local) -> Iterator[Job | None]:
        """Open the file and yield a job for each share. None: it is still coming in. Raises Unreadable."""
        place = reading.place
        descriptor, status = yield from source.open(place)
        reading.place = replace(
            place, inode=status.st_ino, size=status.st_size, mtime_ns=status.st_mtime_ns, ctime_ns=status.st_ctime_ns
        )
        descriptors = [descriptor]
        try:
            meta: dict[str, Any] = {"name": self.below_root(place.path), "size": status.st_size}
            alone = reading.late and reading.pace is not None  # slowed down it needs one worker only
            if status.st_size >= _SHARED_FROM and not alone and is_rows(descriptor):
                descriptors += self._more(place.path, descriptor, status, source)
            reading.shares = len(descriptors)
            timeout = self._limits.timeout * (_LATE if reading.late else 1)
            if reading.pace is not None:
                meta["pace"] = reading.pace / reading.shares
                timeout += status.st_size / meta["pace"]
            for number in range(reading.shares):
                share = {"share": [number, reading.shares]} if reading.shares > 1 else {}
                yield Job(descriptors.pop(0), {**meta, **share}, reading, timeout, idle=reading.late)
        finally:  # whoever has a job closes its descriptor
            for one in descriptors:
                os.close(one)

    def head(self, place: Place, tag: Any, source: Local, *, late: bool = False) -> Job | None:
        """Return a job that reads the first lines of a large table: a first word, long before the last row is counted.

        None where the file is no table of lines. Raises Unreadable.
        """
        opening = source.open(place)
        try:
            while True:
                next(opening)
        except StopIteration as opened:
            descriptor = opened.value[0]
        try:
            if not is_rows(descriptor):
                return None
            lines = os.pread(descriptor, _HEAD, 0)
        finally:
            os.close(descriptor)
        lines = lines[: lines.rfind(b"\n") + 1]
        memory = os.memfd_create("head", os.MFD_CLOEXEC)
        os.pwrite(memory, lines, 0)
        meta = {"name": self.below_root(place.path), "size": len(lines)}
        return Job(memory, meta, Reading(place, tag, late=late), self._limits.timeout, idle=late)

    def _more(self, path: bytes, opened: int, status: os.stat_result, source: Local) -> list[int]:
        """Return a descriptor for each further share.

        None where the file has gone or been replaced meanwhile: the one that is open is read alone.
        """
        more: list[int] = []
        try:
            for _ in range(1, self.workers):
                descriptor, again = source.again(path, opened)
                more.append(descriptor)
                if not os.path.samestat(status, again):
                    raise Unreadable("vanished")
        except Unreadable:
            while more:
                os.close(more.pop())
        return more

    def below_root(self, path: bytes) -> str:
        """The part of a path that is searched like content: what lies below the folder given, and the file's name."""
        rests = [rest for root in self._roots if (rest := below(path, root))]
        return (min(rests, key=len) if rests else os.path.basename(path)).decode("utf-8", "replace")


def complete(result: Result) -> Reading | None:
    """Take a result; return the file once all its shares have answered."""
    reading = result.tag
    assert isinstance(reading, Reading)
    reading.results.append(result)
    return reading if len(reading.results) == reading.shares else None


def answer(reading: Reading) -> tuple[str, Parts]:
    """Return a file's content hash and its parts; what several workers found in one part is added up.

    Raises Unreadable where a worker failed or answered nonsense.
    """
    failed = next((one for one in reading.results if one.failure is not None or one.meta is None), None)
    if failed is not None:
        raise Unreadable(failed.failure or "crash", failed.detail)
    try:
        return _added(reading.results)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise Unreadable("crash", "the worker answered nonsense") from None


def differs(reading: Reading, source: Local) -> bool:
    """Whether the file is no longer what was opened. One that is gone does not differ: what was read was all of it."""
    place = reading.place
    try:
        now = source.status(place.path)
    except OSError:
        return False
    return (now.st_ino, now.st_size, now.st_mtime_ns) != (place.inode, place.size, place.mtime_ns)


def is_rows(descriptor: int) -> bool:
    """Whether a large file begins like lines of a table, which several workers may read together."""
    head = os.pread(descriptor, 1 << 14, 0)
    lines = head.split(b"\n")[:-1]
    marks = [max(line.count(mark) for mark in (b";", b",", b"\t", b"|")) for line in lines]
    return b"\0" not in head and len(lines) > 2 and min(marks) > 1


def _added(results: list[Result]) -> tuple[str, Parts]:
    content, parts = "", dict[str, tuple[dict[str, Any], Tally]]()
    for result in results:
        meta = result.meta or {}
        content = content or str(meta["content"])
        for at, part in enumerate(meta["parts"]):
            tally = Tally.from_wire(part["tally"], result.arrays[2 * at : 2 * at + 2])
            known = parts.setdefault(str(part["member"]), (part, Tally()))
            if known[0] is not part:
                known[0]["gaps"] += [gap for gap in part["gaps"] if gap not in known[0]["gaps"]]
            known[1].add(tally)
    return content, list(parts.values())
