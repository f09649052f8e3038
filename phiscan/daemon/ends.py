"""When a day begins: what lies in zones whose last day is over is judged again, from the ledger, without reading.

No event tells that a date has passed. It is asked for when the daemon begins too: the day may have come while it was
not there. To judge again what was judged so already does no harm.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from phiscan.daemon.examine import Examiner, Told
from phiscan.source.paths import below
from phiscan.source.walk import place_of
from phiscan.store import ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from phiscan.store.ledger import Entry, Root

_BATCH: Final = 400  # files judged in one turn


@dataclass
class Ends:
    """The zones that are over, and how far they have been judged again today."""

    examiner: Examiner
    _day: date | None = None
    _left: list[tuple[Root, bytes]] = field(default_factory=list)
    _after: bytes = b""

    @property
    def busy(self) -> bool:
        """Whether something is still to be judged."""
        return bool(self._left)

    def turn(
        self,
        connection: Connection,
        roots: Iterable[Root],
        sparing: Callable[[Connection, bytes], AbstractContextManager[None]],
    ) -> None:
        """Look what day it is, and judge some of what lies in zones that are over."""
        if (today := self.examiner.declared.today()) != self._day:
            self._day, self._after = today, b""
            ended, roots = self.examiner.declared.ended(), list(roots)
            self._left = [(root, _lower(root.path, zone)) for zone in ended for root in roots if _meet(root.path, zone)]
        if not self._left:
            return
        root, folder = self._left[0]
        page = ledger.below(connection, root.id, folder, self._after, ledger.last_id(connection), _BATCH)
        for entry in page:
            self._after = entry.path
            with sparing(connection, entry.path), suppress(OSError):  # it is gone, and whoever notices says so
                self._judge(connection, root, entry, folder)
        if len(page) < _BATCH:
            self._left.pop(0)
            self._after = b""

    def lost(self) -> None:
        """What was done in the last turn could not be written: begin anew."""
        self._day = None

    def _judge(self, connection: Connection, root: Root, entry: Entry, folder: bytes) -> None:
        if entry.read is not None:  # else it is judged when it has been read
            exposure = self.examiner.exposure(root, place_of(entry.path, os.lstat(entry.path)))
            self.examiner.left_over(connection, root, entry, exposure, Told("live", folder))


def _meet(root: bytes, zone: bytes) -> bool:
    return below(zone, root) is not None or below(root, zone) is not None


def _lower(root: bytes, zone: bytes) -> bytes:
    return root if below(root, zone) is not None else zone
