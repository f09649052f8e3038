"""Judging again, from the ledger and without reading, what lies where the services of the machine have changed."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from phiscan.daemon.examine import Told
from phiscan.daemon.hands import status
from phiscan.source.paths import below
from phiscan.store import ledger

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from phiscan.daemon.loop import Daemon
    from phiscan.daemon.watched import Watched
    from phiscan.store.ledger import Entry

_BATCH: Final = 50  # rows fetched at once
_SLICE: Final = 0.2  # seconds of one turn: what was judged is told at its end


@dataclass(slots=True)
class _Folder:
    """What is left to be judged below a folder: rows up to the id `upto`, of paths after `after`."""

    one: Watched
    folder: bytes
    after: bytes = b""
    upto: int | None = None


class Rejudging:
    """What one daemon has still to judge again."""

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._folders: deque[_Folder] = deque()
        self._before: list[_Folder] = []  # what was left when the turn began
        if daemon.around is not None:
            daemon.examiner.discovery = daemon.around.discovery

    def waiting(self) -> bool:
        """Whether there is something to judge."""
        return bool(self._folders)

    def news(self) -> bool:
        """Whether there are news of the surroundings."""
        return self._daemon.around is not None and self._daemon.around.waiting()

    def hear(self) -> None:
        """Take over what services give away by now."""
        news = None if self._daemon.around is None else self._daemon.around.take()
        if news is not None:
            self._daemon.examiner.discovery, folders = news
            self._daemon.examiner.unknown.clear()  # what still cannot be established is met again
            self._daemon.status.surroundings(len(news[0].grants), len(news[0].troubles))
            self._add(folders)

    def lost(self) -> None:
        """What was judged may not have been written: walks find it."""
        self._folders.clear()

    def undone(self) -> None:
        """What was judged in this turn was undone: begin anew with what was left."""
        self._folders = deque(self._before)
        for work in self._folders:
            work.after = b""

    def linked(self, path: bytes) -> None:
        """Something that is no file has appeared or gone: a link may lead out of what is given away."""
        if self._daemon.around is not None:
            self._daemon.around.links_changed(path)

    def appeared(self, path: bytes) -> None:
        """Something may have happened at a path: it may be a file that changes what is given away there."""
        if self._daemon.around is not None:
            self._daemon.around.appeared(path)

    def turn(self, connection: Connection) -> None:
        """Judge the next rows."""
        end = time.monotonic() + _SLICE
        self._before = list(self._folders)
        while self._folders and time.monotonic() < end:
            work = self._folders[0]
            if work.upto is None:
                work.upto = ledger.last_id(connection)
            entries = ledger.below(connection, work.one.root.id, work.folder, work.after, work.upto, _BATCH)
            for entry in entries:
                work.after = entry.path
                with self._daemon.sparing(connection, entry.path):
                    self._judge(connection, work, entry)
                if time.monotonic() > end:
                    return
            if not entries:
                self._folders.popleft()

    def _judge(self, connection: Connection, work: _Folder, entry: Entry) -> None:
        place, _ = status(entry.path)
        if place is None:
            return  # gone: its event, or a walk, tells
        exposure = self._daemon.examiner.exposure(work.one.root, place)
        if exposure.level is not entry.level:
            moved = replace(entry, level=exposure.level)
            self._daemon.examiner.judge_again(connection, work.one.root, moved, exposure, Told("live", work.folder))

    def _add(self, folders: list[bytes]) -> None:
        """Put what lies in watched roots in line, nothing twice."""
        for one in self._daemon.watched:
            inside = {one.path if below(one.path, folder) is not None else folder for folder in folders}
            inside = {folder for folder in inside if below(folder, one.path) is not None}
            self._folders = deque(work for work in self._folders if not (work.one is one and work.folder in inside))
            for folder in sorted(inside):
                if not any(below(folder, other) for other in inside if other != folder):
                    self._folders.append(_Folder(one, folder))
