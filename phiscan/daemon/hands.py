"""Hands files to workers: what has just arrived first, then what the ledger has waiting; of a large table the head.

What can wait (a first walk, changed recognizers) is read at idle priority, at the pace and in the hours granted.
Where it keeps every worker busy while something has arrived, one of them gives it up: once a file, so that it is read
at last.

Knows what is under way and with what it will be told; what comes of it is the daemon's affair.
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from phiscan.daemon.examine import Told
from phiscan.daemon.intake import Intake
from phiscan.errors import Unreadable
from phiscan.isolate import Job, Pool, Result
from phiscan.model import Place
from phiscan.scan.pace import Pace
from phiscan.scan.reading import Local, Reader, Reading
from phiscan.source.offline import is_stub
from phiscan.source.walk import place_of
from phiscan.store.ledger import Entry, Root

_LARGE: Final = 16 << 20  # bytes: a table this large is told of before it has been read whole
_PATIENCE: Final = 1.0  # seconds that what has arrived waits for a worker that reads what could wait


@dataclass(slots=True)
class Task:
    """A file on its way through a worker."""

    root: Root
    told: Told
    row: int = 0  # in the ledger, where it waited there
    reading: Reading | None = None  # that is under way
    late: bool = False  # it can wait


class Seen(NamedTuple):
    """What there is at a path: a regular file, and whether its content is here; or a folder."""

    place: Place | None
    folder: bool = False
    here: bool = True


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
    pace: Pace = field(default_factory=Pace)  # of what can wait
    tasks: dict[bytes, Task] = field(default_factory=dict)
    jobs: deque[Job] = field(default_factory=deque)
    late_jobs: deque[Job] = field(default_factory=deque)
    news: deque[Entry] = field(default_factory=deque)  # waited in the ledger, but may not be kept waiting
    backlog: deque[Entry] = field(default_factory=deque)
    failed: list[Result] = field(default_factory=list)  # could not be opened
    vanished: list[bytes] = field(default_factory=list)  # were gone when it was their turn
    _given_up: set[bytes] = field(default_factory=set)  # once already
    _blocked: float | None = None  # since when something that cannot wait has waited for a worker

    def give(self) -> None:
        """Give files to workers that are free."""
        while self.pool.free() and (job := self._next_job()) is not None:
            if isinstance(job.tag, Reading):
                job.tag.begun = job.tag.begun or time.monotonic()
            self.pool.start(job)
        self._make_room(time.monotonic())

    @property
    def idle(self) -> bool:
        """Whether nothing is at hand, so that the ledger may be asked for more."""
        return not (self.jobs or self.late_jobs or self.news or self.backlog or self.intake.ready)

    def wait(self) -> float | None:
        """Return how many seconds until something at hand may be begun; None where there is nothing."""
        if self.jobs or self.news or self.intake.ready:
            return 0.0
        if not (self.late_jobs or self.backlog) or not self._room():
            return None
        return 0.0 if self.late_jobs else self.pace.wait()

    def _next_job(self) -> Job | None:
        while True:
            if self.jobs:
                return self.jobs.popleft()
            if self._open_next():
                continue
            if not (self.late_jobs or self.backlog) or not self._room():
                return None
            if self.late_jobs:
                return self.late_jobs.popleft()
            if self.pace.wait() > 0:
                return None
            self._open_late(self.backlog.popleft(), late=True)

    def _room(self) -> bool:
        """Whether what can wait may have one more worker: where it is slowed down, not the last one."""
        if self.pace.bandwidth is None or self.reader.workers < 2:
            return True
        late = [tag for tag in self.pool.tags() if isinstance(tag, Reading) and tag.late]
        return len(late) < self.reader.workers - 1

    def _make_room(self, now: float) -> None:
        """Give up what could wait where it keeps what cannot from being read."""
        if not (self.jobs or self.intake.ready or self.news) or self.pool.free():
            self._blocked = None
            return
        self._blocked = self._blocked or now
        if now - self._blocked < _PATIENCE:
            return
        for reading in reversed(self.pool.tags()):
            if isinstance(reading, Reading) and reading.late and self._may_give_up(reading):
                self._give_up(reading)
                self._blocked = None
                return

    def _may_give_up(self, reading: Reading) -> bool:
        path = reading.place.path
        task = self.tasks.get(path)
        mine = task is not None and task.reading is reading and path not in self._given_up
        return mine and not self.intake.under_way.get(path, True)

    def _give_up(self, reading: Reading) -> None:
        """Stop reading a file; it still waits in the ledger."""
        self.pool.cancel(reading)
        self._close(reading)
        self.tasks.pop(reading.place.path)
        self.intake.end(reading.place.path)
        self._given_up.add(reading.place.path)

    def _close(self, reading: Reading) -> None:
        """Drop the shares of a file that no worker has."""
        for jobs in (self.jobs, self.late_jobs):
            for job in [job for job in jobs if job.tag is reading]:
                jobs.remove(job)
                os.close(job.fd)

    def forget(self, path: bytes) -> None:
        """A file is gone before anybody read it."""
        self.intake.forget(path)
        if path not in self.intake.under_way:
            self.tasks.pop(path, None)

    def done(self, reading: Reading) -> Task | None:
        """A file has been read whole; return its task, None where that reading had been given up."""
        task = self.tasks.get(reading.place.path)
        if task is None or task.reading is not reading:
            return None
        self._given_up.discard(reading.place.path)
        return self.tasks.pop(reading.place.path)

    def lost(self, results: list[Result]) -> None:
        """What workers said could not be written: as if those files had never been read."""
        for reading in [result.tag for result in results if isinstance(result.tag, Reading)]:
            # One that has been taken already was taken in vain, and may be on its way again since.
            if reading.tag != "head" and self.done(reading) is not None:
                self.intake.end(reading.place.path)
        self.backlog.clear()
        self.news.clear()

    def _open_next(self) -> bool:
        """Open the next file that cannot wait; false where there is none."""
        path = self.intake.take()
        if path is not None:
            self._open(path)
        elif self.news:
            self._open_late(self.news.popleft(), late=False)
        else:
            return False
        return True

    def _open_late(self, entry: Entry, *, late: bool) -> None:
        """Open a file that waited in the ledger, unless it is on its way already."""
        if entry.path not in self.tasks:
            self.tasks[entry.path] = Task(*self.late(entry), entry.id, late=late)
            self._open(entry.path)

    def _open(self, path: bytes) -> None:
        seen, task = look_at(path), self.tasks[path]
        if seen.place is None or not seen.here:
            self.tasks.pop(path, None)
            self.vanished.append(path)
            return
        place = seen.place
        self.intake.begin(path)
        self.pace.begun(place.size)
        if place.size >= _LARGE:
            self._open_head(place, task)
        reading = task.reading = Reading(place, "extract", late=task.late)
        if task.late and self.pace.bandwidth is not None:
            reading.pace = float(self.pace.bandwidth)
        jobs = self.late_jobs if task.late else self.jobs
        try:
            jobs.extend(job for job in self.reader.jobs(reading, self.local) if job is not None)
        except Exception as error:
            reading.tag = "open"
            self.failed.append(self._not_opened(reading, error))

    def _not_opened(self, reading: Reading, error: Exception) -> Result:
        """Return what became of a file that could not be opened, also where a bug of ours is why."""
        if isinstance(error, Unreadable):
            return Result(reading, None, failure=error.reason, detail=error.detail)
        self._close(reading)
        reading.shares = 1
        self.bug(error)
        return Result(reading, None, failure="crash", detail="internal error, see the log")

    def _open_head(self, place: Place, task: Task) -> None:
        """Have the first lines of a large table read first, where nothing is known of it yet."""
        with suppress(Unreadable, OSError):
            known = self.known(place.path)
            job = None if known else self.reader.head(place, "head", self.local, late=task.late)
            if job is not None:
                (self.late_jobs if task.late else self.jobs).append(job)


def look_at(path: bytes) -> Seen:
    """Return what there is at a path."""
    with suppress(OSError):
        found = os.lstat(path)
        if stat.S_ISREG(found.st_mode):
            return Seen(place_of(path, found), here=not is_stub(path, found))
        return Seen(None, stat.S_ISDIR(found.st_mode))
    return Seen(None)


def status(path: bytes) -> tuple[Place | None, bool]:
    """Return a regular file's status, and whether there is a folder instead."""
    seen = look_at(path)
    return seen.place, seen.folder
