"""Hands files to workers: what has just arrived first, then what the ledger has waiting; of a large table the head.

Knows what is under way and with what it will be told; what comes of it is the daemon's affair.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from phiscan.daemon.examine import Told
from phiscan.daemon.intake import Intake
from phiscan.errors import Unreadable
from phiscan.isolate import Job, Pool, Result
from phiscan.model import Place
from phiscan.scan.reading import Local, Reader, Reading
from phiscan.source.walk import place_of
from phiscan.store.ledger import Entry, Root

_LARGE: Final = 16 << 20  # bytes: a table this large is told of before it has been read whole


@dataclass(slots=True)
class Task:
    """A file on its way through a worker."""

    root: Root
    told: Told
    row: int = 0  # in the ledger, where it waited there
    reading: Reading | None = None  # that is under way


@dataclass
class Hands:
    """What is under way. `late` says for a file that waited in the ledger whose it is and with what it is told."""

    pool: Pool
    intake: Intake
    reader: Reader
    local: Local
    late: Callable[[Entry], tuple[Root, Told]]
    bug: Callable[[Exception], None]
    known: Callable[[bytes], bool]  # whether there is an incident at a place: then its head tells nothing new
    tasks: dict[bytes, Task] = field(default_factory=dict)
    jobs: deque[Job] = field(default_factory=deque)
    backlog: deque[Entry] = field(default_factory=deque)
    failed: list[Result] = field(default_factory=list)  # could not be opened
    vanished: list[bytes] = field(default_factory=list)  # were gone when it was their turn

    def give(self) -> None:
        """Give files to workers that are free."""
        while self.pool.free():
            if not self.jobs and not self._open_next():
                return
            if self.jobs:
                self.pool.start(self.jobs.popleft())

    def forget(self, path: bytes) -> None:
        """A file is gone before anybody read it."""
        self.intake.forget(path)
        if path not in self.intake.under_way:
            self.tasks.pop(path, None)

    def done(self, reading: Reading) -> Task | None:
        """A file has been read whole; return its task, None where that reading had been given up."""
        task = self.tasks.get(reading.place.path)
        return None if task is None or task.reading is not reading else self.tasks.pop(reading.place.path)

    def lost(self, results: list[Result]) -> None:
        """What workers said could not be written: as if those files had never been read."""
        for reading in [result.tag for result in results if isinstance(result.tag, Reading)]:
            # One that has been taken already was taken in vain, and may be on its way again since.
            if reading.tag != "head" and self.done(reading) is not None:
                self.intake.end(reading.place.path)
        self.backlog.clear()

    def _open_next(self) -> bool:
        path = self.intake.take()
        if path is None:
            if not self.backlog:
                return False
            entry = self.backlog.popleft()
            path = entry.path
            if path in self.tasks:
                return True
            self.tasks[path] = Task(*self.late(entry), entry.id)
        self._open(path)
        return True

    def _open(self, path: bytes) -> None:
        place, _ = status(path)
        if place is None:
            self.tasks.pop(path, None)
            self.vanished.append(path)
            return
        self.intake.begin(path)
        if place.size >= _LARGE:
            self._open_head(place)
        reading = self.tasks[path].reading = Reading(place, "extract")
        try:
            self.jobs.extend(job for job in self.reader.jobs(reading, self.local) if job is not None)
        except Exception as error:
            reading.tag = "open"
            self.failed.append(self._not_opened(reading, error))

    def _not_opened(self, reading: Reading, error: Exception) -> Result:
        """Return what became of a file that could not be opened, also where a bug of ours is why."""
        if isinstance(error, Unreadable):
            return Result(reading, None, failure=error.reason, detail=error.detail)
        for job in [job for job in self.jobs if job.tag is reading]:
            self.jobs.remove(job)
            os.close(job.fd)
        reading.shares = 1
        self.bug(error)
        return Result(reading, None, failure="crash", detail="internal error, see the log")

    def _open_head(self, place: Place) -> None:
        """Have the first lines of a large table read first, where nothing is known of it yet."""
        with suppress(Unreadable, OSError):
            job = None if self.known(place.path) else self.reader.head(place, "head", self.local)
            if job is not None:
                self.jobs.append(job)


def status(path: bytes) -> tuple[Place | None, bool]:
    """Return a regular file's status, and whether there is a folder instead."""
    with suppress(OSError):
        found = os.lstat(path)
        if stat.S_ISREG(found.st_mode):
            return place_of(path, found), False
        return None, stat.S_ISDIR(found.st_mode)
    return None, False
